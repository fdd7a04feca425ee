//! A right that has ended stays ended: whatever signed state is put back, whatever line is taken
//! out of the register, in a server that runs and in one that is started again. In the manner in
//! which OpenSSH tests its lists of revoked keys: a table of what narrows, each undone in every
//! way.

use crate::support::{DEMO_KEY, Shipped, intranet::Running, memory::InMemory};
use chancery::{
    approval::{AllowedSigners, Register, Registered, Remembered, Subject},
    server::Trust,
    source::Sources,
};
use std::{collections::BTreeMap, fs};

const REGISTER: &str = "policies/register";

/// What ends a right: the file that says so, and how the right shows.
struct Ending {
    name: &'static str,
    path: String,
    /// Makes of the text in which the right stands one in which it has ended.
    end: fn(&str) -> String,
    id: &'static str,
    /// Who can read what by it.
    reader: &'static str,
    address: &'static str,
}

fn authorisation(reader: &str, covers: &str) -> String {
    format!(
        "---\ntype: authorisation\nid: AU-{reader}\nreaders: [{reader}]\ncovers: [{covers}]\npurpose: 走访\nfrom: 2026-11-01\nuntil: 2026-12-01\nmay_export: no\nauthor: meng.fanshu\n---\n"
    )
}

fn endings() -> Vec<Ending> {
    vec![
        Ending {
            name: "an authorisation is revoked",
            path: "records/authorisations/AU-tian.shuisheng.md".to_owned(),
            end: |text| text.replace("\nauthor:", "\nrevoked: 2026-11-16\nauthor:"),
            id: "AU-tian.shuisheng",
            reader: "tian.shuisheng",
            address: "/records/C-0004/",
        },
        Ending {
            name: "an authorisation covers less",
            path: "records/authorisations/AU-long.haitao.md".to_owned(),
            end: |text| text.replace("[C-0004]", "[C-0015]"),
            id: "AU-long.haitao",
            reader: "long.haitao",
            address: "/records/C-0004/",
        },
        Ending {
            name: "an authorisation ends earlier",
            path: "records/authorisations/AU-meng.fanshu.md".to_owned(),
            end: |text| text.replace("until: 2026-12-01", "until: 2026-11-10"),
            id: "AU-meng.fanshu",
            reader: "meng.fanshu",
            address: "/records/C-0004/",
        },
        Ending {
            name: "a person is no longer of the department",
            path: "records/people/zhong.nan.md".to_owned(),
            end: |text| text.replace("- {from: 2026-01-01, department: sales,", "- {from: 2026-01-01, department: office,"),
            id: "zhong.nan",
            reader: "zhong.nan",
            address: "NOTE",
        },
        Ending {
            name: "a person has left",
            path: "records/people/wu.guoliang.md".to_owned(),
            end: |text| text.replacen("\napprovals:", "\nleft: 2026-11-15\napprovals:", 1),
            id: "wu.guoliang",
            reader: "wu.guoliang",
            address: "/",
        },
    ]
}

/// The texts of the archive that bear rights, at one time.
type State = BTreeMap<String, String>;

struct Trial {
    shipped: Shipped,
    endings: Vec<Ending>,
    /// A note that the department's readers see.
    note: String,
}

impl Trial {
    fn new() -> Trial {
        let shipped = Shipped::copy();
        let endings = endings();
        for ending in endings.iter().filter(|ending| ending.path.contains("authorisations")) {
            shipped.write(&ending.path, &authorisation(ending.reader, "C-0004"));
            approve(&shipped, ending.id);
        }
        let notes = fs::read_dir(shipped.path("records/market-notes")).unwrap();
        let note = notes.map(|note| note.unwrap().path()).find(|path| path.extension().is_some_and(|kind| kind == "md")).unwrap();
        let text = fs::read_to_string(note).unwrap();
        let id = text.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().to_owned();
        Trial { shipped, endings, note: format!("/records/{id}/") }
    }

    fn state(&self) -> State {
        let paths = self.endings.iter().map(|ending| ending.path.clone()).chain([REGISTER.to_owned()]);
        paths.map(|path| (path.clone(), self.shipped.read(&path))).collect()
    }

