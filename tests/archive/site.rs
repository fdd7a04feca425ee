//! The static site is a plain folder: the same bytes work at the root of a host, below a path of
//! it, and opened from the folder itself.

use crate::support::{Shipped, browser::Browser, small::Small};
use percent_encoding::percent_decode_str;
use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

const BODY: &str =
    "[[N-1]]、[别处](N-3.md#乙%20丙)、[此处](#甲)、[附件](图%201.txt)、[条文](../../policies/house.md#第2条)\n\n## 甲\n\n正文。\n";

/// An archive with what leads somewhere: records, headings, attachments, articles; one id is a
/// path.
fn archive(language: &str) -> Small {
    let small = Small::new(&[("a.txt", b"attached")]);
    let settings = format!("name: 内务处\nname_en: House\nlanguage: {language}\ntime_zone: \"+08:00\"\ndemo_day: \"2026-06-01\"\n");
    small.write("chancery.yaml", settings);
    small.write("records/n/N-2.md", format!("---\ntype: note\nid: N-2\ntext: 青石\nattachments: [图 1.txt]\n---\n{BODY}"));
    small.write("records/n/图 1.txt", "a chart");
    small.write("records/n/N-3.md", "---\ntype: note\nid: N-3\ntext: 温岭\n---\n## 乙 丙\n\n往来。\n");
    small.write("records/便条/旧.md", "---\ntype: note\ntext: 旧便条\n---\n见 [[N-2]]。\n");
    small
}

fn build(archive: &Path, out: &Path, more: &[&str]) -> Output {
    let mut build = Command::new(env!("CARGO_BIN_EXE_chancery"));
    build.args(["build", "--archive"]).arg(archive).arg("--out").arg(out).args(more).env("LANG", "zh_CN.UTF-8").output().unwrap()
}

/// A site by its files, the path of each below the folder.
fn files(site: &Path) -> BTreeMap<String, String> {
    let root = fs::canonicalize(site).unwrap();
    let entries = walkdir::WalkDir::new(&root).into_iter().map(|entry| entry.unwrap().into_path()).filter(|path| path.is_file());
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    entries.map(|path| (name(&path), String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned())).collect()
}

fn attributes<'h>(html: &'h str, name: &str) -> Vec<&'h str> {
    let mark = format!(" {name}=\"");
    html.match_indices(&mark).map(|(at, _)| html[at + mark.len()..].split('"').next().unwrap()).collect()
}

/// The file that a reference leads to, as every browser works it out (RFC 3986, section 5.2), and
/// the fragment.
fn target<'l>(page: &str, link: &'l str) -> Option<(String, Option<&'l str>)> {
    let (path, fragment) = link.split_once('#').map_or((link, None), |(path, fragment)| (path, Some(fragment)));
    let path = path.split('?').next().unwrap();
    if path.is_empty() {
        return Some((page.to_owned(), fragment));
    }
    let mut pieces: Vec<&str> = page.split('/').collect();
    pieces.pop();
    for piece in path.split('/') {
        match piece {
            ".." => drop(pieces.pop()?),
            name => pieces.push(name),
        }
    }
    Some((percent_decode_str(&pieces.join("/")).decode_utf8().unwrap().into_owned(), fragment))
}

/// Every reference of every page leads to a file in the folder, and to a place in it; how many
/// there are.
fn follow(files: &BTreeMap<String, String>) -> usize {
    let mut count = 0;
    for (page, text) in files.iter().filter(|(name, _)| name.ends_with(".html") && *name != "404.html") {
        let links = ["href", "src", "action"].into_iter().flat_map(|name| attributes(text, name));
        for link in links.filter(|link| !["mailto:", "tel:", "http://", "https://"].iter().any(|scheme| link.starts_with(scheme))) {
            let (file, fragment) = target(page, link).unwrap_or_else(|| panic!("{page}: {link} leaves the folder"));
            let found = files.get(&file).unwrap_or_else(|| panic!("{page}: {link} leads to no file {file}"));
            if let Some(fragment) = fragment {
                let id = percent_decode_str(fragment).decode_utf8().unwrap();
                assert!(attributes(found, "id").contains(&&*id), "{page}: {link} has no place");
            }
            count += 1;
        }
    }
    count
}

