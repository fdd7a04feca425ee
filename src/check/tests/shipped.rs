//! The policies at the root of this repository: their examples come out as they say, and none of
//! them could come out otherwise too.

use crate::{
    archive::Settings,
    check::examples,
    diagnostic::Finding,
    policy::Policies,
    source::{Room, Sources},
};
use chrono::NaiveDate;
use std::path::Path;

/// The shipped policies, each text changed by `change`, without a record.
fn tried(change: impl Fn(&str) -> String) -> (usize, Vec<Finding>) {
    let shipped = Sources::read(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the repository can be listed");
    let texts = shipped.in_room(Room::Policy).map(|file| (file.path.to_string(), change(&file.text)));
    let sources = Sources::from_memory(texts);
    let today = NaiveDate::from_ymd_opt(2026, 11, 2).expect("the second of November is a date");
    let policies = Policies::compile(&sources, today);
    let tried = examples::try_all(&policies, &Settings::default());
    (tried.iter().map(|tried| tried.holds + tried.breaks + tried.late).sum(), tried.into_iter().flat_map(|tried| tried.failed).collect())
}

#[test]
fn every_shipped_example_comes_out_as_it_says() {
    let (count, findings) = tried(str::to_owned);
    assert!(count > 0);
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn every_shipped_example_turned_round_is_told() {
    let turned = |text: &str| {
        text.replace("\n- holds:", "\n- turned:")
            .replace("\n- breaks:", "\n- holds:")
            .replace("\n- turned:", "\n- breaks:")
            .replace("\n- late:", "\n- holds:")
    };
    let (count, findings) = tried(turned);
    assert_eq!(findings.len(), count);
}
