//! Every kind of page under the Nu HTML checker (validator.github.io), in both languages: not one
//! error. It needs Java, so `cargo test` leaves it out; `npm install vnu-jar` brings the checker,
//! and this runs it:
//!
//! ```sh
//! VNU=node_modules/vnu-jar/build/dist/vnu.jar cargo test --test intranet markup -- --ignored
//! ```

use crate::support::{
    self, Shipped,
    intranet::{Answer, Running, Signed},
    small::Small,
};
use chancery::{
    access::Reader,
    diagnostic::Lang,
    render::{self, Theme},
    store::{Invitation, Invitations, Wait},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

/// Pages of a kind that are looked at, of each language and reader.
const OF_A_KIND: usize = 60;

/// Prose with all that Markdown has, and what a person may write by mistake.
const PROSE: &str = "# 标题\n\n## 甲\n\n## 甲\n\n### 乙 <b>丙</b>\n\n注[^1]、又[^1]、[^无]。\n\n[^1]: 脚注，见 [[N-1]]。\n\n- [ ] 未办\n- [x] 已办\n\n\
    1. 一\n   - 二\n\n     > 引文\n\n7. 七\n\n|a|b|c|\n|:-|:-:|-:|\n|1|`x|y`|<i>2</i>|\n|少|\n\n![图](图%201.png \"说明\") ![外](https://x.example/a.png) [坏](nowhere.md) \
    [[无]] <https://a.example/?a=1&b=\"2\"> https://b.example/路?x&y\n\n<div onclick=x><p>未闭合 & &amp; &nbsp; &#0; &unknown;\n\n```html\n<script>a</script>\n```\n\n\
    ~~删~~ **重** *斜* `码`\\\n换行\n\n---\n\n    缩进\n\n<!-- 注 -->\n<!-- 未闭\n";

fn written() -> Small {
    let small = Small::new(&[("图 1.png", b"PNG"), ("a\"b&c.txt", b"x")]);
    small.write("records/n/N-2.md", format!("---\ntype: note\nid: N-2\ntext: '<i>\"引\" & ''号'''\nattachments: [图 1.png]\n---\n{PROSE}"));
    small.write("records/n/N-3.md", "---\ntype: note\nid: \"N&3 <x>\"\ntext: ''\nunknown: [a, {b: c}]\n---\n");
    let policy = fs::read_to_string(small.path().join("policies/house.md")).unwrap();
    let earlier = policy.replace("effective: 2024", "effective: 2023").replace("读", "阅").replace("label: 便条", "label: 条子");
    small.write("policies/earlier.md", earlier.replace("status: trial", "status: in-force") + "\n## 第9条　旧\n\n" + PROSE);
    small.write("records/便条/旧.md", "---\ntype: note\ntext: \" \"\n---\n");
    small.write("records/n/bad.md", "---\ntype: note\nid: N-4\ntext: [\n---\n");
    small.write("records/n/none.md", "---\ntype: nothing\nid: N-5\n---\n正文\n");
    small
}

/// Pages by the name of a file.
type Pages = BTreeMap<String, Vec<u8>>;

fn keep(pages: &mut Pages, name: &str, body: &[u8]) {
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(150).collect();
    pages.insert(format!("{:04}{name}.html", pages.len()), body.to_vec());
}

/// The checker finds no error; what it would like otherwise is printed. That a file is of the
/// page's own origin it does not see.
fn check(pages: &Pages, assets: &[(&str, Vec<u8>)]) {
    let checker = std::env::var_os("VNU").expect("VNU names vnu.jar");
    let folder = tempfile::tempdir().unwrap();
    let pages = pages.iter().map(|(name, body)| (name.as_str(), body));
    for (name, body) in pages.chain(assets.iter().map(|(name, body)| (*name, body))) {
        fs::write(folder.path().join(name), body).unwrap();
    }
    let mut java = Command::new("java");
    java.args(["-Xss8m", "-jar"]).arg(checker).args([
        "--also-check-css",
        "--also-check-svg",
        "--skip-non-html",
        "--stdout",
        "--format",
        "gnu",
    ]);
    let output = java.args(["--filterpattern", ".*Content Security Policy.*"]).arg(folder.path()).output().expect("Java is there");
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{} files\n{said}", fs::read_dir(folder.path()).unwrap().count());
    let errors: Vec<&str> = said.lines().filter(|line| !line.contains(": info")).collect();
    assert!(
        output.status.success() && errors.is_empty(),
        "{} errors\n{}\n{}",
        errors.len(),
        errors.join("\n"),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The static sites of an archive, as all staff and as one of them have it.
fn sites(root: &Path, people: &[&str], pages: &mut Pages) -> Vec<(&'static str, Vec<u8>)> {
    let settings = serde_yaml::from_str(&fs::read_to_string(root.join("chancery.yaml")).unwrap()).unwrap();
    let office =
        chancery::access::Office::open(chancery::source::Sources::read(root).unwrap(), settings, support::intranet::day("2026-11-16"));
    let theme = Theme::built_in();
    for reader in people.iter().map(|person| Reader::Person((*person).into())).chain([Reader::Everyone]) {
        let site = render::Site::of(&office.view(reader), &theme, "/").pages().unwrap();
        for page in site.iter().filter(|page| page.content_type.starts_with("text/html")) {
            keep(pages, &page.address, &page.body);
        }
    }
    ["style.css", "mark.svg"].map(|name| (name, theme.asset(&format!("/assets/{name}")).unwrap().body)).into()
}

#[test]
#[ignore = "needs Java and VNU"]
fn the_static_site_and_what_is_printed_are_html_without_an_error() {
    let mut pages = Pages::new();
    sites(written().path(), &["ma"], &mut pages);
    let assets = sites(Path::new(env!("CARGO_MANIFEST_DIR")), &["lu.mingyuan"], &mut pages);
    let shipped = Shipped::copy();
    for paper in [&["policy", "print", "credit"][..], &["print", "customer"], &["print", "C-0007"]] {
        for lang in ["zh", "en"] {
            let sheet = shipped.prints(0, &[paper, &["--lang", lang]].concat());
            keep(&mut pages, &format!("{lang}-{}", paper.join("-")), sheet.as_bytes());
        }
    }
    check(&pages, &assets);
}

/// Of which kind a page is: by the template of its address, in the other language apart.
fn kind(address: &str) -> (Lang, String) {
    let path = address.split(['?', '#']).next().unwrap();
    let (lang, path) = path.strip_prefix("/en/").map_or((Lang::Zh, path), |_| (Lang::En, &path[3..]));
    let segments: Vec<&str> = path.split('/').collect();
    let fits = |template: &&str| {
        let own: Vec<&str> = template.split('/').collect();
        own.len() == segments.len() && own.iter().zip(&segments).all(|(own, segment)| own.starts_with('{') || own == segment)
    };
    // What is written out is met before what is filled in.
    let found = render::templates().filter(fits).min_by_key(|template| template.matches('{').count());
    (lang, found.map_or_else(|| path.to_owned(), str::to_owned))
}

fn links(html: &str) -> impl Iterator<Item = String> {
    html.match_indices(" href=\"/").map(|(at, _)| html[at + 7..].split(['"', '#']).next().unwrap().replace("&amp;", "&"))
}

/// Goes to every kind of page that a reader finds from the home page on.
fn crawl(reader: &Signed<'_>, pages: &mut Pages) -> BTreeSet<String> {
    let (mut waiting, mut seen) = (vec!["/".to_owned()], BTreeSet::new());
    let mut counts: BTreeMap<(bool, String), usize> = BTreeMap::new();
    while let Some(address) = waiting.pop() {
        let (lang, kind) = kind(&address);
        if kind.contains("/files/") || kind.starts_with("/assets/") || !seen.insert(address.clone()) {
            continue;
        }
        let count = counts.entry((lang == Lang::En, kind)).or_default();
        *count += 1;
        if *count > OF_A_KIND {
            continue;
        }
        let answer = reader.get(&address);
        assert_eq!(answer.status(), 200, "{address}");
        keep(pages, &address, &answer.body);
        waiting.extend(links(&answer.text()));
    }
    counts.into_keys().map(|(_, kind)| kind).collect()
}

/// A page of a status, in both languages.
fn both(pages: &mut Pages, status: u16, address: &str, ask: impl Fn(&str) -> Answer) {
    for prefix in ["", "/en"] {
        let answer = ask(&format!("{prefix}{address}"));
        assert_eq!(answer.status(), status, "{prefix}{address}: {}", answer.head);
        keep(pages, &format!("{prefix}{address}"), &answer.body);
    }
}

#[test]
#[ignore = "needs Java and VNU"]
fn the_pages_of_the_server_are_html_without_an_error() {
    let (shipped, small, mut pages) = (Shipped::copy(), written(), Pages::new());
    let running = Running::signing(shipped.folder.path());
    let manager = running.sign_in("lu.mingyuan");
    let clerk = running.sign_in("tian.shuisheng");
    let asked = clerk.post("/ask", "id=C-0007&purpose=%3Cb%3E%22%26&until=2026-12-01&back=/ask/");
    assert_eq!(asked.status(), 303);
    let hostile = Running::start(small.path());
    let readers = [&manager, &clerk, &hostile.sign_in("ma"), &hostile.sign_in("gao")];
    let met: BTreeSet<String> = readers.into_iter().flat_map(|reader| crawl(reader, &mut pages)).collect();
    // To these leads a form, or nothing.
    let others = ["/search/", "/ask/"];
    let missed: Vec<&str> =
        render::templates().filter(|own| !met.contains(*own) && !own.contains("/files/") && !others.contains(own)).collect();
    assert!(missed.is_empty(), "{missed:?}");

    for address in ["/ask/", "/search/?q=%E9%A2%9D%E5%BA%A6", "/search/?q=%E9%A2%9D%E5%BA%A6&page=2", "/search/?q=%3Cb%3E%22", "/account/"]
    {
        both(&mut pages, 200, address, |address| clerk.get(address));
    }
    for done in ["asked", "asked_incompletely", "approved", "granted", "refused", "changed", "not_in_order", "busy", "password_changed"] {
        both(&mut pages, 200, &format!("/inbox/?done=done_{done}"), |address| manager.get(address));
    }
    both(&mut pages, 404, "/records/none/", |address| clerk.get(address));
    both(&mut pages, 401, "/account/password", |address| clerk.post(address, "current=x&new=a+good+password&again=a+good+password"));
    both(&mut pages, 200, "/account/calendar", |address| clerk.post(address, ""));
    both(&mut pages, 200, "/sign-in?next=/records/C-0007/", |address| running.ask("GET", address, "", ""));
    both(&mut pages, 401, "/sign-in", |address| running.post(address, "name=%3Cb%3E%22&password=x&next=/"));
    let link = |name: &str| {
        let token = running.store().invite(&Invitation::Person(name.into()), running.now()).wait().unwrap();
        format!("/welcome/{}", token.as_str())
    };
    let open = link("zhong.nan");
    both(&mut pages, 200, &open, |address| running.ask("GET", address, "", ""));
    both(&mut pages, 422, &open, |address| running.post(address, "new=a+good+password&again=another"));
    both(&mut pages, 404, "/welcome/0000", |address| running.ask("GET", address, "", ""));
    assert_eq!(manager.post("/view-as", "person=tian.shuisheng").status(), 303);
    crawl(&manager, &mut pages);
    // Too many attempts.
    (0..40).for_each(|_| drop(running.post("/sign-in", "name=zhong.nan&password=x")));
    both(&mut pages, 429, "/sign-in", |address| running.post(address, "name=zhong.nan&password=x"));

    let first = Running::without_accounts();
    let token = first.store().invite(&Invitation::First, first.now()).wait().unwrap();
    both(&mut pages, 200, &format!("/welcome/{}", token.as_str()), |address| first.ask("GET", address, "", ""));
    both(&mut pages, 422, &format!("/welcome/{}", token.as_str()), |address| first.post(address, "name=nobody&new=x&again=x"));
    check(&pages, &[]);
}
