//! What an administrator is told in the terminal: links that can be opened, who can sign in and who
//! cannot and why, and a log without colours wherever it is kept.

use crate::support::{self, Shipped, intranet::ask, process::Server, small::Small};
use chancery::{
    source::RecordId,
    store::{Accounts, Invitation, Invitations, Password, ServedOrigin, SqliteStore, Wait},
};
use chrono::Utc;
use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};
use unicode_width::UnicodeWidthStr;

const PASSWORD: &str = "a good password";

fn served() -> Small {
    let small = Small::new(&[]);
    support::trust(small.path(), &small.path().join(".chancery"));
    small
}

fn run(small: &Small, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chancery")).args(arguments).arg("--archive").arg(small.path()).output().unwrap()
}

/// What is said of a new link for somebody, and the link.
fn invited(small: &Small, lang: &str) -> (String, String) {
    let output = run(small, &["user", "add", "ma", "--link", "--lang", lang]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let (words, link) = said.trim_end().rsplit_once('\n').unwrap();
    (words.to_owned(), link.strip_prefix("  ").unwrap().to_owned())
}

/// What stands before the token of a link, and whether something is to be done about it: told in
/// both languages.
#[track_caller]
fn check(small: &Small, origin: &str, remark: Option<[&str; 2]>) {
    for (at, lang) in ["zh", "en"].into_iter().enumerate() {
        let (words, link) = invited(small, lang);
        let token = link.strip_prefix(&format!("{origin}/welcome/")).unwrap_or_else(|| panic!("{link}"));
        assert_eq!(token.len(), 64, "{link}");
        match remark {
            Some(remark) => assert!(words.contains(remark[at]) && words.contains("server.yaml"), "{words}"),
            None => assert_eq!(words.lines().count(), 1, "{words}"),
        }
    }
}

const BEFORE: Option<[&str; 2]> = Some(["请在前面加上读者访问内网的地址", "Put before it where readers find the intranet"]);
const ONLY_HERE: Option<[&str; 2]> = Some(["只在这台机器上能打开", "This machine alone opens it"]);

#[test]
fn a_link_begins_where_readers_find_the_intranet_as_far_as_that_is_known() {
    let small = served();
    check(&small, "", BEFORE);
    let server = Server::start(small.path());
    check(&small, &format!("http://{}", server.address), ONLY_HERE);
    let (_, link) = invited(&small, "en");
    let path = link.strip_prefix(&format!("http://{}", server.address)).unwrap();
    assert_eq!(ask(server.address, "GET", path, "", "").status(), 200);
    let address = server.address;
    drop(server);
    check(&small, &format!("http://{address}"), ONLY_HERE);
    small.write(".chancery/server.yaml", "origin: https://records.example\n");
    check(&small, "https://records.example", None);
    small.write(".chancery/server.yaml", "");
    check(&small, &format!("http://{address}"), ONLY_HERE);
}

#[test]
fn a_link_begins_as_the_configuration_says_with_which_it_was_served() {
    let small = served();
    small.write("elsewhere.yaml", "origin: https://records.example:8443\n");
    drop(Server::start_with(&["--config", small.path().join("elsewhere.yaml").to_str().unwrap()], small.path()));
    check(&small, "https://records.example:8443", None);
}

/// It listened everywhere: by which name it is reached, nobody has said.
#[test]
fn an_address_that_stands_for_all_of_the_machines_is_none() {
    let small = served();
    let state = small.path().join(".chancery");
    for everywhere in ["http://0.0.0.0:8200", "https://[::]:8443"] {
        SqliteStore::open(&state).unwrap().serve_at(everywhere).wait().unwrap();
        check(&small, "", BEFORE);
    }
    SqliteStore::open(&state).unwrap().serve_at("https://10.0.0.9:8443").wait().unwrap();
    check(&small, "https://10.0.0.9:8443", None);
}

#[test]
fn a_configuration_that_cannot_be_understood_gives_no_link() {
    for wrong in ["origin: records.example\n", "origin: [a, b]\n", "orgin: https://records.example\n", "\u{0}"] {
        let small = served();
        small.write(".chancery/server.yaml", wrong);
        let output = run(&small, &["user", "add", "ma", "--link"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong}: {said}");
        assert!(said.contains("server.yaml"), "{said}");
        let links = SqliteStore::open(&small.path().join(".chancery")).unwrap().open_links(Utc::now()).wait().unwrap();
        assert!(links.is_empty(), "none was made that nobody was told");
    }
}

/// An archive of the shipped people, one of whom has left, one is yet to come, and one nobody has
/// approved.
fn people() -> Shipped {
    let shipped = Shipped::people();
    let add = |id: &str, more: &str| {
        let reporting = "[{from: 2024-01-01, department: finance, superior: song.yaqin}]";
        let front = format!("type: person\nid: {id}\nname: {id}\nposition: 文员\nreporting: {reporting}\n{more}\n");
        shipped.write(&format!("records/people/{id}.md"), &format!("---\n{front}---\n"));
    };
    add("yi.li", "joined: 2024-01-01\nleft: 2026-01-31");
    add("wei.dao", "joined: 2099-01-01");
    add("wei.pi", "joined: 2024-01-01");
    shipped
}

fn line<'s>(said: &'s str, person: &str) -> &'s str {
    said.lines().find(|line| line.starts_with(&format!("{person} "))).unwrap_or_else(|| panic!("{person}: {said}"))
}

