//! A new archive, and a new record in it, through the program itself.

use crate::support::browser::Browser;
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Output},
};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_chancery")).args(arguments).current_dir(folder).env("LANG", "en").output().unwrap()
}

/// Runs the program, which must end with this status, and gives what it said.
fn says(status: i32, folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let [said, wrong] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(status), "{arguments:?}\n{said}\n{wrong}");
    said + &wrong
}

fn codes(folder: &Path, status: i32) -> BTreeSet<String> {
    let said = says(status, folder, &["check", "--format", "json"]);
    let findings = said.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

fn edit(path: &Path, change: impl Fn(&str) -> String) {
    fs::write(path, change(&fs::read_to_string(path).unwrap())).unwrap();
}

/// The commands that a step of `init` names, each with its words.
fn commands(step: &str) -> Vec<Vec<String>> {
    let starts: Vec<usize> = step.match_indices("chancery ").map(|(at, _)| at).filter(|at| !step[at + 9..].starts_with("yaml")).collect();
    starts.iter().map(|at| words(&step[at + "chancery ".len()..])).collect()
}

/// Words as a shell parts them.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words
}

/// The steps that `init` printed.
fn steps(said: &str) -> Vec<&str> {
    let (_, steps) = said.split_once("What comes next, in that folder:\n").unwrap();
    steps.lines().map(|line| line.split_once(". ").unwrap().1).collect()
}

/// Runs the program with an answer to what it asks.
fn answering(folder: &Path, arguments: &[String], answer: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_chancery"));
    let piped = std::process::Stdio::piped;
    let started = program.args(arguments).current_dir(folder).env("LANG", "en").stdin(piped()).stdout(piped()).stderr(piped()).spawn();
    let mut running = started.unwrap();
    std::io::Write::write_all(&mut running.stdin.take().unwrap(), answer.as_bytes()).unwrap();
    running.wait_with_output().unwrap()
}

/// Fills in what stands empty in the front matter of a record.
fn fill_in(path: &Path, values: &[(&str, &str)]) {
    edit(path, |text| {
        let fill = |line: &str| {
            let filled = values.iter().find(|(empty, _)| line.trim_end() == *empty);
            filled.map_or(format!("{line}\n"), |(empty, value)| format!("{} {value}\n", empty.replacen('#', "", 1)))
        };
        text.lines().map(fill).collect()
    });
}