    fn put_back(&self, state: &State, but_for: &str) {
        state.iter().filter(|(path, _)| **path != *but_for).for_each(|(path, text)| self.shipped.write(path, text));
    }

    fn end_all(&self) {
        for ending in &self.endings {
            let text = self.shipped.read(&ending.path);
            let ended = (ending.end)(&text);
            assert_ne!(ended, text, "{}", ending.name);
            self.shipped.write(&ending.path, &ended);
            approve(&self.shipped, ending.id);
        }
    }

    fn run(&self, state: tempfile::TempDir) -> Running {
        let list = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/policies/allowed_signers")).unwrap();
        let zone = chancery::archive::Zone::read("+08:00").unwrap();
        Running::trusting_in(self.shipped.folder.path(), state, Trust::Signers(AllowedSigners::parse(&list, zone)))
    }

    /// The endings whose right stands.
    fn open(&self, running: &Running) -> Vec<&'static str> {
        let stands = |ending: &&Ending| {
            let answer = running.sign_in_with(ending.reader, "demo", "");
            let address = if ending.address == "NOTE" { &self.note } else { ending.address };
            answer.status() == 303 && running.signed(&answer).get(address).status() == 200
        };
        self.endings.iter().filter(stands).map(|ending| ending.name).collect()
    }
}

fn approve(shipped: &Shipped, id: &str) {
    shipped.prints(0, &["approve", id, "--step", "general-manager", "--key", DEMO_KEY]);
}

#[test]
fn no_signed_state_that_was_put_back_opens_what_was_ended() {
    let trial = Trial::new();
    let all: Vec<&str> = trial.endings.iter().map(|ending| ending.name).collect();
    let none: [&str; 0] = [];
    let before = trial.state();
    let running = trial.run(tempfile::tempdir().unwrap());
    assert_eq!(trial.open(&running), all);
    trial.end_all();
    let after = trial.state();
    assert_eq!(trial.open(&running), none);

    trial.put_back(&before, REGISTER);
    assert_eq!(trial.open(&running), none, "the texts are put back");
    trial.put_back(&before, "");
    assert_eq!(trial.open(&running), none, "and the register");
    trial.shipped.remove(REGISTER);
    assert_eq!(trial.open(&running), none, "the register is gone");
    let forged: String = trial.endings.iter().map(|ending| succession(&after, &before, ending) + "\n").collect();
    trial.shipped.write(REGISTER, &(before[REGISTER].clone() + &forged));
    assert_eq!(trial.open(&running), none, "lines say that the old texts succeed the new ones");

    let running = trial.run(running.stop());
    assert_eq!(trial.open(&running), none, "and the server is started again");
    trial.put_back(&before, "");
    assert_eq!(trial.open(&running), none, "with the old register");
    trial.put_back(&after, "");
    assert_eq!(trial.open(&running), none, "nor do the new texts open it");

    // A server that has never seen this archive has the register alone.
    trial.put_back(&before, REGISTER);
    let stranger = trial.run(tempfile::tempdir().unwrap());
    assert_eq!(trial.open(&stranger), none, "the register of a new server");
}

/// The line by which the old text of an ending would succeed its new one.
fn succession(after: &State, before: &State, ending: &Ending) -> String {
    let seal = |state: &State| {
        let text = &state[&ending.path];
        text.lines().filter_map(|line| line.trim().strip_prefix("seal: ")).next_back().unwrap().to_owned()
    };
    format!("{} {} after {}", ending.id, seal(before), seal(after))
}

/// An authorisation that was revoked is not opened by the next approval of it either: whoever is to
/// read again is authorised anew.
#[test]
fn what_was_revoked_is_not_granted_again_by_a_later_text_of_it() {
    let trial = Trial::new();
    let running = trial.run(tempfile::tempdir().unwrap());
    let reads = |running: &Running| running.sign_in("tian.shuisheng").get("/records/C-0004/").status();
    let path = &trial.endings[0].path;
    let granted = trial.shipped.read(path);
    trial.shipped.write(path, &(trial.endings[0].end)(&granted));
    assert_eq!(reads(&running), 404, "what is written and not yet approved ends it at once");
    trial.shipped.write(path, &granted);
    assert_eq!(reads(&running), 200, "nobody had approved that it ends");
    trial.shipped.write(path, &(trial.endings[0].end)(&granted));
    approve(&trial.shipped, "AU-tian.shuisheng");
    assert_eq!(reads(&running), 404);
    trial.shipped.write(path, &granted.replace("until: 2026-12-01", "until: 2026-12-02"));
    approve(&trial.shipped, "AU-tian.shuisheng");
    assert_eq!(reads(&running), 404);
    let running = trial.run(running.stop());
    assert_eq!(reads(&running), 404);
}

