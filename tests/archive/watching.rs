//! `check --watch`: what it tells when files change while it looks on.

use crate::support::{Shipped, process};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

/// How long a line may take that must come.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longer than it takes to see a change, where nothing may be told of it.
const QUIET: Duration = Duration::from_millis(1_500);

const CUSTOMER: &str = "records/customers/C-0001.md";

/// The command at work, and the lines that it has told.
struct Watching {
    process: Child,
    told: Receiver<String>,
}

impl Watching {
    fn begin(root: &Path, arguments: &[&str]) -> Watching {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chancery"));
        command.args(["check", "--watch", "--lang", "en"]).args(arguments).current_dir(root);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (tell, told) = channel();
        let complaints = tell.clone();
        let (out, err) = (process.stdout.take().unwrap(), process.stderr.take().unwrap());
        thread::spawn(move || BufReader::new(out).lines().try_for_each(|line| tell.send(line.unwrap())));
        thread::spawn(move || BufReader::new(err).lines().try_for_each(|line| complaints.send(line.unwrap())));
        Watching { process, told }
    }

    /// When it has told all that it found at first.
    fn begun(root: &Path, arguments: &[&str]) -> (Watching, Vec<String>) {
        let watching = Watching::begin(root, arguments);
        let told = watching.until(|line| line.contains("Ctrl-C"));
        (watching, told)
    }

    /// The lines up to one that fits, and that one.
    fn until(&self, fits: impl Fn(&str) -> bool) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match self.told.recv_timeout(PATIENCE) {
                Ok(line) => lines.push(line),
                Err(_) => panic!("no such line among\n{}", lines.join("\n")),
            }
            if fits(lines.last().unwrap()) {
                return lines;
            }
        }
    }

    fn json_until(&self, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
        let read = |line: &str| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.until(|line| fits(&read(line))).iter().map(|line| read(line)).collect()
    }

    fn is_quiet(&self) -> bool {
        self.told.recv_timeout(QUIET).is_err()
    }

    /// SIGINT, as Ctrl-C sends it.
    fn interrupt(mut self) -> ExitStatus {
        assert!(Command::new("kill").args(["-INT", &self.process.id().to_string()]).status().unwrap().success());
        process::ends(&mut self.process, PATIENCE).0
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _ended_already = self.process.wait();
    }
}

fn edit(root: &Path, path: &str, from: &str, to: &str) -> String {
    let before = fs::read_to_string(root.join(path)).unwrap();
    assert!(before.contains(from), "{from} in {path}");
    // As editors write: beside, and then in its place.
    let beside = root.join(format!("{path}.part"));
    fs::write(&beside, before.replacen(from, to, 1)).unwrap();
    fs::rename(beside, root.join(path)).unwrap();
    before
}

fn is_summary(line: &str) -> bool {
    line.contains(" error") && line.contains(" warning")
}

#[test]
fn what_a_change_breaks_is_told_here_first_then_elsewhere_and_what_it_mends_too() {
    let archive = Shipped::copy();
    let root = archive.folder.path();
    let (watching, _) = Watching::begun(root, &[]);
    // A field that is none, and an id that others name.
    let before = edit(root, CUSTOMER, "\nid: C-0001\n", "\nid: C-9001\nno_such_field: x\n");
    let told = watching.until(is_summary);
    let at = |wanted: &dyn Fn(&str) -> bool| told.iter().position(|line| wanted(line)).unwrap_or_else(|| panic!("{}", told.join("\n")));
    let head = at(&|line| line.ends_with(&format!("  {CUSTOMER}")) && line.as_bytes()[2] == b':');
    let own = at(&|line| line.starts_with(CUSTOMER) && line.contains("no_such_field"));
    let elsewhere = at(&|line| line == "come up elsewhere:");
    let dangling = at(&|line| line.starts_with("records/") && !line.starts_with(CUSTOMER) && line.contains("C-0001"));
    assert!(head < own && own < elsewhere && elsewhere < dangling, "{}", told.join("\n"));
    // It is put back: everything that came up has ceased, a line each.
    fs::write(root.join(CUSTOMER), &before).unwrap();
    let told = watching.until(is_summary);
    let ceased = told.iter().filter(|line| line.starts_with("✓ ")).count();
    assert!(ceased >= 2 && told.iter().any(|line| line.starts_with(&format!("✓ {CUSTOMER}:")) && line.contains("no_such_field")));
    assert_eq!(told.iter().filter(|line| line.starts_with("records/")).count(), 0, "{}", told.join("\n"));
    assert_eq!(watching.interrupt().code(), Some(0));
}

