//! Sites and pages of a small archive in memory, as readers see them.

mod changes;
mod headings;
mod past;

use super::*;
use crate::{
    access::{Office, Reader},
    archive::Settings,
    source::Sources,
};
use chrono::NaiveDate;
use std::collections::BTreeMap;

const POLICY: &str = r#"---
policy: house
title: 来函管理制度
status: trial
effective: 2020-01-01
owner: office
---
# 来函管理制度

## 第1条　人员

见 [第2条](#第2条)、[[L-1]]、[[S-1]]，另见 [来函](../records/L-1.md)。

```yaml type
id: person
label: {zh: 人员, en: Person}
as: person
title: "{name}"
must: {name: text, position: text, reporting: [{from: date, department: department, superior?: person}], joined: date}
may: {email: email, phone: phone, left: date, tier: young | backbone | master, group: text}
labels: {name: {zh: 姓名, en: Name}}
```

```yaml posts
posts:
  clerk: {label: {zh: 文书, en: Clerk}, held_by: [{person: li.na, from: 2020-01-01}]}
departments:
  office: {label: {zh: 办公室, en: Office}, head: li.na}
```

## 第2条　来函

```yaml type
id: letter
label: {zh: 来函, en: Letter}
title: "{subject}"
date: received
must: {subject: text, received: date, from: person, kind: formal | plain, paid: money}
may: {case: secret, phone: phone, parts: [{what: text, cost?: money}]}
labels:
  kind=formal: {zh: 正式, en: Formal}
  subject: {zh: 事由, en: Subject}
```

```yaml rule
id: paid
for: letter
require: paid <= 100万
say: {zh: "金额 {paid} 过大", en: "{paid} is too much"}
examples:
- holds: {paid: 5}
- breaks: {paid: 2000000}
```

```yaml rule
id: broken
for: letter
require: no_such_field == 1
say: {zh: 坏, en: bad}
```

## 第3条　密件

```yaml type
id: secret
label: {zh: 密件, en: Secret}
title: "{name}"
date: opened
must: {name: text, opened: date, owner: person, letter: letter}
```

```yaml access
for: [person, letter]
readers: [everyone]
hide: {phone: [clerk]}
```

```yaml access
for: secret
readers: [owner]
```
"#;

const PERSON: &str = "---\ntype: person\nid: li.na\nname: 李娜\nposition: 文书\nreporting: [{from: 2020-01-01, department: office}]\njoined: 2020-01-01\nemail: li@a.example\nphone: 0573-1234567\n---\n";

fn letter(id: &str, more: &str, body: &str) -> (String, String) {
    let front =
        format!("type: letter\nid: {id}\nsubject: 事由 {id}\nreceived: 2026-01-02\nfrom: li.na\nkind: formal\npaid: 1234567\n{more}");
    (format!("records/{id}.md"), format!("---\n{front}---\n{body}"))
}

fn secret() -> (String, String) {
    let front = "type: secret\nid: S-1\nname: 不得外传之名\nopened: 2026-01-03\nowner: li.na\nletter: L-1\n";
    ("records/S-1.md".to_owned(), format!("---\n{front}---\n# 密\n\n只有一人知道的内容。\n"))
}

fn files(more: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    let own = [("policies/house.md", POLICY), ("records/li.na.md", PERSON)].map(|(path, text)| (path.to_owned(), text.to_owned()));
    own.into_iter().chain(more).collect()
}

fn office(files: Vec<(String, String)>) -> Office {
    let settings = Settings { name: "澜川档案室".to_owned(), name_en: Some("Lanchuan".to_owned()), ..Settings::default() };
    Office::open(Sources::from_memory(files), settings, NaiveDate::from_ymd_opt(2026, 2, 1).unwrap())
}

fn typical() -> Vec<(String, String)> {
    let body = "## 正文\n\n见 [[S-1]]、[密件](S-1.md)、[[无此件]]、[[L-2|第二封]]、[附件](图.png)。\n\n|a|b|\n|-|-:|\n|1|2|\n";
    files([
        letter("L-1", "case: S-1\nphone: 0573-7654321\nparts: [{what: 泵, cost: 3.5}, {what: 阀}]\nattachments: [图.png]\n", body),
        letter("L-2", "", "[回信](L-1.md#正文)\n"),
        ("records/图.png".to_owned(), "PNG".to_owned()),
        secret(),
    ])
}

fn pages(office: &Office, reader: Reader) -> BTreeMap<String, String> {
    let site = Site::of(&office.view(reader), &Theme::built_in(), "/").pages().unwrap();
    site.into_iter().map(|page| (page.address, String::from_utf8(page.body).unwrap())).collect()
}

fn html(pages: &BTreeMap<String, String>) -> impl Iterator<Item = (&String, &String)> {
    pages.iter().filter(|(address, _)| address.ends_with('/'))
}

/// The address that a link on a page of the site leads to, without what stands behind its path.
fn followed(page: &str, link: &str) -> String {
    let path = &link[..link.find(['?', '#']).unwrap_or(link.len())];
    let mut pieces: Vec<&str> = page.split('/').collect();
    if !path.is_empty() {
        pieces.pop();
    }
    for piece in path.split('/') {
        match piece {
            ".." => drop(pieces.pop()),
            "" | "index.html" => {}
            name => pieces.push(name),
        }
    }
    let end = if path.ends_with("index.html") { "/" } else { "" };
    pieces.join("/") + end
}

/// The values of an attribute.
fn attributes<'h>(html: &'h str, name: &str) -> Vec<&'h str> {
    let mark = format!(" {name}=\"");
    html.match_indices(&mark).map(|(at, _)| html[at + mark.len()..].split('"').next().unwrap()).collect()
}

