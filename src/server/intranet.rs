//! The intranet: everything that its handlers share.

use super::{
    attachment::Turns,
    cookie::CookieKind,
    door::{Door, OpenAtOnce},
    error::ServerError,
    front::Front,
    hashing::Hashing,
    limit::Limits,
    office::{Clock, Offices, Trust},
};
use crate::{
    access::Awaited,
    approval::PrivateKey,
    edit::{EditError, Turn},
    render::Theme,
    source::{Origin, RecordId},
    store::{Password, Stores, Wait},
};
use std::{path::PathBuf, sync::Arc};

/// What the intranet is made of.
pub struct Parts {
    pub origin: Origin,
    pub trust: Trust,
    pub clock: Clock,
    pub theme: Theme,
    pub stores: Stores,
    /// For who comes without TLS: a proxy of ours aside, from loopback or not.
    pub cookie: CookieKind,
    pub front: Front,
    /// Accounts shown on the sign-in page of a demonstration: name, and what they are.
    pub demo: Vec<(String, String)>,
    /// None where nothing is decided in the browser.
    pub desk: Option<SigningDesk>,
}

/// Where approvals are written, and the key that signs them.
pub struct SigningDesk {
    pub root: PathBuf,
    /// The folder of state, where those who write take turns.
    pub state: PathBuf,
    pub key: PrivateKey,
}

impl SigningDesk {
    /// The right to write, as soon as nobody else has it.
    pub(super) fn turn(&self) -> Result<Turn, EditError> {
        Turn::take(&self.state)
    }
}

/// A running intranet.
pub struct Intranet {
    pub(super) offices: Offices,
    pub(super) theme: Theme,
    pub(super) stores: Stores,
    pub(super) clock: Clock,
    pub(super) plain_cookie: CookieKind,
    pub(super) front: Front,
    pub(super) demo: Vec<(String, String)>,
    pub(super) desk: Option<SigningDesk>,
    pub(super) limits: Limits,
    pub(super) hashing: Hashing,
    pub(super) turns: Turns,
    pub(super) door: Arc<Door>,
    /// Verified where the name is unknown, so that the work is the same.
    pub(super) stranger: Password,
}

impl Intranet {
    /// Opens the archive. Blocks meanwhile.
    ///
    /// # Errors
    /// Where the archive cannot be opened or indexed.
    pub fn new(parts: Parts) -> Result<Intranet, ServerError> {
        let Parts { origin, trust, clock, theme, stores, cookie: plain_cookie, front, demo, desk } = parts;
        let offices = Offices::open(origin, trust, stores.approvals.clone(), clock.today())?;
        let stranger = Password::new("nobody's")?;
        let (limits, hashing) = (Limits::default(), Hashing::default());
        let OpenAtOnce { connections, attachments } = OpenAtOnce::found();
        let (door, turns) = (Arc::new(Door::new(connections)), Turns::new(attachments, offices.digests()));
        Ok(Intranet { offices, theme, stores, clock, plain_cookie, front, demo, desk, limits, hashing, turns, door, stranger })
    }

    /// Whose accounts are open, and let nobody in: their records are not approved, or they are not
    /// on staff. Blocks.
    ///
    /// # Errors
    /// Where the archive or the store fails.
    pub fn kept_out(&self) -> Result<Vec<RecordId>, ServerError> {
        let open = self.offices.of(self.clock.today(), &Awaited::default())?;
        let accounts = self.stores.accounts.accounts().wait()?;
        let people = accounts.into_iter().filter(|account| !account.disabled).map(|account| account.person);
        Ok(people.filter(|person| !open.office.staff().contains(person)).collect())
    }
}
