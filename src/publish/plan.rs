//! Which file holds which page.

use super::PublishError;
use percent_encoding::percent_decode_str;
use std::collections::{BTreeMap, BTreeSet};

/// The files of a site in the order of its addresses, each with the address of its page, and the
/// folders that hold them, by their paths below its root.
pub struct Plan<'a> {
    pub files: Vec<(String, &'a str)>,
    /// Each after the one that holds it; the root is not among them.
    pub folders: BTreeSet<String>,
}

impl<'a> Plan<'a> {
    pub fn of(addresses: &[&'a str]) -> Result<Plan<'a>, PublishError> {
        let named =
            |address: &&'a str| file(address).map(|file| (file, *address)).ok_or_else(|| PublishError::Address((*address).to_owned()));
        let files: Vec<(String, &str)> = addresses.iter().map(named).collect::<Result<_, _>>()?;
        let mut by_file: BTreeMap<&str, &str> = BTreeMap::new();
        for (file, address) in &files {
            if let Some(other) = by_file.insert(file, address) {
                return Err(PublishError::Twice(other.to_owned(), (*address).to_owned()));
            }
        }
        let folders: BTreeSet<String> = by_file.keys().flat_map(|file| above(file)).map(str::to_owned).collect();
        if let Some((_, address)) = files.iter().find(|(file, _)| folders.contains(file)) {
            return Err(PublishError::Address((*address).to_owned()));
        }
        Ok(Plan { files, folders })
    }
}

/// The folders above a file, the nearest first.
fn above(file: &str) -> impl Iterator<Item = &str> {
    file.match_indices('/').rev().map(|(at, _)| &file[..at])
}

/// The file of an address, as a web server would look for it: decoded, `index.html` in the folder
/// of a page.
fn file(address: &str) -> Option<String> {
    let path = percent_decode_str(address.strip_prefix('/')?).decode_utf8().ok()?;
    let file = if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.into_owned() };
    let is_name = |name: &str| !name.is_empty() && name.len() <= 255 && !name.starts_with('.') && !name.contains(['\0', '\\']);
    file.split('/').all(is_name).then_some(file)
}
