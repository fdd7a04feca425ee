//! A folder that the system watches, so that nobody need walk it while nothing changes there.
//!
//! What the system tells arrives a moment later than it happens. A look therefore leaves a mark in
//! a folder of our own and waits until that is told: whatever happened before has been told by then
//! (a cookie, as in Watchman's query synchronisation). Where the system cannot tell everything
//! (file systems of the network, links that lead to a file from elsewhere), or has not, the folder
//! is walked as before.

use super::{DRAFTS, disk::is_ours};
use notify::{
    Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode, ModifyKind},
};
use std::{
    collections::{BTreeSet, VecDeque},
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
    time::Duration,
};

/// A mark that has not been told by then is not waited for.
const PATIENCE: Duration = Duration::from_millis(500);

/// Whoever waits for news of a folder that is not watched looks again after this.
const A_MOMENT: Duration = Duration::from_secs(1);

/// After so many of these it is tried to watch it again.
const MOMENTS: u32 = 30;

/// So many looks are answered from what was told; then the folder is walked once, whatever was
/// told.
const LOOKS: u32 = 1_000;

/// So many paths are remembered of what was told: of more a walk tells sooner.
const MOST_PATHS: usize = 1_000;

/// File systems on which the kernel tells of every change (`statfs(2)`): they are of this machine,
/// and nobody else writes to them.
#[cfg(target_os = "linux")]
const LOCAL: [u32; 7] = [
    0xEF53,      // ext2, ext3, ext4
    0x5846_5342, // XFS
    0x9123_683E, // Btrfs
    0x0102_1994, // tmpfs
    0xF2F5_2010, // F2FS
    0x2FC1_2FC1, // ZFS
    0xCA45_1A4E, // bcachefs
];

/// How often something was told of a folder: as long as that is the same, so is what lies there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct EventCount(u64);

/// A folder, and what the system tells of it.
#[derive(Debug)]
pub struct Watched {
    root: PathBuf,
    /// Where the marks are made: nobody else's folder.
    marks: PathBuf,
    /// Whether the drafts are watched too, which are no part of the archive.
    with_drafts: bool,
    watch: Mutex<Watch>,
}

#[derive(Debug)]
enum Watch {
    /// What lies there cannot be watched, or was not yet: after so many looks it is tried again,
    /// for to try it in vain may cost as much as a walk.
    Off(u32),
    On(Box<On>),
}

#[derive(Debug)]
struct On {
    /// Which folder it was.
    root: (u64, u64),
    news: Arc<News>,
    /// As much had been told when the folder was last read to its end.
    settled: Option<EventCount>,
    looks: u32,
    mark: u64,
    marks: tempfile::TempDir,
    /// Ends with this.
    _watcher: RecommendedWatcher,
}

#[derive(Default, Debug)]
struct News {
    heard: Mutex<Heard>,
    came: Condvar,
}

#[derive(Default, Debug)]
struct Heard {
    count: u64,
    /// The latest mark.
    mark: u64,
    /// Of what the last of them were told, each with the count that it made.
    paths: VecDeque<(u64, PathBuf)>,
    /// Of what was told up to this count the paths are no longer known.
    forgotten: u64,
    /// Something was lost, or folders came and went: it has to be begun anew.
    is_lost: bool,
}

impl Watched {
    /// `marks`: a folder that is made, outside of the one that is watched or hidden in it.
    pub fn new(root: PathBuf, marks: PathBuf) -> Watched {
        Watched { root, marks, with_drafts: false, watch: Mutex::new(Watch::Off(0)) }
    }

