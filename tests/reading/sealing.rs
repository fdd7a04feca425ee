//! What a seal costs: attachments are read piece by piece, once as long as they are as they were,
//! and only where somebody has signed for them.

use crate::support;
use chancery::{
    access::{Hand, Office, Reader, Trusting},
    approval::{AllowedSigners, PrivateKey, Remembered, Subject},
    archive::Settings,
    diagnostic::Lang,
    edit,
    source::{DigestCache, MAX_DIGESTED, RecordId, Sources, trial},
};
use chrono::NaiveDate;
use ssh_key::private::Ed25519Keypair;
use std::{
    fs::{self, File},
    path::PathBuf,
    sync::{Arc, MutexGuard},
};

/// What opening the archive costs apart from its attachments, and far less than reading a large
/// one.
const LITTLE: u64 = 20_000;

const LARGE: u64 = 512 << 20;

const CHAIN: &str = "
## 第4条　审批

```yaml approval
for: note
steps: [head]
```
";

/// A small archive in which notes are approved by their head, and one note, `N-1`.
struct Archive {
    folder: tempfile::TempDir,
    digests: Arc<DigestCache>,
    _alone: MutexGuard<'static, ()>,
}

impl Archive {
    fn new(attachments: &str) -> Archive {
        let alone = crate::alone();
        let archive = Archive { folder: tempfile::tempdir().unwrap(), digests: Arc::default(), _alone: alone };
        support::small::found(archive.folder.path(), &["tou", "ma"]);
        let policy = fs::read_to_string(archive.path("policies/house.md")).unwrap();
        archive.write("policies/house.md", &(policy + CHAIN));
        archive.write("policies/allowed_signers", &format!("* {}\n", support::demo_key().public_key().to_openssh().unwrap()));
        archive.write("records/n/N-1.md", &format!("---\ntype: note\nid: N-1\ntext: 便条\nattachments: [{attachments}]\n---\n文\n"));
        archive
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        support::small::write(self.folder.path(), path, text);
    }

    /// A file of so many bytes, none of them on disk.
    fn sparse(&self, name: &str, bytes: u64) {
        File::create(self.path("records/n").join(name)).unwrap().set_len(bytes).unwrap();
    }

    fn open(&self) -> Office {
        let sources = Sources::read(self.folder.path()).unwrap().digested_by(&self.digests);
        let settings = Settings::of(&sources).unwrap();
        Office::open(sources, settings, day())
    }

    /// Opens it as a server does that remembers, and tells what that took.
    fn looked_at(&self, remembered: &mut Remembered) -> (Office, u64) {
        let before = trial::counted();
        let sources = Sources::read(self.folder.path()).unwrap().digested_by(&self.digests);
        let settings = Settings::of(&sources).unwrap();
        let signers = AllowedSigners::of_key(support::demo_key().public_key());
        let office = Office::open_trusting(sources, settings, day(), Trusting { signers: &signers, remembered });
        remembered.learn(office.news(remembered));
        (office, trial::counted() - before)
    }

    /// Approves the note as its head, with a key.
    fn approve(&self, key: &PrivateKey) {
        self.approve_at("2026-05-01T10:00:00+08:00", key);
    }

    fn approve_at(&self, at: &str, key: &PrivateKey) {
        let office = self.open();
        let at = at.parse().unwrap();
        let hand = Hand { step: "head", by: &RecordId::from("tou"), at, key };
        let turn = edit::Turn::take(&self.path(".chancery")).unwrap();
        edit::append_approval(self.folder.path(), &turn, &office.signed(&Subject::named("N-1"), hand).unwrap()).unwrap();
    }

    /// The note's codes, and the steps that opening the archive took.
    fn judged(&self) -> (Vec<String>, u64) {
        let before = trial::counted();
        let office = self.open();
        let steps = trial::counted() - before;
        let of_note = office.whole_report().findings.iter().filter(|finding| finding.record == Some("N-1".into()));
        (of_note.map(|finding| finding.code.to_string()).collect(), steps)
    }

