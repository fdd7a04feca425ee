//! Asked to stop, what runs until then ends in eight seconds, whatever it waits for: service
//! managers kill after ten or more. It listens for that on a thread of its own, for the others may
//! all be waiting.

use anyhow::Context;
use std::{process, thread, time::Duration};
use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

/// By then the process ends. What was acknowledged is on the disk; what was not has the same end as
/// in a loss of power.
const AT_LAST: Duration = Duration::from_millis(7_700);
/// For what has been begun when no connection is left.
pub(super) const LEFT: Duration = Duration::from_millis(500);

/// Done when the operator asks: Ctrl-C, or the signal of a service manager.
pub(super) fn asked() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let (tell, told) = oneshot::channel();
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let (mut interrupt, mut terminate) = {
        let _here = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    let watch = move || {
        runtime.block_on(async {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        });
        let _ended_already = tell.send(());
        thread::sleep(AT_LAST);
        tracing::warn!("what was under way did not end in time, and is given up");
        process::exit(0);
    };
    thread::Builder::new().name("ending".to_owned()).spawn(watch).context("a thread that ends the process")?;
    Ok(async { told.await.unwrap_or_default() })
}
