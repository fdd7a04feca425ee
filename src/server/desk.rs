//! What waits for a reader's decision, and whether what the server signs for them counts.

use super::{error::PageError, intranet::Intranet, office::OpenOffice};
use crate::{
    access::View,
    source::RecordId,
    store::{Ask, Wait},
};
use chrono::{DateTime, FixedOffset};

/// The asks that a reader decides: of records that they see, by others. Blocks.
pub(super) fn asks(intranet: &Intranet, view: &View<'_>) -> Result<Vec<Ask>, PageError> {
    if !view.decides_on_access() {
        return Ok(Vec::new());
    }
    let all = intranet.stores.asks.open_asks().wait()?;
    let decides = |ask: &Ask| {
        view.reader().person() != Some(&ask.person)
            && ask.until >= view.today()
            && view.grants(&ask.record).is_some()
            && view.record(&ask.person).is_some()
    };
    Ok(all.into_iter().filter(decides).collect())
}

/// Whether an approval that the server signs for a person counts.
pub(super) fn signs(intranet: &Intranet, open: &OpenOffice, person: &RecordId) -> bool {
    intranet.desk.as_ref().is_some_and(|desk| open.office.trusts(&desk.key, person, moment(intranet, open)))
}

/// The time that is written into what is signed.
pub(super) fn moment(intranet: &Intranet, open: &OpenOffice) -> DateTime<FixedOffset> {
    open.office.settings().moment(intranet.clock.now(), open.office.today)
}