/// An administrator sees which lines are gone, and lets the server forget an id where an older
/// archive was restored on purpose.
#[test]
fn what_is_missing_from_the_register_is_listed_and_forgotten_on_purpose() {
    let trial = Trial::new();
    let running = trial.run(tempfile::tempdir().unwrap());
    let before = trial.state();
    assert_eq!(running.sign_in("tian.shuisheng").get("/records/C-0004/").status(), 200);
    let path = &trial.endings[0].path;
    trial.shipped.write(path, &(trial.endings[0].end)(&before[path]));
    approve(&trial.shipped, "AU-tian.shuisheng");
    assert_eq!(running.sign_in("tian.shuisheng").get("/records/C-0004/").status(), 404);
    let state = running.stop();
    let folder = state.path().to_str().unwrap().to_owned();
    let register = |status, arguments: &[&str]| trial.shipped.prints(status, &[&["register"], arguments, &["--state", &folder]].concat());
    assert_eq!(register(0, &["missing"]), "登记簿缺 0 行\n");
    trial.put_back(&before, "");
    let told = register(1, &["missing"]);
    assert!(told.starts_with("AU-tian.shuisheng sha256:") && told.ends_with("登记簿缺 1 行\n"), "{told}");
    let checked = |status, arguments: &[&str]| trial.shipped.prints(status, &[&["check", "--lang", "en"], arguments].concat());
    let gone = "error[approval.register-shrunk]  lines of the register are only ever added: a line that the server has seen is gone from the register: AU-tian";
    let told = checked(1, &["--state", &folder]);
    assert!(told.contains(gone) && told.contains("error[approval.superseded]"), "{told}");
    assert!(!checked(0, &[]).contains("register-shrunk"), "nothing in the archive itself tells");
    let elsewhere = tempfile::tempdir().unwrap();
    checked(2, &["--state", elsewhere.path().to_str().unwrap()]);
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0, "a check founds no state");
    register(2, &["forget", "nobody"]);
    register(0, &["forget", "AU-tian.shuisheng"]);
    assert_eq!(register(0, &["missing"]), "登记簿缺 0 行\n");
    let running = trial.run(state);
    assert_eq!(running.sign_in("tian.shuisheng").get("/records/C-0004/").status(), 200);
}

/// An older archive gets a register once; one that has lines is mended by nobody but whoever has a
/// copy.
#[test]
fn a_register_is_made_once() {
    let shipped = Shipped::copy();
    let before = shipped.read(REGISTER);
    let ids = |text: &str| text.lines().filter_map(Registered::read).map(|line| line.subject).collect::<std::collections::BTreeSet<_>>();
    shipped.prints(2, &["register", "make"]);
    assert_eq!(shipped.read(REGISTER), before);
    let remark = "# What was once approved.";
    shipped.write(REGISTER, remark);
    let told = shipped.prints(1, &["check"]);
    assert!(told.contains("error[approval.unregistered]  每份经批准的文书"), "{told}");
    shipped.prints(0, &["register", "make"]);
    let made = shipped.read(REGISTER);
    assert!(made.starts_with(&format!("{remark}\n")) && ids(&made).is_subset(&ids(&before)), "{made}");
    shipped.prints(0, &["check"]);
    shipped.prints(2, &["register", "make"]);
    assert_eq!(shipped.read(REGISTER), made);
}

fn narrower(text: &str) -> String {
    text.replacen("effective: 2024-03-15", "effective: 2026-11-01", 1).replace(
        "readers: [general-manager, president, marketing-director, finance-manager, finance, custodian, owner]",
        "readers: [general-manager, custodian, owner]",
    )
}

