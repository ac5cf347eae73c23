//! Troubles that a test asks for.

use std::collections::VecDeque;

use persistable_base::fork::Shared;

use crate::error::ErrorKind;
use crate::service::{Ended, Fault};

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "they are named after the verbs of a store")]
pub enum Verb {
    Get,
    Put,
    Delete,
    List,
    Begin,
    Part,
    Finish,
    Abort,
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is done, and its answer is lost.
    LoseAnswer,
    /// It is lost on its way: nothing is done, and the client can't know that.
    LoseRequest,
    /// The service is too busy, says so, and does nothing.
    Busy,
    /// Another request came between: a 409 of S3. Nothing is done.
    Conflict,
    /// The account lacks the permission.
    Deny,
    /// None: the request is done, and the troubles after it wait for the next ones.
    Pass,
}

impl Trouble {
    pub(super) fn fault(self) -> Fault {
        let (ended, message, may_have_landed) = match self {
            Self::LoseAnswer | Self::LoseRequest | Self::Pass => (Ended::Passing, "the connection was cut", true),
            Self::Busy => (Ended::Passing, "the service is too busy", false),
            Self::Conflict => (Ended::Refused, "another request came between", false),
            Self::Deny => (Ended::Final(ErrorKind::Denied), "the account may not do that", false),
        };
        Fault { may_have_landed, ..Fault::new(ended, message) }
    }
}

/// The troubles to come, and the requests that there were.
#[derive(Debug)]
pub(super) struct Troubles(Shared<Script>);

#[derive(Debug, Default)]
struct Script {
    coming: VecDeque<(Verb, Trouble)>,
    requests: Vec<Verb>,
}

impl Troubles {
    pub(super) fn new() -> Self {
        Self(Shared::new(Script::default()))
    }

    pub(super) fn add(&self, verb: Verb, trouble: Trouble, times: usize) {
        self.0.with(|content| content.coming.extend(std::iter::repeat_n((verb, trouble), times)));
    }

    pub(super) fn requests(&self, verb: Verb) -> usize {
        self.0.with(|content| content.requests.iter().filter(|request| **request == verb).count())
    }

    /// Does what a request asks for, with the trouble that waits for it.
    pub(super) fn meet<T>(&self, verb: Verb, act: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        let trouble = self.0.with(|content| {
            content.requests.push(verb);
            let place = content.coming.iter().position(|(other, _)| *other == verb)?;
            content.coming.remove(place)
        });
        match trouble {
            None | Some((_, Trouble::Pass)) => act(),
            Some((_, Trouble::LoseAnswer)) => {
                act()?;
                Err(Trouble::LoseAnswer.fault())
            }
            Some((_, trouble)) => Err(trouble.fault()),
        }
    }
}