#[test]
fn the_page_of_a_record_says_that_there_is_another_file_of_its_id() {
    let copy = letter("L-1", "", "旧的内容\n").1;
    let copies = ["L-1 (conflicted copy 2026-07-10)", "0/L-1.sync-conflict-20260710-101112-ABCDEFG", "L-1 2", "L-1的副本"];
    let office = office(files(
        copies
            .iter()
            .map(|name| (format!("records/{name}.md"), copy.clone()))
            .chain([letter("L-1", "", "新的内容\n"), letter("L-2", "", "")]),
    ));
    let pages = pages(&office, Reader::Everyone);
    let own = &pages["/records/L-1/"];
    assert!(own.contains("新的内容") && !own.contains("旧的内容"), "{own}");
    for name in copies {
        assert!(own.contains(&format!("records/{name}.md")), "{name}: {own}");
    }
    assert!(pages["/en/records/L-1/"].contains("There are other files of this id"));
    assert!(!pages["/records/L-2/"].contains("用这一编号的还有别的文件"));
}

/// Whoever does not see the other file is not told of it, and what he reads is the same.
#[test]
fn the_page_of_a_record_does_not_tell_of_a_hidden_file_of_its_id() {
    let hidden = secret().1.replace("id: S-1", "id: L-1");
    let seen = |more: Vec<(String, String)>| {
        let office = office(files(std::iter::once(letter("L-1", "", "内容\n")).chain(more)));
        pages(&office, Reader::Everyone).remove("/records/L-1/").unwrap()
    };
    let alone = seen(Vec::new());
    assert_eq!(seen(vec![("records/L-1 (1).md".to_owned(), hidden.clone())]), alone);
    assert_eq!(seen(vec![("records/0/L-1.md".to_owned(), hidden)]), alone);
}

#[test]
fn the_site_has_every_kind_of_page_in_both_languages() {
    let pages = pages(&office(typical()), Reader::Everyone);
    let expected = [
        "/",
        "/due/",
        "/findings/",
        "/findings/past/",
        "/people/",
        "/people/li%2Ena/",
        "/policies/",
        "/policies/house/",
        "/records/L-1/",
        "/records/L-2/",
        "/search/",
        "/types/",
        "/types/letter/",
        "/types/person/",
        "/types/secret/",
    ];
    let expected = expected.map(|address| address.replace("%2E", "."));
    let zh: Vec<&String> = html(&pages).map(|(address, _)| address).filter(|address| !address.starts_with("/en/")).collect();
    assert_eq!(zh, expected.iter().collect::<Vec<_>>());
    let en: Vec<String> = html(&pages).filter_map(|(address, _)| address.strip_prefix("/en").map(str::to_owned)).collect();
    assert_eq!(en, expected);
    let others: Vec<&String> = pages.keys().filter(|address| !address.ends_with('/') && !address.starts_with("/assets/")).collect();
    assert_eq!(others, ["/404.html", "/records/L-1/files/%E5%9B%BE.png", "/robots.txt", "/search/contents.js", "/search/texts-0.js"]);
}

