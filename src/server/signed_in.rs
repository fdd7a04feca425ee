//! Who is signed in.

use crate::{
    access::{Office, Reader},
    source::RecordId,
};

/// A person with a session that has not ended.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    pub person: RecordId,
    /// As whom they look at the archive, if it is not as themselves.
    pub sight: Option<RecordId>,
    /// The address that the request came from.
    pub origin: String,
}

impl SignedIn {
    /// Only who decides on access looks at the archive as somebody else.
    pub(super) fn reader(&self, office: &Office) -> Reader {
        match &self.sight {
            Some(person) if office.grants(&self.person) => Reader::As { person: person.clone(), shown_to: self.person.clone() },
            _ => Reader::Person(self.person.clone()),
        }
    }
}
