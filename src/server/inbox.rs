//! What is decided in the browser: an approval, or access that somebody asked for. The server signs
//! with its own key for the person who is signed in, where that key is one of those that may.

use super::{
    answer::{self, back},
    desk::{asks, moment, signs},
    destination::LOGGED_ADDRESS,
    entry::note,
    error::PageError,
    intranet::{Intranet, SigningDesk},
    look::{act, afresh},
    office::OpenOffice,
    pages::not_found,
    sight,
    signed_in::SignedIn,
};
use crate::{
    access::{Grant, Hand, NotSigned, View},
    approval::{PrivateKey, Seal},
    edit::{
        self,
        draft::{DraftForm as Blank, Given, draft},
    },
    policy::Role,
    render::{Done, record_address},
    source::RecordId,
    store::{Ask, StoreError, Wait},
};
use axum::{Form, extract::State, response::Response};
use std::sync::Arc;

#[derive(serde::Deserialize, Clone, Debug)]
pub(super) struct DecisionForm {
    action: Action,
    #[serde(default)]
    id: String,
    #[serde(default)]
    step: String,
    /// Of what the approver has seen.
    #[serde(default)]
    seal: String,
    #[serde(default)]
    ask: i64,
    back: Option<String>,
}

#[derive(serde::Deserialize, Clone, Copy, Debug)]
#[serde(rename_all = "lowercase")]
enum Action {
    /// Of the record `id`, as the post `step`.
    Approve,
    /// What `ask` asks for.
    Grant,
    Refuse,
}

pub(super) async fn decide(State(intranet): State<Arc<Intranet>>, who: SignedIn, Form(wish): Form<DecisionForm>) -> Response {
    let what = format!("/inbox/ {:?} {:?} {:?} {}", wish.action, wish.id, wish.step, wish.ask).chars().take(LOGGED_ADDRESS).collect();
    let back_to = wish.back.clone();
    let (me, id) = (who.clone(), RecordId::from(&*wish.id));
    let outcome = act(&intranet, move |intranet, open| decided(intranet, open, &me, &wish)).await;
    if let Err(error) = note(&intranet, &who, what, None, outcome.is_ok()).await {
        return answer::unavailable(&error);
    }
    match outcome {
        Ok(Done::NotInOrder) => back(None, &record_address(&id), Done::NotInOrder),
        Ok(done) => back(back_to, "/inbox/", done),
        Err(PageError::NotThere) => not_found(&intranet, &who).await,
        Err(error) => answer::failure(&error),
    }
}

fn decided(intranet: &Intranet, open: &OpenOffice, who: &SignedIn, wish: &DecisionForm) -> Result<Done, PageError> {
    let view = open.view(who)?;
    sight::is_own(view.reader())?;
    let desk = Desk { intranet, open, view: &view, me: &who.person };
    match wish.action {
        Action::Approve => approved(&desk, who, wish),
        Action::Grant => desk.once(wish.ask, |ask| desk.grant(ask)),
        Action::Refuse => desk.once(wish.ask, |_| Ok(Done::Refused)),
    }
}

/// Approves what the approver has seen, as the archive stands when nobody else who takes turns can
/// write any more.
fn approved(desk: &Desk<'_>, who: &SignedIn, wish: &DecisionForm) -> Result<Done, PageError> {
    let id = RecordId::from(&*wish.id);
    // Only who may approve it takes a turn.
    desk.seal_of(&id, &wish.step)?;
    let turn = match desk.signing()?.turn() {
        Err(edit::EditError::Busy) => return Ok(Done::Busy),
        turn => turn?,
    };
    let open = afresh(desk.intranet)?;
    let view = open.view(who)?;
    Desk { open: &open, view: &view, ..*desk }.approve(&turn, &id, &wish.step, &wish.seal)
}

struct Desk<'a> {
    intranet: &'a Intranet,
    open: &'a OpenOffice,
    view: &'a View<'a>,
    me: &'a RecordId,
}

