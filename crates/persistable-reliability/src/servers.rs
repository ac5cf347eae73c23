//! Actors that wait for tasks, shared by threads.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::agent::{Agent, Setting};
use crate::child::Actor;
use crate::outcome::Outcome;
use crate::problem::Result;

/// After so many tasks a process is replaced by another.
const MOST_TASKS: usize = 300;

/// As many processes of an actor as there are threads that ask at once.
pub(crate) struct Servers {
    pub(crate) actor: Actor,
    idle: Mutex<Vec<(Agent, usize)>>,
}

impl Servers {
    pub(crate) fn new(actor: Actor) -> Self {
        Self { actor, idle: Mutex::default() }
    }

    /// Lets one of the processes do one thing.
    pub(crate) fn act(&self, task: &[&str], folder: &Path) -> Result<Outcome> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let (mut agent, tasks) = match idle {
            Some(idle) => idle,
            None => (Agent::start(&self.actor, &Setting::default())?, 0),
        };
        let outcome = agent.ask(task, folder)?;
        if !matches!(outcome, Outcome::Died { .. }) && tasks < MOST_TASKS {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((agent, tasks + 1));
        }
        Ok(outcome)
    }
}