#[test]
fn the_list_says_who_can_sign_in_and_who_cannot_and_why() {
    let shipped = people();
    let store = SqliteStore::open(&shipped.path(".chancery")).unwrap();
    let (id, password) = (|id: &str| RecordId::from(id), Password::new(PASSWORD).unwrap());
    for account in ["zhong.nan", "lu.mingyuan", "yi.li", "fang.yan", "wei.pi", "nobody"] {
        store.add_account(&id(account), &password).wait().unwrap();
    }
    store.disable(&id("fang.yan")).wait().unwrap();
    store.disable(&id("yi.li")).wait().unwrap();
    for invited in ["lu.mingyuan", "xue.man", "wei.dao"] {
        store.invite(&Invitation::Person(id(invited)), Utc::now()).wait().unwrap();
    }
    store.invite(&Invitation::Person(id("cao.guilan")), Utc::now() - chrono::TimeDelta::days(3)).wait().unwrap();
    let [zh, en] = ["zh", "en"].map(|lang| shipped.prints(0, &["user", "list", "--lang", lang]));
    for (person, words) in [
        ("zhong.nan", ["  可以登录", "  can sign in"]),
        ("lu.mingyuan", ["  可以登录  另有改密码的链接，", "  can sign in     has a link for a new password, open until "]),
        ("fang.yan", ["  不能登录  账户已停用", "  cannot sign in  the account is disabled"]),
        ("yi.li", ["  不能登录  2026-01-31 起已离职；账户已停用", "  cannot sign in  left on 2026-01-31; the account is disabled"]),
        ("wei.pi", ["  不能登录  人员档案未经批准", "  cannot sign in  the person's record is not approved"]),
        ("nobody", ["  不能登录  没有这份人员档案", "  cannot sign in  there is no record of this person"]),
        ("xue.man", ["  不能登录  没有账户；已邀请，链接 ", "  cannot sign in  no account; invited, with a link that is open until "]),
        ("wei.dao", ["  不能登录  2099-01-01 到职；没有账户；已邀请", "  cannot sign in  joins on 2099-01-01; no account; invited"]),
        ("cao.guilan", ["  不能登录  没有账户", "  cannot sign in  no account"]),
    ] {
        assert!(line(&zh, person).contains(words[0]), "{}", line(&zh, person));
        assert!(line(&en, person).contains(words[1]), "{}", line(&en, person));
    }
    assert!(line(&zh, "cao.guilan").ends_with("没有账户"), "a link that has run out is none");
    assert!(line(&zh, "zhong.nan").ends_with("可以登录"));
    assert!(zh.lines().count() >= 40, "everybody on staff is there");
    for (said, words) in [(&zh, ["可以登录", "不能登录"]), (&en, ["can sign in", "cannot sign in"])] {
        let place = |line: &str| words.iter().find_map(|word| Some(line[..line.find(word)?].width())).unwrap();
        let places: std::collections::BTreeSet<usize> = said.lines().map(place).collect();
        assert_eq!(places.len(), 1, "{said}");
    }
}

