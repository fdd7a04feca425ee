//! The intranet as its readers, its administrator and its attackers see it.

#[path = "../support/mod.rs"]
mod support;

mod access_log;
mod accounts;
mod approving;
mod ask;
mod attachments;
mod backup;
mod founding;
mod leaks;
mod markup;
mod modes;
mod pages;
mod people;
mod proxy;
mod rollback;
mod themes;
mod trust;
mod turns;
mod users;

/// As in the program: it is quicker than the system's.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
