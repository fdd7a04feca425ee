//! The test of the test: the comparison of `tests/noninterference` finds each of five deliberate
//! leaks, and nothing where there is none. They are switched for the whole process, so that this is
//! one test.

#![allow(dead_code, reason = "it uses a part of what the comparison has")]

mod support;

#[path = "noninterference/archives.rs"]
mod archives;
#[path = "noninterference/comparison.rs"]
mod comparison;
#[path = "noninterference/crawler.rs"]
mod crawler;
#[path = "noninterference/dice.rs"]
mod dice;
#[path = "noninterference/ground.rs"]
mod ground;
#[path = "noninterference/house.rs"]
mod house;
#[path = "noninterference/mangled.rs"]
mod mangled;
#[path = "noninterference/others.rs"]
mod others;
#[path = "noninterference/pages.rs"]
mod pages;
#[path = "noninterference/queries.rs"]
mod queries;
#[path = "noninterference/readers.rs"]
mod readers;

use archives::BASE;
use chancery::leak::{self, Leak};
use crawler::Crawl;
use ground::Ground;
use house::{Asked, House};
use others::Kind;

/// As in the program: it is quicker than the system's.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A part of the archive will do.
const IN_A_HUNDRED: usize = 20;

/// The kind of A′ in which each leak must show.
fn shows_in(leak: Leak) -> Kind {
    match leak {
        Leak::Count | Leak::Backlink => Kind::Removed,
        Leak::Attachment => Kind::Changed,
        Leak::Scores | Leak::Etag => Kind::Added,
    }
}

#[test]
fn every_leak_is_caught() {
    let asking = &readers::OWNER;
    let ground = Ground::of(&BASE.office, &asking.reader());
    let others = Kind::ALL.map(|kind| (kind, others::other(kind, &asking.reader(), &ground)));
    let probes = comparison::probes(asking, &ground, &others.iter().map(|(_, other)| other).collect::<Vec<_>>());
    let house = House::open(&BASE.office);
    let crawl = Crawl::new(&house, asking.id).everything(&probes);
    let sequence: Vec<Asked> = crawl.heard.into_iter().map(|(asked, _)| asked).collect();
    let told = |kind: Kind| {
        let (_, other) = others.iter().find(|(known, _)| *known == kind).unwrap();
        comparison::first_difference(&sequence, &House::open(&BASE.office), &House::open(&other.office), asking.id)
    };
    for kind in Kind::ALL {
        assert_eq!(told(kind), None, "no leak is open");
    }
    for leak in Leak::ALL {
        leak::open(Some(leak));
        let told = told(shows_in(leak));
        println!("{leak:?}: {}", told.as_deref().unwrap_or("nothing"));
        assert!(told.is_some(), "{leak:?} is not noticed");
    }
}
