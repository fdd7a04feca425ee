//! `docs/backup.md` and its Chinese sister are followed: what they say to run is run, on an archive
//! that is being served, and the copy serves.

use crate::support::{
    intranet::ask,
    process::{Server, strongroom},
    strongroom::{PASSWORD, READERS},
};
use chancery::store::{Audit, Head, SqliteAudit, Wait};
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

const PAGES: [&str; 2] = [include_str!("../../docs/backup.md"), include_str!("../../docs/backup.zh.md")];

/// What the fences of a page with this information hold.
fn fences<'p>(page: &'p str, info: &str) -> Vec<&'p str> {
    let mark = format!("```{info}\n");
    page.match_indices(&mark).map(|(at, _)| page[at + mark.len()..].split("```").next().unwrap()).collect()
}

/// What the manual says to run: while the server runs, while it is stopped, and after the copy was
/// put in its place.
fn told() -> [&'static str; 3] {
    let [own, other] = PAGES.map(|page| fences(page, "sh"));
    assert_eq!(own, other, "one language says what the other does");
    own.try_into().unwrap()
}

/// Runs what the manual says in the folder of an archive. Its last line is to end well: those that
/// look through an archive before it tell of findings by how they end.
fn follow(script: &str, archive: &Path, to: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_chancery")).parent().unwrap();
    let path = std::env::join_paths(std::iter::once(program.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())));
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).current_dir(archive).env("TO", to).env("PATH", path.unwrap()).env("LANG", "en");
    let output = shell.output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn sign_in(server: &Server, name: &str) -> String {
    let body = format!("name={name}&password={PASSWORD}");
    let answer = ask(server.address, "POST", "/sign-in", "content-type: application/x-www-form-urlencoded\r\n", &body);
    assert_eq!(answer.status(), 303, "{name}");
    let cookie = answer.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    format!("cookie: {}\r\n", cookie.split(';').next().unwrap())
}

/// Each reader signs in and reads what is that reader's alone.
fn read(server: &Server) {
    for (n, name) in READERS.into_iter().enumerate() {
        let cookie = sign_in(server, name);
        assert_eq!(ask(server.address, "GET", &format!("/records/F-{n}/"), &cookie, "").status(), 200);
        assert_eq!(ask(server.address, "GET", "/records/F-9/", &cookie, "").status(), 404);
    }
}

/// That a copy serves at once: accounts are there, and the log goes on from a line that the
/// original has too, none of the first ones missing.
fn serves(copy: &Path, original: &Path, lines: i64) {
    let said = follow(told()[2], copy, copy);
    assert!(said.contains("policies/house") && READERS.iter().all(|name| said.contains(name)), "{said}");
    let head: Head = said.lines().find_map(|line| line.parse().ok()).unwrap_or_else(|| panic!("{said}"));
    assert!(head.number >= lines && SqliteAudit::of(&original.join(".chancery")).has(&head).wait().unwrap(), "{head} of {lines}");
    assert!(!start(copy, "en").contains("lacks"));
    read(&Server::start(copy));
    let state = copy.join(".chancery");
    assert_eq!(SqliteAudit::of(&state).verify().wait().unwrap(), None);
    assert!(SqliteAudit::of(&state).head().wait().unwrap().number > head.number && SqliteAudit::of(&state).has(&head).wait().unwrap());
}

/// Everything that a server says when it begins; it is stopped then.
fn start(archive: &Path, lang: &str) -> String {
    let mut serve = Command::new(env!("CARGO_BIN_EXE_chancery"));
    serve.args(["serve", "--listen", "127.0.0.1:0", "--lang", lang]).current_dir(archive).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = serve.spawn().unwrap();
    let (mut said, mut lines) = (String::new(), BufReader::new(process.stdout.take().unwrap()));
    lines.read_line(&mut said).unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    // It was said in one.
    lines.read_to_string(&mut said).unwrap();
    said
}

fn beside(archive: &Path) -> (tempfile::TempDir, PathBuf) {
    let ground = tempfile::tempdir_in(archive.parent().unwrap()).unwrap();
    let copy = ground.path().join("copy");
    (ground, copy)
}