    /// The same, and the drafts that lie beside the archive.
    pub fn with_drafts(self) -> Watched {
        Watched { with_drafts: true, ..self }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What has been told until now; nothing where that does not say whether something has changed.
    pub(super) fn told(&self) -> Option<EventCount> {
        let mut watch = lock(&self.watch);
        match &mut *watch {
            Watch::On(on) => {
                if let Some(told) = on.told(&self.root) {
                    return Some(told);
                }
            }
            Watch::Off(0) => {}
            Watch::Off(looks) => {
                *looks -= 1;
                return None;
            }
        }
        // An old one ends before a new one begins: there are not many to be had.
        *watch = Watch::Off(LOOKS);
        let on = On::begin(&self.root, &self.marks, self.with_drafts).ok().flatten()?;
        let told = EventCount(lock(&on.news.heard).count);
        *watch = Watch::On(Box::new(on));
        Some(told)
    }

    /// Whether nothing was told since the folder was last read.
    pub(super) fn is_settled(&self, told: EventCount) -> bool {
        matches!(&*lock(&self.watch), Watch::On(on) if on.settled == Some(told))
    }

    /// The paths below the root of which something was told since the folder was last read; nothing
    /// where a walk must tell.
    pub(super) fn changed(&self, told: EventCount) -> Option<BTreeSet<PathBuf>> {
        let Watch::On(on) = &mut *lock(&self.watch) else { return None };
        let settled = on.settled.filter(|_| on.looks < LOOKS)?;
        on.looks += 1;
        let paths = on.news.between(settled, told)?.into_iter();
        paths.map(|path| path.strip_prefix(&self.root).map(Path::to_owned).ok()).collect()
    }

    /// Waits until something is told that was not when the folder was last read, and not longer than
    /// `longest`. Where that cannot be told, it is time to look again in a moment.
    pub fn wait(&self, longest: Duration) {
        let followed = match &mut *lock(&self.watch) {
            Watch::On(on) => on.settled.map(|settled| (on.news.clone(), settled)),
            // Looks that come a moment after one another are not so many.
            Watch::Off(looks) => {
                *looks = (*looks).min(MOMENTS);
                None
            }
        };
        match followed {
            Some((news, settled)) => news.other_than(settled, longest),
            None => thread::sleep(longest.min(A_MOMENT)),
        }
    }

    /// The folder was read to its end after so much had been told. `can_be_told`: whether what was
    /// met there is of a kind of whose changes the system tells. `is_walked`: whether all of it was
    /// met.
    pub(super) fn settle(&self, told: EventCount, can_be_told: bool, is_walked: bool) {
        if let Watch::On(on) = &mut *lock(&self.watch) {
            on.settled = Some(told).filter(|_| can_be_told);
            on.news.forget(told);
            if is_walked {
                on.looks = 0;
            }
        }
    }
}

impl On {
    /// `None` where the file system is none that tells.
    fn begin(root: &Path, marks: &Path, with_drafts: bool) -> Result<Option<On>, notify::Error> {
        fs::create_dir_all(marks)?;
        // What an earlier one left behind; one that is at work would begin anew.
        fs::read_dir(marks)?.flatten().for_each(|mark| drop(fs::remove_dir(mark.path())));
        let marks = tempfile::tempdir_in(marks)?;
        let names = ["records", "policies"].into_iter().chain(with_drafts.then_some(DRAFTS));
        let folders: Vec<PathBuf> = names.map(|name| root.join(name)).filter(|path| path.is_dir()).collect();
        if !folders.iter().map(PathBuf::as_path).chain([root, marks.path()]).all(is_local) {
            return Ok(None);
        }
        let news = Arc::new(News::default());
        let (heard, own, marked) = (news.clone(), root.to_owned(), marks.path().to_owned());
        let is_beside = move |path: &Path| {
            let is_beside = |below: &Path| !(is_ours(&below.to_string_lossy()) || with_drafts && is_draft(below));
            path.strip_prefix(&own).is_ok_and(is_beside)
        };
        let mut watcher =
            RecommendedWatcher::new(move |event: notify::Result<Event>| heard.take(event, &is_beside, &marked), Config::default())?;
        watcher.watch(marks.path(), RecursiveMode::NonRecursive)?;
        watcher.watch(root, RecursiveMode::NonRecursive)?;
        folders.iter().try_for_each(|folder| watcher.watch(folder, RecursiveMode::Recursive))?;
        Ok(Some(On { root: identity(root)?, news, settled: None, looks: 0, mark: 0, marks, _watcher: watcher }))
    }

