//! Putting bytes, on a condition in the form that the service takes.

use bytes::Bytes;

use crate::can::Replace;
use crate::engine::retry::Tries;
use crate::engine::root::RemoteObjects;
use crate::error::{Error, Result};
use crate::objects::{Only, Put};
use crate::service::Condition;
use crate::stop::Stop;

impl RemoteObjects {
    pub(super) fn put_bytes(&self, stop: Stop<'_>, full: &str, bytes: Bytes, only: &Only) -> Result<Put> {
        let condition = self.condition(stop, only)?;
        match condition {
            // Sent twice, it is the same as sent once.
            Condition::None => {
                let mut tries = Tries::new(&self.setup);
                loop {
                    match self.service.put(stop, full, bytes.clone(), condition) {
                        Ok(version) => return Ok(Put::Done(version)),
                        Err(fault) => tries.again(stop, fault)?,
                    }
                }
            }
            _ => self.put_on_condition(stop, full, &bytes, condition),
        }
    }

    /// Returns the condition in the form that this service takes.
    pub(super) fn condition<'a>(&self, stop: Stop<'_>, only: &'a Only) -> Result<Condition<'a>> {
        const ADVICE: &str = "It keeps no promise about two writers. Put under fresh names only, without a condition";
        match only {
            Only::Always => Ok(Condition::None),
            Only::IfAbsent if self.probed(stop)?.create => Ok(Condition::Absent),
            Only::IfAbsent => {
                Err(Error::unsupported("this store can't put an object only if there is none").advise(ADVICE))
            }
            Only::IfStill(version) => match self.probed(stop)?.replace {
                Replace::No => {
                    Err(Error::unsupported("this store can't replace an object only if it is unchanged").advise(ADVICE))
                }
                replace => Ok(Condition::Still { version, is_quoted: replace == Replace::Yes }),
            },
        }
    }
}
