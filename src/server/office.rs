//! The office that is served: of today, and of the archive as it stands. Each request looks whether
//! either has changed; those that come together share one look.

use super::{
    error::{PageError, ServerError},
    page_cache::PageCache,
    signed_in::SignedIn,
};
use crate::{
    access::{Awaited, Office, Reader, Trusting, View},
    approval::{self, AllowedSigners, Paper, Register, Remembered, TrustedSettings, Weighed, trusted_settings},
    archive::Settings,
    search::{Index, Indexer},
    source::{ArchivePath, DigestCache, Origin, Room, SIGNERS, Sources, Stamp},
    store::{Revision, SeenApprovals, Shared, TrustedTexts, Wait},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::{
    collections::BTreeMap,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// Who waits for a look asks himself so often whether anybody waits for him.
const A_WAIT: Duration = Duration::from_millis(500);
/// An archive is judged no oftener for one look, where other servers add to what is shared
/// meanwhile.
const JUDGED_AGAIN: usize = 5;

/// Whose approvals count.
pub enum Trust {
    /// Those of whoever the archive itself lists: for a demonstration.
    Archive,
    /// Those of signers named outside the archive, and of those whom they trust in turn.
    Signers(AllowedSigners),
}

/// The time, and which day it is in the archive: a demonstration plays a fixed one.
pub struct Clock {
    pub now: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    pub today: Box<dyn Fn() -> NaiveDate + Send + Sync>,
}

impl Clock {
    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    pub(super) fn today(&self) -> NaiveDate {
        (self.today)()
    }
}

/// An office and its index.
#[derive(Clone)]
pub(super) struct OpenOffice {
    pub office: Arc<Office>,
    pub index: Arc<Index>,
    /// Those that were rendered from it.
    pub pages: Arc<PageCache>,
    stamp: Stamp,
    /// By whoever looks into it.
    awaited: Awaited,
}

impl OpenOffice {
    /// The archive as who is signed in sees it: as somebody else does, while he decides on access.
    ///
    /// # Errors
    /// Where he is no longer on staff: his session is worth nothing then.
    pub fn view(&self, who: &SignedIn) -> Result<View<'_>, PageError> {
        if !self.office.staff().contains(&who.person) {
            return Err(PageError::Left);
        }
        Ok(self.view_of(who.reader(&self.office)))
    }

    pub fn view_of(&self, reader: Reader) -> View<'_> {
        self.office.view(reader).while_awaited(&self.awaited)
    }

    /// For a request, as long as its answer is waited for.
    pub fn while_awaited(&self, awaited: &Awaited) -> OpenOffice {
        OpenOffice { awaited: awaited.clone(), ..self.clone() }
    }
}

/// What could be trusted of an archive, and what was seen of it.
#[derive(Clone, Default)]
struct KnownArchive {
    /// As they were when they could be trusted, and as they were written: an archive need not write
    /// any.
    settings: Option<(Settings, Option<Arc<str>>)>,
    /// As it was when it counted.
    list: Option<SignerList>,
    /// The policy documents, as they were when they could be trusted.
    policies: TrustedTexts,
    remembered: Arc<Remembered>,
    /// Of what the servers share, when it was asked last.
    revision: Revision,
    /// By which texts they went then.
    shared: TrustedTexts,
}

impl KnownArchive {
    /// The same with what other servers have seen, and the texts by which they go. A server begins
    /// with what it can trust itself.
    fn with(self, shared: Shared) -> KnownArchive {
        let Shared { revision, remembered, trusted } = shared;
        let known = KnownArchive { revision, remembered: Arc::new(remembered), shared: trusted.clone(), ..self };
        if known.settings.is_some() { known.going_by(trusted) } else { known }
    }

    fn going_by(mut self, mut texts: TrustedTexts) -> KnownArchive {
        if let Some(text) = texts.remove(&Paper::Settings.path())
            && let Ok(settings) = Settings::read(&text)
        {
            self.settings = Some((settings, Some(text)));
        }
        let signers = texts.remove(&Paper::Signers.path()).zip(texts.remove(&Paper::Signers.signature_path()));
        self.list = signers.map(|(text, signature)| SignerList { text, signature }).or(self.list);
        self.policies.extend(texts);
        self
    }

    /// The texts by which it goes.
    fn texts(&self) -> TrustedTexts {
        let settings = self.settings.iter().filter_map(|(_, text)| Some((Paper::Settings.path(), text.clone()?)));
        let signers = self.list.iter().flat_map(|SignerList { text, signature }| {
            [(Paper::Signers.path(), text.clone()), (Paper::Signers.signature_path(), signature.clone())]
        });
        self.policies.clone().into_iter().chain(settings).chain(signers).collect()
    }
}

