//! Each demand of the rulebooks is broken once. A folder of `tests/violations/` bears the id of a
//! demand: `change.yaml` says what is done to the shipped archive, and `expected.json` holds every
//! finding that follows and no other, and with `ceased` those that are no more. And each block of
//! each policy is switched off once: some case must then fail.
//!
//! `CHANCERY_BLESS=1` writes what was found into `expected.json`.

mod support;

use chancery::{
    access::{self, Office},
    diagnostic::Lang,
    policy::BlockKind,
    source::RecordId,
};
use chrono::NaiveDate;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex, OnceLock},
};
use support::{
    golden,
    memory::{InMemory, findings},
};

/// As in the program: it is quicker than the system's.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What is done to the archive, and what is then asked of it.
#[derive(Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What happened, for whoever reads the case.
    why: String,
    #[serde(default)]
    changes: Vec<Change>,
    /// Another day than the one that the archive plays.
    on: Option<String>,
    /// `no`: seals and signatures stay as they are.
    sign: Option<String>,
    /// Somebody who reads a record, of a case about access.
    reads: Option<Reads>,
}

#[derive(Clone, serde::Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Change {
    Replace {
        #[serde(rename = "in")]
        path: String,
        replace: String,
        with: String,
    },
    Remove {
        remove: String,
    },
    Write {
        write: String,
        text: String,
    },
}

#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Reads {
    record: String,
    person: String,
}

/// What came of a case.
#[derive(PartialEq, Debug)]
struct Outcome {
    /// What was found in the changed archive and not in the other.
    found: Vec<Value>,
    /// What was found in the other and not in the changed one.
    ceased: Vec<Value>,
    /// Whether the person reads the record.
    reads: Option<bool>,
}

impl Case {
    fn day(&self, archive: &InMemory) -> NaiveDate {
        self.on.as_ref().map_or_else(|| archive.demo_day(), |day| day.parse().unwrap())
    }

    /// What comes of it on an archive of which one policy may have been changed without being
    /// approved anew.
    fn run(&self, archive: &InMemory, before: &[Value], unapproved: Option<&str>) -> Outcome {
        let mut archive = archive.clone();
        for change in &self.changes {
            match change {
                Change::Replace { path, replace, with } => archive.edit(path, replace, with),
                Change::Remove { remove } => archive.remove(remove),
                Change::Write { write, text } => archive.write(write, text),
            }
        }
        let today = self.day(&archive);
        if self.sign.as_deref() != Some("no") {
            archive.sign(today);
        }
        let office = archive.open(today);
        let mut after = findings(&office, Lang::Zh);
        let of_approval = |finding: &Value| finding["code"] == "approval.stale" || finding["code"] == "policy.approved";
        after.retain(|finding| unapproved.is_none_or(|path| finding["path"] != path || !of_approval(finding)));
        let (found, ceased) = difference(before, &after);
        let reads = |asked: &Reads| access::who(&office, &RecordId::from(&*asked.record)).contains_key(&RecordId::from(&*asked.person));
        let ceased = ceased.iter().map(self::ceased).collect();
        Outcome { found, ceased, reads: self.reads.as_ref().map(reads) }
    }
}

/// What is in one list and not in the other, each way. A finding is the same wherever its line has
/// moved to.
fn difference(before: &[Value], after: &[Value]) -> (Vec<Value>, Vec<Value>) {
    let same = |a: &Value, b: &Value| ["code", "state", "path", "record", "message", "article"].iter().all(|key| a[key] == b[key]);
    let mut ceased = before.to_vec();
    let mut found = Vec::new();
    for finding in after {
        match ceased.iter().position(|known| same(known, finding)) {
            Some(at) => drop(ceased.remove(at)),
            None => found.push(told(finding)),
        }
    }
    (found, ceased)
}

/// The part of a finding that a case fixes.
fn told(finding: &Value) -> Value {
    let keys = ["code", "state", "path", "line", "column", "message", "article"];
    keys.iter().map(|key| ((*key).to_owned(), finding[key].clone())).collect::<serde_json::Map<_, _>>().into()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/violations")
}

static CASES: LazyLock<BTreeMap<String, Case>> = LazyLock::new(|| {
    let folders = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let read = |path: PathBuf| {
        let text = fs::read_to_string(path.join("change.yaml")).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let case: Case = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!case.why.is_empty(), "{}: why?", path.display());
        (path.file_name().unwrap().to_str().unwrap().to_owned(), case)
    };
    folders.map(read).collect()
});

type Slot = Arc<OnceLock<Arc<Vec<Value>>>>;

/// The findings of the unchanged archive on a day, worked out once.
fn unchanged(day: NaiveDate) -> Arc<Vec<Value>> {
    static KNOWN: LazyLock<Mutex<BTreeMap<NaiveDate, Slot>>> = LazyLock::new(Mutex::default);
    let slot = KNOWN.lock().unwrap().entry(day).or_default().clone();
    slot.get_or_init(|| Arc::new(findings(&InMemory::shipped().open(day), Lang::Zh))).clone()
}