impl Desk<'_> {
    fn ask(&self, number: i64) -> Result<Ask, PageError> {
        asks(self.intranet, self.view)?.into_iter().find(|ask| ask.number == number).ok_or(PageError::NotThere)
    }

    /// Decides an ask, if nobody else is about it: it is taken before anything is written.
    fn once(&self, number: i64, decide: impl FnOnce(&Ask) -> Result<Done, PageError>) -> Result<Done, PageError> {
        let (ask, store) = (self.ask(number)?, &self.intranet.stores.asks);
        if !store.take_ask(&ask).wait()? {
            return Ok(Done::Changed);
        }
        let decided = decide(&ask);
        if !matches!(decided, Ok(Done::Granted | Done::Refused)) {
            store.put_back(&ask).wait()?;
        }
        decided
    }

    /// The desk to sign at, where what is signed there counts.
    fn signing(&self) -> Result<&SigningDesk, PageError> {
        self.intranet.desk.as_ref().filter(|_| signs(self.intranet, self.open, self.me)).ok_or(PageError::NotThere)
    }

    fn hand<'h>(&'h self, step: &'h str, key: &'h PrivateKey) -> Hand<'h> {
        Hand { step, by: self.me, at: moment(self.intranet, self.open), key }
    }

    /// The seal of what is the reader's to approve next by that step.
    fn seal_of(&self, id: &RecordId, step: &str) -> Result<Seal, PageError> {
        let turn = self.view.record(id).and_then(|record| record.my_turn());
        let (_, seal) = turn.filter(|(post, _)| **post == *step).ok_or(PageError::NotThere)?;
        Ok(seal)
    }

    /// Approves what the approver has seen, and nothing that has been put in its place since, nor
    /// what is not in order. Of that no more is said here: its page says what the reader may know.
    fn approve(&self, turn: &edit::Turn, id: &RecordId, step: &str, seen: &str) -> Result<Done, PageError> {
        let desk = self.signing()?;
        if self.seal_of(id, step)?.to_string() != seen {
            return Ok(Done::Changed);
        }
        let signed = match self.open.office.signed(&id.into(), self.hand(step, &desk.key)) {
            Err(NotSigned::Faulty(_)) => return Ok(Done::NotInOrder),
            signed => signed?,
        };
        Ok(written(edit::append_approval(&desk.root, turn, &signed), Done::Approved)?)
    }

    /// Writes an authorisation, in the words of whoever asked, with the approval of whoever
    /// decides.
    fn grant(&self, ask: &Ask) -> Result<Done, PageError> {
        let desk = self.signing()?;
        let policies = self.view.policies();
        let role = policies.role(Role::Authorisation).ok_or(PageError::NotThere)?;
        let record_type = policies.record_type(&role.id).ok_or(PageError::NotThere)?;
        let step = self.open.office.first_step().ok_or(PageError::NotThere)?;
        let (from, until) = (self.view.today(), ask.until);
        let pairs = [
            format!("readers={}", ask.person),
            format!("covers={}", ask.record),
            format!("purpose={}", ask.purpose),
            format!("from={from}"),
            format!("until={until}"),
            "may_export=no".to_owned(),
            format!("author={}", ask.person),
        ];
        let given = Given::read(record_type, pairs.iter().map(String::as_str)).map_err(|_| NotSigned::Otherwise)?;
        let mut random = [0; 4];
        getrandom::fill(&mut random).map_err(StoreError::Random)?;
        let (today, lang) = (self.view.today(), self.view.settings().language);
        let draft = draft(&Blank { record_type, policies, given: &given, today, random, lang, view: None });
        let grant = Grant { reader: &ask.person, record: &ask.record, from, until };
        let signed = self.open.office.signed_grant(&draft.path.0, &draft.text, grant, self.hand(&step, &desk.key))?;
        Ok(written(desk.turn().and_then(|turn| edit::create_approved(&desk.root, &turn, &signed)), Done::Granted)?)
    }
}

/// Somebody else was faster, or is at it: whoever decides looks again.
fn written(outcome: Result<(), edit::EditError>, done: Done) -> Result<Done, edit::EditError> {
    match outcome {
        Ok(()) => Ok(done),
        Err(edit::EditError::Changed(_) | edit::EditError::Exists(_)) => Ok(Done::Changed),
        Err(edit::EditError::Busy) => Ok(Done::Busy),
        Err(error) => Err(error),
    }
}
