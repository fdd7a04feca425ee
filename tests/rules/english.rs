//! An archive founded in English, as a clerk who reads English meets it.

use std::{fs, path::Path, process::Command};

fn says(status: i32, folder: &Path, arguments: &[&str]) -> String {
    let program = Command::new(env!("CARGO_BIN_EXE_chancery")).args(arguments).current_dir(folder).env("LANG", "en").output().unwrap();
    let [said, wrong] = [program.stdout, program.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(program.status.code(), Some(status), "{arguments:?}\n{said}\n{wrong}");
    said + &wrong
}

/// Lines with Han characters, or with the punctuation and full-width forms that go with them.
fn chinese(text: &str) -> Vec<&str> {
    let is_chinese = |c: char| matches!(c, '\u{3001}'..='\u{303f}' | '\u{3400}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}');
    text.lines().filter(|line| line.contains(is_chinese)).collect()
}

#[test]
fn a_clerk_who_reads_english_meets_no_chinese() {
    let around = tempfile::tempdir().unwrap();
    let on = ["--on", "2027-05-06"];
    let told = says(0, around.path(), &[&["init", "house", "--lang", "en", "--admin", "jane.doe", "--name", "Jane Doe"], &on[..]].concat());
    assert_eq!(chinese(&told), [""; 0]);
    let house = around.path().join("house");
    let say = |status, arguments: &[&str]| says(status, &house, &[arguments, &on[..]].concat());

    let checked = say(1, &["check"]);
    assert_eq!(chinese(&checked), [""; 0]);
    assert!(checked.contains("under “Direction and Reporting Policy”, article 2.1 (policies/organisation.md:"), "{checked}");

    let listed = say(0, &["policy", "list"]);
    assert_eq!(chinese(&listed), [""; 0]);
    assert!(listed.contains(" 6D "), "{listed}");

    let printed = say(0, &["policy", "print", "credit"]);
    assert!(printed.contains("A grade D customer is given no credit limit at all"), "{printed}");
    let (_, page) = printed.rsplit_once("</style>").unwrap();
    assert_eq!(chinese(&page.replace("中文", "")), [""; 0]);

    let drafted = say(0, &["new", "credit-report"]);
    let path = drafted.lines().next().unwrap();
    let record = fs::read_to_string(house.join(path)).unwrap();
    assert_eq!([chinese(&drafted), chinese(&record)], [const { Vec::<&str>::new() }; 2]);
    assert!(record.contains("“Customer Credit Policy”, article 11.1.3: list it in evidence, one by one"), "{record}");
    assert!(record.contains("\n## Course of the investigation\n"), "{record}");

    // The rules go by the English words: what is guessed is found, and the sections by their
    // English names.
    let guessed = record.replace("## Facts and documents\n", "## Facts and documents\n\nPerhaps there are other debts.\n");
    fs::write(house.join(path), guessed).unwrap();
    let checked = say(1, &["check", path]);
    assert!(checked.contains("“perhaps” is guesswork; a credit report says what was established"), "{checked}");
    assert_eq!(chinese(&checked), [""; 0]);
}
