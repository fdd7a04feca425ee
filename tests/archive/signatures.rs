//! Signatures are OpenSSH's: what `ssh-keygen` signs we verify, and the other way round.

use chancery::{
    approval::{AllowedSigners, NAMESPACE, PrivateKey, Seal, Subject, Unsigned, armoured, entry, read_key, sign, statement},
    archive::{Zone, shape::timestamp},
    source::RecordId,
};
use chrono::{DateTime, FixedOffset};
use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// What `ssh-keygen -Y sign -n chancery` gave for the statement below with the demonstration key.
const SIGNED: &str = "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgLLBFg//RQmniSK6WM56e1IU5eHc56TZ5MUBZ5OQJTe0AAAAIY2hhbmNlcnkAAAAAAAAABnNoYTUxMgAAAFMAAAALc3NoLWVkMjU1MTkAAABAdLOx+R+ZMjCOQOedjZHcEaGDjNLImsdj+MgQIXcsCiokthrItf/1o3U7OvFHrkDoEwZ3ykxlrAhFCsXxjbbrCQ==";

fn key() -> PrivateKey {
    read_key(include_str!("../demo_key")).expect("the demonstration key is one")
}

fn signers() -> AllowedSigners {
    AllowedSigners::parse(include_str!("../../policies/allowed_signers"), Zone::Fixed(*moment().offset()))
}

fn moment() -> DateTime<FixedOffset> {
    timestamp("2026-03-05T10:22:31+08:00").expect("the time of this test is one")
}

fn person() -> RecordId {
    RecordId::from("zhao.min")
}

fn approval(record: &str) -> String {
    let seal = Seal([0x9f, 0x2c].repeat(16).try_into().expect("a seal has 32 bytes"));
    statement(&Subject::named(record), "sales-manager", &person(), "2026-03-05T10:22:31+08:00", &seal)
}

#[test]
fn a_known_signature_is_given_and_taken() {
    assert_eq!(sign(&approval("CR-2026-0031"), &key()).expect("the demonstration key signs"), SIGNED);
    assert_eq!(signers().verify(SIGNED, &approval("CR-2026-0031"), &person(), moment()), Ok(()));
}

#[test]
fn any_other_signature_counts_for_nothing() {
    let statement = approval("CR-2026-0031");
    let judged = |signature: &str, signers: &AllowedSigners| signers.verify(signature, &statement, &person(), moment());
    assert_eq!(signers().verify(SIGNED, &approval("CR-2026-0032"), &person(), moment()), Err(Unsigned::Other));
    assert_eq!(judged(SIGNED, &AllowedSigners::default()), Err(Unsigned::Untrusted));
    let only = |line: &str| {
        let listed = include_str!("../../policies/allowed_signers").replace("* namespaces", line);
        AllowedSigners::parse(&listed, Zone::Fixed(*moment().offset()))
    };
    assert_eq!(judged(SIGNED, &only("li.na namespaces")), Err(Unsigned::Untrusted));
    assert_eq!(judged(SIGNED, &only("* valid-after=\"20260306\",namespaces")), Err(Unsigned::Untrusted));
    let elsewhere = key().sign("file", Default::default(), statement.as_bytes()).expect("the demonstration key signs");
    let elsewhere: String = elsewhere.to_string().lines().filter(|line| !line.starts_with('-')).collect();
    assert_eq!(judged(&elsewhere, &signers()), Err(Unsigned::Other));
    for broken in ["", "U1NIU0lH", "not base64", &SIGNED[1..], &SIGNED[..SIGNED.len() - 4], &format!("{SIGNED}\n"), &SIGNED.to_lowercase()]
    {
        assert_eq!(judged(broken, &signers()), Err(Unsigned::Unreadable), "{broken:?}");
    }
}

#[test]
fn every_changed_byte_of_a_signature_is_noticed() {
    let statement = approval("CR-2026-0031");
    for at in 0..SIGNED.len() - 2 {
        let other = if SIGNED.as_bytes()[at] == b'A' { "B" } else { "A" };
        let changed = format!("{}{other}{}", &SIGNED[..at], &SIGNED[at + 1..]);
        assert!(signers().verify(&changed, &statement, &person(), moment()).is_err(), "at {at}");
    }
}

#[test]
fn an_entry_holds_its_own_signature() {
    let subject = Subject::named("档案 1");
    let seal = Seal([7; 32]);
    let fields = entry(&subject, "sales-manager", &person(), moment(), &seal, &key()).expect("the demonstration key signs");
    let keys: Vec<&str> = fields.iter().map(|(key, _)| *key).collect();
    assert_eq!(keys, chancery::approval::ENTRY_KEYS);
    let signed = statement(&subject, &fields[0].1, &person(), &fields[2].1, &seal);
    assert_eq!(signers().verify(&fields[4].1, &signed, &person(), moment()), Ok(()));
}

