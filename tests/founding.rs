//! A new archive, and a new record in it, through the program itself.

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

#[test]
fn a_new_archive_lacks_only_what_its_people_must_do_and_then_nothing_but_people() {
    let around = tempfile::tempdir().unwrap();
    let said = says(0, around.path(), &["init", "house/files", "--admin", "lin.yu", "--name", "林雨", "--on", "2026-05-06"]);
    assert!(
        said.contains("account lin.yu, password ") && said.contains("records/people/lin.yu.md: position Position; reporting.department"),
        "{said}"
    );
    let folder = around.path().join("house/files");
    let todo = ["organisation.department-head", "organisation.one-superior", "policy.approved", "structure.blank"];
    assert_eq!(codes(&folder, 1), todo.map(str::to_owned).into());

    // All that the steps say is done by one person, who is the whole company.
    edit(&folder.join("records/people/lin.yu.md"), |text| {
        text.replace("position:\n", "position: 总裁\n").replace("  department:\n", "  department: management\n")
    });
    edit(&folder.join("policies/organisation.md"), |text| {
        let held = text.replacen("held_by: []", "held_by: [{person: lin.yu, from: 2026-05-06}]", 2);
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
    // Of posts that one person does not hold it is told for as long as something rests on them.
    assert_eq!(codes(&folder, 1), ["policy.approved".to_owned(), "posts.vacant".to_owned()].into());
    for entry in fs::read_dir(folder.join("policies")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(id) = name.strip_suffix(".md") {
            let id = format!("policies/{id}");
            says(0, &folder, &["approve", &id, "--step", "general-manager", "--key", ".chancery/keys/lin.yu", "--on", "2026-05-06"]);
        }
    }
    assert_eq!(codes(&folder, 0), ["posts.vacant".to_owned()].into());
    assert!(says(0, &folder, &["user", "list"]).starts_with("lin.yu"));
    says(0, &folder, &["approve", "lin.yu", "--step", "general-manager", "--key", ".chancery/keys/lin.yu", "--on", "2026-05-06"]);
    assert!(says(0, &folder, &["sees", "lin.yu", "--on", "2026-05-06"]).contains("lin.yu"));
    // What its own key has approved, the server serves.
    let mut serve = Command::new(env!("CARGO_BIN_EXE_chancery"));
    let mut serving = serve.args(["serve", "--listen", "127.0.0.1:0", "--on", "2026-05-06"]).current_dir(&folder).env("LANG", "en");
    serving = serving.stdout(std::process::Stdio::piped());
    let mut process = serving.spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(process.stdout.take().unwrap()), &mut line).unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(line.starts_with("The intranet: http://127.0.0.1:"), "{line}");
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
    assert_eq!(
        said,
        "records/people/wang.fang.md\nTo be filled in:\n  position Position\n  reporting.from From\n  reporting.department Department\n  joined Joined\n"
    );
    let written = fs::read(folder.path().join("records/people/wang.fang.md")).unwrap();
    assert_eq!(new(2, &["人员", "id=wang.fang"]), "chancery: there is a record of that id already: wang.fang\n");
    assert_eq!(fs::read(folder.path().join("records/people/wang.fang.md")).unwrap(), written);
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
    let ids: BTreeSet<String> = (0..5).map(|_| new(0, &["person"]).lines().next().unwrap().to_owned()).collect();
    assert!(
        ids.len() == 5
            && ids
                .iter()
                .all(|path| path.starts_with("records/people/P-20260506-") && path.len() == "records/people/P-20260506-7f3k.md".len()),
        "{ids:?}"
    );
}
