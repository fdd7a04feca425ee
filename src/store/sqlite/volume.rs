//! The volumes of the access log: what has grown long is put by in a file of its own, and the log
//! goes on in the file that bears its name, from the head of what was put by. Nothing here deletes
//! a volume, and nobody writes to one again.

use super::{
    fault::SqliteFault,
    folder::{connect, make_folder, make_private, sync_folder},
};
use crate::store::{Head, StoreError};
use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};
use std::{
    fs, io,
    iter::once,
    ops::Deref,
    path::{Path, PathBuf},
};

/// Lines of a volume: some twenty megabytes.
pub(super) const LINES: i64 = 50_000;

/// The file that is being written.
const FILE: &str = "access-log.db";
const FOLDER: &str = "access-log";
const ENDING: &str = ".db";
/// A volume that is being made.
const BEGUN: &str = "begun";

/// The lines, and what they go on from: the last line of the volume before, if there is one.
pub(super) const TABLES: &str = "CREATE TABLE IF NOT EXISTS line (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, origin TEXT NOT NULL,
    record TEXT NOT NULL, allowed INTEGER NOT NULL, digest TEXT NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS line_of_record ON line (record, number) WHERE record <> '';
    CREATE TABLE IF NOT EXISTS carried (number INTEGER NOT NULL, digest TEXT NOT NULL) STRICT;";

/// The file that is being written.
pub(super) fn written(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// A connection to the log that is there; never to a new one.
pub(super) fn connected(folder: &Path) -> Result<Connection, SqliteFault> {
    let path = written(folder);
    if !path.exists() {
        return Err(StoreError::NoLog(path).into());
    }
    connect(&path, OpenFlags::default() - OpenFlags::SQLITE_OPEN_CREATE).map_err(|error| SqliteFault::unopened(&path, &error))
}

/// The whole log at one moment: its volumes in their order, and the file that is being written.
pub(super) struct Volumes {
    paths: Vec<PathBuf>,
    written: Connection,
}

/// A file of the log, for reading.
pub(super) enum LogFile<'l> {
    Volume(Connection),
    Written(&'l Connection),
}

impl Deref for LogFile<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match self {
            LogFile::Volume(connection) => connection,
            LogFile::Written(connection) => connection,
        }
    }
}

impl Volumes {
    /// # Errors
    /// Where the file that is being written, or the folder of the volumes, cannot be read.
    pub(super) fn of(folder: &Path, written: Connection) -> Result<Volumes, SqliteFault> {
        // From here on it stands still for whoever reads it here. Volumes that are put by meanwhile
        // are copies of what stands in it.
        written.execute_batch("BEGIN")?;
        let carried = carried(&written)?;
        let mut volumes = numbered(folder)?;
        if let Some((first, path)) = volumes.last()
            && *first == carried.number + 1
            && has(&written, &head(&opened(path)?)?)?
        {
            volumes.pop();
        }
        Ok(Volumes { paths: volumes.into_iter().map(|(_, path)| path).collect(), written })
    }

    /// Its files, in the order of their lines.
    pub(super) fn parts(&self) -> impl DoubleEndedIterator<Item = Result<LogFile<'_>, SqliteFault>> {
        let volumes = self.paths.iter().map(|path| opened(path).map(LogFile::Volume));
        volumes.chain(once(Ok(LogFile::Written(&self.written))))
    }

    /// What the first line that is here goes on from.
    pub(super) fn beginning(&self) -> Result<Head, SqliteFault> {
        let first = self.parts().next().expect("the file that is being written, at least")?;
        Ok(carried(&first)?)
    }
}

/// What the lines of a file go on from.
pub(super) fn carried(connection: &Connection) -> rusqlite::Result<Head> {
    // A log that was begun before there were volumes has no such table.
    let has_table: bool =
        connection.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'carried')", [], |row| row.get(0))?;
    let sql = "SELECT number, digest FROM carried ORDER BY number DESC LIMIT 1";
    let read = || connection.query_row(sql, [], |row| Ok(Head { number: row.get(0)?, digest: row.get(1)? })).optional();
    Ok(if has_table { read()? } else { None }.unwrap_or(Head::NONE))
}

/// The last line of a file, or else what it goes on from.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<Head> {
    let sql = "SELECT number, digest FROM line ORDER BY number DESC LIMIT 1";
    let last = connection.query_row(sql, [], |row| Ok(Head { number: row.get(0)?, digest: row.get(1)? })).optional()?;
    last.map_or_else(|| carried(connection), Ok)
}