/// Runs `ssh-keygen` in a folder; `None` where it is not installed.
fn ssh_keygen(folder: &Path, arguments: &[&str], input: &str) -> Option<bool> {
    let command = Command::new("ssh-keygen")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match command {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => panic!("ssh-keygen could not be run: {error}"),
    };
    child.stdin.take().expect("its input is ours").write_all(input.as_bytes()).expect("it reads its input");
    Some(child.wait().expect("it ends").success())
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file for the test");
    put("allowed_signers", include_str!("../../policies/allowed_signers"));
    put("key", include_str!("../demo_key"));
    put("statement", &approval("CR-2026-0031"));
    #[cfg(unix)]
    fs::set_permissions(folder.path().join("key"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a key of one's own");
    folder
}

#[test]
fn openssh_verifies_what_we_sign() {
    let folder = folder();
    let signature = sign(&approval("CR-2026-0031"), &key()).expect("the demonstration key signs");
    fs::write(folder.path().join("signature"), armoured(&signature)).expect("a file for the test");
    let arguments = ["-Y", "verify", "-f", "allowed_signers", "-I", "zhao.min", "-n", NAMESPACE, "-s", "signature"];
    let verified = |statement: &str| ssh_keygen(folder.path(), &arguments, statement);
    let Some(good) = verified(&approval("CR-2026-0031")) else { return };
    assert!(good, "OpenSSH takes the signature");
    assert_eq!(verified(&approval("CR-2026-0032")), Some(false), "and not for another statement");
}

#[test]
fn we_verify_what_openssh_signs() {
    let folder = folder();
    let Some(signed) = ssh_keygen(folder.path(), &["-q", "-Y", "sign", "-f", "key", "-n", NAMESPACE, "statement"], "") else { return };
    assert!(signed, "OpenSSH signs");
    let armour = fs::read_to_string(folder.path().join("statement.sig")).expect("the signature is there");
    let signature: String = armour.lines().filter(|line| !line.starts_with('-')).collect();
    assert_eq!(signers().verify(&signature, &approval("CR-2026-0031"), &person(), moment()), Ok(()));
}

/// The people of the sample who sign with a key of their own, with it and the day from which on
/// they do.
const OWN: [(&str, &str, &str); 2] =
    [("lu.mingyuan", "2026-01-01", include_str!("../keys/lu.mingyuan")), ("zhao.min", "2026-03-01", include_str!("../keys/zhao.min"))];

/// An approval of the sample as it is written.
#[derive(serde::Deserialize)]
struct Entry {
    step: String,
    by: String,
    at: String,
    seal: String,
    signature: String,
}

/// The approvals of the sample that somebody is to have signed with a key of his own, each with the
/// record and with that key.
fn entries_of_their_own() -> Vec<(RecordId, Entry, PrivateKey)> {
    #[derive(serde::Deserialize)]
    struct Approved {
        id: String,
        approvals: Vec<Entry>,
    }
    let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("records");
    let files = walkdir::WalkDir::new(records).sort_by_file_name().into_iter().filter_map(Result::ok);
    let texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
    let approved = texts.filter_map(|text| serde_yaml::from_str::<Approved>(text.split("---\n").nth(1)?).ok());
    let entries = approved.flat_map(|record| record.approvals.into_iter().map(move |entry| (RecordId::from(&*record.id), entry)));
    let own = entries.filter_map(|(id, entry)| {
        let (_, _, key) = OWN.iter().find(|(person, since, _)| entry.by == *person && entry.at.as_str() >= *since)?;
        Some((id, entry, read_key(key).expect("the keys of the sample are keys")))
    });
    own.collect()
}

#[test]
fn two_people_of_the_sample_sign_with_keys_of_their_own() {
    let entries = entries_of_their_own();
    for (person, ..) in OWN {
        assert!(entries.iter().filter(|(_, entry, _)| entry.by == person).count() >= 30, "{person}");
    }
    for (id, entry, key) in entries {
        let seal = Seal::read(&entry.seal).expect("a seal");
        let by = RecordId::from(&*entry.by);
        let signed = statement(&(&id).into(), &entry.step, &by, &entry.at, &seal);
        assert_eq!(entry.signature, sign(&signed, &key).expect("a key signs"), "{id}: {}", entry.step);
        assert_eq!(signers().verify(&entry.signature, &signed, &by, timestamp(&entry.at).expect("a time")), Ok(()), "{id}");
        let somebody_else = OWN.iter().find(|(person, ..)| *person != entry.by).map(|(person, ..)| RecordId::from(*person)).expect("two");
        let theirs = statement(&(&id).into(), &entry.step, &somebody_else, &entry.at, &seal);
        let claimed = sign(&theirs, &key).expect("a key signs");
        let judged = signers().verify(&claimed, &theirs, &somebody_else, timestamp(&entry.at).expect("a time"));
        assert_eq!(judged, Err(Unsigned::Untrusted), "{id}: a key of one's own signs for nobody else");
    }
}

#[test]
fn openssh_verifies_what_they_have_signed() {
    let folder = folder();
    for (id, entry, _) in entries_of_their_own().into_iter().step_by(10) {
        fs::write(folder.path().join("signature"), armoured(&entry.signature)).expect("a file for the test");
        let seal = Seal::read(&entry.seal).expect("a seal");
        let signed = statement(&(&id).into(), &entry.step, &RecordId::from(&*entry.by), &entry.at, &seal);
        let at = timestamp(&entry.at).expect("a time").with_timezone(&chrono::Utc).format("verify-time=%Y%m%d%H%M%SZ").to_string();
        let arguments = ["-Y", "verify", "-f", "allowed_signers", "-I", &entry.by, "-n", NAMESPACE, "-s", "signature", "-O", &at];
        let Some(good) = ssh_keygen(folder.path(), &arguments, &signed) else { return };
        assert!(good, "{id}: OpenSSH takes the signature of {}", entry.by);
        let arguments = ["-Y", "verify", "-f", "allowed_signers", "-I", "gu.qinghe", "-n", NAMESPACE, "-s", "signature", "-O", &at];
        assert_eq!(ssh_keygen(folder.path(), &arguments, &signed), Some(false), "{id}: and of nobody else");
    }
}
