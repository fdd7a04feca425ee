//! Archives in memory and on the disk, and the commands that read and write them.

#[path = "../support/mod.rs"]
mod support;

mod after;
mod drafting;
mod drafts;
mod figures;
mod hostile;
mod mutations;
mod paper;
mod pending;
mod renaming;
mod searched;
mod shipped;
mod signatures;
mod site;
mod slips;
mod watching;

/// As in the program: it is quicker than the system's.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
