//! What the rulebooks demand, and the words of the program beside them: the manual, the pages on
//! writing, what a terminal shows. Quick: the lane for every save runs all of it.

#[path = "../support/mod.rs"]
mod support;

mod demands;
mod english;
mod eras;
mod lending;
mod manual;
mod policy;
mod prose;
mod terminal;
mod time;
mod unseen;
mod writing;

/// As in the program: it is quicker than the system's.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
