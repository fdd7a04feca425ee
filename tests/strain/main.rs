//! The server under strain: killed, asked to stop, out of disk, with clients that do not read.

#[path = "../support/mod.rs"]
mod support;

mod ending;
mod full_disk;
mod killed;
mod unread;