/// A version of a policy that grants less, as a document of its own or in the same, is neither
/// deleted nor put back.
#[test]
fn a_narrower_policy_stays_in_force() {
    let (old, new) = ("policies/confidentiality.md", "policies/confidentiality-2026.md");
    for in_place in [false, true] {
        let trial = Trial::new();
        let (shipped, wide) = (&trial.shipped, trial.shipped.read(old));
        let narrowed =
            if in_place { narrower(&wide).replacen("effective: 2026-11-01", "effective: 2024-03-15", 1) } else { narrower(&wide) };
        let (path, id) = if in_place { (old, "policies/confidentiality") } else { (new, "policies/confidentiality-2026") };
        let running = trial.run(tempfile::tempdir().unwrap());
        let reads = |running: &Running| running.sign_in("liang.zhiheng").get("/records/C-0004/").status();
        assert_eq!(reads(&running), 200, "finance reads every customer");
        shipped.write(path, &without_approvals(&narrowed));
        let at_time = if in_place { "2024-03-07T09:00:00+08:00" } else { "2026-10-30T09:00:00+08:00" };
        approve_at(shipped, path, id, at_time);
        assert_eq!(reads(&running), 404, "{in_place}");
        match in_place {
            true => shipped.write(old, &wide),
            false => shipped.remove(new),
        }
        assert_eq!(reads(&running), 404, "{in_place}: taken back");
        let register = shipped.read(REGISTER);
        let kept: Vec<&str> = register
            .lines()
            .filter(|line| !line.starts_with(&format!("{id} ")) || line.matches("sha256").count() == 1 && in_place)
            .collect();
        shipped.write(REGISTER, &(kept.join("\n") + "\n"));
        assert_eq!(reads(&running), 404, "{in_place}: with its line in the register");
        let state = running.stop();
        let refused = trial.refused(state);
        assert!(refused.contains(path), "{in_place}: started again, it does not serve: {refused}");
    }
}

impl Trial {
    /// What a server says that does not start.
    fn refused(&self, state: tempfile::TempDir) -> String {
        self.refused_in(state).0
    }

    fn refused_in(&self, state: tempfile::TempDir) -> (String, tempfile::TempDir) {
        let folder = state.path().to_str().unwrap().to_owned();
        fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/policies/allowed_signers"), state.path().join("trusted_signers")).unwrap();
        let output = self.shipped.run(&["serve", "--listen", "127.0.0.1:0", "--on", "2026-11-16", "--state", &folder]);
        assert_eq!(output.status.code(), Some(2));
        (String::from_utf8(output.stderr).unwrap(), state)
    }
}

fn without_approvals(text: &str) -> String {
    let (head, rest) = text.split_once("approvals:\n").unwrap();
    let (_, body) = rest.split_once("\n---\n").unwrap();
    format!("{head}---\n{body}")
}

/// Has a policy approved at a moment of the past, as if it had been done in time.
fn approve_at(shipped: &Shipped, path: &str, id: &str, at: &str) {
    let text = shipped.read(path);
    let entry = format!("approvals:\n- step: general-manager\n  by: lu.mingyuan\n  at: {at}\n---\n");
    shipped.write(path, &text.replacen("---\n# ", &(entry + "# "), 1));
    let register = shipped.read(REGISTER);
    let previous = register.lines().find_map(|line| line.strip_prefix(&format!("{id} "))).map(str::to_owned);
    shipped.sign();
    let signed = shipped.read(path);
    let seal = signed.lines().find_map(|line| line.trim().strip_prefix("seal: ")).unwrap();
    let line = previous.map_or(format!("{id} {seal}\n"), |old| format!("{id} {seal} after {old}\n"));
    shipped.write(REGISTER, &(register + &line));
}

/// A paper that is signed beside: its files, how it is changed, and what shows that the change
/// holds.
struct Paper {
    id: &'static str,
    files: &'static [&'static str],
    change: fn(&Shipped),
}

const PAPERS: [Paper; 3] = [
    Paper {
        id: "chancery.yaml",
        files: &["chancery.yaml", "chancery.yaml.sig"],
        change: |shipped| {
            shipped.edit("chancery.yaml", "name: 越岭泵阀集团档案室", "name: 越岭档案室");
        },
    },
    Paper {
        id: "policies/allowed_signers",
        files: &["policies/allowed_signers", "policies/allowed_signers.sig"],
        change: |shipped| {
            let list = shipped.read("policies/allowed_signers");
            let kept: Vec<&str> = list.lines().filter(|line| !line.starts_with("lu.mingyuan ")).collect();
            shipped.write("policies/allowed_signers", &(kept.join("\n") + "\n"));
        },
    },
    Paper {
        id: "themes/plain",
        files: &["themes/plain/live.js", "themes/plain.sha256", "themes/plain.sha256.sig"],
        change: |shipped| shipped.write("themes/plain/live.js", "mended"),
    },
];