#[test]
fn every_link_of_the_site_leads_to_a_page_of_it_and_every_fragment_to_a_place() {
    let pages = pages(&office(typical()), Reader::Everyone);
    let mut count = 0;
    for (address, text) in html(&pages) {
        let links = attributes(text, "href").into_iter().chain(attributes(text, "src")).chain(attributes(text, "action"));
        for link in links.filter(|link| !link.starts_with("mailto:") && !link.starts_with("tel:")) {
            let target = pages.get(&followed(address, link)).unwrap_or_else(|| panic!("{address}: {link} leads nowhere"));
            if let Some((_, fragment)) = link.split_once('#') {
                let id = percent_encoding::percent_decode_str(fragment).decode_utf8().unwrap();
                assert!(attributes(target, "id").contains(&&*id), "{address}: {link} has no place");
            }
            count += 1;
        }
    }
    assert!(count > 200, "{count}");
}

#[test]
fn a_page_is_sound_and_holds_nothing_inline_and_nothing_from_elsewhere() {
    let office = office(typical());
    for (address, text) in html(&pages(&office, Reader::Everyone)) {
        let lang = if address.starts_with("/en/") { "<html lang=\"en\">" } else { "<html lang=\"zh-CN\">" };
        assert!(text.contains(lang), "{address}");
        assert_eq!(text.matches("<h1").count(), 1, "{address}");
        assert_eq!(text.matches("<main").count(), 1, "{address}");
        let mut ids = attributes(text, "id");
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{address}: {ids:?}");
        for table in text.split("<table").skip(1) {
            assert!(table.contains("<th scope="), "{address}");
        }
        assert!(attributes(text, "style").is_empty() && !text.contains("<style"), "{address}");
        assert!(text.match_indices("<script").all(|(at, _)| text[at..].starts_with("<script src=\"")), "{address}");
        let all = ["href", "src", "action"].map(|name| attributes(text, name)).concat();
        let leads_out = |to: &&str| to.starts_with('/') || (to.contains(':') && !to.starts_with("mailto:") && !to.starts_with("tel:"));
        assert_eq!(all.into_iter().find(leads_out), None, "{address}");
        assert!(text.contains("2026-02-01"), "{address} does not say the day");
    }
}

/// What the reader may not read leaves no trace: the site is the same, byte for byte, where it was
/// never written.
#[test]
fn a_hidden_record_and_one_that_never_was_give_the_same_site() {
    let without: Vec<_> = typical().into_iter().filter(|(path, _)| path != "records/S-1.md").collect();
    let (with, without) = (pages(&office(typical()), Reader::Everyone), pages(&office(without), Reader::Everyone));
    for (address, text) in &with {
        assert_eq!(Some(text), without.get(address), "{address}");
    }
    assert_eq!(with.len(), without.len());
    assert!(with.values().all(|text| !text.contains("不得外传") && !text.contains("0573-7654321")));
}

#[test]
fn who_may_read_sees_the_titles_of_what_is_referred_to() {
    let office = office(typical());
    let view = office.view(Reader::Person("li.na".into()));
    let session = Session {
        name: "李娜".to_owned(),
        is_demo: true,
        messages: vec![Message { good: true, text: "已<b>存</b>".to_owned() }],
        ..Session::default()
    };
    let shown = |address: &str| {
        let page = page(address, &view, &Theme::built_in(), Some(&session)).unwrap().unwrap();
        (String::from_utf8(page.body).unwrap(), page.record)
    };
    let (letter, record) = shown("/records/L-1/");
    assert_eq!(record, Some("L-1".into()));
    assert!(letter.contains(
        "见 <a href=\"/records/S-1/\">不得外传之名</a>、<a href=\"/records/S-1/\">密件</a>、无此件、<a href=\"/records/L-2/\">第二封</a>"
    ));
    assert!(letter.contains("<a href=\"/records/L-1/files/%E5%9B%BE.png\">附件</a>"));
    assert!(letter.contains("1,234,567") && letter.contains("正式") && letter.contains("tel:05737654321"));
    assert!(letter.contains("已&lt;b&gt;存&lt;/b&gt;") && letter.contains("演示") && letter.contains("action=\"/sign-out\""));
    let (english, _) = shown("/en/records/L-1/");
    assert!(english.contains("Formal") && english.contains("href=\"/en/records/S-1/\"") && english.contains("Sign out"));
    let (home, _) = shown("/");
    assert!(home.contains("我的事项"));
}

#[test]
fn where_nothing_is_seen_there_is_no_page() {
    let office = office(typical());
    let view = office.view(Reader::Everyone);
    let addresses = [
        "",
        "x",
        "//",
        "/x/",
        "/records/",
        "/records/S-1/",
        "/records/S-1",
        "/records/S-1/files/a.png",
        "/records/L-1/files/b.png",
        "/records/L-1",
        "/records/%2E%2E/",
        "/records/~00/",
        "/people/L-1/",
        "/types/none/",
        "/types/letter/page/1/",
        "/types/letter/page/2/",
        "/types/letter/page/02/",
        "/policies/none/",
        "/policies/house/versions/2020-01-01/",
        "/inbox/",
        "/assets/base.html",
        "/assets/../style.css",
        "/search/texts-1.js",
        "/en",
        "/zh/",
    ];
    for address in addresses {
        assert_eq!(page(address, &view, &Theme::built_in(), None).unwrap(), None, "{address}");
    }
}

