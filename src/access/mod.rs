//! Who may read what: an [`Office`] (an archive with all that follows from it on a day) as one
//! reader may see it is a [`View`], and nothing reaches a reader but through one. Never renders.

mod attached;
mod awaited;
mod backlinks;
mod condition;
mod coverage;
mod draft;
mod fault;
mod figures;
mod gate;
mod known;
mod lending;
mod office;
mod order;
mod pending;
mod sign;
mod standing;
mod told_list;
mod type_list;
mod view;
mod why;
mod worked_out;

pub use awaited::{Awaited, GivenUp, WaitGuard};
pub use backlinks::{Backlinks, ByFields};
pub use coverage::{Clause, Covered, Enforced, coverage};
pub use draft::Follows;
pub use figures::Figures;
pub use known::Breaches;
pub use office::{Office, Trusting, sees, who};
pub use order::by_name;
pub use pending::{Outstanding, Pending};
pub use sign::{Awaiting, Grant, Hand, NotSigned, Signed};
pub use told_list::ToldList;
pub use type_list::TypeList;
pub use view::{IndexedFrom, Seen, View};
pub use why::{Reason, Why};

use crate::source::RecordId;

/// Who asks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reader {
    /// Whoever can read the folder: the terminal without `--as`.
    Folder,
    /// All staff, no name: the static site.
    Everyone,
    Person(RecordId),
    /// What a person sees, shown to another who decides on access: as far as that other may see it
    /// too.
    As {
        person: RecordId,
        shown_to: RecordId,
    },
}

impl Reader {
    /// Whose archive it is.
    pub fn person(&self) -> Option<&RecordId> {
        match self {
            Reader::Person(person) | Reader::As { person, .. } => Some(person),
            Reader::Folder | Reader::Everyone => None,
        }
    }
}
