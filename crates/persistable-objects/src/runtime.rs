//! The async runtime of this process. It has no thread of its own: the threads that wait for something drive it.

use std::future::Future;
use std::pin::pin;
use std::process;
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use persistable_base::fork::Table;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Error, ErrorKind, Result};
use crate::stop::{Stop, TICK};

/// A child leaks its parent's runtime: a thread of the parent may be in the midst of it.
static RUNTIME: Table<Option<(u32, Arc<Runtime>)>> = Table::new(None);

/// Drives a future to its end on this thread. Returns nothing if the caller asks to stop before.
pub(crate) fn block_on<T: Send>(stop: Stop<'_>, future: impl Future<Output = T> + Send) -> Result<Option<T>> {
    let runtime = runtime()?;
    if Handle::try_current().is_err() {
        return Ok(runtime.block_on(unless_stopped(stop, future)));
    }
    // The caller is itself within a runtime, whose thread can't drive another one.
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .spawn_scoped(scope, || runtime.block_on(unless_stopped(stop, future)))
            .map_err(|error| Error::local("start a thread for", error))?;
        thread.join().map_err(|_| Error::new(ErrorKind::Unavailable, "a request panicked"))
    })
}

fn runtime() -> Result<Arc<Runtime>> {
    let own = process::id();
    if let Some((process, runtime)) = &*RUNTIME.lock()
        && *process == own
    {
        return Ok(Arc::clone(runtime));
    }
    let made = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(ErrorKind::Unavailable, "could not start the async runtime").caused_by(error))?;
    let mut slot = RUNTIME.lock();
    match &*slot {
        // Another thread was faster.
        Some((process, runtime)) if *process == own => Ok(Arc::clone(runtime)),
        _ => {
            let made = Arc::new(made);
            std::mem::forget(slot.replace((own, Arc::clone(&made))));
            Ok(made)
        }
    }
}

/// Runs a future, and asks now and then whether to stop.
async fn unless_stopped<T>(stop: Stop<'_>, future: impl Future<Output = T>) -> Option<T> {
    // Nobody drove the connections for a while. Those that the server closed must be seen to be closed before they are used.
    settle().await;
    let mut future = pin!(future);
    let mut tick = pin!(tokio::time::sleep(TICK));
    std::future::poll_fn(|context| {
        if let Poll::Ready(done) = future.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        while tick.as_mut().poll(context).is_ready() {
            if stop.is_set() {
                return Poll::Ready(None);
            }
            tick.as_mut().reset(tokio::time::Instant::now() + TICK);
        }
        Poll::Pending
    })
    .await
}

/// Lets the runtime hear from the system, and the tasks of connections run. The second time they end what the first one told.
async fn settle() {
    for _ in 0..2 {
        tokio::task::yield_now().await;
    }
}

/// Runs a future for so long at most.
pub(crate) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, future).await.ok()
}
