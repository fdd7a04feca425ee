//! Hostile themes and places for a site: what the archive's settings name is a theme's folder and
//! nothing else, for `build` and `serve` alike.

use crate::support::{self, DEMO_KEY, small::Small};
use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output, Stdio},
};

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
    small.write(
        "themes/plain/not-found.html",
        "{% extends \"base.html\" %}{% block main %}{{ frame.assets[\"logo.png\"] }}{% endblock main %}",
    );
    small.write("themes/plain/.style.css.swp", "draft");
    let out = tempfile::tempdir().unwrap();
    let site = out.path().join("site");
    assert!(built(&small, &site).status.success());
    assert_eq!(fs::read_to_string(site.join("assets/style.css")).unwrap(), "body{color:teal}");
    assert_eq!(fs::read_to_string(site.join("assets/logo.png")).unwrap(), "png");
    assert!(fs::read_to_string(site.join("404.html")).unwrap().contains("/assets/logo.png?v="));
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

/// The words with which a server begins, or why it does not.
fn serves(small: &Small, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--lang", "en", "--archive"]).arg(small.path()).args(arguments);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    process.kill().unwrap();
    let said = String::from_utf8(process.wait_with_output().unwrap().stderr).unwrap();
    if line.is_empty() { said } else { line }
}

const SERVED: &str = "The intranet: ";

/// What a server gives to whoever asks for an asset, signed in or not.
fn asset(small: &Small, name: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--lang", "en", "--archive"]).arg(small.path());
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("The intranet: http://").unwrap().trim_end_matches('/').parse().unwrap();
    let answer = support::intranet::ask(address, "GET", &format!("/assets/{name}"), "", "");
    process.kill().unwrap();
    process.wait().unwrap();
    format!("{} {}", answer.status(), answer.text())
}

fn approve(small: &Small, id: &str, key: &str) -> Output {
    run(small, &["approve", id, "--key", key])
}

/// An archive whose settings name a theme, and a server that trusts the demonstration's key; nobody
/// has signed the theme.
fn unsigned() -> Small {
    let small = wearing("plain");
    fs::remove_file(small.path().join(".chancery/keys/server")).unwrap();
    small.write("themes/plain/live.js", "fetch('/records/C-0007/')");
    support::trust(small.path(), &small.path().join(".chancery"));
    small
}

#[test]
fn a_server_wears_no_theme_that_nobody_trusted_has_signed() {
    let small = unsigned();
    let said = serves(&small, &[]);
    assert!(said.contains("themes/plain: it is not signed") && said.contains("chancery approve themes/plain --key FILE"), "{said}");
    let own = small.path().join("own");
    assert!(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&own).status().unwrap().success());
    assert!(approve(&small, "themes/plain", own.to_str().unwrap()).status.success());
    let said = serves(&small, &[]);
    assert!(said.contains("none of a trusted key"), "{said}");
    assert!(approve(&small, "themes/plain", DEMO_KEY).status.success());
    assert!(serves(&small, &[]).starts_with(SERVED));
    assert_eq!(asset(&small, "live.js"), "200 fetch('/records/C-0007/')");
    small.write("themes/plain/live.js", "fetch('/records/C-0008/')");
    assert!(serves(&small, &[]).contains("none of a trusted key"), "another script");
    small.write("themes/plain/live.js", "fetch('/records/C-0007/')");
    small.write("themes/plain/more.js", "");
    assert!(serves(&small, &[]).contains("none of a trusted key"), "one more file");
    fs::remove_file(small.path().join("themes/plain/more.js")).unwrap();
    assert!(serves(&small, &[]).starts_with(SERVED));
}

#[test]
fn a_signature_over_one_theme_does_not_serve_for_another() {
    let small = unsigned();
    assert!(approve(&small, "themes/plain", DEMO_KEY).status.success());
    small.write("chancery.yaml", format!("{SETTINGS}theme: other\n"));
    assert!(approve(&small, "chancery.yaml", DEMO_KEY).status.success());
    fs::rename(small.path().join("themes/plain"), small.path().join("themes/other")).unwrap();
    for end in ["sha256", "sha256.sig"] {
        fs::rename(small.path().join(format!("themes/plain.{end}")), small.path().join(format!("themes/other.{end}"))).unwrap();
    }
    assert!(serves(&small, &[]).contains("themes/other: its signature is none of a trusted key"));
}

