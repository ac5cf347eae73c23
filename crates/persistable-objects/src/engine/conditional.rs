//! Putting on a condition, and the second look after an answer that is not clear.

use bytes::Bytes;

use crate::engine::retry::Tries;
use crate::engine::root::RemoteObjects;
use crate::error::{Error, ErrorKind, Result};
use crate::objects::{Got, Object, Put};
use crate::service::{Condition, Ended, Fault};
use crate::stop::Stop;

impl RemoteObjects {
    /// Puts on a condition. Only a clean success is believed. After any other answer the object is read: the bytes hold a
    /// random value of the caller's, so if they are there, this write put them there.
    pub(super) fn put_on_condition(
        &self,
        stop: Stop<'_>,
        full: &str,
        bytes: &Bytes,
        condition: Condition<'_>,
    ) -> Result<Put> {
        let mut tries = Tries::new(&self.setup);
        loop {
            let fault = match self.service.put(stop, full, bytes.clone(), condition) {
                Ok(version) => return Ok(Put::Done(version)),
                Err(fault) => fault,
            };
            tries.note(&fault);
            if fault.may_have_landed || fault.ended == Ended::Refused {
                // Asking to stop ends this too: then nobody knows whether the write landed.
                let found = self.read(stop, full, None).map_err(|error| unknown(error, tries.may_have_landed()))?;
                let found = match found {
                    Got::Found(found) if found.bytes == **bytes => return Ok(Put::Done(found.version)),
                    Got::Found(found) => Some(found),
                    Got::Absent | Got::Same => None,
                };
                if !holds(condition, found.as_ref()) {
                    return Ok(Put::Refused(found));
                }
            }
            tries.again(stop, explained(fault))?;
        }
    }
}

/// Whether a condition holds for what is there.
fn holds(condition: Condition<'_>, found: Option<&Object>) -> bool {
    match condition {
        Condition::None => true,
        Condition::Absent => found.is_none(),
        Condition::Still { version, .. } => found.is_some_and(|found| found.version == *version),
    }
}

/// A refusal although the condition holds: it will pass if another request came between, and else the store is strange.
fn explained(fault: Fault) -> Fault {
    if fault.ended != Ended::Refused {
        return fault;
    }
    let message = format!("the service refuses the condition although it holds ({})", fault.message);
    Fault { message, ..fault }
}

fn unknown(error: Error, may_have_landed: bool) -> Error {
    let is_retryable = error.is_retryable() && error.kind() != ErrorKind::Interrupted;
    error.outcome_unknown(may_have_landed).retryable(is_retryable)
}
