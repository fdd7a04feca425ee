//! What is found in one state of an archive and not in another.

use super::{Finding, Severity, Words};
use crate::source::{ArchivePath, RecordId, Sources};
use std::collections::HashMap;

/// What was found, and the texts in which its places lie.
#[derive(Clone, Copy)]
pub struct FoundIn<'f> {
    pub findings: &'f [Finding],
    pub sources: &'f Sources,
}

impl<'f> FoundIn<'f> {
    /// The findings that the other has not, or has not as often. In the documents that `has_moved`
    /// names, lines have moved: places do not compare there.
    pub fn but_not_in(self, other: FoundIn<'_>, has_moved: impl Fn(&ArchivePath) -> bool) -> Vec<&'f Finding> {
        let mut known: HashMap<Likeness<'_>, usize> = HashMap::new();
        for finding in other.findings {
            *known.entry(Likeness::of(finding, other.sources, &has_moved)).or_default() += 1;
        }
        let is_new = |finding: &&'f Finding| match known.get_mut(&Likeness::of(finding, self.sources, &has_moved)) {
            Some(left @ 1..) => {
                *left -= 1;
                false
            }
            _ => true,
        };
        self.findings.iter().filter(is_new).collect()
    }
}

/// What one finding has that another of the same would have too.
#[derive(PartialEq, Eq, Hash)]
struct Likeness<'f> {
    code: &'f str,
    severity: Severity,
    record: Option<&'f RecordId>,
    message: &'f Words,
    path: Option<&'f ArchivePath>,
    place: Option<(u32, u32)>,
}

impl<'f> Likeness<'f> {
    fn of(finding: &'f Finding, sources: &'f Sources, has_moved: impl Fn(&ArchivePath) -> bool) -> Likeness<'f> {
        let Finding { code, severity, record, message, span, .. } = finding;
        let path = span.map(|span| &sources.file(span.file).path);
        let place = span.filter(|_| !path.is_some_and(has_moved)).map(|span| (span.start, span.end));
        Likeness { code, severity: *severity, record: record.as_ref(), message, path, place }
    }
}