#[test]
fn where_all_is_well_it_is_one_line_and_where_nothing_has_changed_none() {
    let archive = Shipped::copy();
    let root = archive.folder.path();
    let (watching, _) = Watching::begun(root, &[]);
    let text = fs::read_to_string(root.join(CUSTOMER)).unwrap();
    // The same bytes again, what is hidden, and what is nobody's.
    fs::write(root.join(CUSTOMER), &text).unwrap();
    fs::write(root.join("records/customers/.C-0001.md.swp"), "x").unwrap();
    fs::write(root.join("notes.txt"), "x").unwrap();
    assert!(watching.is_quiet());
    fs::write(root.join(CUSTOMER), text + "\n<!-- looked at -->\n").unwrap();
    let told = watching.until(|line| !line.is_empty());
    assert!(told[0].contains(CUSTOMER) && told[0].contains("  ✓ ") && is_summary(&told[0]), "{told:?}");
    assert!(watching.is_quiet());
}

#[test]
fn in_json_each_line_says_whether_it_came_up_or_ceased() {
    let archive = Shipped::copy();
    let root = archive.folder.path();
    let watching = Watching::begin(root, &["--format", "json", "records/customers"]);
    let before = edit(root, CUSTOMER, "---\n", "---\nno_such_field: x\n");
    let is_ours = |line: &Value| line["path"] == CUSTOMER && line["message"].to_string().contains("no_such_field");
    let begun = watching.json_until(is_ours);
    assert!(begun.iter().all(|line| line["change"] == "begun" && line["path"].as_str().unwrap().starts_with("records/customers/")));
    fs::write(root.join(CUSTOMER), before).unwrap();
    let ended = watching.json_until(|line| is_ours(line) && line["change"] == "ended");
    assert_eq!(ended.last().unwrap()["line"], 2);
}

#[test]
fn a_draft_is_followed_while_it_is_written() {
    let archive = Shipped::copy();
    let root = archive.folder.path();
    let said = Command::new(env!("CARGO_BIN_EXE_chancery"))
        .args(["new", "visit", "customer=C-0001", "--as", "lu.mingyuan", "--archive"])
        .arg(root)
        .output()
        .unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let draft = String::from_utf8(said.stdout).unwrap().lines().next().unwrap().to_owned();
    assert!(draft.starts_with("drafts/"), "{draft}");
    let (watching, first) = Watching::begun(root, &[&draft]);
    assert!(first.iter().any(|line| line.starts_with(&draft)), "{}", first.join("\n"));
    edit(root, &draft, "---\n", "---\nno_such_field: x\n");
    let told = watching.until(is_summary);
    assert!(told.iter().any(|line| line.starts_with(&format!("{draft}:2:")) && line.contains("no_such_field")), "{}", told.join("\n"));
    // It is put where it belongs while it is looked at: it is no draft any more.
    let record = root.join(draft.replacen("drafts/", "records/", 1));
    fs::create_dir_all(record.parent().unwrap()).unwrap();
    fs::rename(root.join(&draft), record).unwrap();
    let told = watching.until(|line| line.starts_with("✓ ") && line.contains("no_such_field"));
    assert!(told.iter().any(|line| line.ends_with(&draft)), "{}", told.join("\n"));
}

#[test]
fn what_cannot_be_checked_is_told_once_and_checked_when_it_can() {
    let archive = Shipped::copy();
    let root = archive.folder.path();
    let (watching, _) = Watching::begun(root, &[]);
    let settings = edit(root, "chancery.yaml", "\n", "\nno_such_setting: [\n");
    let told = watching.until(|line| line.starts_with("chancery: "));
    assert!(told.last().unwrap().contains("chancery.yaml"), "{told:?}");
    assert!(watching.is_quiet(), "it is told once");
    fs::write(root.join("chancery.yaml"), settings).unwrap();
    watching.until(is_summary);
}

/// What no text tells of: a file that looks like a policy and is read as none.
#[test]
fn what_is_passed_over_is_told_when_it_comes_and_when_it_goes() {
    let archive = Shipped::copy();
    let root = archive.folder.path();
    let (watching, _) = Watching::begun(root, &[]);
    let other = root.join("policies/old.md.txt");
    fs::write(&other, "x").unwrap();
    let told = watching.until(is_summary);
    assert!(told.iter().any(|line| line.ends_with("  policies/old.md.txt")), "{}", told.join("\n"));
    assert!(told.iter().any(|line| line.contains("policies/old.md.txt") && line.contains('[')), "{}", told.join("\n"));
    fs::remove_file(other).unwrap();
    watching.until(|line| line.starts_with("✓ ") && line.contains("policies/old.md.txt"));
}

#[test]
fn one_whole_report_is_none_that_goes_on() {
    let archive = Shipped::copy();
    let mut watching = Watching::begin(archive.folder.path(), &["--format", "sarif"]);
    watching.until(|line| line.contains("--watch"));
    assert_eq!(watching.process.wait().unwrap().code(), Some(2));
}