/// `policies/allowed_signers`, and the signature over it.
#[derive(Clone)]
struct SignerList {
    text: Arc<str>,
    signature: Arc<str>,
}

pub(super) struct Offices {
    origin: Origin,
    trust: Trust,
    /// Where it is kept what was seen.
    approvals: Arc<dyn SeenApprovals>,
    /// Of the attachments, from one look to the next.
    digests: Arc<DigestCache>,
    indexer: Mutex<Indexer>,
    looks: Mutex<Looks>,
    looked: Condvar,
}

/// Looks are numbered. Who asks is served by one that began after he had asked.
struct Looks {
    begun: u64,
    ended: u64,
    open: Option<Arc<OpenOffice>>,
    known: Arc<KnownArchive>,
    failed: Option<Arc<ServerError>>,
}

impl Offices {
    pub(super) fn open(
        origin: Origin,
        trust: Trust,
        approvals: Arc<dyn SeenApprovals>,
        today: NaiveDate,
    ) -> Result<Offices, Arc<ServerError>> {
        let shared = approvals.shared_since(None).wait().map_err(ServerError::from)?;
        let known = Arc::new(KnownArchive::default().with(shared.unwrap_or_default()));
        let looks = Looks { begun: 0, ended: 0, open: None, known, failed: None };
        let (digests, indexer) = (Arc::default(), Mutex::default());
        let offices = Offices { origin, trust, approvals, digests, indexer, looks: Mutex::new(looks), looked: Condvar::new() };
        offices.of(today, &Awaited::default())?;
        Ok(offices)
    }

    /// The office of a day, of the archive as it stands. Blocks while it is opened; who comes
    /// meanwhile waits, so that nobody is served rights that have ended. Opening it is done to its
    /// end, for it is done for all; who waits for it goes when he is not waited for.
    pub(super) fn of(&self, today: NaiveDate, awaited: &Awaited) -> Result<Arc<OpenOffice>, Arc<ServerError>> {
        let mut looks = self.lock();
        let needed = looks.begun + 1;
        while looks.ended < needed {
            looks = if looks.begun == looks.ended { self.look(looks, today) } else { self.wait(looks, awaited) };
        }
        match (&looks.failed, &looks.open) {
            (Some(error), _) => Err(error.clone()),
            (None, Some(open)) if open.office.today == today => Ok(open.clone()),
            // The day turned while somebody else looked.
            (None, _) => {
                drop(looks);
                self.of(today, awaited)
            }
        }
    }

    /// The digests of attachments, which a seal and a reader's browser both ask for.
    pub(super) fn digests(&self) -> Arc<DigestCache> {
        self.digests.clone()
    }

    /// Tells the time, by which the digests of attachments are kept.
    pub(super) fn it_is(&self, now: DateTime<Utc>) {
        self.digests.it_is(now);
    }

    fn look<'l>(&'l self, mut looks: MutexGuard<'l, Looks>, today: NaiveDate) -> MutexGuard<'l, Looks> {
        looks.begun += 1;
        let (open, known) = (looks.open.clone(), looks.known.clone());
        drop(looks);
        // Whoever waits must not wait for ever: a panic of ours is a failure like another.
        let refreshed = catch_unwind(AssertUnwindSafe(|| self.refreshed(open, known, today)));
        let outcome = refreshed.unwrap_or_else(|_| Err(ServerError::Archive(io::Error::other("opening it panicked"))));
        let mut looks = self.lock();
        let mut before = None;
        match outcome {
            Ok((open, known)) => {
                before = looks.open.replace(open.clone()).filter(|before| !Arc::ptr_eq(before, &open));
                (looks.known, looks.failed) = (known, None);
            }
            Err(error) => looks.failed = Some(Arc::new(error)),
        }
        looks.ended = looks.begun;
        self.looked.notify_all();
        // To let go of a large archive takes a while: nobody need wait for it.
        drop(before.map(|before| thread::Builder::new().spawn(move || drop(before))));
        looks
    }

    fn lock(&self) -> MutexGuard<'_, Looks> {
        self.looks.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn wait<'l>(&'l self, looks: MutexGuard<'l, Looks>, awaited: &Awaited) -> MutexGuard<'l, Looks> {
        let (looks, _) = self.looked.wait_timeout(looks, A_WAIT).unwrap_or_else(|poisoned| poisoned.into_inner());
        awaited.go_on();
        looks
    }

