//! The door for whoever has no asynchronous runtime, or is on a thread that may block: commands,
//! tests, and the server's work on pages.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};
use tokio::runtime::Handle;

/// Waits for a future on this thread.
pub trait Wait: Future + Sized {
    /// The future's answer. This thread sleeps until it is there.
    ///
    /// # Panics
    /// On a thread that runs asynchronous tasks: it would keep the others waiting.
    fn wait(self) -> Self::Output;
}

impl<F: Future> Wait for F {
    fn wait(self) -> F::Output {
        match Handle::try_current() {
            Ok(runtime) => runtime.block_on(self),
            Err(_) => parked(self),
        }
    }
}

/// A store's futures need no runtime of the caller's.
fn parked<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Unpark>) {
        self.0.unpark();
    }
}