#[test]
fn every_reference_of_every_page_leads_to_a_file_of_the_folder() {
    let ground = tempfile::tempdir().unwrap();
    for language in ["zh", "en"] {
        let site = ground.path().join(language);
        let built = build(archive(language).path(), &site, &[]);
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let files = files(&site);
        assert!(files.contains_key("records/便条/旧/index.html") && files.contains_key("records/N-2/files/图 1.txt"));
        assert!(follow(&files) > 400);
    }
}

#[test]
fn every_reference_of_the_shipped_archives_site_does() {
    let (shipped, ground) = (Shipped::copy(), tempfile::tempdir().unwrap());
    let site = ground.path().join("site");
    assert!(build(shipped.folder.path(), &site, &[]).status.success());
    let count = follow(&files(&site));
    assert!(count > 8_000, "{count}");
}

/// Where it is said to stand matters to the one page that a host shows at any address.
#[test]
fn the_path_below_which_it_stands_is_for_the_page_of_what_is_not_there_alone() {
    let (small, ground) = (archive("zh"), tempfile::tempdir().unwrap());
    let of = |name: &str, more: &[&str]| {
        let site = ground.path().join(name);
        let built = build(small.path(), &site, more);
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        files(&site)
    };
    let (mut root, mut below) = (of("root", &[]), of("below", &["--base", "/office/site"]));
    assert_eq!(below, of("slash", &["--base", "/office/site/"]));
    for (files, base) in [(&mut root, "/"), (&mut below, "/office/site/")] {
        let page = files.remove("404.html").unwrap();
        let links = ["href", "src", "action"].into_iter().flat_map(|name| attributes(&page, name)).filter(|link| !link.starts_with('#'));
        for link in links {
            let file = link.strip_prefix(base).unwrap_or_else(|| panic!("{link}")).split('?').next().unwrap();
            assert!(files.contains_key(file), "{link}");
        }
    }
    assert_eq!(root, below);
}

#[test]
fn what_is_no_path_of_a_host_is_refused() {
    let (small, ground) = (archive("zh"), tempfile::tempdir().unwrap());
    let site = ground.path().join("site");
    for base in ["", "office", "//elsewhere.example/", "https://host.example/office/", "/a b/", "/a?b", "/a#b", "\\a", "/a\\b", "/a\n"] {
        let built = build(small.path(), &site, &["--base", base]);
        let said = String::from_utf8(built.stderr).unwrap();
        assert_eq!(built.status.code(), Some(2), "{base:?}: {said}");
        assert!(said.contains("--base") && said.contains("例如 /archive/"), "{said}");
    }
    assert!(!site.exists());
}

/// A host for files that knows nothing of the site: what lies in a folder, below a path; else its
/// page for what is not there.
fn host(folder: PathBuf, path: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let folder = folder.clone();
            thread::spawn(move || answer(stream.unwrap(), &folder, path));
        }
    });
    address
}

fn answer(mut stream: TcpStream, folder: &Path, path: &str) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut first, mut line) = (String::new(), String::new());
    reader.read_line(&mut first).unwrap();
    while reader.read_line(&mut line).is_ok_and(|n| n > 2) {
        line.clear();
    }
    let asked = first.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap();
    let name = asked.strip_prefix(path).map(|below| percent_decode_str(below).decode_utf8().unwrap().into_owned());
    let name = name.map(|name| if name.is_empty() || name.ends_with('/') { name + "index.html" } else { name });
    let found = name.as_ref().and_then(|name| Some((200, name.as_str(), fs::read(folder.join(name)).ok()?)));
    let (status, name, body) = found.unwrap_or_else(|| (404, "404.html", fs::read(folder.join("404.html")).unwrap()));
    let kind = match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("svg") => "image/svg+xml",
        _ => "text/plain",
    };
    let head = format!("HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    // Who has gone meanwhile misses nothing.
    let _gone = stream.write_all(&[head.as_bytes(), &body].concat());
}

