//! The model notices each way in which the machine can be broken.

use persistable::OnError;

use super::broken::Broken;
use super::driver::Plan;
use super::world::{Trouble, World};
use super::{CHAIN, FORK, JOIN, one, plan, two};

/// Fails unless the model fails for this reason.
fn notices(broken: Broken, world: impl FnOnce(Plan) -> World, reason: &str) {
    let wrong = world(Plan { broken, ..plan(CHAIN) }).explore().err();
    assert!(wrong.as_ref().is_some_and(|wrong| wrong.contains(reason)), "{broken:?} was noticed by {wrong:?}");
}

#[test]
fn a_step_that_starts_wrongly() {
    notices(Broken::StartsTwice, |plan| one(plan, Vec::new()), "runs twice");
    notices(Broken::ForgetsBelow, |plan| one(plan, Vec::new()), "before what it needs");
    notices(Broken::TooManyWorkers, |plan| one(Plan { below: FORK, workers: 1, ..plan }, Vec::new()), "2 steps run");
    notices(Broken::IdleWorker, |plan| one(Plan { below: JOIN, ..plan }, Vec::new()), "no driver starts it");
}

#[test]
fn a_step_of_another_driver_that_is_forgotten_or_relied_on() {
    notices(Broken::ForgetsTaken, |plan| two(plan, Vec::new()), "no driver starts it");
    notices(Broken::TakenIsDone, |plan| two(plan, Vec::new()), "is over after Taken");
}

#[test]
fn a_failure_that_is_not_treated_as_the_rules_say() {
    let failure = || vec![Trouble::Failure];
    notices(Broken::FailureIsDone, |plan| one(Plan { retries: 1, ..plan }, failure()), "is over after Failed");
    notices(Broken::NoRetries, |plan| one(Plan { retries: 1, ..plan }, failure()), "is over after Failed");
    notices(Broken::EndlessRetries, |plan| one(plan, failure()), "is over after Failed");
    notices(Broken::IgnoresFailure, |plan| one(Plan { below: JOIN, ..plan }, failure()), "after the stop");
    let continues = |plan| Plan { on_error: OnError::Continue, ..plan };
    notices(Broken::ForgetsBlocked, |plan| one(continues(plan), failure()), "what became of step");
}

#[test]
fn a_lost_worker_that_is_forgotten() {
    notices(Broken::ForgetsLost, |plan| one(plan, vec![Trouble::LostBefore]), "no driver starts it");
}

#[test]
fn a_stop_that_is_ignored() {
    notices(Broken::IgnoresStop, |plan| one(plan, vec![Trouble::Interrupt]), "after the stop");
}

#[test]
fn a_payload_that_is_dropped_too_early_or_never() {
    notices(Broken::DropsEarly, |plan| one(plan, Vec::new()), "somebody needs it");
    notices(Broken::DropsNone, |plan| one(plan, Vec::new()), "is kept");
}