    /// What has been told when everything until now has been; `None` where that cannot be known.
    fn told(&mut self, root: &Path) -> Option<EventCount> {
        if identity(root).ok()? != self.root {
            return None;
        }
        self.mark += 1;
        let mark = self.marks.path().join(self.mark.to_string());
        // A folder needs no file descriptor, of which a server may have none left.
        fs::create_dir(&mark).ok()?;
        let told = self.news.until(self.mark);
        fs::remove_dir(&mark).ok()?;
        told
    }
}

impl Heard {
    fn note(&mut self, path: &Path) {
        let count = self.count;
        self.paths.push_back((count, path.to_owned()));
        if self.paths.len() > MOST_PATHS
            && let Some((count, _)) = self.paths.pop_front()
        {
            self.forgotten = count;
        }
    }
}

impl News {
    fn take(&self, event: notify::Result<Event>, is_beside: impl Fn(&Path) -> bool, marks: &Path) {
        let mut heard = lock(&self.heard);
        match event {
            Err(_) => heard.is_lost = true,
            Ok(event) if event.need_rescan() => heard.is_lost = true,
            Ok(Event { kind: EventKind::Access(access), .. }) if access != AccessKind::Close(AccessMode::Write) => return,
            Ok(event) => event.paths.iter().for_each(|path| match path.strip_prefix(marks) {
                Ok(mark) => heard.mark = heard.mark.max(mark.to_str().and_then(|mark| mark.parse().ok()).unwrap_or(0)),
                Err(_) if is_beside(path) => {}
                Err(_) => {
                    heard.count += 1;
                    heard.note(path);
                    heard.is_lost |= is_of_folders(event.kind, path);
                }
            }),
        }
        drop(heard);
        self.came.notify_all();
    }

    /// The paths of which something was told after one count and up to another.
    fn between(&self, settled: EventCount, told: EventCount) -> Option<BTreeSet<PathBuf>> {
        let heard = lock(&self.heard);
        let is_new = |(count, _): &&(u64, PathBuf)| *count > settled.0 && *count <= told.0;
        (heard.forgotten <= settled.0).then(|| heard.paths.iter().filter(is_new).map(|(_, path)| path.clone()).collect())
    }

    fn forget(&self, told: EventCount) {
        let mut heard = lock(&self.heard);
        let known = heard.paths.partition_point(|(count, _)| *count <= told.0);
        heard.paths.drain(..known);
    }

    fn until(&self, mark: u64) -> Option<EventCount> {
        let waits = |heard: &mut Heard| heard.mark < mark && !heard.is_lost;
        let waited = self.came.wait_timeout_while(lock(&self.heard), PATIENCE, waits);
        let (heard, _) = waited.unwrap_or_else(|poisoned| poisoned.into_inner());
        (heard.mark >= mark && !heard.is_lost).then_some(EventCount(heard.count))
    }

