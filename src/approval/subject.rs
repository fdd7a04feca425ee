//! What is approved, and how statements, the register and the command line name it.

use super::Paper;
use crate::{
    archive::Archive,
    document::Document,
    source::{ArchivePath, RecordId},
};
use std::fmt;

/// What can be approved. Each has one name, that no other has: no record bears the name of what is
/// none (see [`crate::archive`]).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    Paper(Paper),
    /// A version of a policy, by the path of its document; named by that without `.md`.
    Policy(ArchivePath),
    Record(RecordId),
}

impl Subject {
    /// What a name is of, be there such a thing or not.
    pub fn named(name: &str) -> Subject {
        let id = RecordId::named(name);
        let is_whole = || id.0.len() > 3 && !id.0.ends_with(".md") && id.0.to_ascii_lowercase().ends_with(".md");
        let path = || if is_whole() { id.0.to_string() } else { format!("{id}.md") };
        let policy = || id.0.starts_with("policies/").then(|| Subject::Policy(path().as_str().into()));
        Paper::named(&id.0).map(Subject::Paper).or_else(policy).unwrap_or(Subject::Record(id))
    }

    pub fn of_policy(document: &Document) -> Subject {
        Subject::Policy(document.path.clone())
    }

    pub fn record(&self) -> Option<&RecordId> {
        match self {
            Subject::Record(id) => Some(id),
            Subject::Paper(_) | Subject::Policy(_) => None,
        }
    }

    /// Whether it is there. Of a theme only whoever wears it misses it, so that it always is.
    pub fn is_in(&self, archive: &Archive) -> bool {
        let lies_at = |path: &ArchivePath| archive.sources.by_path(&path.0).is_some();
        match self {
            Subject::Paper(Paper::Theme(_)) => true,
            Subject::Paper(paper) => lies_at(&paper.path()),
            Subject::Policy(path) => lies_at(path),
            Subject::Record(id) => archive.holds(id),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Paper(paper) => paper.fmt(f),
            Subject::Policy(path) => f.write_str(path.0.strip_suffix(".md").unwrap_or(&path.0)),
            Subject::Record(id) => id.fmt(f),
        }
    }
}

impl From<&RecordId> for Subject {
    fn from(id: &RecordId) -> Subject {
        Subject::Record(id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_of_one_thing_and_is_its_name_again() {
        for (name, subject) in [
            ("chancery.yaml", Subject::Paper(Paper::Settings)),
            ("policies/allowed_signers", Subject::Paper(Paper::Signers)),
            ("policies/records", Subject::Policy("policies/records.md".into())),
            ("policies/x.MD", Subject::Policy("policies/x.MD".into())),
            ("policies/x.md", Subject::Policy("policies/x.md.md".into())),
            ("policies/登记", Subject::Policy("policies/登记.md".into())),
            ("C-0001", Subject::Record("C-0001".into())),
            ("customers/甲 乙", Subject::Record("customers/甲 乙".into())),
            ("records/a", Subject::Record("records/a".into())),
        ] {
            assert_eq!((Subject::named(name), subject.to_string()), (subject, name.to_owned()));
        }
        assert_eq!(Subject::named("themes/plain").to_string(), "themes/plain");
        // Beside the list of signers a policy may not be called like it: its name would be read as
        // that of the list, and what cannot be read again is never signed.
        assert_ne!(Subject::named("policies/allowed_signers"), Subject::Policy("policies/allowed_signers.md".into()));
    }
}
