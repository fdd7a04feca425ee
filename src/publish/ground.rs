//! Where a site may stand: beside what an archive is made of, never in its midst or around it.

use super::PublishError;
use std::{
    io,
    path::{Path, PathBuf},
};

/// What an archive consists of. Names that begin with a dot are kept free too: state lies there,
/// and the history of a version control system.
const ARCHIVE: [&str; 3] = ["records", "policies", "themes"];

/// Whether a site may be written to `out`: not in the place of the archive below `root` or of a
/// folder around it, and not in the folders of which the archive consists, whatever symbolic links
/// lead there.
///
/// # Errors
/// [`PublishError::InArchive`] where it may not; where links cannot be followed, the system's
/// error.
pub fn fits(out: &Path, root: &Path) -> Result<(), PublishError> {
    let at = |error| PublishError::Io(out.to_owned(), error);
    let (real, root) = (real(out).map_err(at)?, root.canonicalize().map_err(at)?);
    let is_taken = match real.strip_prefix(&root) {
        Ok(below) => below.iter().next().is_none_or(|first| is_ours(&first.to_string_lossy())),
        Err(_) => root.starts_with(&real),
    };
    if is_taken { Err(PublishError::InArchive(out.to_owned())) } else { Ok(()) }
}

/// Some file systems take `Records` for `records`.
fn is_ours(name: &str) -> bool {
    name.starts_with('.') || ARCHIVE.contains(&&*name.to_lowercase())
}

/// The path without symbolic links on the way. A site is itself a link, and where it leads is no
/// matter: its last step stays as it is, and so does what is not there yet.
fn real(out: &Path) -> io::Result<PathBuf> {
    let whole = std::path::absolute(out)?;
    let (Some(above), Some(name)) = (whole.parent(), whole.file_name()) else { return whole.canonicalize() };
    let there = above.ancestors().find(|folder| folder.exists()).unwrap_or(above);
    let missing = above.strip_prefix(there).unwrap_or(Path::new(""));
    Ok(there.canonicalize()?.join(missing).join(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::symlink};

    #[test]
    fn a_site_stands_neither_in_an_archive_nor_in_its_place() {
        let ground = tempfile::tempdir().unwrap();
        let root = ground.path().join("house/archive");
        for folder in ["records/customers", "policies", "themes/plain", ".chancery", ".git", "public"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        symlink("house/archive/records", ground.path().join("link")).unwrap();
        symlink("archive", ground.path().join("house/same")).unwrap();
        // As a hostile hand would mark it, for a site in its place to be exchanged and the old one
        // cleared away.
        fs::write(root.join(".chancery-site"), "").unwrap();
        for out in [
            "house/archive",
            "house/archive/",
            "house/archive/.",
            "house/archive/public/..",
            "house",
            "",
            "house/archive/records",
            "house/archive/records/site",
            "house/archive/records/not/yet/there",
            "house/archive/Records/site",
            "house/archive/policies/site",
            "house/archive/themes/plain",
            "house/archive/.chancery/site",
            "house/archive/.git/site",
            "link/site",
            "link/customers",
            "house/same/records/site",
            "house/archive/public/../records/site",
        ] {
            assert!(matches!(fits(&ground.path().join(out), &root), Err(PublishError::InArchive(_))), "{out}");
        }
        for out in [
            "site",
            "house/site",
            "house/archive/site",
            "house/archive/public/site",
            "house/archive-2",
            "not/yet/there",
            "house/archive/recordsets",
        ] {
            assert!(fits(&ground.path().join(out), &root).is_ok(), "{out}");
        }
    }
}
