//! A connection that does not wait for ever for who does not read: who takes too little of what is
//! sent is left.

use super::door::Held;
use socket2::SockRef;
use std::{
    io::{self, IoSlice},
    net::Shutdown,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// While something waits to be sent, so much must be taken in so long: 4 KiB a second.
const WINDOW: Duration = Duration::from_secs(30);
const LEAST: usize = 30 * (4 << 10);
/// What waits in the system to be sent, in bytes: with more, what a slow reader takes would be seen
/// too seldom.
const WAITING: usize = 128 << 10;

pub(super) struct Guest {
    stream: Arc<TcpStream>,
    held: Held,
    /// Something waits to be sent.
    patience: Option<Patience>,
}

struct Patience {
    time: Pin<Box<Sleep>>,
    taken: usize,
}

impl Patience {
    fn new() -> Patience {
        Patience { time: Box::pin(sleep(WINDOW)), taken: 0 }
    }
}

impl Guest {
    pub(super) fn new(held: Held) -> Guest {
        let stream = held.stream().clone();
        // Where the system does not, what is slow is only seen later.
        let _as_it_was = SockRef::from(&*stream).set_send_buffer_size(WAITING);
        Guest { stream, held, patience: None }
    }

    /// Sends as soon as the system takes it.
    fn poll_send(
        &mut self,
        context: &mut Context<'_>,
        whole: usize,
        send: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            match self.stream.poll_write_ready(context) {
                Poll::Pending => return self.poll_patience(context),
                Poll::Ready(ready) => ready?,
            }
            match send(&self.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
                Ok(sent) => {
                    self.sent(sent, whole);
                    return Poll::Ready(Ok(sent));
                }
            }
        }
    }

    fn sent(&mut self, sent: usize, whole: usize) {
        self.held.moves();
        match &mut self.patience {
            Some(patience) if sent < whole => patience.taken += sent,
            _ => self.patience = None,
        }
    }

    /// Pending while enough is taken.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        loop {
            let patience = self.patience.get_or_insert_with(Patience::new);
            ready!(patience.time.as_mut().poll(context));
            if patience.taken < LEAST {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.patience = None;
        }
    }
}

impl AsyncRead for Guest {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.stream.poll_read_ready(context))?;
            match self.stream.try_read(buffer.initialize_unfilled()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
                Ok(read) => {
                    buffer.advance(read);
                    self.held.moves();
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl AsyncWrite for Guest {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_send(context, bytes.len(), |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let whole = parts.iter().map(|part| part.len()).sum();
        self.poll_send(context, whole, |stream| stream.try_write_vectored(parts))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match SockRef::from(&*self.stream).shutdown(Shutdown::Write) {
            Err(error) if error.kind() != io::ErrorKind::NotConnected => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(())),
        }
    }
}
