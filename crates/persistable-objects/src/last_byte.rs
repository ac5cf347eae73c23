//! When the last byte went either way.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

/// Shared by a request's body, its answer's body, and what waits for them.
#[derive(Clone, Debug)]
pub(crate) struct LastByte {
    begin: Instant,
    /// Milliseconds after the beginning.
    last: Arc<AtomicU64>,
}

impl LastByte {
    pub(crate) fn new() -> Self {
        Self { begin: Instant::now(), last: Arc::default() }
    }

    /// Notes that a byte went.
    pub(crate) fn note(&self) {
        self.last.store(self.since_begin(), Ordering::Relaxed);
    }

    /// Ends when no byte went for so long.
    async fn stalled(&self, limit: Duration) {
        loop {
            let idle = Duration::from_millis(self.since_begin().saturating_sub(self.last.load(Ordering::Relaxed)));
            match limit.checked_sub(idle) {
                None | Some(Duration::ZERO) => return,
                Some(rest) => tokio::time::sleep(rest).await,
            }
        }
    }

    /// Runs a future; nothing if no byte goes for so long.
    pub(crate) async fn unless_stalled<T>(&self, future: impl Future<Output = T>, limit: Duration) -> Option<T> {
        let (mut future, mut stalled) = (pin!(future), pin!(self.stalled(limit)));
        std::future::poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => stalled.as_mut().poll(context).map(|()| None),
        })
        .await
    }

    fn since_begin(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