#[test]
fn every_page_of_the_site_is_the_page_at_its_address() {
    let office = office(typical());
    let (view, theme) = (office.view(Reader::Everyone), Theme::built_in());
    for shown in
        Site::of(&view, &theme, "/").pages().unwrap().into_iter().filter(|page| !["/404.html", "/robots.txt"].contains(&&*page.address))
    {
        assert_eq!(page(&shown.address, &view, &theme, None).unwrap().as_ref(), Some(&shown), "{}", shown.address);
    }
}

#[test]
fn hostile_words_stay_words() {
    let evil = "<img src=x onerror=alert(1)>\"'";
    let text = letter(
        "x<y&z",
        &format!("title: '{}'\ntags: ['{{{{ w.home }}}}{{% if %}}']\n", evil.replace('\'', "''")),
        &format!("## {evil}\n\n{evil}\n"),
    );
    for (address, text) in html(&pages(&office(files([text])), Reader::Everyone)) {
        assert!(!text.contains("<img src=x"), "{address}");
    }
}

#[test]
fn records_with_names_that_no_folder_can_have_are_found_all_the_same() {
    let ids = ["../../etc", "a/files/b", "长".repeat(120).leak() as &str, "..", "a b"];
    let records = ids.iter().enumerate().map(|(n, id)| {
        let (_, text) = letter(&format!("'{id}'"), "", "");
        (format!("records/{n}.md"), text)
    });
    let pages = pages(&office(files(records)), Reader::Everyone);
    let found = html(&pages).filter(|(address, _)| address.starts_with("/records/")).count();
    assert_eq!(found, ids.len());
    assert!(pages.keys().all(|address| !address.contains("..")));
}

#[test]
fn a_list_goes_on_after_a_hundred() {
    let letters = (0..205).map(|n| letter(&format!("L-{n:03}"), "", ""));
    let pages = pages(&office(files(letters)), Reader::Everyone);
    let rows = |address: &str| pages.get(address).map(|text| text.matches("<th scope=\"row\">").count());
    assert_eq!(
        ["/types/letter/", "/types/letter/page/2/", "/types/letter/page/3/", "/types/letter/page/4/"].map(rows),
        [Some(100), Some(100), Some(5), None]
    );
    assert!(pages["/types/letter/page/2/"].contains("第 2 页，共 3 页"));
}

/// Of what is wrong, what is due and what refers to a record no page shows more than a hundred; the
/// counts are of all.
#[test]
fn what_is_wrong_goes_on_after_a_hundred_and_of_what_refers_to_a_record_the_latest_are_shown() {
    let letters = (0..205).map(|n| letter(&format!("L-{n:03}"), "", "见 [[无此件]]、[[L-000]]。\n"));
    let office = office(files(letters));
    let pages = pages(&office, Reader::Folder);
    let found = office.view(Reader::Folder).findings().len();
    let rows = |address: &str| pages.get(address).map_or(0, |text| text.matches("<li class=\"finding").count());
    let address = |n: usize| if n == 1 { "/findings/".to_owned() } else { format!("/findings/page/{n}/") };
    let shown: Vec<usize> = (1..=found.div_ceil(100) + 1).map(|n| rows(&address(n))).collect();
    assert_eq!(shown.iter().sum::<usize>(), found);
    assert!(found > 200 && shown[..2] == [100, 100] && shown.last() == Some(&0), "{shown:?}");
    assert!(pages["/findings/page/2/"].contains(&format!("共 {found} 项")), "how many there are in all");
    let referred = &pages["/records/L-000/"];
    assert!(referred.contains("只列出最近 100 份"));
    assert_eq!(referred.matches("class=\"via\"").count(), 100);
}

#[test]
fn a_rulebook_shows_its_blocks_as_boxes_and_says_which_is_off() {
    let pages = pages(&office(typical()), Reader::Everyone);
    let zh = &pages["/policies/house/"];
    assert!(zh.contains("试行") && zh.contains("<code>house.paid</code>") && zh.contains("<code>paid &lt;= 100万</code>"));
    assert!(zh.contains("金额 <code>paid</code> 过大"));
    assert!(zh.contains("<code>{paid: 2000000}</code>") && zh.contains("违反"));
    assert_eq!(zh.matches("这一段规定有误，暂不执行").count(), 1);
    assert!(zh.contains("no_such_field == 1"));
    assert!(pages["/en/policies/house/"].contains("<code>paid</code> is too much"));
}

