//! Texts that are made by the program and kept in the repository.

use std::{fs, path::Path};

/// Whether kept texts are written anew: with `CHANCERY_BLESS=1`. What that changes is read before
/// it is committed.
pub fn is_blessing() -> bool {
    std::env::var_os("CHANCERY_BLESS").is_some()
}

/// A kept text, by its path from the root of the repository, is what was made. Tells of the first
/// line that differs.
pub fn is_kept(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if is_blessing() {
        fs::write(&file, made).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    let differing = kept.lines().zip(made.lines()).find(|(kept, made)| kept != made);
    assert_eq!(differing, None, "{path}: run the test with CHANCERY_BLESS=1, and read what changed");
    assert_eq!(kept, made, "{path}: run the test with CHANCERY_BLESS=1, and read what changed");
}