#[test]
fn an_old_theme_that_is_put_back_with_its_signature_is_not_worn() {
    let small = unsigned();
    let paths = ["themes/plain/live.js", "themes/plain.sha256", "themes/plain.sha256.sig"].map(|path| small.path().join(path));
    assert!(approve(&small, "themes/plain", DEMO_KEY).status.success());
    let old = paths.clone().map(|path| fs::read(path).unwrap());
    small.write("themes/plain/live.js", "mended");
    assert!(approve(&small, "themes/plain", DEMO_KEY).status.success());
    assert_eq!(asset(&small, "live.js"), "200 mended");
    paths.iter().zip(&old).for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    let said = serves(&small, &[]);
    assert!(said.contains("themes/plain: it is an old one"), "{said}");
    // And with its lines taken out of the register: the server has seen them.
    let register = fs::read_to_string(small.path().join("policies/register")).unwrap();
    let cut: Vec<&str> = register.lines().filter(|line| !line.contains(" after ")).collect();
    small.write("policies/register", cut.join("\n") + "\n");
    let said = serves(&small, &[]);
    assert!(said.contains("themes/plain: it is an old one"), "{said}");
}

#[test]
fn a_theme_in_the_folder_of_state_needs_no_signature_and_goes_before() {
    let small = unsigned();
    small.write(".chancery/themes/plain/live.js", "trusted");
    assert_eq!(asset(&small, "live.js"), "200 trusted");
    assert!(asset(&small, "style.css").starts_with("200 "), "the rest is built in");
    symlink("../../keys", small.path().join(".chancery/themes/plain/keys.js")).unwrap();
    assert!(serves(&small, &[]).contains("themes/plain/keys.js: a symbolic link"));
}

#[test]
fn a_server_does_not_begin_with_settings_that_nobody_trusted_has_signed() {
    let small = Small::new(&[]);
    support::trust(small.path(), &small.path().join(".chancery"));
    assert!(serves(&small, &[]).starts_with(SERVED));
    for settings in [
        format!("{SETTINGS}theme: plain\n"),
        SETTINGS.replace("+08:00", "-11:00"),
        SETTINGS.replace("language: zh", "language: en"),
        String::new(),
    ] {
        small.write("chancery.yaml", settings);
        let said = serves(&small, &[]);
        assert!(said.contains("chancery.yaml") && said.contains("chancery approve chancery.yaml --key FILE"), "{said}");
    }
    fs::remove_file(small.path().join("chancery.yaml")).unwrap();
    let said = serves(&small, &[]);
    assert!(said.contains("the file is gone"), "{said}");
    symlink("../chancery.yaml", small.path().join("chancery.yaml")).unwrap();
    assert!(!serves(&small, &[]).starts_with(SERVED));
}

/// Anybody can make and check what is signed with the tools of the system.
#[test]
fn sha256sum_and_ssh_keygen_read_what_is_signed() {
    let small = unsigned();
    small.write("themes/plain/style.css", "body{}");
    assert!(approve(&small, "themes/plain", DEMO_KEY).status.success());
    assert!(approve(&small, "policies/allowed_signers", DEMO_KEY).status.code() == Some(2), "there is none");
    let themes = small.path().join("themes");
    assert!(Command::new("sha256sum").args(["--strict", "-c", "plain.sha256"]).current_dir(&themes).output().unwrap().status.success());
    let made = Command::new("sh").args(["-c", "LC_ALL=C sha256sum plain/*"]).current_dir(&themes).output().unwrap().stdout;
    assert_eq!(String::from_utf8(made).unwrap(), fs::read_to_string(themes.join("plain.sha256")).unwrap());
    for (path, namespace) in [("chancery.yaml", "chancery-settings"), ("themes/plain.sha256", "chancery-theme")] {
        let signature = small.path().join(format!("{path}.sig"));
        let ours = fs::read(&signature).unwrap();
        fs::remove_file(&signature).unwrap();
        let sign = ["-q", "-Y", "sign", "-f", DEMO_KEY, "-n", namespace];
        assert!(Command::new("ssh-keygen").args(sign).arg(small.path().join(path)).output().unwrap().status.success());
        assert_eq!(fs::read(&signature).unwrap(), ours, "{path}");
    }
    let verified = run(&small, &["verify"]);
    let said = String::from_utf8(verified.stdout).unwrap();
    assert!(said.contains("chancery.yaml  有效") && said.contains("themes/plain  有效"), "{said}");
    small.write("themes/plain/style.css", "body{color:red}");
    let verified = run(&small, &["verify"]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(String::from_utf8(verified.stdout).unwrap().contains("themes/plain  无效"));
}
