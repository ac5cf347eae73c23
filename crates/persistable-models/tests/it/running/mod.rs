//! Runs: the real state machine of two drivers, over one store with leases, in all interleavings of small graphs.
//!
//! Each driver asks its own machine which step may start. A worker takes the lease, looks, generates, publishes and tells. Steps
//! fail, workers are lost before and after they publish, users interrupt, and a whole driver may die.
//!
//! One module tells what runs do about disks.

mod broken;
mod driver;
mod durable;
mod noticed;
mod world;

use persistable::OnError;

use broken::Broken;
use driver::Plan;
use world::{Trouble, World};

/// Each step with the steps that it needs, by position.
const SHORT: &[&[usize]] = &[&[], &[0]];
const CHAIN: &[&[usize]] = &[&[], &[0], &[1]];
const FORK: &[&[usize]] = &[&[], &[0], &[0]];
const JOIN: &[&[usize]] = &[&[], &[], &[0, 1]];
const DIAMOND: &[&[usize]] = &[&[], &[0], &[0], &[1, 2]];
const APART: &[&[usize]] = &[&[], &[]];

/// Explores, and fails with what is wrong. Returns the number of states.
fn explore(world: &World) -> usize {
    world.explore().unwrap_or_else(|wrong| panic!("{wrong}"))
}

fn plan(below: &'static [&'static [usize]]) -> Plan {
    Plan { below, there: 0, on_error: OnError::Stop, retries: 0, workers: 2, broken: Broken::None }
}

fn two(plan: Plan, troubles: Vec<Trouble>) -> World {
    World::new(plan.below, vec![plan; 2], troubles)
}

fn one(plan: Plan, troubles: Vec<Trouble>) -> World {
    World::new(plan.below, vec![plan], troubles)
}

const ALL: [Trouble; 5] =
    [Trouble::Failure, Trouble::LostBefore, Trouble::LostAfter, Trouble::Interrupt, Trouble::DriverDies];

#[test]
fn two_drivers_share_each_graph_and_generate_each_step_once() {
    for (below, workers) in [(CHAIN, 2), (JOIN, 1), (FORK, 1), (APART, 2)] {
        assert!(explore(&two(Plan { workers, ..plan(below) }, Vec::new())) > 100);
    }
}

#[test]
fn two_drivers_go_on_whatever_happens_to_one_of_them() {
    for below in [SHORT, APART] {
        for trouble in ALL {
            explore(&two(Plan { workers: 1, on_error: OnError::Continue, ..plan(below) }, vec![trouble]));
        }
    }
    explore(&two(Plan { workers: 1, ..plan(SHORT) }, vec![Trouble::Failure]));
}

#[test]
fn one_driver_ends_right_whatever_goes_wrong_twice() {
    for below in [CHAIN, FORK, JOIN, DIAMOND] {
        for on_error in [OnError::Stop, OnError::Continue] {
            for retries in [0, 1] {
                for troubles in pairs() {
                    explore(&one(Plan { on_error, retries, ..plan(below) }, troubles));
                }
            }
        }
    }
}

#[test]
fn a_step_that_is_there_hides_what_is_below_it() {
    for there in 1..8 {
        explore(&one(Plan { there, ..plan(CHAIN) }, vec![Trouble::Failure]));
        explore(&one(Plan { there, ..plan(JOIN) }, vec![Trouble::LostAfter]));
    }
}

fn pairs() -> Vec<Vec<Trouble>> {
    let troubles = [Trouble::Failure, Trouble::LostBefore, Trouble::LostAfter, Trouble::Interrupt];
    troubles.iter().enumerate().flat_map(|(at, a)| troubles[at..].iter().map(|b| vec![*a, *b])).collect()
}
