//! Names of objects.

use crate::format::Digest;
use crate::machine::unique_text;

/// What is not an artifact lies below this.
pub(super) const OWN: &str = ".persistable/";

/// All numbers in payload names have so many digits, so that none begins with another.
const NUMBER_DIGITS: usize = 20;

/// Leases lie below this.
pub(super) const LEASES: &str = ".persistable/leases/";

/// Returns the name of a lease.
pub(super) fn lease(stem: &str) -> String {
    format!("{LEASES}{stem}")
}

/// Returns the name of a record.
pub(super) fn record(digest: Digest) -> String {
    format!("{OWN}records/{digest}.json")
}

/// Returns what a payload's name begins with that was never used before, and never will be again.
pub(super) fn fresh_payload(stem: &str) -> String {
    format!("{stem}~{:0NUMBER_DIGITS$}", chance())
}

/// Returns what the names of all payloads of an artifact begin with.
pub(super) fn payloads(stem: &str) -> String {
    format!("{stem}~")
}

/// Whether a text can be what a payload's name begins with.
pub(super) fn is_fresh_payload(stem: &str, text: &str) -> bool {
    let number = text.strip_prefix(stem).and_then(|rest| rest.strip_prefix('~'));
    number.is_some_and(|number| number.len() == NUMBER_DIGITS && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns the name of a payload's file below the payload's name.
pub(super) fn inside(payload: &str, path: &str) -> String {
    format!("{payload}/{path}")
}

/// Returns a number that nobody can foresee.
pub(super) fn chance() -> u64 {
    let digest = Digest::of(unique_text().as_bytes());
    digest.as_bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_name_is_told_from_all_others() {
        let name = fresh_payload("a(0)");
        assert!(is_fresh_payload("a(0)", &name), "{name}");
        assert_ne!(name, fresh_payload("a(0)"));
        for other in ["a(0)", "a(0)~1", "b(0)~00000000000000000001", "a(0)~0000000000000000000x"] {
            assert!(!is_fresh_payload("a(0)", other), "{other}");
        }
    }
}
