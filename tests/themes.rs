//! Hostile themes and places for a site: what the archive's settings name is a theme's folder and nothing else, for `build` and `serve` alike.

mod support;

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output},
};
use support::small::Small;

const SETTINGS: &str = "name: 内务处\nlanguage: zh\ntime_zone: \"+08:00\"\ndemo_day: \"2026-06-01\"\n";
const PRIVATE: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";

/// A small archive with a key in its state, and settings that name a theme.
fn wearing(theme: &str) -> Small {
    let small = Small::new(&[]);
    small.write("chancery.yaml", format!("{SETTINGS}theme: {theme}\n"));
    small.write(".chancery/keys/server", PRIVATE);
    small
}

fn run(small: &Small, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chancery")).args(arguments).arg("--archive").arg(small.path()).env("LANG", "en").output().unwrap()
}

/// Neither a site is built nor anything served, and the reason names the place.
#[track_caller]
fn refused(small: &Small, expected: &str) {
    let out = tempfile::tempdir().unwrap();
    let site = out.path().join("site");
    for arguments in [&["build", "--out", site.to_str().unwrap()][..], &["serve", "--demo", "--listen", "127.0.0.1:0"]] {
        let output = run(small, arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    assert!(!site.exists());
}

#[test]
fn a_themes_name_leads_nowhere_but_into_its_folder() {
    let long = "a".repeat(300);
    for name in
        ["../.chancery/keys", "..", ".", "/etc/ssh", "a/b", "\"\"", "\"a\\0b\"", ".hidden", "plain/", "./plain", "\"plain\\n\"", &long]
    {
        let small = wearing(name);
        small.write("themes/plain/style.css", "body{}");
        refused(&small, "theme");
    }
}

#[test]
fn a_link_in_a_theme_brings_nothing_in() {
    for target in ["../../.chancery/keys/server", "/etc/hostname", "../../chancery.yaml", "nowhere"] {
        let small = wearing("plain");
        small.write("themes/plain/style.css", "body{}");
        symlink(target, small.path().join("themes/plain/server.css")).unwrap();
        refused(&small, "themes/plain/server.css");
    }
    for target in ["../.chancery/keys", "/etc/ssh", "nowhere"] {
        let small = wearing("plain");
        fs::create_dir(small.path().join("themes")).unwrap();
        symlink(target, small.path().join("themes/plain")).unwrap();
        refused(&small, "themes/plain");
    }
    let small = wearing("keys");
    symlink(".chancery", small.path().join("themes")).unwrap();
    refused(&small, "themes");
}

#[test]
fn what_is_no_file_of_a_theme_is_refused_by_name_and_not_left_out() {
    for name in ["server", "notes.txt", "HOME.HTML", "a b.css", "sub/a.css"] {
        let small = wearing("plain");
        small.write(&format!("themes/plain/{name}"), "x");
        refused(&small, &format!("themes/plain/{}", name.split('/').next().unwrap()));
    }
    let small = wearing("plain");
    small.write("themes/plain/home.html", "{% include \"home.html\" %}");
    refused(&small, "home.html");
    refused(&wearing("none"), "themes: ");
}

fn built(small: &Small, out: &Path) -> Output {
    run(small, &["build", "--out", out.to_str().unwrap()])
}

#[test]
fn a_plain_theme_is_worn() {
    let small = wearing("plain");
    small.write("themes/plain/style.css", "body{color:teal}");
    small.write("themes/plain/logo.png", "png");
    small.write("themes/plain/.style.css.swp", "draft");
    let out = tempfile::tempdir().unwrap();
    let site = out.path().join("site");
    assert!(built(&small, &site).status.success());
    assert_eq!(fs::read_to_string(site.join("assets/style.css")).unwrap(), "body{color:teal}");
    assert_eq!(fs::read_to_string(site.join("assets/logo.png")).unwrap(), "png");
    let all =
        walkdir::WalkDir::new(fs::canonicalize(&site).unwrap()).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    assert!(all.into_iter().all(|file| !fs::read_to_string(file.path()).unwrap().contains(PRIVATE)));
}

#[test]
fn a_site_is_not_written_into_the_archive_or_over_it() {
    let small = wearing("plain");
    small.write("themes/plain/style.css", "body{}");
    small.write(".chancery-site", "");
    small.write("records/.chancery-site", "");
    let before = names(small.path());
    symlink("records", small.path().join("link")).unwrap();
    for out in [
        "",
        "records",
        "records/site",
        "policies/site",
        "themes/plain",
        ".chancery",
        ".chancery/site",
        "link/site",
        "records/../policies/a",
    ] {
        let output = built(&small, &small.path().join(out));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains("--out"), "{out}: {said}");
    }
    fs::remove_file(small.path().join("link")).unwrap();
    assert_eq!(names(small.path()), before);
    assert!(built(&small, &small.path().join("site")).status.success());
}

fn names(root: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(root).sort_by_file_name().into_iter().map(Result::unwrap);
    entries.map(|entry| entry.path().display().to_string()).collect()
}

/// A site that is reached from outside by mistake.
#[test]
fn no_page_of_a_site_asks_to_be_indexed() {
    let small = wearing("plain");
    small.write("themes/plain/style.css", "body{}");
    let out = tempfile::tempdir().unwrap();
    let site = out.path().join("site");
    assert!(built(&small, &site).status.success());
    assert_eq!(fs::read_to_string(site.join("robots.txt")).unwrap(), "User-agent: *\nDisallow: /\n");
    let pages = walkdir::WalkDir::new(fs::canonicalize(&site).unwrap()).into_iter().map(|entry| entry.unwrap().into_path());
    let pages: Vec<_> = pages.filter(|path| path.extension().is_some_and(|extension| extension == "html")).collect();
    assert!(pages.len() > 10);
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        assert!(text.contains("<meta name=\"robots\" content=\"noindex, nofollow\">") && text.contains("worker-src"), "{}", page.display());
    }
}
