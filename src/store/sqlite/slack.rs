//! Room on the disk that is kept for what must be possible without any: signing out, and shutting
//! an account. SQLite writes what it deletes.

use super::folder::make_private;
use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

const FILE: &str = "slack";
/// In bytes.
const LENGTH: u64 = 2 << 20;
/// Given up at once, in bytes: enough to end something, and whatever else writes to the disk gets
/// no more of it.
const PIECE: u64 = 64 << 10;

pub(super) struct Slack(PathBuf);

impl Slack {
    pub(super) fn in_folder(folder: &Path) -> Slack {
        Slack(folder.join(FILE))
    }

    /// Takes up what room is missing, as far as the disk has it; the rest is taken at the next
    /// occasion.
    pub(super) fn keep(&self) {
        let missing = LENGTH.saturating_sub(self.length());
        let _as_far_as_there_is_room = if missing > 0 { self.fill(missing) } else { Ok(()) };
    }

    fn length(&self) -> u64 {
        self.0.metadata().map_or(0, |slack| slack.len())
    }

    fn fill(&self, missing: u64) -> io::Result<()> {
        // Zeros would take no room where the file system compresses.
        let mut bytes = vec![0; missing as usize];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        make_private(&self.0);
        let mut file = File::options().append(true).open(&self.0)?;
        file.write_all(&bytes)?;
        file.sync_all()
    }

    /// Gives a piece of the room up; whether there was any.
    pub(super) fn give_up(&self) -> bool {
        let length = self.length();
        let shortened = File::options().write(true).open(&self.0).and_then(|slack| slack.set_len(length.saturating_sub(PIECE)));
        length > 0 && shortened.is_ok()
    }
}