/// An archive that wears a theme, and whose list lets one more key approve: with that, somebody is
/// let in to a customer's file.
fn with_papers(trial: &Trial) {
    let shipped = &trial.shipped;
    shipped.write("chancery.yaml", &(shipped.read("chancery.yaml") + "theme: plain\n"));
    shipped.write("themes/plain/live.js", "broken");
    let own = shipped.path("own-key");
    let made = std::process::Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&own).status();
    assert!(made.unwrap().success());
    let list = shipped.read("policies/allowed_signers");
    let line = format!("lu.mingyuan namespaces=\"chancery\" {}", shipped.read("own-key.pub"));
    shipped.write("policies/allowed_signers", &(list + &line));
    sign_papers(shipped);
    shipped.write("records/authorisations/AU-own.md", &authorisation("own", "C-0015").replace("[own]", "[tian.shuisheng]"));
    shipped.prints(0, &["approve", "AU-own", "--step", "general-manager", "--key", own.to_str().unwrap()]);
}

fn sign_papers(shipped: &Shipped) {
    for paper in &PAPERS {
        shipped.prints(0, &["approve", paper.id, "--key", DEMO_KEY]);
    }
}

fn files_of(shipped: &Shipped, paper: &Paper) -> State {
    paper.files.iter().map(|path| ((*path).to_owned(), shipped.read(path))).collect()
}

/// Settings, signers and a theme that were signed last count in a running server whatever is put
/// back, and one that is started again does not begin with anything else.
#[test]
fn no_signed_paper_that_was_put_back_counts() {
    let trial = Trial::new();
    with_papers(&trial);
    let shipped = &trial.shipped;
    let before: Vec<State> = PAPERS.iter().map(|paper| files_of(shipped, paper)).collect();
    let old_register = shipped.read(REGISTER);
    let running = trial.run(tempfile::tempdir().unwrap());
    let shows = |running: &Running| {
        let is_old = running.ask("GET", "/sign-in", "", "").text().contains("越岭泵阀集团档案室");
        (is_old, running.sign_in("tian.shuisheng").get("/records/C-0015/").status())
    };
    assert_eq!(shows(&running), (true, 200));
    PAPERS.iter().for_each(|paper| (paper.change)(shipped));
    assert_eq!(shows(&running), (true, 200), "what nobody has signed changes nothing, and takes nothing away");
    sign_papers(shipped);
    assert_eq!(shows(&running), (false, 404));
    let (after, register) = (PAPERS.iter().map(|paper| files_of(shipped, paper)).collect::<Vec<_>>(), shipped.read(REGISTER));
    let write = |state: &State| state.iter().for_each(|(path, text)| shipped.write(path, text));
    let cut = |id: &str| register.lines().filter(|line| !line.starts_with(&format!("{id} "))).map(|line| format!("{line}\n")).collect();
    let registers =
        |id: &str| [("its files", register.clone()), ("with its lines cut", cut(id)), ("with the register", old_register.clone())];
    for (paper, old) in PAPERS.iter().zip(&before) {
        for (how, lines) in registers(paper.id) {
            write(old);
            shipped.write(REGISTER, &lines);
            assert_eq!(shows(&running), (false, 404), "{}: {how} put back", paper.id);
        }
        paper.files.iter().for_each(|path| shipped.remove(path));
        assert_eq!(shows(&running), (false, 404), "{}: gone", paper.id);
        write(&after[place(paper)]);
    }
    shipped.write(REGISTER, &register);
    let mut folder = running.stop();
    let mut refused = |paper: &Paper, why: &str| {
        let (said, back) = trial.refused_in(std::mem::replace(&mut folder, tempfile::tempdir().unwrap()));
        assert!(said.contains(paper.id), "{}: {why}, started again: {said}", paper.id);
        folder = back;
    };
    for (paper, old) in PAPERS.iter().zip(&before) {
        paper.files.iter().for_each(|path| shipped.remove(path));
        refused(paper, "gone");
        write(old);
        shipped.write(REGISTER, &cut(paper.id));
        refused(paper, "put back, with its lines cut");
        shipped.write(REGISTER, &register);
        // Whoever reads the folder is told: but of themes, which are no texts of the archive.
        assert_eq!(told(shipped), usize::from(paper.id != "themes/plain"), "{}", paper.id);
        write(&after[place(paper)]);
        assert_eq!(told(shipped), 0);
    }
    assert_eq!(shows(&trial.run(folder)), (false, 404), "as they were signed last");
}

