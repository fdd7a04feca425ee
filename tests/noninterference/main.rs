//! What a reader may not read does not exist: two archives that differ only in what is hidden from
//! him answer him alike, byte for byte, whatever he asks for.

#[path = "../support/mod.rs"]
mod support;

mod archives;
mod comparison;
mod crawler;
mod dice;
mod ground;
mod house;
mod mangled;
mod opened;
mod others;
mod pages;
mod queries;
mod readers;

use chancery::access::Reader;
use comparison::check;

/// As in the program: it is quicker than the system's.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// All of the archive, and of everything that is tried; the test of this test does with less.
const IN_A_HUNDRED: usize = 100;

#[test]
fn to_an_owner() {
    check(&readers::OWNER);
}

#[test]
fn to_a_custodian() {
    check(&readers::CUSTODIAN);
}

#[test]
fn to_finance() {
    check(&readers::FINANCE);
}

#[test]
fn to_the_office() {
    check(&readers::OFFICE);
}

#[test]
fn to_a_teacher() {
    check(&readers::TEACHER);
}

#[test]
fn to_a_cleaner_who_sees_almost_nothing() {
    check(&readers::CLEANER);
}

#[test]
fn to_the_head_of_a_department() {
    check(&readers::HEAD_OF_DEPARTMENT);
}

#[test]
fn to_a_reader_under_an_authorisation() {
    check(&readers::AUTHORISED);
}

#[test]
fn to_the_general_manager_who_sees_almost_everything() {
    check(&readers::GENERAL_MANAGER);
}

/// The static site, which has no server.
#[test]
fn to_all_staff() {
    comparison::check_site(&Reader::Everyone);
}

#[test]
fn scores_are_made_from_what_is_seen() {
    comparison::check_scores(&readers::OWNER);
}

/// The comparison reaches everything: every line of the table of routes and every kind of page
/// opens to one reader or another.
#[test]
fn every_route_opens_to_somebody() {
    opened::check();
}