/// What is expected to be found, and what to be found no more.
fn expected(id: &str) -> (Vec<Value>, Vec<Value>) {
    let path = folder().join(id).join("expected.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    all.into_iter().partition(|finding| finding.get("ceased").is_none())
}

/// A finding that is no more, as `expected.json` has it.
fn ceased(finding: &Value) -> Value {
    let mut told = told(finding);
    told["ceased"] = true.into();
    told
}

/// Why a case fails on an archive; `None` where it passes.
fn fails(id: &str, case: &Case, archive: &InMemory, unapproved: Option<&str>) -> Option<String> {
    let outcome = case.run(archive, &unchanged(case.day(archive)), unapproved);
    let (found, ceased) = expected(id);
    let expected = Outcome { found, ceased, reads: case.reads.as_ref().map(|_| true) };
    (outcome != expected).then(|| format!("expected {}\nfound {}", pretty(&expected), pretty(&outcome)))
}

fn pretty(outcome: &Outcome) -> String {
    let lines = |list: &[Value]| list.iter().map(|finding| format!("\n  {finding}")).collect::<String>();
    format!("{}\n  ceased: {}\n  reads: {:?}", lines(&outcome.found), lines(&outcome.ceased), outcome.reads)
}

fn run_case(id: &str, case: &Case) -> Result<(), Failed> {
    let shipped = InMemory::shipped();
    if golden::is_blessing() {
        let outcome = case.run(&shipped, &unchanged(case.day(&shipped)), None);
        let all: Vec<&Value> = outcome.found.iter().chain(&outcome.ceased).collect();
        fs::write(folder().join(id).join("expected.json"), serde_json::to_string_pretty(&all).unwrap() + "\n").unwrap();
    }
    // A case about a rule breaks that rule; one about access changes nothing.
    let names_itself = expected(id).0.iter().any(|finding| finding["code"] == id);
    if case.reads.is_none() && !names_itself && is_rule(id) {
        return Err(format!("{id} is not among what is expected").into());
    }
    fails(id, case, &shipped, None).map_or(Ok(()), |why| Err(why.into()))
}

/// Whether findings bear this id.
fn is_rule(id: &str) -> bool {
    shipped_office()
        .archive
        .policies
        .versions
        .iter()
        .flat_map(|policy| &policy.blocks)
        .any(|block| *block.id == *id && matches!(block.kind, BlockKind::Rule(_) | BlockKind::Duty(_) | BlockKind::Style(_)))
}

fn shipped_office() -> &'static Office {
    static OFFICE: LazyLock<Office> = LazyLock::new(|| InMemory::shipped().open(InMemory::shipped().demo_day()));
    &OFFICE
}

/// The shipped archive with one block read as prose.
fn without(path: &str, line: u32) -> InMemory {
    let mut archive = InMemory::shipped();
    let text = archive.text(path).unwrap();
    let lines = text.split_inclusive('\n').zip(1..).map(|(own, number)| match number == line {
        true => own.trim_end().rsplit_once(' ').map(|(fence, _)| format!("{fence}\n")).expect("a fence with its kind"),
        false => own.to_owned(),
    });
    let text: String = lines.collect();
    archive.write_unsigned(path, &text);
    archive
}

/// Some case fails when the block is off: the one that bears its id, or that nothing is found in
/// the unchanged archive but what was found before, or any other.
fn some_case_fails(id: &str, path: &str, line: u32) -> Result<(), Failed> {
    let archive = without(path, line);
    let nothing = Case { why: "nothing is changed".to_owned(), ..Case::default() };
    let own = CASES.get_key_value(id);
    if let Some((id, case)) = own
        && fails(id, case, &archive, Some(path)).is_some()
    {
        return Ok(());
    }
    let before = unchanged(archive.demo_day());
    let outcome = nothing.run(&archive, &before, Some(path));
    if !outcome.found.is_empty() || !outcome.ceased.is_empty() {
        return Ok(());
    }
    let mut others = CASES.iter().filter(|(other, _)| *other != id);
    if others.any(|(id, case)| fails(id, case, &archive, Some(path)).is_some()) {
        return Ok(());
    }
    Err(format!("{id} ({path}:{line}) is off, and no case fails").into())
}

fn main() {
    let arguments = Arguments::from_args();
    let cases = CASES.iter().map(|(id, case)| {
        let (id, case) = (id.clone(), case.clone());
        Trial::test(format!("case {id}"), move || run_case(&id, &case))
    });
    let blocks =
        shipped_office().archive.policies.versions.iter().flat_map(|policy| policy.blocks.iter().map(move |block| (policy, block)));
    let blocks = blocks.map(|(policy, block)| {
        let (id, path, line) = (block.id.to_string(), policy.document.path.to_string(), block.line);
        Trial::test(format!("without {id}"), move || some_case_fails(&id, &path, line))
    });
    libtest_mimic::run(&arguments, cases.chain(blocks).collect()).exit();
}