/// A version of the policy with this status, from a day on.
fn version(status: &str, day: &str) -> (String, String) {
    let front = format!("policy: house\ntitle: 来函管理制度\nstatus: {status}\neffective: {day}\nowner: office\n");
    (format!("policies/{day}.md"), format!("---\n{front}---\n# 来函管理制度\n\n## 第1条　甲\n\n{status} 的文字。\n"))
}

#[test]
fn the_page_of_a_policy_is_that_of_the_version_on_trial_or_in_force() {
    let pages = pages(
        &office(files([version("in-force", "2019-01-01"), version("in-force", "2026-02-02"), version("draft", "2026-01-01")])),
        Reader::Everyone,
    );
    let (own, index) = (&pages["/policies/house/"], &pages["/policies/"]);
    assert!(own.contains("<span class=\"mark trial\">试行</span>") && own.contains("2020-01-01") && !own.contains("这不是现行版本"));
    assert!(index.contains("<span class=\"mark trial\">试行</span>"));
    for day in ["2019-01-01", "2026-02-02", "2026-01-01"] {
        let other = &pages[&format!("/policies/house/versions/{day}/")];
        assert!(other.contains("这不是现行版本。") && other.contains("href=\"../../index.html\""), "{other}");
    }
    assert!(pages["/en/policies/house/"].contains("<span class=\"mark trial\">on trial</span>"));
}

#[test]
fn a_withdrawn_policy_is_shown_as_withdrawn() {
    let pages = pages(&office(files([version("withdrawn", "2026-01-31")])), Reader::Everyone);
    let own = &pages["/policies/house/"];
    assert!(own.contains("<span class=\"mark withdrawn\">废止</span>") && own.contains("withdrawn 的文字。"), "{own}");
    assert!(own.contains("废止日期 <span class=\"date\">2026-01-31</span>") && !own.contains("这项制度已经废止"), "{own}");
    let before = &pages["/policies/house/versions/2020-01-01/"];
    assert!(before.contains("这项制度已经废止。") && before.contains("废止的决定"), "{before}");
    assert!(pages["/policies/"].contains("废止日期"));
    assert!(pages["/en/policies/house/"].contains("Withdrawn on"));
}

#[test]
fn the_ways_in_tell_nothing_of_the_archive() {
    let settings = Settings { name: "澜川档案室".to_owned(), ..Settings::default() };
    let form = SignIn { name: "a\"b".to_owned(), problem: Some(SignInProblem::Wrong), next: Some("/x".to_owned()), demo: Vec::new() };
    let page = sign_in(Lang::En, &form, &settings, &Theme::built_in()).unwrap();
    let text = String::from_utf8(page.body).unwrap();
    assert!(
        text.contains("The name or the password is wrong.")
            && text.contains("value=\"a&quot;b\"")
            && text.contains("name=\"next\" value=\"/x\"")
    );
    assert!(!text.contains("<nav"));
}

/// Numbers in ids by their value, people by the pinyin of their names.
#[test]
fn lists_stand_in_the_order_in_which_people_look() {
    let person =
        |id: &str, name: &str| (format!("records/{id}.md"), PERSON.replace("id: li.na", &format!("id: {id}")).replace("李娜", name));
    let letters = ["L-100", "L-9", "L-10", "L-2"].map(|id| letter(id, "", "照旧。\n"));
    let people = [person("a", "张一"), person("b", "王二"), person("c", "阿三")];
    let pages = pages(&office(files(letters.into_iter().chain(people))), Reader::Everyone);
    let order = |address: &str, of: &[&str]| {
        let page = &pages[address];
        let mut found: Vec<(usize, String)> =
            of.iter().map(|word| (page.find(word).unwrap_or_else(|| panic!("{word}")), (*word).to_owned())).collect();
        found.sort();
        found.into_iter().map(|(_, word)| word).collect::<Vec<_>>()
    };
    assert_eq!(
        order("/types/letter/", &["/records/L-100/", "/records/L-9/", "/records/L-10/", "/records/L-2/"]),
        ["/records/L-2/", "/records/L-9/", "/records/L-10/", "/records/L-100/"]
    );
    assert_eq!(order("/people/", &["张一", "王二", "阿三", "李娜"]), ["阿三", "李娜", "王二", "张一"]);
}