    fn other_than(&self, settled: EventCount, longest: Duration) {
        let waits = |heard: &mut Heard| EventCount(heard.count) == settled && !heard.is_lost;
        drop(self.came.wait_timeout_while(lock(&self.heard), longest, waits));
    }
}

/// Whether a path below the root is of drafts, and none that an editor hides.
fn is_draft(below: &Path) -> bool {
    below.starts_with(DRAFTS) && !below.to_string_lossy().contains("/.")
}

/// Whether folders came, went or were opened: the new ones may hold what nobody watched from its
/// beginning.
fn is_of_folders(kind: EventKind, path: &Path) -> bool {
    match kind {
        EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(_) | ModifyKind::Metadata(_)) => path.is_dir(),
        EventKind::Remove(removed) => removed != notify::event::RemoveKind::File,
        _ => false,
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

#[cfg(target_os = "linux")]
fn is_local(path: &Path) -> bool {
    rustix::fs::statfs(path).is_ok_and(|told| u32::try_from(told.f_type).is_ok_and(|kind| LOCAL.contains(&kind)))
}

#[cfg(not(target_os = "linux"))]
fn is_local(_: &Path) -> bool {
    false
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{DigestCache, Origin, Sources, Stamp, patch::KnownFolder};

    struct Folder {
        folder: tempfile::TempDir,
        origin: Origin,
        stamp: Option<Stamp>,
        digests: Arc<DigestCache>,
        now: String,
    }

    impl Folder {
        fn new() -> Folder {
            let folder = tempfile::tempdir().unwrap();
            for name in ["records/a", "policies"] {
                fs::create_dir_all(folder.path().join(name)).unwrap();
            }
            let watched = Watched::new(folder.path().to_owned(), folder.path().join(".chancery/watch"));
            Folder { origin: Origin::Watched(Arc::new(watched)), folder, stamp: None, digests: Arc::default(), now: String::new() }
        }

        fn at(&self, path: &str) -> PathBuf {
            self.folder.path().join(path)
        }

        /// What a look sees of all texts.
        fn seen(&mut self) -> &str {
            if let Some(read) = self.origin.read(self.stamp, &self.digests).unwrap() {
                self.now = read.sources.files.iter().map(|file| format!("{} {}\n", file.path, file.text)).collect();
                self.origin.settle(&read);
                self.stamp = Some(read.stamp);
            }
            &self.now
        }

        /// Whether the next look walks the folder.
        fn walks(&mut self) -> bool {
            let Origin::Watched(watched) = &self.origin else { panic!("it is watched") };
            let is_quiet = watched.told().and_then(|told| watched.changed(told)).is_some_and(|paths| paths.is_empty());
            self.seen();
            !is_quiet
        }
    }

    #[test]
    fn while_nothing_changes_the_folder_is_not_walked() {
        let mut folder = Folder::new();
        fs::write(folder.at("records/a/1.md"), "one").unwrap();
        folder.seen();
        folder.seen();
        assert!(!folder.walks());
        for (path, is_ours) in
            [(".hidden", false), ("site.html", false), ("records/.x.swp", false), ("records/a/2.md", true), ("chancery.yaml", true)]
        {
            fs::write(folder.at(path), "x").unwrap();
            assert_eq!(folder.walks(), is_ours, "{path}");
            assert!(!folder.walks(), "{path}");
        }
    }

    #[test]
    fn every_change_is_seen_by_the_next_look() {
        let mut folder = Folder::new();
        for turn in 0..40 {
            let steps: [&dyn Fn(&Folder); 14] = [
                &|folder| fs::write(folder.at("records/a/1.md"), format!("{turn}")).unwrap(),
                &|folder| fs::write(folder.at("records/a/1.md"), format!("{}", turn + 100)).unwrap(),
                &|folder| fs::create_dir_all(folder.at("records/b/c/d")).unwrap(),
                &|folder| fs::write(folder.at("records/b/c/d/2.md"), "new folder").unwrap(),
                &|folder| fs::rename(folder.at("records/b"), folder.at("records/e")).unwrap(),
                &|folder| fs::write(folder.at("records/e/c/d/2.md"), format!("moved {turn}")).unwrap(),
                &|folder| fs::rename(folder.at("records/e"), folder.at("outside")).unwrap(),
                &|folder| fs::write(folder.at("outside/c/d/2.md"), "not seen").unwrap(),
                &|folder| fs::rename(folder.at("outside"), folder.at("records/f")).unwrap(),
                &|folder| fs::write(folder.at("records/f/c/d/2.md"), format!("back {turn}")).unwrap(),
                &|folder| fs::remove_dir_all(folder.at("records/f")).unwrap(),
                &|folder| fs::rename(folder.at("records"), folder.at("away")).unwrap(),
                &|folder| fs::rename(folder.at("away"), folder.at("records")).unwrap(),
                &|folder| fs::write(folder.at("policies/p.md"), format!("{turn}")).unwrap(),
            ];
            for (step, change) in steps.iter().enumerate() {
                change(&folder);
                let seen = folder.seen().to_owned();
                let whole = Origin::Folder(folder.folder.path().to_owned()).read(None, &folder.digests).unwrap().unwrap();
                let expected: String = whole.sources.files.iter().map(|file| format!("{} {}\n", file.path, file.text)).collect();
                assert_eq!(seen, expected, "turn {turn}, step {step}");
            }
        }
    }

    /// Of single files that change no walk is needed, and what is known then is what a walk meets.
    #[test]
    fn single_files_that_change_are_looked_at_alone() {
        let mut folder = Folder::new();
        for number in 0..5 {
            fs::write(folder.at(&format!("records/a/{number}.md")), "one").unwrap();
        }
        folder.seen();
        let steps: [&dyn Fn(&Folder); 12] = [
            &|folder| fs::write(folder.at("records/a/1.md"), "two").unwrap(),
            &|folder| fs::write(folder.at("records/a/new.md"), "new").unwrap(),
            &|folder| fs::write(folder.at("records/a/photo.png"), "1234").unwrap(),
            &|folder| fs::write(folder.at("records/a/photo.png"), "4321").unwrap(),
            &|folder| fs::remove_file(folder.at("records/a/2.md")).unwrap(),
            &|folder| fs::write(folder.at("records/a/passed over.MD"), "x").unwrap(),
            &|folder| fs::rename(folder.at("records/a/passed over.MD"), folder.at("records/a/passed.md")).unwrap(),
            &|folder| fs::rename(folder.at("records/a/3.md"), folder.at("records/a/3.txt")).unwrap(),
            &|folder| fs::write(folder.at("records/a/4.md"), [0xff, 0xfe, 0x41, 0x00]).unwrap(),
            &|folder| fs::write(folder.at("records/a/4.md"), [0x80, 0x81]).unwrap(),
            &|folder| fs::write(folder.at("policies/p.md"), "p").unwrap(),
            &|folder| fs::write(folder.at("policies/register"), "r").unwrap(),
        ];
        for (step, change) in steps.iter().enumerate() {
            let before = folder.stamp;
            change(&folder);
            let read = folder.origin.read(folder.stamp, &folder.digests).unwrap().expect("something has changed");
            folder.origin.settle(&read);
            folder.stamp = Some(read.stamp);
            assert_ne!(folder.stamp, before, "step {step}");
            assert!(read.sources.failure().check().is_ok(), "step {step}: what another state has met is not its");
            read.sources.failure().note(&io::Error::from_raw_os_error(24));
            let known = folder.digests.kept().last::<KnownFolder>().unwrap();
            assert!(!known.since.is_empty(), "step {step}: it was walked");
            let whole = Sources::read(folder.folder.path()).unwrap();
            assert_eq!(read.sources.differing_from(&whole), BTreeSet::new(), "step {step}");
            assert_eq!((&read.sources.files, &read.sources.composed), (&whole.files, &whole.composed), "step {step}");
            assert!(read.sources.files.iter().all(|file| read.sources.file(file.id) == file), "step {step}");
        }
        // What was told and is no change is none; and when it is walked at last, nothing has changed,
        // as far as the time since then lets the states of the files tell.
        folder.digests.it_is(chrono::Utc::now() + chrono::TimeDelta::hours(1));
        fs::write(folder.at("records/a/1.md"), "two").unwrap();
        fs::write(folder.at("records/.1.md.swp"), "x").unwrap();
        for _ in 0..=LOOKS {
            assert!(folder.origin.read(folder.stamp, &folder.digests).unwrap().is_none());
        }
        fs::write(folder.at("records/a/1.md"), "three").unwrap();
        assert!(folder.seen().contains("three"));
    }

    /// What a walk alone can tell is left to one.
    #[test]
    fn more_than_is_remembered_and_what_is_no_plain_file_is_walked() {
        let mut folder = Folder::new();
        folder.seen();
        for number in 0..=MOST_PATHS {
            fs::write(folder.at(&format!("records/a/{number}.md")), "many").unwrap();
        }
        assert_eq!(folder.seen().matches("many").count(), MOST_PATHS + 1);
        assert!(folder.digests.kept().last::<KnownFolder>().unwrap().since.is_empty());
        fs::remove_file(folder.at("records/a/1.md")).unwrap();
        std::os::unix::fs::symlink("2.md", folder.at("records/a/1.md")).unwrap();
        assert_eq!(folder.seen().matches("many").count(), MOST_PATHS + 1);
        fs::write(folder.at("records/a/2.md"), "other").unwrap();
        assert_eq!(folder.seen().matches("other").count(), 2, "under both its names");
        // A file in the place of a folder.
        let mut folder = Folder::new();
        fs::write(folder.at("records/a/1.md"), "in the folder").unwrap();
        folder.seen();
        fs::rename(folder.at("records/a"), folder.folder.path().join("elsewhere")).unwrap();
        fs::write(folder.at("records/a"), "").unwrap();
        assert_eq!(folder.seen(), "");
        // Of two forms of one name.
        let mut folder = Folder::new();
        let forms = ["records/a/\u{e9}\u{301}.png", "records/a/e\u{301}\u{301}.png"];
        forms.iter().for_each(|path| fs::write(folder.at(path), "x").unwrap());
        folder.seen();
        fs::write(folder.at(forms[1]), "xx").unwrap();
        fs::remove_file(folder.at(forms[0])).unwrap();
        let read = folder.origin.read(folder.stamp, &folder.digests).unwrap().unwrap();
        assert_eq!(read.sources.composed, Sources::read(folder.folder.path()).unwrap().composed);
    }

    /// A name that is read as nothing has no state by which a walk would tell that it came or went.
    #[test]
    fn what_is_passed_over_is_told_when_it_comes_with_its_folder_and_when_it_goes() {
        let mut folder = Folder::new();
        fs::create_dir(folder.folder.path().join("old")).unwrap();
        fs::write(folder.folder.path().join("old/q.md"), "q").unwrap();
        folder.seen();
        let passed_over = |folder: &mut Folder| {
            let read = folder.origin.read(folder.stamp, &folder.digests).unwrap().expect("something has changed");
            folder.origin.settle(&read);
            folder.stamp = Some(read.stamp);
            read.sources.passed_over.len()
        };
        fs::rename(folder.at("old"), folder.at("policies/old")).unwrap();
        assert_eq!(passed_over(&mut folder), 1);
        fs::remove_dir_all(folder.at("policies/old")).unwrap();
        assert_eq!(passed_over(&mut folder), 0);
    }

    #[test]
    fn while_somebody_writes_no_look_is_behind() {
        let mut folder = Folder::new();
        fs::write(folder.at("records/a/1.md"), "0").unwrap();
        let path = folder.at("records");
        let written = Arc::new(std::sync::atomic::AtomicU64::new(0));
        let done = written.clone();
        let writer = std::thread::spawn(move || {
            for turn in 1..600u64 {
                let below = path.join(format!("a/{}", turn % 7));
                fs::create_dir_all(&below).unwrap();
                // Whole or not at all: a look may come while a file is written over, and it is empty.
                fs::write(below.join(".n.md"), format!("{turn:06}")).unwrap();
                fs::rename(below.join(".n.md"), below.join("n.md")).unwrap();
                done.store(turn, std::sync::atomic::Ordering::SeqCst);
                if turn % 50 == 0 {
                    fs::remove_dir_all(path.join("a")).unwrap();
                    fs::create_dir(path.join("a")).unwrap();
                }
            }
        });
        while !writer.is_finished() {
            let count = || written.load(std::sync::atomic::Ordering::SeqCst);
            let before = count();
            let latest = folder.seen().lines().filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).max();
            // What was removed meanwhile is gone.
            let is_removed = before.is_multiple_of(50) || before / 50 < count() / 50;
            assert!(is_removed || latest.is_some_and(|latest| latest >= before), "{before} {latest:?}");
        }
        writer.join().unwrap();
        assert!(folder.seen().contains("000599"));
    }

    #[test]
    fn what_the_system_does_not_tell_of_is_walked() {
        let mut folder = Folder::new();
        fs::write(folder.at("elsewhere.md"), "one").unwrap();
        fs::hard_link(folder.at("elsewhere.md"), folder.at("records/a/1.md")).unwrap();
        assert!(folder.seen().contains("one"));
        fs::write(folder.at("elsewhere.md"), "two").unwrap();
        assert!(folder.seen().contains("two"), "written under its other name");
        fs::remove_file(folder.at("records/a/1.md")).unwrap();
        fs::write(folder.at("records/a/2.md"), "x").unwrap();
        std::os::unix::fs::symlink("2.md", folder.at("records/a/3.md")).unwrap();
        folder.seen();
        assert!(folder.walks() && folder.walks(), "a link");
    }

    #[test]
    fn another_folder_in_the_place_of_the_archive_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other, root) = (folder.path().join("one"), folder.path().join("other"), folder.path().join("root"));
        for (path, text) in [(&one, "one"), (&other, "other")] {
            fs::create_dir_all(path.join("records")).unwrap();
            fs::write(path.join("records/1.md"), text).unwrap();
        }
        std::os::unix::fs::symlink(&one, &root).unwrap();
        let watched = Watched::new(root.clone(), folder.path().join("marks"));
        let mut looked =
            Folder { folder, origin: Origin::Watched(Arc::new(watched)), stamp: None, digests: Arc::default(), now: String::new() };
        assert!(looked.seen().ends_with("one\n") && looked.seen().ends_with("one\n"));
        fs::remove_file(&root).unwrap();
        std::os::unix::fs::symlink(&other, &root).unwrap();
        assert!(looked.seen().ends_with("other\n"));
    }
}
