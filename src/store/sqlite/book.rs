//! The access log as the thread has it that writes it: in the file that bears the log's name, and
//! in no other. It never begins a new log while one is being written.

use super::{
    fault::SqliteFault,
    files::Files,
    folder::{connect, make_folder},
    volume::{self, connected, has, head},
};
use crate::store::{
    AccessLine, Head, StoreError,
    chain::{digest, time_of},
    log::LineSender,
    tally::RefusalTally,
};
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};
use std::{
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

/// No more lines than this share a commit.
const BATCH: usize = 256;
/// What was counted is told when nothing has come for so long.
const LULL: Duration = Duration::from_secs(60);

pub(super) struct Book {
    folder: PathBuf,
    /// Nothing, where it was found deleted or replaced, or could not be opened for writing.
    open: Option<OpenLog>,
    /// The last line that was written here. A log without it is not the one that was being written.
    last: Head,
    tally: RefusalTally,
    /// Lines that a volume has.
    volume: i64,
    /// From which line on the next is put by.
    due: i64,
}

struct OpenLog {
    connection: Connection,
    /// Which files they were when they were opened.
    files: Files,
}

impl Book {
    /// Opens, or makes, the log in a folder, with volumes of so many lines or more.
    pub(super) fn open(folder: &Path, volume: i64) -> Result<Book, SqliteFault> {
        make_folder(folder)?;
        let path = volume::written(folder);
        let made =
            connect(&path, OpenFlags::default()).and_then(|connection| connection.execute_batch(volume::TABLES).map(|()| connection));
        let mut connection = made.map_err(|error| SqliteFault::unopened(&path, &error))?;
        volume::go_on(folder, &mut connection)?;
        let (last, due) = (head(&connection)?, volume::carried(&connection)?.number + volume);
        // Where the disk takes no writes, that is said of each line until it does.
        let open = OpenLog::new(folder, connection).ok();
        Ok(Book { folder: folder.to_owned(), open, last, tally: RefusalTally::default(), volume, due })
    }

    /// Writes lines, all or none; those that are counted with others stand there already, as far as
    /// these do.
    fn enter(&mut self, batch: &[(AccessLine, LineSender)]) -> Result<(), SqliteFault> {
        let mut tally = self.tally.clone();
        let lines: Vec<AccessLine> = batch.iter().flat_map(|(line, _)| tally.lines(line)).collect();
        self.commit(&lines)?;
        self.tally = tally;
        Ok(())
    }

    /// Writes what was counted. Where it cannot be written, it is counted on.
    fn tell(&mut self) -> Result<(), SqliteFault> {
        let mut tally = self.tally.clone();
        let lines = tally.told();
        if !lines.is_empty() {
            self.commit(&lines)?;
            self.tally = tally;
        }
        Ok(())
    }

    /// Puts a volume by, where it is time. Where that fails the log grows on, and it is tried again
    /// after the tenth part of a volume.
    fn put_by(&mut self) {
        if self.last.number < self.due {
            return;
        }
        self.due = self.last.number + (self.volume / 10).max(1);
        let Some(open) = self.open.as_mut().filter(|open| open.stands(&self.folder)) else { return };
        match volume::put_by(&self.folder, &mut open.connection, self.volume).and_then(|()| Ok(volume::carried(&open.connection)?.number)) {
            Ok(carried) => self.due = carried + self.volume,
            Err(fault) => tracing::error!("the access log grows beyond its volume: {}", StoreError::from(fault)),
        }
    }

    /// Writes lines, all or none. After an error the next call begins anew: a disk may work again,
    /// a log may have been put back.
    fn commit(&mut self, batch: &[AccessLine]) -> Result<(), SqliteFault> {
        if self.open.as_ref().is_some_and(|open| !open.stands(&self.folder)) {
            // Closed before the next is opened: what stands in a deleted write-ahead file goes into
            // the tables at the close, if they are there.
            self.open = None;
        }
        let open = match &mut self.open {
            Some(open) => open,
            closed => closed.insert(OpenLog::new(&self.folder, connected(&self.folder)?)?),
        };
        self.last = append(&self.folder, &mut open.connection, &self.last, batch)?;
        // Deleted meanwhile, the file is on the disk and nobody will find it there.
        if open.stands(&self.folder) { Ok(()) } else { Err(StoreError::Replaced(volume::written(&self.folder)).into()) }
    }
}

impl OpenLog {
    fn new(folder: &Path, connection: Connection) -> Result<OpenLog, SqliteFault> {
        // What a failed fsync has left in the write-ahead file may be in memory and not on the disk
        // (Rebello et al., "Can Applications Recover from fsync Failures?", 2020), and new lines
        // would stand behind it: it is written once more. Not where somebody reads meanwhile.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        let files = Files::of(&volume::written(folder));
        Ok(OpenLog { connection, files })
    }

    fn stands(&self, folder: &Path) -> bool {
        Files::of(&volume::written(folder)) == self.files
    }
}

/// Writes what comes, until nobody is left to hand anything over.
pub(super) fn write_on(mut book: Book, waiting: &Receiver<(AccessLine, LineSender)>) {
    loop {
        match waiting.recv_timeout(LULL) {
            Ok(first) => {
                enter(&mut book, std::iter::once(first).chain(waiting.try_iter().take(BATCH - 1)).collect());
                book.put_by();
            }
            Err(lull) => {
                if let Err(fault) = book.tell() {
                    tracing::error!("what was counted is not in the access log: {}", StoreError::from(fault));
                }
                if lull == RecvTimeoutError::Disconnected {
                    return;
                }
            }
        }
    }
}

fn enter(book: &mut Book, batch: Vec<(AccessLine, LineSender)>) {
    let entered = book.enter(&batch).map_err(|fault| StoreError::from(fault).to_string());
    for (_, written) in batch {
        // Whoever asked may have hung up.
        let _gone = written.send(entered.clone());
    }
}

/// Adds lines to the log that has the line `last`, and gives its new head.
fn append(folder: &Path, connection: &mut Connection, last: &Head, batch: &[AccessLine]) -> Result<Head, SqliteFault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !has(&transaction, last)? && !volume::was_put_by(folder, &transaction, last)? {
        return Err(StoreError::LostLine(last.number).into());
    }
    let mut head = head(&transaction)?;
    for line in batch {
        let at = time_of(line);
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