#[test]
fn a_copy_made_while_the_server_runs_serves_at_once() {
    let root = strongroom();
    let server = Server::start(root.path());
    read(&server);
    let lines = SqliteAudit::of(&root.path().join(".chancery")).head().wait().unwrap().number;
    assert!(lines > 0 && fs::metadata(root.path().join(".chancery/accounts.db-wal")).unwrap().len() > 0, "what is not in the file yet");
    let (_ground, copy) = beside(root.path());
    follow(told()[0], root.path(), &copy);
    read(&server);
    for file in ["accounts.db", "access-log.db", "keys/server"] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(copy.join(".chancery").join(file)).unwrap().permissions());
        assert_eq!(mode & 0o077, 0, "{file}");
    }
    drop(server);
    serves(&copy, root.path(), lines);
}

/// Killed, so that what was written last stands in the write-ahead logs alone.
#[test]
fn a_copy_of_the_folder_of_a_stopped_server_serves_at_once() {
    let root = strongroom();
    let server = Server::start(root.path());
    read(&server);
    drop(server);
    let lines = SqliteAudit::of(&root.path().join(".chancery")).head().wait().unwrap().number;
    let (_ground, copy) = beside(root.path());
    fs::create_dir(&copy).unwrap();
    follow(told()[1], root.path(), &copy);
    serves(&copy, root.path(), lines);
}

fn git(folder: &Path, arguments: &[&str]) {
    let who = ["-c", "user.name=x", "-c", "user.email=x@example", "-c", "commit.gpgsign=false"];
    let done = Command::new("git").args(who).args(arguments).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_clone_says_what_it_lacks_and_makes_nothing() {
    let root = strongroom();
    git(root.path(), &["init", "-q"]);
    fs::write(root.path().join(".gitignore"), ".chancery/\n").unwrap();
    git(root.path(), &["add", "-A"]);
    git(root.path(), &["commit", "-q", "-m", "all"]);
    let (_ground, clone) = beside(root.path());
    git(root.path(), &["clone", "-q", ".", clone.to_str().unwrap()]);
    for (page, lang) in PAGES.into_iter().zip(["en", "zh"]) {
        let output = serve_once(&clone, lang);
        let said = format!("$ chancery serve\n{}", String::from_utf8(output.stderr).unwrap());
        let own = fs::canonicalize(&clone).unwrap();
        assert_eq!(said.replace(own.to_str().unwrap(), "/srv/archive"), fences(page, &format!("console {lang}"))[0]);
        assert_eq!(output.status.code(), Some(2));
    }
    assert!(!clone.join(".chancery").exists(), "a folder that a copy is put in the place of");
    follow("cp -a \"$TO/.chancery\" .", &clone, root.path());
    read(&Server::start(&clone));
}

/// A server that does not begin.
fn serve_once(archive: &Path, lang: &str) -> Output {
    let mut serve = Command::new(env!("CARGO_BIN_EXE_chancery"));
    serve.args(["serve", "--listen", "127.0.0.1:0", "--lang", lang]).current_dir(archive).output().unwrap()
}

/// What was restored by half is told, in both languages; what was never there is not.
#[test]
fn a_state_of_which_a_part_is_gone_says_which() {
    let root = strongroom();
    assert!(!start(root.path(), "en").contains("lacks"), "nobody has served it yet");
    read(&Server::start(root.path()));
    assert!(!start(root.path(), "en").contains("lacks"));
    for (part, zh, en) in [
        ("access-log.db", "access-log.db  查阅记录", "access-log.db  the access log"),
        ("accounts.db", "accounts.db  账户，和服务器见过的批准", "accounts.db  accounts, and the approvals that the server has seen"),
        ("keys/server", "keys/server  服务器签名的密钥", "keys/server  the key with which the server signs"),
    ] {
        for (lang, expected, head) in [("zh", zh, "缺少下列各项"), ("en", en, "lacks what follows")] {
            let (_ground, copy) = beside(root.path());
            fs::create_dir(&copy).unwrap();
            follow(told()[1], root.path(), &copy);
            for name in [part.to_owned(), format!("{part}-wal"), format!("{part}-shm")] {
                let _none = fs::remove_file(copy.join(".chancery").join(name));
            }
            let said = start(&copy, lang);
            assert!(said.contains(head) && said.contains(expected), "{part}: {said}");
            assert_eq!(said.matches("\n  ").count(), 1 + usize::from(part == "accounts.db"), "{said}");
            assert!(!start(&copy, lang).contains(head), "once");
        }
    }
}