    /// What is open, where neither the day nor the archive has changed; else it is opened anew.
    fn refreshed(
        &self,
        open: Option<Arc<OpenOffice>>,
        known: Arc<KnownArchive>,
        today: NaiveDate,
    ) -> Result<(Arc<OpenOffice>, Arc<KnownArchive>), ServerError> {
        let current = open.filter(|open| open.office.today == today);
        let read = self.origin.read(current.as_ref().map(|open| open.stamp), &self.digests).map_err(ServerError::Archive)?;
        match (read, current) {
            (None, Some(open)) => Ok((open, known)),
            (Some(read), _) => {
                let opened = self.opened(read.sources.clone(), read.stamp, known, today)?;
                self.origin.settle(&read);
                Ok(opened)
            }
            (None, None) => Err(ServerError::Archive(io::ErrorKind::NotFound.into())),
        }
    }

    fn opened(
        &self,
        sources: Sources,
        stamp: Stamp,
        known: Arc<KnownArchive>,
        today: NaiveDate,
    ) -> Result<(Arc<OpenOffice>, Arc<KnownArchive>), ServerError> {
        let (office, known) = match &self.trust {
            Trust::Archive => {
                let settings = Settings::of(&sources).map_err(|error| ServerError::Archive(io::Error::other(error)))?;
                (Office::open(sources, settings, today).whole().map_err(ServerError::Archive)?, known)
            }
            Trust::Signers(signers) => self.trusted(&sources, &known, signers, today)?,
        };
        let index = self.indexer.lock().unwrap_or_else(PoisonError::into_inner).index(&office)?;
        let (office, index, pages) = (Arc::new(office), Arc::new(index), Arc::default());
        Ok((Arc::new(OpenOffice { office, index, pages, stamp, awaited: Awaited::default() }), known))
    }

    /// The archive as far as it may be trusted. Another server may add to what is shared meanwhile:
    /// then it is judged again.
    fn trusted(
        &self,
        sources: &Sources,
        known: &KnownArchive,
        signers: &AllowedSigners,
        today: NaiveDate,
    ) -> Result<(Office, Arc<KnownArchive>), ServerError> {
        for _ in 0..JUDGED_AGAIN {
            let known = match self.approvals.shared_since(Some(known.revision)).wait()? {
                Some(shared) => known.clone().with(shared),
                None => known.clone(),
            };
            let (office, known) = judged(sources.clone(), known, signers, today)?;
            if let Some(known) = self.learned(&office, known)? {
                return Ok((office, Arc::new(known)));
            }
        }
        Err(ServerError::Archive(io::Error::other("other servers change what is trusted again and again")))
    }

    /// Keeps what is seen for the first time, before anything of it is shown: a server that is
    /// killed has not forgotten it. Nothing where another server has added something.
    fn learned(&self, office: &Office, mut known: KnownArchive) -> Result<Option<KnownArchive>, ServerError> {
        let missing = office.missing_from_register();
        if missing > 0 {
            tracing::warn!(
                "the register of approvals lacks {missing} lines that were seen in it; they count as before (chancery register)"
            );
        }
        for path in office.standing() {
            tracing::warn!("{path} was changed without approval: what that person may read and decide follows from what was approved last");
        }
        let (news, texts) = (office.news(&known.remembered), known.texts());
        if news.is_empty() && texts == known.shared {
            return Ok(Some(known));
        }
        let Some(revision) = self.approvals.share(known.revision, news.seen(), &texts).wait()? else { return Ok(None) };
        (known.revision, known.shared) = (revision, texts);
        Arc::make_mut(&mut known.remembered).learn(news);
        Ok(Some(known))
    }
}

/// An archive as far as it may be trusted, and by what that was judged.
fn judged(
    sources: Sources,
    known: KnownArchive,
    signers: &AllowedSigners,
    today: NaiveDate,
) -> Result<(Office, KnownArchive), ServerError> {
    let was = known.settings.as_ref().map(|(settings, _)| settings);
    let judged = trusted_settings(&sources, &known.remembered, was, signers, today);
    let TrustedSettings { settings, instead_of } = judged.map_err(|one| ServerError::Untrusted(vec![one]))?;
    let written = match &instead_of {
        Some(one) => {
            tracing::warn!("{} counts as it was when it could be trusted: {}", one.path, one.why.en);
            known.settings.as_ref().and_then(|(_, text)| text.clone())
        }
        None => text_of(&sources, &Paper::Settings.path()),
    };
    let (sources, list) = with_list(sources, &known, signers, today)?;
    let (sources, policies) = admitted(sources, &settings, &known, signers, today)?;
    let trusting = Trusting { signers, remembered: &known.remembered };
    let office = Office::open_trusting(sources, settings.clone(), today, trusting).whole().map_err(ServerError::Archive)?;
    Ok((office, KnownArchive { settings: Some((settings, written)), list, policies, ..known }))
}