/// Everybody is the administrator: who holds each post, and who heads each department.
fn hold_all_posts(folder: &Path, day: &str) {
    edit(&folder.join("policies/organisation.md"), |text| {
        let held = text.replace("held_by: []", &format!("held_by: [{{person: lin.yu, from: {day}}}]"));
        let (posts, departments) = held.split_once("\ndepartments:\n").unwrap();
        let (departments, rest) = departments.split_once("```").unwrap();
        let headed: Vec<String> = departments
            .lines()
            .map(|line| match line.trim_start() {
                label if label.starts_with("label:") => format!("{line}\n    head: lin.yu\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        format!("{posts}\ndepartments:\n{}```{rest}", headed.concat())
    });
}

/// From `init` to a colleague who is signed in, with nothing but what was printed: in a browser, as
/// people do it.
#[test]
fn the_first_day_from_an_empty_folder_to_a_colleague_who_reads() {
    let around = tempfile::tempdir().unwrap();
    let said = says(0, around.path(), &["init", "house/files", "--admin", "lin.yu", "--name", "林雨", "--policies", "conduct,credit"]);
    let folder = around.path().join("house/files");
    let day = chrono::Utc::now().with_timezone(&chrono::FixedOffset::east_opt(8 * 3600).unwrap()).date_naive().to_string();
    let password = said.lines().find_map(|line| line.split_once("password ")?.1.split_once(" (")).unwrap().0.to_owned();
    let steps = steps(&said);

    // 1, 2: what only people know.
    assert_eq!(steps[0], "fill in records/people/lin.yu.md: position Position; reporting.department Department");
    fill_in(&folder.join("records/people/lin.yu.md"), &[("position:", "总裁"), ("  department:", "management")]);
    assert!(steps[1].contains("policies/organisation.md:") && steps[1].contains("held_by: [{person: lin.yu, from: DATE}]"), "{}", steps[1]);
    hold_all_posts(&folder, &day);
    // 3: a colleague.
    let new = &commands(steps[2])[0];
    let new: Vec<&str> = new.iter().map(String::as_str).collect();
    let path = says(0, &folder, &new).lines().next().unwrap().to_owned();
    let values = [("position:", "文员"), ("- from:", &day), ("  department:", "office"), ("  #superior:", "lin.yu"), ("joined:", &day)];
    // 4: what is a draft is no record, and nothing is missing for it.
    let file = &commands(steps[3])[0];
    assert_eq!(file, &["file", &path]);
    let file: Vec<&str> = file.iter().map(String::as_str).collect();
    assert!(says(1, &folder, &file).ends_with("nothing was filed: see to these first\n"));
    fill_in(&folder.join(&path), &values);
    assert!(says(0, &folder, &file).starts_with("records/people/wang.fang.md\n"));
    // 5: what is missing now is what the next step gives.
    assert_eq!(commands(steps[4]), [["check"]]);
    assert_eq!(codes(&folder, 1), ["approval.person", "policy.approved"].map(str::to_owned).into());
    assert_eq!(overdue(&folder, &day), "", "nothing is overdue on the first day");
    // 6: it is listed first, and signed when it was asked for.
    let approve = &commands(steps[5])[0];
    let refused = answering(&folder, approve, "n\n");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stdout).unwrap().ends_with("nothing was signed\n"));
    assert_eq!(codes(&folder, 1).len(), 2);
    let approved = answering(&folder, approve, "y\n");
    let told = String::from_utf8(approved.stdout).unwrap();
    assert!(approved.status.success() && told.starts_with("what waits for lin.yu (8):\n  policies/conduct.md"), "{told}");
    assert!(told.contains("\nwang.fang  general-manager  lin.yu\n"), "{told}");
    assert_eq!(codes(&folder, 0), BTreeSet::new());
    assert!(says(0, &folder, &["approve", "--all", "policies", "--key", ".chancery/keys/lin.yu"]).starts_with("nothing waits for lin.yu"));
    // 7: the colleague's account.
    let add = &commands(steps[6])[0];
    let link = says(0, &folder, &add.iter().map(String::as_str).collect::<Vec<_>>()).lines().last().unwrap().trim().to_owned();
    // A paper that the colleague may not read, and a third person whom nobody has approved.
    let report = ["new", "work-report", "id=WR-1", "author=lin.yu", "recipient=lin.yu", "form=oral", "kind=daily", "--as", "lin.yu"];
    let path = says(0, &folder, &report).lines().next().unwrap().to_owned();
    // A report to oneself is none; it is filed, and that is told.
    assert!(says(1, &folder, &["file", &path]).starts_with("records/work-reports/WR-1.md\n"));
    let path = says(0, &folder, &["new", "person", "name=李雷", "id=li.lei"]).lines().next().unwrap().to_owned();
    fill_in(&folder.join(&path), &values);
    says(0, &folder, &["file", &path]);
    // 8: the intranet.
    assert_eq!(commands(steps[7]), [["serve"]]);
    let mut serving = Serving::start(&folder);
    let address = serving.address.clone();
    assert!(says(2, &folder, &["user", "add", "li.lei", "--link"]).contains("is not approved"));

    let colleague = Browser::start();
    colleague.open(&format!("{address}{link}"));
    colleague.fill("input[name=new]", "a good long password");
    colleague.fill("input[name=again]", "a good long password");
    colleague.leave_by("main button");
    colleague.open(&format!("{address}/people/lin.yu/"));
    assert!(colleague.text().contains("林雨"), "{}", colleague.text());
    colleague.open(&format!("{address}/records/WR-1/"));
    let hidden = colleague.text();
    assert!(!hidden.contains("WR-1") && !hidden.contains("工作汇报"), "{hidden}");

    let admin = Browser::start();
    admin.open(&format!("{address}/sign-in"));
    admin.fill("input[name=name]", "lin.yu");
    admin.fill("input[name=password]", &password);
    admin.leave_by("main button.main");
    admin.open(&format!("{address}/records/WR-1/"));
    assert!(admin.text().contains("WR-1"), "{}", admin.text());
    // Approving in the browser needs no key of anybody's.
    admin.open(&format!("{address}/records/li.lei/"));
    admin.leave_by("form[action*=inbox] button");
    admin.open(&format!("{address}/inbox/"));
    // A report to oneself is none, and has done its work here.
    fs::remove_file(folder.join("records/work-reports/WR-1.md")).unwrap();
    assert_eq!(codes(&folder, 0), BTreeSet::new(), "{}", admin.text());
    says(0, &folder, &["user", "add", "li.lei", "--link"]);
    serving.stop();
    // 9: a change of the settings counts when it is signed.
    let settings = folder.join("chancery.yaml");
    edit(&settings, |text| text.replace("name: files", "name: 东海档案室"));
    let sign = &commands(steps[8])[0];
    assert!(answering(&folder, sign, "").status.success(), "{sign:?}");
    let mut serving = Serving::start(&folder);
    colleague.open(&format!("{}/sign-in", serving.address));
    assert!(colleague.text().contains("东海档案室"));
    serving.stop();
}

/// The intranet as `serve` starts it.
struct Serving {
    process: std::process::Child,
    address: String,
}

impl Serving {
    fn start(folder: &Path) -> Serving {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_chancery"));
        serve.args(["serve", "--listen", "127.0.0.1:0"]).current_dir(folder).env("LANG", "en").stdout(std::process::Stdio::piped());
        let mut process = serve.spawn().unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(process.stdout.take().unwrap()), &mut line).unwrap();
        let address = line.trim_end().trim_end_matches('/').strip_prefix("The intranet: ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Serving { process, address }
    }

    fn stop(&mut self) {
        let _gone = self.process.kill();
        let _ended = self.process.wait();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Whatever day it is, nothing is overdue on it, nor has anything of the past been missed.
#[test]
fn nothing_is_overdue_on_the_first_day() {
    for day in ["2026-11-29", "2026-12-31", "2027-01-01", "2027-02-28", "2027-06-30", "2028-02-29"] {
        let around = tempfile::tempdir().unwrap();
        says(0, around.path(), &["init", "files", "--admin", "lin.yu", "--on", day]);
        let folder = around.path().join("files");
        fill_in(&folder.join("records/people/lin.yu.md"), &[("position:", "总裁"), ("  department:", "management")]);
        hold_all_posts(&folder, day);
        let key = ["approve", "--all", "--yes", "--key", ".chancery/keys/lin.yu", "--on", day];
        says(0, &folder, &key);
        let customer = ["new", "customer", "id=C-1", "name=海川机电", "owner=lin.yu", "department=sales", "--on", day, "--as", "lin.yu"];
        says(0, &folder, &customer);
        edit(&folder.join("drafts/customers/C-1.md"), |text| {
            text.replace("\nstatus:\n", "\nstatus: active\n").replace("\nopened:\n", &format!("\nopened: {day}\n"))
        });
        fs::create_dir_all(folder.join("records/customers")).unwrap();
        fs::rename(folder.join("drafts/customers/C-1.md"), folder.join("records/customers/C-1.md")).unwrap();
        assert_eq!(overdue(&folder, day), "", "{day}");
        let past = run(&folder, &["check", "--past", "--format", "json", "--on", day]);
        let past = String::from_utf8(past.stdout).unwrap();
        assert!(!past.contains("\"state\":\"past\""), "{day}: {past}");
    }
}

/// What should have been done before a day. What is to be done after it is another matter: on the
/// first of a month a plan for that month is due in some days.
fn overdue(folder: &Path, day: &str) -> String {
    let said = says(0, folder, &["due", "--format", "json", "--on", day]);
    said.lines().filter(|line| line.contains("\"overdue\"")).collect()
}

#[test]
fn a_folder_that_is_not_empty_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("letter.txt"), "dear").unwrap();
    let said = says(2, folder.path(), &["init", "."]);
    assert_eq!(said, "chancery: not an empty folder: .\n");
    says(2, folder.path(), &["init", "letter.txt"]);
    says(2, folder.path(), &["init", "new", "--admin", "../x"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn an_empty_folder_is_filled_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    says(0, folder.path(), &["init", "."]);
    let names: BTreeSet<String> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names, [".chancery", ".gitignore", "chancery.yaml", "chancery.yaml.sig", "policies", "records"].map(str::to_owned).into());
}

/// The account's password and the key are nobody else's.
#[cfg(unix)]
#[test]
fn the_key_is_private_and_openssh_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let [first, second] =
        ["a", "b"].map(|name| says(0, folder.path(), &["init", name]).lines().find(|line| line.contains("password")).unwrap().to_owned());
    assert_ne!(first, second, "passwords are random");
    let id = |name: &str| {
        let settings = fs::read_to_string(folder.path().join(name).join("chancery.yaml")).unwrap();
        settings.lines().find_map(|line| line.strip_prefix("id: ").map(str::to_owned)).unwrap()
    };
    assert!(id("a").len() == 24 && id("a") != id("b"), "an archive's id is its own: {} {}", id("a"), id("b"));
    let key = folder.path().join("a/.chancery/keys/admin");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&key), mode(&folder.path().join("a/.chancery"))), (0o600, 0o700));
    assert_ne!(fs::read(&key).unwrap(), fs::read(folder.path().join("b/.chancery/keys/admin")).unwrap(), "keys are random");
    let public = match Command::new("ssh-keygen").arg("-y").arg("-f").arg(&key).output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        output => String::from_utf8(output.unwrap().stdout).unwrap(),
    };
    let signers = fs::read_to_string(folder.path().join("a/policies/allowed_signers")).unwrap();
    assert!(!public.is_empty() && signers.contains(public.trim()), "{public} in {signers}");
}

#[test]
fn a_record_is_drafted_and_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    says(0, folder.path(), &["init", ".", "--on", "2026-05-06"]);
    let new = |status, arguments: &[&str]| says(status, folder.path(), &[&["new"], arguments, &["--on", "2026-05-06"]].concat());
    let said = new(0, &["person", "name=王芳", "id=wang.fang"]);
    let path = "drafts/people/wang.fang.md";
    assert_eq!(
        said,
        format!(
            "{path}\nTo be filled in:\n  position Position\n  reporting.from From\n  reporting.department Department\n  joined Joined\n\
             See what is still missing: chancery check {path}\nOnce it is filled in, file it: chancery file {path}\n"
        )
    );
    let written = fs::read(folder.path().join(path)).unwrap();
    assert_eq!(new(2, &["人员", "id=wang.fang"]), format!("chancery: there is a draft of that id already: {path}\n"));
    assert_eq!(new(2, &["人员", "id=admin"]), "chancery: there is a record of that id already: admin\n");
    assert_eq!(fs::read(folder.path().join(path)).unwrap(), written);
    assert!(new(2, &["persn"]).starts_with("chancery: there is no type persn; did you mean person?\nThe types are:\n"));
    assert_eq!(new(2, &["person", "nme=x"]), "chancery: there is no field nme; did you mean name?\n");
    assert_eq!(
        new(2, &["person", "reporting=x"]),
        "chancery: it has several parts: reporting; give its parts: reporting.from, reporting.department, reporting.superior\n"
    );
    assert_eq!(new(2, &["authorisation", "--as", "admin"]), "chancery: nobody on staff today is admin\n", "his record is not approved");
    edit(&folder.path().join("policies/organisation.md"), |text| {
        text.replacen("held_by: []", "held_by: [{person: admin, from: 2026-05-06}]", 2)
    });
    edit(&folder.path().join("records/people/admin.md"), |text| {
        text.replace("position:\n", "position: 总裁\n").replace("  department:\n", "  department: management\n")
    });
    let key = ".chancery/keys/admin";
    says(0, folder.path(), &["approve", "admin", "--step", "general-manager", "--key", key, "--on", "2026-05-06"]);
    let said = new(0, &["authorisation", "--as", "admin", "--lang", "zh"]);
    let text = fs::read_to_string(folder.path().join(said.lines().next().unwrap())).unwrap();
    assert!(text.contains("\nauthor: admin\n") && text.contains("\nfrom: 2026-05-06\n"), "{text}");
    assert_eq!(new(2, &["authorisation", "--as", "nobody"]), "chancery: nobody on staff today is nobody\n");
    let unnamed = "chancery: the id of a person's record is what that person signs in with: give it, as id=wang.fang\n";
    assert_eq!(new(2, &["person"]), unnamed);
    let ids: BTreeSet<String> = (0..5).map(|_| new(0, &["customer"]).lines().next().unwrap().to_owned()).collect();
    let is_long = |path: &String| path.len() == "drafts/customers/C-20260506-7f3k.md".len();
    assert!(ids.len() == 5 && ids.iter().all(|path| path.starts_with("drafts/customers/C-20260506-") && is_long(path)), "{ids:?}");
}