    fn is_approved(&self) -> bool {
        self.open().whole_approvals().chains[&Subject::named("N-1")].step("head").is_some()
    }
}

fn day() -> NaiveDate {
    "2026-06-01".parse().unwrap()
}

fn nobodys_key() -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(&[9; 32]))
}

#[test]
fn an_attachment_is_sealed_by_its_bytes_whatever_its_size() {
    let archive = Archive::new("a.bin");
    archive.sparse("a.bin", 1 << 20);
    archive.approve(&support::demo_key());
    assert!(archive.is_approved());
    fs::write(archive.path("records/n/a.bin"), vec![1; 1 << 20]).unwrap();
    assert_eq!(archive.judged().0, ["approval.stale"]);
}

/// The lines that whoever writes into the folder can write: signed by nobody, by a key that is
/// nobody's, or with a signature of something else.
#[test]
fn what_nobody_has_signed_has_no_attachment_read() {
    let archive = Archive::new("a.bin");
    archive.sparse("a.bin", 10);
    archive.approve(&nobodys_key());
    let text = fs::read_to_string(archive.path("records/n/N-1.md")).unwrap();
    let (unsigned, _) = text.split_once("  signature:").unwrap();
    let unsigned = format!("{unsigned}---\n文\n");
    let of_another = text.replace("at: 2026-05-01T10:00:00", "at: 2026-05-01T10:00:01");
    archive.sparse("a.bin", LARGE);
    for (how, text) in [("a key that is nobody's", &text), ("no signature", &unsigned), ("a signature of another time", &of_another)] {
        archive.write("records/n/N-1.md", text);
        let (codes, steps) = archive.judged();
        assert_eq!(codes, ["approval.unsigned"], "{how}");
        assert!(steps < LITTLE, "{how}: {steps} steps");
    }
}

#[test]
fn a_file_of_a_tebibyte_without_a_byte_costs_nothing_and_is_told() {
    let archive = Archive::new("a.bin");
    archive.sparse("a.bin", 10);
    archive.approve(&support::demo_key());
    archive.sparse("a.bin", 1 << 40);
    let (codes, steps) = archive.judged();
    assert_eq!(codes, ["document.too-large", "approval.stale"]);
    assert!(steps < LITTLE, "{steps} steps");
    let office = archive.open();
    let told = office.whole_report().findings.iter().find(|finding| &*finding.code == "document.too-large").unwrap();
    assert_eq!(told.message.get(Lang::Zh), "附件共 1099511627776 字节，超过 1073741824 字节的上限，无法封签");
}

/// What is as long as nobody approved it is not what was approved: to make it so long cost nothing,
/// and each would keep everybody waiting.
#[test]
fn a_server_reads_no_file_of_another_length_than_was_approved() {
    let (archive, key) = (Archive::new("a.bin"), support::demo_key());
    archive.sparse("a.bin", 10);
    archive.approve(&key);
    let mut remembered = Remembered::default();
    let is_approved = |office: &Office| office.whole_approvals().chains[&Subject::named("N-1")].step("head").is_some();
    assert!(is_approved(&archive.looked_at(&mut remembered).0));
    let old = fs::read_to_string(archive.path("records/n/N-1.md")).unwrap();
    for bytes in [0, 9, 11, LARGE] {
        archive.sparse("a.bin", bytes);
        let (office, steps) = archive.looked_at(&mut remembered);
        assert!(!is_approved(&office) && steps < LITTLE, "{bytes}: {steps} steps");
    }
    archive.sparse("a.bin", 10);
    assert!(is_approved(&archive.looked_at(&mut remembered).0), "and as it was it counts again");
    // Nor with an older text, which another has succeeded.
    archive.write("records/n/N-1.md", &old.replace("\n文\n", "\n新文\n"));
    archive.approve_at("2026-05-02T10:00:00+08:00", &key);
    assert!(is_approved(&archive.looked_at(&mut remembered).0));
    archive.write("records/n/N-1.md", &old);
    archive.sparse("a.bin", LARGE);
    let (office, steps) = archive.looked_at(&mut remembered);
    assert!(!is_approved(&office) && steps < LITTLE, "put back: {steps} steps");
}

