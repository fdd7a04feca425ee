//! The system fails a reading of the archive, each in turn: what was read meanwhile is no state of
//! the archive, and is not kept for one.

use crate::support::{self, intranet::Running, small};
use chancery::{
    access::{Hand, Office},
    approval::Subject,
    archive::Settings,
    edit::{Turn, append_approval},
    source::{Fault, RecordId, Sources, trial},
};
use rustix::io::Errno;
use std::{fs, path::Path};

/// Errors of the system, which pass: too many open files, here or everywhere; no memory; a disk
/// that does not answer; a stale handle.
const PASSING: [Errno; 5] = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::IO, Errno::STALE];

const CHAIN: &str = "\n## 第4条　审批\n\n```yaml approval\nfor: note\nsteps: [head]\n```\n";

/// An archive with all that is read in a way of its own: a link, an attachment that an approval
/// seals, settings, a register.
fn archive() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    small::found(root, &["tou", "ma"]);
    let policy = fs::read_to_string(root.join("policies/house.md")).unwrap();
    small::write(root, "policies/house.md", policy + CHAIN);
    let key = support::demo_key();
    small::write(root, "policies/allowed_signers", format!("* {}\n", key.public_key().to_openssh().unwrap()));
    small::write(root, "records/n/N-1.md", "---\ntype: note\nid: N-1\ntext: 便条\nattachments: [a.txt]\n---\n文\n");
    small::write(root, "records/n/a.txt", "附件");
    small::write(root, "records/n/N-2.md", note(0));
    std::os::unix::fs::symlink("../n/N-2.md", root.join("records/people/N-2.md")).unwrap();
    let sources = Sources::read(root).unwrap();
    let settings = Settings::of(&sources).unwrap();
    let office = Office::open(sources, settings, "2026-06-01".parse().unwrap());
    let at = "2026-05-01T10:00:00+08:00".parse().unwrap();
    let signed = office.signed(&Subject::named("N-1"), Hand { step: "head", by: &RecordId::from("tou"), at, key: &key }).unwrap();
    append_approval(root, &Turn::take(&root.join(".chancery")).unwrap(), &signed).unwrap();
    folder
}

fn note(turn: u64) -> String {
    format!("---\ntype: note\nid: N-2\ntext: 第 {turn} 稿\n---\n文\n")
}

/// Reads with the n-th reading failing; `None` where it was over before.
fn reading<T>(n: u64, error: Errno, read: impl FnOnce() -> T) -> Option<T> {
    trial::fail(Some(n), error.raw_os_error());
    let read = read();
    let reached = trial::readings() > n;
    trial::fail(None, 0);
    reached.then_some(read)
}

#[test]
fn whichever_reading_fails_the_look_fails_and_the_next_one_is_right() {
    let _alone = crate::alone();
    let folder = archive();
    let running = Running::start(folder.path());
    let tou = running.sign_in("tou");
    let mut failed = 0;
    for n in 0.. {
        small::write(folder.path(), "records/n/N-2.md", note(n));
        let error = PASSING[n as usize % PASSING.len()];
        let Some(answer) = reading(n, error, || tou.get("/records/N-1/")) else { break };
        assert_eq!(answer.status(), 503, "reading {n}, {error}");
        assert!(answer.text().contains("暂时无法读取") && answer.text().contains("cannot be read at the moment"), "{}", answer.text());
        let (approved, changed) = (tou.get("/records/N-1/"), tou.get("/records/N-2/"));
        assert!(approved.status() == 200 && approved.text().contains("a.txt"), "after reading {n}, {error}: {}", approved.text());
        assert!(changed.text().contains(&format!("第 {n} 稿")), "after reading {n}, {error}");
        failed += 1;
    }
    assert!(failed > 30, "{failed} readings of names, times, texts, links and attachments");
    assert_eq!(tou.get("/findings/").status(), 200);
}

/// Where nothing has changed, a look that fails costs its own request alone.
#[test]
fn a_failing_look_at_what_has_not_changed_leaves_what_is_served() {
    let _alone = crate::alone();
    let folder = archive();
    let running = Running::start(folder.path());
    let tou = running.sign_in("tou");
    let before = tou.get("/records/N-1/").text();
    for n in 0.. {
        let Some(answer) = reading(n, Errno::MFILE, || tou.get("/records/N-1/")) else { break };
        assert_eq!((n, answer.status()), (n, 503));
        assert_eq!(tou.get("/records/N-1/").text(), before);
    }
}

/// The terminal, `build` and whatever else reads an archive once: an error, and never an archive
/// that lacks something.
#[test]
fn who_reads_once_is_told() {
    let _alone = crate::alone();
    let folder = archive();
    for error in PASSING {
        for n in 0.. {
            let Some(read) = reading(n, error, || Sources::read(folder.path())) else { break };
            assert!(read.is_err(), "reading {n}, {error}");
        }
    }
}

#[test]
fn what_a_seal_could_not_read_is_told_when_the_archive_is_judged() {
    let _alone = crate::alone();
    let folder = archive();
    let judged = |root: &Path| {
        let sources = Sources::read(root).unwrap();
        let settings = Settings::of(&sources).unwrap();
        move || Office::open(sources, settings, "2026-06-01".parse().unwrap())
    };
    let failing = reading(0, Errno::MFILE, judged(folder.path())).expect("the attachment is read");
    assert!(failing.archive.sources.failure().check().is_err());
    let sound = judged(folder.path())();
    assert!(sound.archive.sources.failure().check().is_ok());
    assert!(sound.whole_approvals().chains[&Subject::named("N-1")].step("head").is_some());
}

/// A file that is shut to us, or gone, is a state of the archive like another: it is a finding, at
/// that file alone. Of the root it is none.
#[test]
fn what_a_file_lacks_is_its_own_fault() {
    let _alone = crate::alone();
    let folder = archive();
    let (mut refused, mut faults) = (0, 0);
    for n in 0.. {
        let Some(read) = reading(n, Errno::ACCESS, || Sources::read(folder.path())) else { break };
        match read {
            Ok(sources) => {
                let faulty = sources.files.iter().filter(|file| matches!(file.fault, Some(Fault::Unreadable(_)))).count();
                assert!(faulty < 2, "reading {n}");
                faults += faulty;
            }
            Err(_) => refused += 1,
        }
    }
    assert!(faults >= 7 && refused >= 1, "{faults} faults, {refused} refusals");
}
