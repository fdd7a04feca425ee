//! The access log: a chain of lines, each with the digest of all before it. A line counts as written when it is on the disk, in the file that
//! bears the log's name; lines that come together share one fsync. Never begins a new log while one is being written.

use super::{
    StoreError, connect,
    files::Files,
    make_folder,
    tally::Tally,
    volume::{self, Volumes, has, head},
};
use crate::source::RecordId;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OpenFlags, Row, TransactionBehavior, params};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread::JoinHandle,
    time::Duration,
};
use tokio::sync::oneshot;

const FILE: &str = "access-log.db";

/// Of what somebody asked for, no more bytes stand in a line: an address may be a hundred times as long.
const LONGEST: usize = 2_000;
/// No more lines than this share a commit.
const BATCH: usize = 256;
/// Files of the log, the last ones, from which a page tells who has read a record: two million lines.
const LOOKED_THROUGH: usize = 40;
/// What was counted is told when nothing has come for so long.
const LULL: Duration = Duration::from_secs(60);

/// Who asked for what, when, from where, and whether he got it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessLine {
    pub at: DateTime<Utc>,
    pub who: String,
    pub what: String,
    pub origin: String,
    /// The record that was read.
    pub record: Option<RecordId>,
    pub allowed: bool,
}

/// Somebody has read a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    pub at: DateTime<Utc>,
    pub who: RecordId,
}

/// The number and the digest of the last line: kept elsewhere, it shows that none was cut off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    pub number: i64,
    pub digest: String,
}

impl Head {
    /// Before the first line.
    pub(super) const NONE: Head = Head { number: 0, digest: String::new() };
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.digest)
    }
}

impl FromStr for Head {
    type Err = NoHead;

    /// As it is displayed: the number, a space, the digest.
    fn from_str(text: &str) -> Result<Head, NoHead> {
        let (number, digest) = text.trim_end().split_once(' ').unwrap_or((text.trim_end(), ""));
        let number = number.parse().map_err(|_| NoHead)?;
        let length = if number == 0 { 0 } else { 64 };
        let is_digest = digest.len() == length && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if number >= 0 && is_digest { Ok(Head { number, digest: digest.to_owned() }) } else { Err(NoHead) }
    }
}

/// A text that is not the number and the digest of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoHead;

/// The first line that does not follow from those before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    pub number: i64,
}

/// A line that bears an earlier time than one before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backward {
    pub number: i64,
    pub at: DateTime<Utc>,
    /// The latest time before it.
    pub before: DateTime<Utc>,
}

/// A line bears the time at which its page was asked for, and may be written after lines of pages that were asked for later. Further back goes
/// only a clock that was set back, or a log that was written anew.
const OVERTAKEN: TimeDelta = TimeDelta::minutes(2);

/// A line on its way to the disk: answered when it is there.
pub type Pending = oneshot::Receiver<Result<(), String>>;

struct Waiting {
    line: AccessLine,
    done: oneshot::Sender<Result<(), String>>,
}

/// The log, written by a thread of its own.
pub struct AccessLog {
    folder: PathBuf,
    lines: Option<Sender<Waiting>>,
    writer: Option<JoinHandle<()>>,
}

impl AccessLog {
    /// Opens, or makes, the log in a folder.
    ///
    /// # Errors
    /// Where it cannot be made or read.
    pub fn open(folder: &Path) -> Result<AccessLog, StoreError> {
        AccessLog::open_in_volumes(folder, volume::LINES)
    }

    /// The same, with volumes of so many lines or more.
    pub(super) fn open_in_volumes(folder: &Path, lines: i64) -> Result<AccessLog, StoreError> {
        make_folder(folder)?;
        let path = path(folder);
        let made =
            connect(&path, OpenFlags::default()).and_then(|connection| connection.execute_batch(volume::TABLES).map(|()| connection));
        let mut connection = made.map_err(|e| StoreError::Database(path, e))?;
        volume::go_on(folder, &mut connection)?;
        let book = Book::open(folder, connection, lines)?;
        let (lines, waiting) = channel();
        let writer = std::thread::Builder::new().name("access-log".to_owned()).spawn(move || write(book, &waiting));
        let writer = writer.map_err(|e| StoreError::Log(e.to_string()))?;
        Ok(AccessLog { folder: folder.to_owned(), lines: Some(lines), writer: Some(writer) })
    }

