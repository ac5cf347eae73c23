//! Actors that wait for tasks, shared by threads.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::Result;
use crate::child::{Actor, Outcome, Server};

/// After so many tasks a process is replaced by another.
const MOST_TASKS: usize = 300;

/// As many processes of an actor as there are threads that ask at once.
pub(crate) struct Servers {
    pub(crate) actor: Actor,
    idle: Mutex<Vec<(Server, usize)>>,
}

impl Servers {
    pub(crate) fn new(actor: Actor) -> Self {
        Self { actor, idle: Mutex::default() }
    }

    /// Lets one of the processes do one thing.
    pub(crate) fn act(&self, task: &[&str], folder: &Path) -> Result<Outcome> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (mut server, tasks) = match idle {
            Some(idle) => idle,
            None => (self.actor.serve()?, 0),
        };
        let outcome = server.act(task, folder)?;
        if !matches!(outcome, Outcome::Died { .. }) && tasks < MOST_TASKS {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((server, tasks + 1));
        }
        Ok(outcome)
    }
}