/// The server's own keys decide whose file is approved, as when somebody signs in.
#[test]
fn the_list_judges_by_the_keys_that_the_server_trusts() {
    let shipped = people();
    let list = || shipped.prints(0, &["user", "list"]);
    SqliteStore::open(&shipped.path(".chancery"))
        .unwrap()
        .add_account(&RecordId::from("zhong.nan"), &Password::new(PASSWORD).unwrap())
        .wait()
        .unwrap();
    assert!(line(&list(), "zhong.nan").contains("可以登录"));
    let other = shipped.path("other");
    assert!(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&other).status().unwrap().success());
    let key = fs::read_to_string(other.with_extension("pub")).unwrap();
    shipped.write(".chancery/trusted_signers", &format!("lu.mingyuan namespaces=\"chancery\" {key}"));
    assert!(line(&list(), "zhong.nan").contains("不能登录  人员档案未经批准"), "{}", list());
}

#[test]
fn a_log_that_is_kept_has_no_colours() {
    let small = served();
    let store = SqliteStore::open(&small.path().join(".chancery")).unwrap();
    store.add_account(&RecordId::from("gone"), &Password::new("demo").unwrap()).wait().unwrap();
    let log = small.path().join("log");
    let mut serve = Command::new(env!("CARGO_BIN_EXE_chancery"));
    serve.args(["serve", "--listen", "127.0.0.1:0", "--archive"]).arg(small.path()).stdout(Stdio::piped());
    let mut process = serve.stderr(fs::File::create(&log).unwrap()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(process.stdout.take().unwrap()), &mut line).unwrap();
    let address = line.split_once("http://").unwrap().1.trim_end().trim_end_matches('/').parse().unwrap();
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    assert_eq!(ask(address, "POST", "/sign-in", form, "name=gone&password=demo").status(), 401);
    process.kill().unwrap();
    process.wait().unwrap();
    let said = fs::read_to_string(&log).unwrap();
    assert!(said.contains("WARN gone is kept out") && !said.contains('\u{1b}'), "{said:?}");
}

/// What a command prints at a terminal, as `script` (util-linux) records it.
fn at_terminal(folder: &Path, no_color: Option<&str>) -> String {
    let mut script = Command::new("script");
    script.args(["-qec", &format!("{} check", env!("CARGO_BIN_EXE_chancery")), "/dev/null"]).current_dir(folder).stdin(Stdio::null());
    match no_color {
        Some(said) => script.env("NO_COLOR", said),
        None => script.env_remove("NO_COLOR"),
    };
    String::from_utf8_lossy(&script.output().unwrap().stdout).into_owned()
}

#[test]
fn a_terminal_has_colours_unless_nobody_wants_them() {
    let small = Small::new(&[]);
    small.write("records/n/N-2.md", "---\ntype: note\nid: N-2\n---\n");
    for (no_color, colours) in [(None, true), (Some(""), true), (Some("1"), false), (Some("true"), false)] {
        let said = at_terminal(small.path(), no_color);
        assert!(said.contains("N-2.md"), "{said}");
        assert_eq!(said.contains('\u{1b}'), colours, "{no_color:?}: {said:?}");
    }
    assert!(!String::from_utf8(run(&small, &["check"]).stdout).unwrap().contains('\u{1b}'));
}
