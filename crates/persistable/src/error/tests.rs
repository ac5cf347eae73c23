//! What an error says.

use super::*;

#[test]
fn advice_is_given_once_and_last() {
    let full = StoreError::new(StoreErrorKind::Full, "could not write").caused_by("no room").advise("Free some space");
    let error = Error::of_store("persist", "points", full);
    assert_eq!(error.to_string(), "could not persist points: could not write. Free some space");
    assert_eq!(format!("{error:#}"), "could not persist points: could not write: no room. Free some space");
    let error = error.advise("Free some space and call persist()");
    assert_eq!(error.explained(), "could not persist: could not write: no room. Free some space and call persist()");
}

#[test]
fn what_is_added_keeps_what_the_store_advises_and_comes_after_the_causes() {
    let full = StoreError::new(StoreErrorKind::Full, "could not write").caused_by("no room").advise("Remove some");
    let error = Error::of_store("persist", "points", full).add("The payload stays in memory");
    assert_eq!(
        format!("{error:#}"),
        "could not persist points: could not write: no room. The payload stays in memory. Remove some"
    );
}

#[test]
fn a_step_that_needs_another_gives_the_advice_on_that_one_last() {
    let damaged = StoreError::new(StoreErrorKind::Damaged, "a bit flipped").caused_by("crc").advise("Generate it");
    let other = Error::of_store("load", "points", damaged);
    let error = Error::new(ErrorKind::Generation, "generate", "sums", "the step's code failed").caused_by(other);
    assert_eq!(
        format!("{error:#}"),
        "could not generate sums: the step's code failed: could not load points: a bit flipped: crc. Generate it"
    );
    let told = error.explained_before(|cause| !cause.is::<Error>());
    assert_eq!(
        told,
        "could not generate sums: the step's code failed: could not load points: a bit flipped. Generate it"
    );
}

#[test]
fn what_is_said_of_a_lost_lease_replaces_the_advice() {
    let lost = StoreError::new(StoreErrorKind::LeaseLost, "it was lost").advise("Load it");
    assert_eq!(
        Error::of_store("persist", "points", lost).lease_lost("another has it").to_string(),
        "could not persist points: another has it"
    );
}

#[test]
fn an_interrupt_comes_without_advice_on_something_else() {
    let failed = StoreError::new(StoreErrorKind::Unavailable, "could not write").advise("Try again later");
    let error = Error::of_store("persist", "points", failed).caused_by(Interrupt("by a signal".into()));
    assert_eq!(error.to_string(), "could not persist points: interrupted");
}