/// Whether a file has a line, or goes on from it.
pub(super) fn has(connection: &Connection, line: &Head) -> rusqlite::Result<bool> {
    if *line == Head::NONE {
        return Ok(true);
    }
    let digest = connection.query_row("SELECT digest FROM line WHERE number = ?1", [line.number], |row| row.get::<_, String>(0));
    Ok(digest.optional()?.is_some_and(|digest| digest == line.digest) || carried(connection)? == *line)
}

/// Puts all lines of the file that is being written by, once they are as many as a volume has.
/// Nothing else writes meanwhile.
///
/// A volume is on the disk under its name before its lines are taken out of the file; where the
/// power goes between, they stand in both, and the next attempt puts the volume in its place again,
/// with what has come since.
///
/// # Errors
/// Where the volume cannot be written, or another is in its place.
pub(super) fn put_by(folder: &Path, connection: &mut Connection, lines: i64) -> Result<(), SqliteFault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (carried, head) = (carried(&transaction)?, head(&transaction)?);
    if head.number - carried.number < lines {
        return Ok(());
    }
    let volumes = folder.join(FOLDER);
    make_folder(&volumes)?;
    let (begun, path) = (volumes.join(BEGUN), volumes.join(format!("{}{ENDING}", carried.number + 1)));
    if path.exists() && !has(&transaction, &self::head(&opened(&path)?)?)? {
        return Err(StoreError::ForeignVolume(path).into());
    }
    let unmade = |error| SqliteFault::from(StoreError::Folder(volumes.clone(), error));
    clear(&begun).map_err(unmade)?;
    copy(&written(folder), &begun).map_err(|error| SqliteFault::unopened(&begun, &error))?;
    fs::rename(&begun, &path).and_then(|()| sync_folder(&volumes)).map_err(unmade)?;
    transaction.execute_batch("DELETE FROM line; DELETE FROM carried;")?;
    transaction.execute("INSERT INTO carried VALUES (?1, ?2)", params![head.number, head.digest])?;
    Ok(transaction.commit()?)
}

/// Whether a line was put by, perhaps by another process: the file that is being written goes on
/// from a later one then.
pub(super) fn was_put_by(folder: &Path, written: &Connection, line: &Head) -> Result<bool, SqliteFault> {
    if carried(written)?.number <= line.number {
        return Ok(false);
    }
    let volume = numbered(folder)?.into_iter().rfind(|(first, _)| *first <= line.number);
    volume.map_or(Ok(false), |(_, path)| Ok(has(&opened(&path)?, line)?))
}

/// Has a log that is new go on from the last volume: one that is gone leaves the volumes behind.
pub(super) fn go_on(folder: &Path, connection: &mut Connection) -> Result<(), SqliteFault> {
    let Some((_, path)) = numbered(folder)?.pop() else { return Ok(()) };
    if self::head(connection)? != Head::NONE {
        return Ok(());
    }
    let head = head(&opened(&path)?)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if self::head(&transaction)? == Head::NONE {
        transaction.execute("INSERT INTO carried VALUES (?1, ?2)", params![head.number, head.digest])?;
    }
    Ok(transaction.commit()?)
}

/// Copies the lines of the log as they were committed into a file that nobody else may read; it is
/// on the disk afterwards.
fn copy(log: &Path, to: &Path) -> rusqlite::Result<()> {
    make_private(to);
    let connection = Connection::open(to)?;
    connection.execute_batch(&format!("PRAGMA synchronous = FULL; {TABLES}"))?;
    let log = log.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(log.to_owned()))?;
    connection.execute("ATTACH ?1 AS log", [log])?;
    let copied =
        "BEGIN; INSERT INTO main.line SELECT * FROM log.line ORDER BY number; INSERT INTO main.carried SELECT * FROM log.carried; COMMIT";
    connection.execute_batch(copied)
}

/// Removes what was begun and not ended, with what SQLite has left beside it.
fn clear(begun: &Path) -> io::Result<()> {
    let mut journal = begun.as_os_str().to_owned();
    journal.push("-journal");
    [begun, Path::new(&journal)].into_iter().try_for_each(|path| match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    })
}

