//! What rights rest on is nobody else's to write, and what is secret nobody else's to read: told
//! from the modes of files, and refused with the remedy.

use crate::support::{self, DEMO_KEY, small::Small};
use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
};

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn run(small: &Small, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chancery")).args(arguments).args(["--lang", "en", "--archive"]).arg(small.path()).output().unwrap()
}

/// The first line of a server, or why there is none.
fn serve(small: &Small, state: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--lang", "en", "--archive"]).arg(small.path()).arg("--state").arg(state);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    process.kill().unwrap();
    let said = String::from_utf8(process.wait_with_output().unwrap().stderr).unwrap();
    if line.is_empty() { said } else { line }
}

/// A small archive that was served once, with all that lies in its folder of state.
fn served() -> (Small, std::path::PathBuf) {
    let small = Small::new(&[]);
    let state = small.path().join(".chancery");
    support::trust(small.path(), &state);
    small.write(".chancery/server.yaml", "");
    fs::create_dir(state.join("access-log")).unwrap();
    set(&state.join("access-log"), 0o700);
    small.write(".chancery/access-log/begun", "");
    set(&state.join("access-log/begun"), 0o600);
    small.write(".chancery/themes/own/style.css", "");
    let said = serve(&small, &state);
    assert!(said.starts_with("The intranet: "), "{said}");
    (small, state)
}

#[test]
fn what_others_may_write_or_read_is_refused_with_the_remedy() {
    let (small, state) = served();
    for (name, modes, remedy) in [
        ("", &[0o770, 0o707, 0o777][..], "chmod go-w"),
        ("trusted_signers", &[0o664, 0o646, 0o666], "chmod go-w"),
        ("server.yaml", &[0o664, 0o602], "chmod go-w"),
        ("keys", &[0o770, 0o703], "chmod go-w"),
        ("keys/server", &[0o640, 0o604, 0o620, 0o644], "chmod 600"),
        ("accounts.db", &[0o640, 0o644, 0o660], "chmod 600"),
        ("access-log.db", &[0o640, 0o644], "chmod 600"),
        ("access-log", &[0o750, 0o705], "chmod 700"),
        ("access-log/begun", &[0o640, 0o604], "chmod 600"),
        ("slack", &[0o620, 0o602], "chmod go-w"),
        ("themes", &[0o775], "chmod go-w"),
        ("themes/own", &[0o775], "chmod go-w"),
        ("themes/own/style.css", &[0o664], "chmod go-w"),
    ] {
        let path = state.join(name);
        let before = mode(&path);
        for &open in modes {
            set(&path, open);
            let said = serve(&small, &state);
            assert!(
                said.contains(&format!("({open:04o})"))
                    && said.contains(remedy)
                    && said.contains(path.to_str().unwrap().trim_end_matches('/')),
                "{name} {open:o}: {said}"
            );
            assert_eq!(mode(&path), open, "nothing is mended unasked");
        }
        set(&path, before);
        assert!(serve(&small, &state).starts_with("The intranet: "), "{name}");
    }
}

/// Whoever may write the folder above puts another in the state's place, with a list of his own.
#[test]
fn a_folder_of_state_that_others_may_replace_is_refused() {
    let (small, state) = served();
    set(small.path(), 0o777);
    let said = serve(&small, &state);
    assert!(said.contains("put another folder of state in its place") && said.contains("--state"), "{said}");
    set(small.path(), 0o1777);
    assert!(serve(&small, &state).starts_with("The intranet: "), "in a sticky folder nobody moves what is another's");
    set(small.path(), 0o700);
}

/// Whoever owns a file may write it, whatever its mode says; and whoever owns a folder, replace
/// what lies there. An administrator may help an account with its own state.
#[test]
fn what_another_account_owns_is_refused_with_the_remedy() {
    let (small, state) = served();
    let chown = |path: &Path, uid: u32| std::os::unix::fs::chown(path, Some(uid), None);
    if chown(&state.join("slack"), 4321).is_err() {
        return println!("not tried: this test must be allowed to give files away");
    }
    chown(&state.join("slack"), 0).unwrap();
    let names = [
        "",
        "trusted_signers",
        "server.yaml",
        "keys",
        "keys/server",
        "accounts.db",
        "access-log.db",
        "access-log/begun",
        "themes/own/style.css",
        "..",
    ];
    for name in names {
        let path = if name == ".." { small.path().to_owned() } else { state.join(name) };
        chown(&path, 4321).unwrap();
        let said = serve(&small, &state);
        let remedy = format!("chown 0 {}", path.display().to_string().trim_end_matches('/'));
        assert!(said.contains("another account (4321)") && said.contains(&remedy), "{name}: {said}");
        if name == "trusted_signers" || name == "accounts.db" {
            assert_eq!(run(&small, &["user", "list"]).status.code(), Some(2), "{name}");
        }
        chown(&path, 0).unwrap();
    }
    let all = walkdir::WalkDir::new(&state).into_iter().map(|entry| entry.unwrap().into_path());
    all.for_each(|path| chown(&path, 4321).unwrap());
    assert!(run(&small, &["user", "list"]).status.success());
}

