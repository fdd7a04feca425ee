//! What reads the archive does so on a thread that may block, through the office as the archive
//! stands now.

use super::{
    blocking::while_awaited,
    error::{PageError, ServerError},
    intranet::Intranet,
    office::OpenOffice,
};
use crate::access::Awaited;
use std::sync::Arc;

/// Runs what reads the archive, as long as its answer is waited for.
pub(super) async fn look<T: Send + 'static>(
    intranet: &Arc<Intranet>,
    work: impl FnOnce(&Intranet, &OpenOffice) -> Result<T, PageError> + Send + 'static,
) -> Result<T, PageError> {
    let intranet = intranet.clone();
    let looked = while_awaited(move |awaited| {
        let open = opened(&intranet, awaited)?;
        work(&intranet, &open.while_awaited(awaited))
    });
    looked.await.map_err(|_| PageError::Panicked)?
}

/// The same for what changes something: once it has begun it is done to its end, whoever waits for
/// it.
pub(super) async fn act<T: Send + 'static>(
    intranet: &Arc<Intranet>,
    work: impl FnOnce(&Intranet, &OpenOffice) -> Result<T, PageError> + Send + 'static,
) -> Result<T, PageError> {
    let intranet = intranet.clone();
    let acted = while_awaited(move |awaited| work(&intranet, &*opened(&intranet, awaited)?));
    acted.await.map_err(|_| PageError::Panicked)?
}

/// The office as the archive stands now, for what is decided while nobody else can write. Blocks.
pub(super) fn afresh(intranet: &Intranet) -> Result<Arc<OpenOffice>, PageError> {
    opened(intranet, &Awaited::default())
}

fn opened(intranet: &Intranet, awaited: &Awaited) -> Result<Arc<OpenOffice>, PageError> {
    intranet.offices.it_is(intranet.clock.now());
    Ok(intranet.offices.of(intranet.clock.today(), awaited).map_err(ServerError::from)?)
}