/// The volumes, with the numbers of their first lines, in the order of these.
fn numbered(folder: &Path) -> Result<Vec<(i64, PathBuf)>, SqliteFault> {
    let folder = folder.join(FOLDER);
    let unread = |error| SqliteFault::from(StoreError::Folder(folder.clone(), error));
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unread)?,
    };
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>().map_err(unread)?;
    let number = |path: &PathBuf| path.file_name()?.to_str()?.strip_suffix(ENDING)?.parse().ok();
    let mut volumes: Vec<(i64, PathBuf)> = paths.into_iter().filter_map(|path| Some((number(&path)?, path))).collect();
    volumes.sort();
    Ok(volumes)
}

/// A volume, for reading alone: it may lie on a disk that takes no writes.
fn opened(path: &Path) -> Result<Connection, SqliteFault> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|error| SqliteFault::unopened(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        source::RecordId,
        store::{AccessLine, AccessLog, Audit, BrokenLine, Consultation, PendingLine, SqliteAudit, SqliteLog, Wait},
    };
    use chrono::{DateTime, TimeDelta, Utc};
    use std::ops::RangeInclusive;

    const LINES: i64 = 10;

    fn reading(who: &str, record: Option<&str>, days: i64) -> AccessLine {
        let at = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(days);
        let record = record.map(RecordId::from);
        AccessLine { at, who: who.into(), what: "/".into(), origin: "::1".into(), record, allowed: true }
    }

    fn open(folder: &Path) -> SqliteLog {
        SqliteLog::open_in_volumes(folder, LINES).unwrap()
    }

    /// Writes lines one by one, and gives the head after each.
    fn write(folder: &Path, numbers: RangeInclusive<i64>) -> Vec<Head> {
        let log = open(folder);
        let written = numbers.map(|_| {
            log.write(reading("wen", None, 0)).wait().unwrap();
            SqliteAudit::of(folder).head().wait().unwrap()
        });
        written.collect()
    }

    fn written(lines: i64) -> (tempfile::TempDir, Vec<Head>) {
        let folder = tempfile::tempdir().unwrap();
        let heads = write(folder.path(), 1..=lines);
        (folder, heads)
    }

    fn volume(folder: &Path, first: i64) -> PathBuf {
        folder.join(FOLDER).join(format!("{first}{ENDING}"))
    }

    fn volumes(folder: &Path) -> Vec<i64> {
        numbered(folder).unwrap().into_iter().map(|(first, _)| first).collect()
    }

    fn changed(path: &Path, sql: &str) {
        Connection::open(path).unwrap().execute_batch(sql).unwrap();
    }

    #[test]
    fn a_log_goes_on_over_its_volumes_and_every_head_that_was_kept_holds() {
        let (folder, heads) = written(35);
        let folder = folder.path();
        assert_eq!(volumes(folder), [1, 11, 21]);
        assert_eq!(heads.iter().map(|head| head.number).collect::<Vec<_>>(), (1..=35).collect::<Vec<_>>());
        assert_eq!(SqliteAudit::of(folder).verify().wait().unwrap(), None);
        assert_eq!(SqliteAudit::of(folder).beginning().wait().unwrap(), Head::NONE);
        assert!(heads.iter().all(|head| SqliteAudit::of(folder).has(head).wait().unwrap()));
        let other = Head { number: 7, ..heads[7].clone() };
        assert!(!SqliteAudit::of(folder).has(&other).wait().unwrap());
        let left: i64 = Connection::open(super::written(folder)).unwrap().query_row("SELECT count(*) FROM line", [], |r| r.get(0)).unwrap();
        assert_eq!(left, 5, "what was put by is no longer in the file");
    }

    #[test]
    fn who_has_read_a_record_is_told_from_all_volumes_once_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let log = open(folder.path());
        for (who, record, day) in (0..40).map(|n| (if n % 2 == 0 { "wen" } else { "gao" }, if n < 30 { "F-0" } else { "F-1" }, n / 20)) {
            log.write(reading(who, Some(record), day)).wait().unwrap();
        }
        let told = |record: &str, most| {
            let told = log.consultations(&record.into(), most).wait().unwrap();
            told.into_iter().map(|one: Consultation| format!("{} {}", one.who, one.at.date_naive())).collect::<Vec<_>>()
        };
        assert_eq!(told("F-0", 9), ["gao 1970-01-02", "wen 1970-01-02", "gao 1970-01-01", "wen 1970-01-01"]);
        assert_eq!((told("F-0", 3).len(), told("F-1", 9).len(), told("F-2", 9).len()), (3, 2, 0));
        fs::write(volume(folder.path(), 1), "no volume").unwrap();
        assert_eq!(told("F-0", 9), ["gao 1970-01-02", "wen 1970-01-02", "gao 1970-01-01", "wen 1970-01-01"], "the second has that day too");
    }

    #[track_caller]
    fn broken_at(number: i64, what: fn(&Path)) {
        let (folder, _) = written(35);
        what(folder.path());
        assert_eq!(SqliteAudit::of(folder.path()).verify().wait().unwrap(), Some(BrokenLine { number }));
    }

    #[test]
    fn what_was_done_to_a_volume_is_found() {
        broken_at(3, |folder| changed(&volume(folder, 1), "UPDATE line SET who = 'li.na' WHERE number = 3"));
        broken_at(10, |folder| changed(&volume(folder, 1), "DELETE FROM line WHERE number = 10"));
        broken_at(11, |folder| changed(&volume(folder, 11), "DELETE FROM line WHERE number = 11"));
        broken_at(11, |folder| changed(&volume(folder, 11), "UPDATE carried SET digest = 'x'"));
        broken_at(11, |folder| fs::remove_file(volume(folder, 11)).unwrap());
        broken_at(21, |folder| fs::remove_file(volume(folder, 21)).unwrap());
        broken_at(21, |folder| assert!(fs::copy(volume(folder, 11), volume(folder, 21)).unwrap() > 0));
        broken_at(31, |folder| changed(&super::written(folder), "DELETE FROM carried"));
        broken_at(31, |folder| changed(&super::written(folder), "UPDATE carried SET number = 20"));
    }

    #[test]
    fn of_volumes_that_are_elsewhere_it_is_told_up_to_which_line() {
        let (folder, heads) = written(35);
        let (folder, away) = (folder.path(), tempfile::tempdir().unwrap());
        for (first, last) in [(1, 10), (11, 20), (21, 30)] {
            fs::rename(volume(folder, first), away.path().join(first.to_string())).unwrap();
            assert_eq!(SqliteAudit::of(folder).beginning().wait().unwrap(), heads[last - 1]);
            assert_eq!(SqliteAudit::of(folder).verify().wait().unwrap(), None);
            assert!(
                SqliteAudit::of(folder).has(&heads[last - 1]).wait().unwrap()
                    && !SqliteAudit::of(folder).has(&heads[last - 2]).wait().unwrap()
            );
        }
        assert_eq!(write(folder, 36..=36)[0].number, 36);
        #[cfg(unix)]
        for first in [1, 11, 21] {
            std::os::unix::fs::symlink(away.path().join(first.to_string()), volume(folder, first)).unwrap();
        }
        assert_eq!(
            (SqliteAudit::of(folder).verify().wait().unwrap(), SqliteAudit::of(folder).beginning().wait().unwrap()),
            (None, Head::NONE)
        );
    }

    /// The power goes when the volume is on the disk, and its lines are in the file still.
    #[test]
    fn a_volume_that_was_put_by_by_half_is_put_by_again() {
        let (folder, heads) = written(9);
        let folder = folder.path();
        make_folder(&folder.join(FOLDER)).unwrap();
        copy(&super::written(folder), &volume(folder, 1)).unwrap();
        fs::write(folder.join(FOLDER).join(BEGUN), "half a volume").unwrap();
        assert_eq!((SqliteAudit::of(folder).verify().wait().unwrap(), SqliteAudit::of(folder).head().wait().unwrap().number), (None, 9));
        assert!(heads.iter().all(|head| SqliteAudit::of(folder).has(head).wait().unwrap()));
        write(folder, 10..=15);
        assert_eq!((SqliteAudit::of(folder).verify().wait().unwrap(), SqliteAudit::of(folder).head().wait().unwrap().number), (None, 15));
        assert_eq!(head(&opened(&volume(folder, 1)).unwrap()).unwrap().number, 10);
        assert!(heads.iter().all(|head| SqliteAudit::of(folder).has(head).wait().unwrap()));
    }

    #[test]
    fn another_file_in_the_place_of_a_volume_is_left_alone_and_the_log_grows_on() {
        let (folder, other) = (tempfile::tempdir().unwrap(), written(12).0);
        let log = open(folder.path());
        let write = |lines| (0..lines).for_each(|_| log.write(reading("gao", None, 0)).wait().unwrap());
        write(5);
        make_folder(&folder.path().join(FOLDER)).unwrap();
        let foreign = fs::read(volume(other.path(), 1)).unwrap();
        fs::write(volume(folder.path(), 1), &foreign).unwrap();
        write(20);
        assert_eq!(fs::read(volume(folder.path(), 1)).unwrap(), foreign);
        assert!(SqliteAudit::of(folder.path()).verify().wait().unwrap().is_some(), "and it is told");
        fs::remove_file(volume(folder.path(), 1)).unwrap();
        write(2);
        drop(log);
        assert_eq!((SqliteAudit::of(folder.path()).verify().wait().unwrap(), volumes(folder.path())), (None, vec![1]));
    }

    #[test]
    fn a_new_log_beside_old_volumes_goes_on_from_them() {
        let (folder, heads) = written(25);
        let folder = folder.path();
        ["", "-wal", "-shm"].iter().for_each(|end| drop(fs::remove_file(folder.join(format!("access-log.db{end}")))));
        assert_eq!(write(folder, 21..=22)[1].number, 22);
        assert_eq!(SqliteAudit::of(folder).verify().wait().unwrap(), None);
        assert!(
            SqliteAudit::of(folder).has(&heads[19]).wait().unwrap() && !SqliteAudit::of(folder).has(&heads[24]).wait().unwrap(),
            "the kept head tells"
        );
    }

    #[test]
    fn two_processes_put_by_what_either_has_written() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (open(folder.path()), open(folder.path()));
        other.write(reading("gao", None, 0)).wait().unwrap();
        (0..24).for_each(|_| one.write(reading("wen", None, 0)).wait().unwrap());
        other.write(reading("gao", None, 0)).wait().unwrap();
        let pending: Vec<PendingLine> = (0..200).map(|i| [&one, &other][i % 2].write(reading("wen", None, 0))).collect();
        assert!(pending.into_iter().all(|pending| pending.wait().is_ok()));
        drop((one, other));
        assert_eq!(
            (SqliteAudit::of(folder.path()).verify().wait().unwrap(), SqliteAudit::of(folder.path()).head().wait().unwrap().number),
            (None, 226)
        );
        assert!(volumes(folder.path()).len() >= 3, "{:?}", volumes(folder.path()));
    }

    #[test]
    fn who_reads_while_volumes_are_put_by_finds_an_unbroken_chain() {
        let folder = tempfile::tempdir().unwrap();
        let log = open(folder.path());
        let pending: Vec<PendingLine> = (0..3_000).map(|_| log.write(reading("wen", Some("F-0"), 0))).collect();
        let mut pending = pending.into_iter();
        while let Some(one) = pending.next() {
            one.wait().unwrap();
            pending.by_ref().take(99).for_each(drop);
            assert_eq!(
                (SqliteAudit::of(folder.path()).verify().wait().unwrap(), SqliteAudit::of(folder.path()).beginning().wait().unwrap()),
                (None, Head::NONE)
            );
            assert_eq!(log.consultations(&"F-0".into(), 9).wait().unwrap().len(), 1);
        }
        assert!(volumes(folder.path()).len() > 3);
    }

    #[test]
    fn lines_that_are_gone_stop_the_log_after_a_volume_too() {
        let folder = tempfile::tempdir().unwrap();
        let log = open(folder.path());
        let write = || log.write(reading("wen", None, 0)).wait();
        (0..13).for_each(|_| write().unwrap());
        changed(&super::written(folder.path()), "DELETE FROM line WHERE number = 13");
        assert!(write().unwrap_err().to_string().contains("line 13 was written and is gone"));
        changed(&super::written(folder.path()), "DELETE FROM line; DELETE FROM carried");
        assert!(write().unwrap_err().to_string().contains("line 13 was written and is gone"));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_a_volume() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, _) = written(10);
        let mode = |path: PathBuf| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(folder.path().join(FOLDER)), mode(volume(folder.path(), 1))), (0o700, 0o600));
    }

    #[test]
    fn a_log_from_before_there_were_volumes_is_verified_as_it_is() {
        let (folder, heads) = written(5);
        changed(&super::written(folder.path()), "DROP TABLE carried");
        assert_eq!(
            (SqliteAudit::of(folder.path()).verify().wait().unwrap(), SqliteAudit::of(folder.path()).beginning().wait().unwrap()),
            (None, Head::NONE)
        );
        assert!(SqliteAudit::of(folder.path()).has(&heads[4]).wait().unwrap());
        write(folder.path(), 6..=12);
        assert_eq!((SqliteAudit::of(folder.path()).verify().wait().unwrap(), volumes(folder.path())), (None, vec![1]));
    }
}