#[test]
fn many_files_are_together_no_larger_than_one_may_be() {
    let archive = Archive::new("a.bin, b.bin, c.bin");
    ["a.bin", "b.bin", "c.bin"].iter().for_each(|name| archive.sparse(name, 10));
    archive.approve(&support::demo_key());
    ["a.bin", "b.bin", "c.bin"].iter().for_each(|name| archive.sparse(name, MAX_DIGESTED / 2));
    let (codes, steps) = archive.judged();
    assert_eq!(codes, ["document.too-large", "approval.stale"]);
    assert!(steps < LITTLE, "{steps} steps");
}

#[test]
fn who_is_to_approve_what_is_too_large_is_not_made_to_wait_for_it() {
    let archive = Archive::new("a.bin");
    archive.sparse("a.bin", 1 << 40);
    let office = archive.open();
    let before = trial::counted();
    let view = office.view(Reader::Person("tou".into()));
    assert!(view.record(&"N-1".into()).unwrap().awaits_me().is_none(), "it cannot be approved");
    let steps = trial::counted() - before;
    assert!(steps < LITTLE, "{steps} steps");
    let at = "2026-05-01T10:00:00+08:00".parse().unwrap();
    let (key, by) = (support::demo_key(), RecordId::from("tou"));
    assert!(office.signed(&Subject::named("N-1"), Hand { step: "head", by: &by, at, key: &key }).is_err());
}

#[test]
fn a_file_that_is_named_a_thousand_times_is_read_once() {
    let bytes = 4 << 20;
    let once = Archive::new("a.bin");
    once.sparse("a.bin", bytes);
    once.approve(&support::demo_key());
    let (_, cost_once) = once.judged();
    drop(once);
    let often = Archive::new(&vec!["a.bin"; 1000].join(", "));
    often.sparse("a.bin", bytes);
    often.approve(&support::demo_key());
    assert!(often.is_approved());
    let (_, cost) = often.judged();
    assert!(cost < cost_once + LITTLE * 4, "{cost} steps, and once {cost_once}");
}

#[test]
fn a_file_that_is_as_it_was_is_not_read_at_the_next_look() {
    let archive = Archive::new("a.bin");
    archive.sparse("a.bin", 16 << 20);
    archive.approve(&support::demo_key());
    archive.digests.it_is("2200-01-01T00:00:00Z".parse().unwrap());
    let (_, first) = archive.judged();
    let (codes, second) = archive.judged();
    assert_eq!(codes, [""; 0]);
    assert!(first > (16 << 20) / 64 && second < LITTLE, "{first} steps, then {second}");
}

/// One of 2 MB with many approvals took half a minute at each change.
#[test]
fn a_text_with_many_approvals_is_sealed_once() {
    let archive = Archive::new("");
    let long = "长".repeat(200_000);
    archive.write("records/n/N-1.md", &format!("---\ntype: note\nid: N-1\ntext: 便条\n---\n{long}\n"));
    archive.approve(&support::demo_key());
    let text = fs::read_to_string(archive.path("records/n/N-1.md")).unwrap();
    let (_, once) = archive.judged();
    let (head, rest) = text.split_once("- step:").unwrap();
    let (entry, tail) = rest.split_once("---\n").unwrap();
    archive.write("records/n/N-1.md", &format!("{head}{}---\n{tail}", format!("- step:{entry}").repeat(100)));
    let (codes, steps) = archive.judged();
    assert_eq!(codes, [""; 0]);
    assert!(steps < once * 2, "{steps} steps, and with one approval {once}");
}