/// The archive with the list of signers that counts: that which stands there, or else the last that
/// did. One that the register knows, and that is not there as it was signed, is not begun with; one
/// that nobody trusted ever signed counts for nothing.
fn with_list(
    sources: Sources,
    known: &KnownArchive,
    signers: &AllowedSigners,
    today: NaiveDate,
) -> Result<(Sources, Option<SignerList>), ServerError> {
    let lack = approval::lack_of_signers(&sources, &known.remembered, signers, today);
    match (lack, list_of(&sources), &known.list) {
        (None, Some(list), _) => Ok((sources, Some(list))),
        (None, None, None) => Ok((sources, None)),
        (lack, _, Some(was)) => {
            let why = lack.map_or_else(|| "the file is gone".to_owned(), |one| one.why.en);
            tracing::warn!("{SIGNERS} counts as it was when it could be trusted: {why}");
            let files = [(Paper::Signers.path(), &was.text), (Paper::Signers.signature_path(), &was.signature)];
            Ok((files.into_iter().fold(sources, |sources, (path, text)| sources.with(&path.0, &**text)), Some(was.clone())))
        }
        (Some(one), ..) if known.settings.is_none() && Register::of(&sources, &known.remembered).0.knows(&Paper::Signers.into()) => {
            Err(ServerError::Untrusted(vec![one]))
        }
        (Some(one), ..) => {
            tracing::warn!("{SIGNERS} counts for nothing: {}", one.why.en);
            Ok((sources, None))
        }
    }
}

fn list_of(sources: &Sources) -> Option<SignerList> {
    let (text, signature) = (text_of(sources, &Paper::Signers.path())?, text_of(sources, &Paper::Signers.signature_path())?);
    Some(SignerList { text, signature })
}

/// The archive with the policies that may be trusted, and these as they may. A document that could
/// be trusted, and is now changed without approval, put off, blanked, gone, or back in an older
/// state, is there as it was; one that never could be is not there. So an edit that nobody has
/// approved changes nothing and takes nothing away, and what is approved takes effect whatever lies
/// beside it.
fn admitted(
    sources: Sources,
    settings: &Settings,
    known: &KnownArchive,
    signers: &AllowedSigners,
    today: NaiveDate,
) -> Result<(Sources, TrustedTexts), ServerError> {
    let trusting = Trusting { signers, remembered: &known.remembered };
    let gone = trusting.gone(&sources);
    let is_first = known.policies.is_empty();
    if is_first && !gone.is_empty() {
        return Err(ServerError::Untrusted(gone));
    }
    let mut texts = sources;
    // Each turn puts back, or leaves out, one document at least.
    for _ in 0..=texts.in_room(Room::Policy).count() + known.policies.len() {
        let Weighed { trusted, untrusted, replaced } = trusting.weigh(&texts, settings, today);
        let trusted: BTreeMap<_, _> = trusted.into_iter().filter_map(|path| Some((path.clone(), text_of(&texts, &path)?))).collect();
        let changed = known.policies.iter().filter(|(path, was)| !trusted.contains_key(*path) && !is_same(&texts, path, was));
        let unknown = untrusted.iter().map(|one| &one.path).filter(|path| !known.policies.contains_key(*path));
        let wrong: Vec<ArchivePath> = changed.map(|(path, _)| path).chain(unknown).cloned().collect();
        if is_first && !(untrusted.is_empty() && replaced.is_empty()) {
            return Err(ServerError::Untrusted(untrusted.into_iter().chain(replaced).collect()));
        }
        untrusted.iter().chain(&gone).for_each(|one| tracing::warn!("{} may not be trusted: {}", one.path, one.why.en));
        if wrong.is_empty() {
            let policies = known.policies.clone().into_iter().chain(trusted).collect();
            return Ok((texts, policies));
        }
        for path in wrong {
            match known.policies.get(&path) {
                Some(was) => texts = texts.with(&path.0, &**was),
                None => texts = texts.without(&path.0),
            }
            tracing::warn!("{path} counts as it was when it could be trusted, if it ever could");
        }
    }
    Err(ServerError::Archive(io::Error::other("no set of policies can be trusted")))
}

fn text_of(sources: &Sources, path: &ArchivePath) -> Option<Arc<str>> {
    sources.by_path(&path.0).map(|file| file.text.clone())
}

fn is_same(sources: &Sources, path: &ArchivePath, text: &Arc<str>) -> bool {
    text_of(sources, path).as_ref() == Some(text)
}