    /// Who has read a record and when, the latest first: each person at most once a day (UTC), and no more than `most`. Told from the last
    /// [`LOOKED_THROUGH`] files of the log, and of these from those that can be read.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn readings(&self, record: &RecordId, most: usize) -> Result<Vec<Reading>, StoreError> {
        let volumes = AccessLog::volumes(&self.folder)?;
        let mut told = Vec::new();
        for part in volumes.parts().rev().take(LOOKED_THROUGH) {
            match part.and_then(|part| Ok(readings(&part, record, most)?)) {
                Ok(found) => told.extend(found),
                Err(error) => tracing::warn!("readings are not told from a volume of the access log: {error}"),
            }
            let mut days = BTreeSet::new();
            told.retain(|reading: &Reading| days.insert((reading.at.date_naive(), reading.who.clone())));
            if told.len() >= most {
                break;
            }
        }
        told.truncate(most);
        Ok(told)
    }

    /// A connection to the log that is there; never to a new one.
    fn connect(folder: &Path) -> Result<Connection, StoreError> {
        let path = path(folder);
        if !path.exists() {
            return Err(StoreError::NoLog(path));
        }
        connect(&path, OpenFlags::default() - OpenFlags::SQLITE_OPEN_CREATE).map_err(|e| StoreError::Database(path, e))
    }

    fn volumes(folder: &Path) -> Result<Volumes, StoreError> {
        Volumes::of(folder, AccessLog::connect(folder)?)
    }

    /// Hands a line to the writer; wait for the answer where what follows must not go out without it.
    pub fn write(&self, line: AccessLine) -> Pending {
        let line = AccessLine { what: within(line.what), ..line };
        let (done, pending) = oneshot::channel();
        if let Some(lines) = &self.lines {
            // Where the writer is gone, the sender is dropped here and the receiver says so.
            let _gone = lines.send(Waiting { line, done });
        }
        pending
    }

    /// The first line that was altered, removed or put elsewhere, if there is one. A cut tail does not show: see [`AccessLog::has`]. Nor do
    /// volumes that are not here: see [`AccessLog::beginning`].
    ///
    /// # Errors
    /// Where there is no log, or it cannot be read.
    pub fn verify(folder: &Path) -> Result<Option<Broken>, StoreError> {
        let volumes = AccessLog::volumes(folder)?;
        let mut head = volumes.beginning()?;
        for part in volumes.parts() {
            let part = part?;
            if volume::carried(&part)? != head {
                return Ok(Some(Broken { number: head.number + 1 }));
            }
            let mut query = part.prepare("SELECT number, at, who, what, origin, record, allowed, digest FROM line ORDER BY number")?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                match following(&head, row) {
                    Some(next) => head = next,
                    None => return Ok(Some(Broken { number: head.number + 1 })),
                }
            }
        }
        Ok(None)
    }

    /// The lines at which time runs back, in their order. Their digests may well be right: whoever writes a log anew makes them so.
    ///
    /// # Errors
    /// Where there is no log, or it cannot be read.
    pub fn backward(folder: &Path) -> Result<Vec<Backward>, StoreError> {
        let (mut latest, mut found) = (DateTime::<Utc>::MIN_UTC, Vec::new());
        for part in AccessLog::volumes(folder)?.parts() {
            let part = part?;
            let mut query = part.prepare("SELECT number, at FROM line ORDER BY number")?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                let Ok(at) = row.get::<_, String>(1)?.parse() else { continue };
                if at < latest && latest - at > OVERTAKEN {
                    found.push(Backward { number: row.get(0)?, at, before: latest });
                }
                latest = latest.max(at);
            }
        }
        Ok(found)
    }

    /// The last line.
    ///
    /// # Errors
    /// Where there is no log, or it cannot be read.
    pub fn head(folder: &Path) -> Result<Head, StoreError> {
        Ok(head(&AccessLog::connect(folder)?)?)
    }

    /// What the first line that is here goes on from: a line of a volume that was put elsewhere, or none.
    ///
    /// # Errors
    /// Where there is no log, or it cannot be read.
    pub fn beginning(folder: &Path) -> Result<Head, StoreError> {
        AccessLog::volumes(folder)?.beginning()
    }

    /// Whether the log still has a line that was its last once. Where it has, and its chain is unbroken, nothing up to there was cut or written anew.
    ///
    /// # Errors
    /// Where there is no log, or it cannot be read.
    pub fn has(folder: &Path, kept: &Head) -> Result<bool, StoreError> {
        for part in AccessLog::volumes(folder)?.parts() {
            if has(&*part?, kept)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Drop for AccessLog {
    /// Waits until the lines that were handed over are written.
    fn drop(&mut self) {
        self.lines.take();
        if let Some(writer) = self.writer.take() {
            let _panicked = writer.join();
        }
    }
}

/// What somebody asked for, and where that is cut, how long it was.
fn within(what: String) -> String {
    if what.len() <= LONGEST { what } else { format!("{}… ({} bytes)", &what[..what.floor_char_boundary(LONGEST)], what.len()) }
}

/// The file that is being written.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

fn readings(part: &Connection, record: &RecordId, most: usize) -> rusqlite::Result<Vec<Reading>> {
    let sql = "SELECT max(at), who FROM line WHERE record = ?1 AND record <> '' AND allowed
        GROUP BY who, substr(at, 1, 10) ORDER BY max(number) DESC LIMIT ?2";
    let mut query = part.prepare(sql)?;
    let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let rows = query.query_map(params![&*record.0, most as i64], read)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let reading = |(at, who): (String, String)| Some(Reading { at: at.parse().ok()?, who: RecordId(who.into()) });
    Ok(rows.into_iter().filter_map(reading).collect())
}

/// The head after a line of the table, if that line follows.
fn following(head: &Head, row: &Row<'_>) -> Option<Head> {
    let number = |column| row.get_ref(column).ok()?.as_i64().ok();
    let text = |column| row.get_ref(column).ok()?.as_str().ok();
    let own = number(0)?;
    let digest = digest(&head.digest, own, &[text(1)?, text(2)?, text(3)?, text(4)?, text(5)?], number(6)?);
    (own == head.number + 1 && digest == text(7)?).then_some(Head { number: own, digest })
}

/// The log as its writer has it.
struct Book {
    folder: PathBuf,
    /// Nothing, where it was found deleted or replaced, or could not be opened for writing.
    open: Option<Open>,
    /// The last line that was written here. A log without it is not the one that was being written.
    last: Head,
    tally: Tally,
    /// Lines that a volume has.
    volume: i64,
    /// From which line on the next is put by.
    due: i64,
}

struct Open {
    connection: Connection,
    /// Which files they were when they were opened.
    files: Files,
}

impl Book {
    fn open(folder: &Path, connection: Connection, volume: i64) -> Result<Book, StoreError> {
        let (last, due) = (head(&connection)?, volume::carried(&connection)?.number + volume);
        // Where the disk takes no writes, that is said of each line until it does.
        let open = Open::new(folder, connection).ok();
        Ok(Book { folder: folder.to_owned(), open, last, tally: Tally::default(), volume, due })
    }

    /// Writes lines, all or none; those that are counted with others stand there already, as far as these do.
    fn enter(&mut self, batch: &[Waiting]) -> Result<(), StoreError> {
        let mut tally = self.tally.clone();
        let lines: Vec<AccessLine> = batch.iter().flat_map(|waiting| tally.lines(&waiting.line)).collect();
        self.commit(&lines)?;
        self.tally = tally;
        Ok(())
    }

    /// Writes what was counted. Where it cannot be written, it is counted on.
    fn tell(&mut self) -> Result<(), StoreError> {
        let mut tally = self.tally.clone();
        let lines = tally.told();
        if !lines.is_empty() {
            self.commit(&lines)?;
            self.tally = tally;
        }
        Ok(())
    }

    /// Puts a volume by, where it is time. Where that fails the log grows on, and it is tried again after the tenth part of a volume.
    fn put_by(&mut self) {
        if self.last.number < self.due {
            return;
        }
        self.due = self.last.number + (self.volume / 10).max(1);
        let Some(open) = self.open.as_mut().filter(|open| open.stands(&self.folder)) else { return };
        match volume::put_by(&self.folder, &mut open.connection, self.volume).and_then(|()| Ok(volume::carried(&open.connection)?.number)) {
            Ok(carried) => self.due = carried + self.volume,
            Err(error) => tracing::error!("the access log grows beyond its volume: {error}"),
        }
    }

    /// Writes lines, all or none. After an error the next call begins anew: a disk may work again, a log may have been put back.
    fn commit(&mut self, batch: &[AccessLine]) -> Result<(), StoreError> {
        if self.open.as_ref().is_some_and(|open| !open.stands(&self.folder)) {
            // Closed before the next is opened: what stands in a deleted write-ahead file goes into the tables at the close, if they are there.
            self.open = None;
        }
        let open = match &mut self.open {
            Some(open) => open,
            closed => closed.insert(Open::new(&self.folder, AccessLog::connect(&self.folder)?)?),
        };
        self.last = append(&self.folder, &mut open.connection, &self.last, batch)?;
        // Deleted meanwhile, the file is on the disk and nobody will find it there.
        if open.stands(&self.folder) { Ok(()) } else { Err(StoreError::Replaced(path(&self.folder))) }
    }
}

impl Open {
    fn new(folder: &Path, connection: Connection) -> Result<Open, StoreError> {
        // What a failed fsync has left in the write-ahead file may be in memory and not on the disk (Rebello et al., "Can Applications Recover from
        // fsync Failures?", 2020), and new lines would stand behind it: it is written once more. Not where somebody reads meanwhile.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        let files = Files::of(&path(folder));
        Ok(Open { connection, files })
    }

    fn stands(&self, folder: &Path) -> bool {
        Files::of(&path(folder)) == self.files
    }
}

fn write(mut book: Book, waiting: &Receiver<Waiting>) {
    loop {
        match waiting.recv_timeout(LULL) {
            Ok(first) => {
                enter(&mut book, std::iter::once(first).chain(waiting.try_iter().take(BATCH - 1)).collect());
                book.put_by();
            }
            Err(lull) => {
                if let Err(error) = book.tell() {
                    tracing::error!("what was counted is not in the access log: {error}");
                }
                if lull == RecvTimeoutError::Disconnected {
                    return;
                }
            }
        }
    }
}

fn enter(book: &mut Book, batch: Vec<Waiting>) {
    let written = book.enter(&batch).map_err(|e| e.to_string());
    for line in batch {
        // Whoever asked may have hung up.
        let _gone = line.done.send(written.clone());
    }
}

/// Adds lines to the log that has the line `last`, and gives its new head.
fn append(folder: &Path, connection: &mut Connection, last: &Head, batch: &[AccessLine]) -> Result<Head, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !has(&transaction, last)? && !volume::was_put_by(folder, &transaction, last)? {
        return Err(StoreError::LostLine(last.number));
    }
    let mut head = head(&transaction)?;
    for line in batch {
        let at = line.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        let number = head.number.checked_add(1).ok_or(StoreError::LostLine(last.number))?;
        let record = line.record.as_ref().map_or("", |id| &id.0);
        let digest = digest(&head.digest, number, &[&at, &line.who, &line.what, &line.origin, record], i64::from(line.allowed));
        let mut insert = transaction.prepare_cached("INSERT INTO line VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
        insert.execute(params![number, at, line.who, line.what, line.origin, record, line.allowed, digest])?;
        head = Head { number, digest };
    }
    transaction.commit()?;
    Ok(head)
}

/// SHA-256 over the digest of the line before and this line's parts, each with its length before it.
fn digest(before: &str, number: i64, parts: &[&str; 5], allowed: i64) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("chancery access log v1\n{before}\n{number} {allowed}\n"));
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