fn place(paper: &Paper) -> usize {
    PAPERS.iter().position(|one| one.id == paper.id).unwrap()
}

fn told(shipped: &Shipped) -> usize {
    String::from_utf8(shipped.run(&["check"]).stdout).unwrap().matches("[approval.paper]").count()
}

/// What stands under the name of a policy that narrowed something, and is not that policy, does not
/// let a server begin with the wider one.
#[test]
fn no_server_begins_where_something_else_stands_for_a_narrower_policy() {
    let (old, new, id) = ("policies/confidentiality.md", "policies/confidentiality-2026.md", "policies/confidentiality-2026");
    let trial = Trial::new();
    let shipped = &trial.shipped;
    let narrowed = narrower(&shipped.read(old));
    shipped.write(new, &without_approvals(&narrowed));
    approve_at(shipped, new, id, "2026-10-30T09:00:00+08:00");
    let approved = shipped.read(new);
    let running = trial.run(tempfile::tempdir().unwrap());
    let reads = |running: &Running| running.sign_in("liang.zhiheng").get("/records/C-0004/").status();
    assert_eq!(reads(&running), 404);
    let status = approved.lines().find(|line| line.starts_with("status: ")).unwrap();
    let others = [
        ("empty", String::new()),
        ("a draft", approved.replacen(status, "status: draft", 1)),
        ("put off", approved.replacen("effective: 2026-11-01", "effective: 2099-01-01", 1)),
        ("no policy", "# 便条\n".to_owned()),
        ("torn", approved.replacen("effective: ", "effective: [", 1)),
        ("of another day", approved.replacen("effective: 2026-11-01", "effective: never", 1)),
        ("withdrawn", approved.replacen(status, "status: withdrawn", 1)),
        ("another policy's", approved.replacen("policy: confidentiality\n", "policy: other\n", 1)),
    ];
    for (how, text) in &others {
        assert_ne!(*text, approved, "{how}");
        shipped.write(new, text);
        assert_eq!(reads(&running), 404, "{how}");
    }
    let mut folder = running.stop();
    for (how, text) in &others {
        shipped.write(new, text);
        let (said, back) = trial.refused_in(folder);
        assert!(said.contains(new), "{how}: started again, it does not serve: {said}");
        folder = back;
    }
    shipped.write(new, &approved);
    assert_eq!(reads(&trial.run(folder)), 404, "as it was approved");
}

/// Whoever has filled the room for lines that are remembered with lines of nothing keeps out none
/// by which something counts.
#[test]
fn what_counts_is_remembered_however_many_lines_of_nothing_were_seen() {
    let line = |number: u32| Registered::read(&format!("x sha256:{number:064x}")).unwrap();
    let mut remembered = Remembered { lines: (0..1_000_000).map(line).collect(), ..Remembered::default() };
    let mut shipped = InMemory::shipped();
    let nothing = "y sha256:0000000000000000000000000000000000000000000000000000000000000000\n";
    shipped.write_unsigned(REGISTER, &format!("{}{nothing}", shipped.text(REGISTER).unwrap()));
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 16).unwrap();
    remembered.learn(shipped.open(today).news(&remembered));
    // Then somebody takes out the register.
    let (register, _) = Register::of(&Sources::from_memory([("chancery.yaml", "")]), &remembered);
    for id in ["policies/confidentiality", "chancery.yaml", "lu.mingyuan"] {
        assert!(register.knows(&Subject::named(id)), "{id}");
    }
    assert!(!register.knows(&Subject::named("y")));
}