/// Waits until a script says that the page is whole, and is so.
fn until(browser: &Browser, what: &str) {
    let (begun, script) = (Instant::now(), format!("return document.readyState === 'complete' && !!({what})"));
    while browser.tells(&script) != true {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what} at {}:\n{}", browser.address(), browser.text());
        thread::sleep(Duration::from_millis(50));
    }
}

/// The page wears its style and shows its mark.
fn is_dressed(browser: &Browser) {
    until(browser, "getComputedStyle(document.body).margin === '0px' && document.querySelector('.masthead img').naturalWidth > 0");
}

fn says(browser: &Browser, words: &str) {
    until(browser, &format!("document.body.innerText.includes('{words}')"));
}

fn is_at(browser: &Browser, part: &str) {
    until(browser, &format!("location.href.includes('{part}')"));
}

/// What somebody does on the site, begun at its home page.
fn walk(browser: &Browser, home: &str) {
    browser.open(home);
    is_dressed(browser);
    browser.leave_by("nav li:nth-child(2) a");
    browser.leave_by("main a[href$='note/index.html']");
    browser.leave_by("main a[href*='/N-2/']");
    is_dressed(browser);
    says(browser, "正文。");
    let page = browser.address();
    browser.tells("document.querySelector(\".prose a[href^='#']\").click()");
    is_at(browser, &format!("{page}#%E7%94%B2"));
    browser.leave_by(".prose a[href$='.txt']");
    says(browser, "a chart");
    browser.open(&page);
    browser.leave_by(".prose a[href*='/N-3/']");
    is_at(browser, "/N-3/index.html#");
    says(browser, "往来。");
    browser.leave_by("a[rel=alternate]");
    is_dressed(browser);
    says(browser, "Policies");
    browser.fill("#find", "青石");
    browser.leave_by(".find button");
    says(browser, "Found: 1");
    browser.leave_by("#hits a");
    is_at(browser, "/en/records/N-2/");
    says(browser, "正文。");
    browser.leave_by(".masthead a.name");
    browser.leave_by("a[rel=alternate]");
    says(browser, "内务处");
}

#[test]
fn it_is_walked_from_the_folder_at_the_root_and_below_a_path() {
    let (small, ground) = (archive("zh"), tempfile::tempdir().unwrap());
    let site = ground.path().join("site");
    assert!(build(small.path(), &site, &["--base", "/office/网站/"]).status.success());
    // Copied as somebody copies it, to a place with a name of every day.
    let copy = ground.path().join("网站 1#");
    assert!(Command::new("cp").arg("-rL").args([&site, &copy]).status().unwrap().success());
    let browser = Browser::start();
    walk(&browser, &format!("file://{}/index.html", copy.to_str().unwrap().replace(' ', "%20").replace('#', "%23")));
    walk(&browser, &format!("http://{}/", host(copy.clone(), "/")));
    let below = host(copy, "/office/%E7%BD%91%E7%AB%99/");
    walk(&browser, &format!("http://{below}/office/%E7%BD%91%E7%AB%99/"));
    browser.open(&format!("http://{below}/office/%E7%BD%91%E7%AB%99/records/none/deep/"));
    is_dressed(&browser);
    browser.leave_by("main a");
    is_at(&browser, "/index.html");
    is_dressed(&browser);
    says(&browser, "内务处");
}

/// Search on a page whose data has not come says so.
#[test]
fn search_without_its_data_says_that_it_could_not_be_read() {
    let (small, ground) = (archive("zh"), tempfile::tempdir().unwrap());
    let site = ground.path().join("site");
    assert!(build(small.path(), &site, &[]).status.success());
    fs::remove_file(site.join("search/texts-0.js")).unwrap();
    let browser = Browser::start();
    browser.open(&format!("file://{}/search/index.html?q=x", site.display()));
    says(&browser, "检索所用的文件没有全部读到");
}
