//! Claims of the threads of a process, which exclude each other before any of them asks the store.

use std::collections::BTreeMap;
use std::time::Duration;

use persistable_base::fork::Table;
use persistable_base::sync::thread::{self, ThreadId};
use persistable_base::sync::{Condvar, PoisonError, process};

use crate::error::{Error, ErrorKind, Result};
use crate::location::Identity;
use crate::patience::{Holder, Patience, pause_for};

/// The end of a wait is notified. So often a waiting thread asks whether to wait on.
const NOTIFIED_PAUSE: Duration = Duration::from_millis(50);

type Claimed = (Identity, String);

/// The claims of a process. An entry of another process id was copied by a fork, and its thread does not exist here.
#[derive(Debug)]
pub(crate) struct Claims {
    table: Table<BTreeMap<Claimed, (u32, ThreadId)>>,
    /// Told when a claim ends.
    ended: Condvar,
}

impl Claims {
    pub(crate) const fn new() -> Self {
        Self { table: Table::new(BTreeMap::new()), ended: Condvar::new() }
    }

    /// Claims an artifact of a store, waiting as long as patience lasts. Tells also whether another thread had
    /// it.
    pub(crate) fn acquire(
        &'static self,
        identity: Identity,
        stem: &str,
        patience: &mut Patience<'_>,
    ) -> Result<(Claim, bool)> {
        let claimed = (identity, stem.to_owned());
        let process = process::id();
        let thread = thread::current().id();
        let mut has_waited = false;
        let mut table = self.table.lock();
        loop {
            match table.get(&claimed) {
                Some((holder, other)) if *holder == process => {
                    if *other == thread {
                        return Err(Error::new(
                            ErrorKind::Busy,
                            "this very thread is generating it, and a generation must not ask for its own result",
                        ));
                    }
                    let other = *other;
                    // Callbacks run without the table, which they may need themselves.
                    drop(table);
                    let holder = Holder::new(format!("{other:?} of this process ({process})"));
                    let pause = pause_for(patience, NOTIFIED_PAUSE, &holder)?;
                    has_waited = true;
                    table = self.table.lock();
                    if table.contains_key(&claimed) {
                        table = self.ended.wait_timeout(table, pause).unwrap_or_else(PoisonError::into_inner).0;
                    }
                }
                _ => {
                    table.insert(claimed.clone(), (process, thread));
                    return Ok((Claim { claims: self, claimed, process }, has_waited));
                }
            }
        }
    }
}

/// A claim, until it is dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    claims: &'static Claims,
    claimed: Claimed,
    process: u32,
}

impl Claim {
    /// Returns the store.
    pub(crate) fn identity(&self) -> Identity {
        self.claimed.0
    }

    /// Whether it is this process's, and not the copy that a forked child has.
    pub(crate) fn is_of_this_process(&self) -> bool {
        self.process == process::id()
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.is_of_this_process() {
            self.claims.table.lock().remove(&self.claimed);
            self.claims.ended.notify_all();
        }
    }
}
