//! Finding out what a service can do. A service may refuse a condition, or ignore it silently: only trying shows it.

use std::time::Duration;

use bytes::Bytes;
use persistable_base::clock;

use crate::can::{Can, Replace};
use crate::engine::root::RemoteObjects;
use crate::error::{Error, ErrorKind, Result};
use crate::objects::{ListedObject, Put, Version};
use crate::random;
use crate::service::{Condition, Ended, From};
use crate::stop::Stop;

/// What the names of probes begin with.
const PROBES: &str = ".persistable/probe-";
/// A probe that was not deleted for so long was left by a process that was killed.
const LONGEST_PROBE: Duration = Duration::from_secs(3600);
/// The same by the clocks of two machines, which may differ: for services that tell no ages.
const LONGEST_BY_CLOCKS: Duration = Duration::from_secs(24 * 3600);

impl RemoteObjects {
    /// Returns what the service can do, and probes it if nobody did.
    pub(super) fn probed(&self, stop: Stop<'_>) -> Result<Can> {
        if let Some(can) = self.can.with(|can| *can) {
            return Ok(can);
        }
        if let Some(can) = self.attempts(stop, |stop| self.service.says(stop))? {
            self.can.with(|known| *known = Some(can));
            return Ok(can);
        }
        let name = self.full(&format!("{PROBES}{:016x}-{:x}", random::bits(), clock::since_1970().as_secs()));
        let can = self.probe(stop, &name);
        // What could not be deleted is small, and nobody reads it. The next probe finds it.
        let mut probes = self.left_probes(stop).unwrap_or_default();
        probes.retain(|other| *other != name);
        probes.push(name);
        for batch in probes.chunks(self.service.about().most_deleted.max(1)) {
            let _ = self.attempts(stop, |stop| self.service.delete(stop, batch));
        }
        let can = can?;
        self.can.with(|known| *known = Some(can));
        Ok(can)
    }

    /// Returns the probes of processes that were killed before they could delete them.
    fn left_probes(&self, stop: Stop<'_>) -> Result<Vec<String>> {
        let probes = self.full(PROBES);
        let page = self.attempts(stop, |stop| self.service.list(stop, &probes, From::Begin))?;
        let now = clock::since_1970();
        let is_left =
            |entry: &ListedObject| entry.name.strip_prefix(&probes).is_some_and(|name| is_left(name, entry.age, now));
        Ok(page.entries.into_iter().filter(is_left).map(|entry| entry.name).collect())
    }

    fn probe(&self, stop: Stop<'_>, name: &str) -> Result<Can> {
        let (create, version) = self.probe_create(stop, name)?;
        let mut replace = Replace::No;
        if self.probe_replace(stop, name, &version, true)? {
            replace = Replace::Yes;
        } else if self.service.about().has_quotes {
            let version = self.attempts(stop, |stop| self.service.put(stop, name, body(), Condition::None))?;
            if self.probe_replace(stop, name, &version, false)? {
                replace = Replace::Unquoted;
            }
        }
        Ok(Can { create, replace })
    }

    /// Tells whether a second create is refused, and which version there is then.
    fn probe_create(&self, stop: Stop<'_>, name: &str) -> Result<(bool, Version)> {
        let first = possible(self.put_on_condition(stop, name, &body(), Condition::Absent))?;
        if let Some(Put::Done(first)) = first {
            match possible(self.put_on_condition(stop, name, &body(), Condition::Absent))? {
                Some(Put::Done(second)) => return Ok((false, second)),
                Some(Put::Refused(_)) => return Ok((true, first)),
                None => {}
            }
        }
        let version = self.attempts(stop, |stop| self.service.put(stop, name, body(), Condition::None))?;
        Ok((false, version))
    }

    /// Tells whether an object is replaced if it has this version, and not if it had it before.
    fn probe_replace(&self, stop: Stop<'_>, name: &str, version: &Version, is_quoted: bool) -> Result<bool> {
        let condition = Condition::Still { version, is_quoted };
        // One try each: a form that the service does not know is refused for ever.
        let is_replaced = match self.service.put(stop, name, body(), condition) {
            Ok(_) => true,
            // An answer that was lost, or a service that is busy, says nothing about the form.
            Err(fault) if fault.may_have_landed || matches!(fault.ended, Ended::Passing) => {
                return self.probe_replace_again(stop, name, is_quoted);
            }
            Err(fault) => match fault.ended {
                Ended::Final(ErrorKind::Unsupported | ErrorKind::Invalid) | Ended::Refused | Ended::Lost => false,
                // The answer to another question, such as whether these keys may write.
                Ended::Final(_) | Ended::Passing => return Err(fault.into_error()),
            },
        };
        if !is_replaced {
            return Ok(false);
        }
        Ok(matches!(possible(self.put_on_condition(stop, name, &body(), condition))?, Some(Put::Refused(_))))
    }

    /// The same under a new version, after an answer that was lost.
    fn probe_replace_again(&self, stop: Stop<'_>, name: &str, is_quoted: bool) -> Result<bool> {
        let version = self.attempts(stop, |stop| self.service.put(stop, name, body(), Condition::None))?;
        let condition = Condition::Still { version: &version, is_quoted };
        let is_replaced = self.put_on_condition(stop, name, &body(), condition);
        if !matches!(possible(is_replaced)?, Some(Put::Done(_))) {
            return Ok(false);
        }
        Ok(matches!(possible(self.put_on_condition(stop, name, &body(), condition))?, Some(Put::Refused(_))))
    }
}

/// Whether a probe was left by a killed process. The end of its name is the time when it began, in seconds.
fn is_left(name: &str, age: Option<Duration>, now: Duration) -> bool {
    if let Some(age) = age {
        return age > LONGEST_PROBE;
    }
    let began = name.rsplit_once('-').and_then(|(_, seconds)| u64::from_str_radix(seconds, 16).ok());
    began.is_some_and(|began| now.saturating_sub(Duration::from_secs(began)) > LONGEST_BY_CLOCKS)
}

fn body() -> Bytes {
    format!("a probe of what this store can do: {:016x}", random::bits()).into()
}

/// Returns nothing where the service says that it can't do it.
fn possible(put: Result<Put>) -> Result<Option<Put>, Error> {
    match put {
        Ok(put) => Ok(Some(put)),
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Invalid) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_left_if_it_is_old_by_the_service_or_by_its_name() {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let name = format!("00000000000000aa-{:x}", hours(1000).as_secs());
        let cases = [
            (Some(hours(2)), hours(1000), true),
            (Some(hours(1) / 2), hours(2000), false),
            (None, hours(1025), true),
            (None, hours(1023), false),
            // The clock of the other machine is ahead.
            (None, hours(1), false),
        ];
        for (age, now, left) in cases {
            assert_eq!(is_left(&name, age, now), left, "{age:?} {now:?}");
        }
        // An earlier version did not tell the time.
        assert!(!is_left("00000000000000aa", None, hours(5000)));
    }
}