/// A list of proxies says whose word is taken for whoever asks.
#[test]
fn a_configuration_that_others_may_write_is_refused_wherever_it_lies() {
    let (small, _) = served();
    small.write("own.yaml", "trusted_proxies: [127.0.0.1]\n");
    let path = small.path().join("own.yaml");
    set(&path, 0o666);
    let output = run(&small, &["serve", "--listen", "127.0.0.1:0", "--config", path.to_str().unwrap()]);
    assert!(output.status.code() == Some(2) && String::from_utf8(output.stderr).unwrap().contains("chmod go-w"));
}

#[test]
fn files_are_made_for_their_owner_alone_whatever_the_folder_allows() {
    let small = Small::new(&[]);
    let state = small.path().join("state");
    fs::create_dir(&state).unwrap();
    set(&state, 0o755);
    support::trust(small.path(), &state);
    assert!(serve(&small, &state).starts_with("The intranet: "));
    let made = ["accounts.db", "access-log.db", "keys/server", "slack"].map(|name| (name, mode(&state.join(name))));
    assert_eq!(made, [("accounts.db", 0o600), ("access-log.db", 0o600), ("keys/server", 0o600), ("slack", 0o600)]);
    assert_eq!(mode(&state.join("keys")), 0o700);
    for companion in
        ["accounts.db-wal", "accounts.db-shm", "access-log.db-wal"].map(|name| state.join(name)).iter().filter(|path| path.exists())
    {
        assert_eq!(mode(companion), 0o600, "{}", companion.display());
    }
    let new = Small::new(&[]);
    assert!(serve(&new, &new.path().join("a/b")).contains("no trusted key"));
    assert!(!new.path().join("a").exists());
    assert!(run(&new, &["user", "list", "--state", new.path().join("a/b").to_str().unwrap()]).status.success());
    assert_eq!(mode(&new.path().join("a/b")), 0o700);
}

#[test]
fn a_private_key_that_others_may_read_signs_nothing() {
    let small = Small::new(&[]);
    support::lay_demo_key();
    small.write("key", fs::read(DEMO_KEY).unwrap());
    let key = small.path().join("key");
    let before = fs::read(small.path().join("policies/house.md")).unwrap();
    for open in [0o640, 0o604, 0o644, 0o660, 0o601] {
        set(&key, open);
        for arguments in [&["approve", "policies/house", "--step", "head"][..], &["approve", "chancery.yaml"], &["sign-archive"]] {
            let output = run(&small, &[arguments, &["--key", key.to_str().unwrap()]].concat());
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.code() == Some(2) && said.contains(&format!("chmod 600 {}", key.display())), "{open:o}: {said}");
        }
    }
    assert_eq!(fs::read(small.path().join("policies/house.md")).unwrap(), before);
    assert!(!small.path().join("policies/register").exists() && !small.path().join("chancery.yaml.sig").exists());
    for own in [0o600, 0o400] {
        set(&key, own);
        assert!(run(&small, &["approve", "policies/house", "--step", "head", "--key", key.to_str().unwrap()]).status.success());
    }
}

/// A demonstration's copy of the archive, and the key that it makes, are nobody else's to read.
#[test]
fn a_demonstration_shuts_its_folder() {
    let small = Small::new(&[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
    command.args(["serve", "--demo", "--listen", "127.0.0.1:0", "--lang", "en", "--archive"]).arg(small.path());
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(line.starts_with("The intranet: "), "{line}");
    let demo = small.path().join(".chancery/demo");
    assert_eq!((mode(&small.path().join(".chancery")), mode(&demo), mode(&demo.join(".chancery/keys/server"))), (0o700, 0o700, 0o600));
}

#[test]
fn accounts_are_not_opened_in_a_folder_that_others_may_write() {
    let (small, state) = served();
    set(&state, 0o777);
    let output = run(&small, &["user", "list"]);
    assert!(output.status.code() == Some(2) && String::from_utf8(output.stderr).unwrap().contains("chmod go-w"));
}
