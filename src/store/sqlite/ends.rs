//! Ends what hangs on a person's account: all that opens something of the person's without the
//! password, or makes it easier to guess.

use rusqlite::Connection;

pub(super) fn end_sessions(connection: &Connection, person: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM session WHERE person = ?1", [person]).map(|_| ())
}

pub(super) fn end_links(connection: &Connection, person: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM invitation WHERE person = ?1", [person]).map(|_| ())
}

pub(super) fn end_calendar(connection: &Connection, person: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM calendar WHERE person = ?1", [person]).map(|_| ())
}

pub(super) fn forget_devices(connection: &Connection, person: &str) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM device WHERE person = ?1", [person]).map(|_| ())
}

/// All of them.
pub(super) fn end_all(connection: &Connection, person: &str) -> rusqlite::Result<()> {
    [end_sessions, end_links, end_calendar, forget_devices].into_iter().try_for_each(|end| end(connection, person))
}
