//! The scenarios notice each way in which the code can be broken.

use super::support::Scenario;
use super::{claims, replacing, slots};
use crate::mutants::MUTANTS;
use crate::steps;

fn watcher(mutant: &str) -> Scenario {
    match mutant {
        "a claim ends without a word" | "a claim of another thread counts for nothing" => claims::THREADS,
        "a claim outlasts its lock by being dropped last"
        | "the lock file is closed while the process has other locks"
        | "each lock opens the lock file for itself"
        | "there are no locks between processes" => claims::PROCESSES,
        "what another thread generated is called persisted" => slots::SETTLING,
        "between the look and the wait there is time for a word"
        | "a slot is filled without a word"
        | "a slot is filled by two" => slots::FILLING,
        "no manifest names both payloads"
        | "what an interrupted replacement left is forgotten"
        | "a payload is written over" => replacing::FILES,
        "the manifest comes before the payload" | "what the living stage is swept" => replacing::FIRST,
        "a payload is removed before the next one takes its place" => replacing::FOLDERS,
        "readers go through the payloads of a manifest once" => replacing::BESIDE_FILES,
        "readers do not look again" | "readers by path do not look again at what they chose" => {
            replacing::BESIDE_FOLDERS
        }
        "the manifest goes last" => replacing::REMOVING,
        unwatched => panic!("nobody watches for {unwatched:?}"),
    }
}

#[test]
fn each_broken_way_is_noticed() {
    let is_unnoticed = |name: &&'static str| {
        let name = *name;
        let scenario = watcher(name);
        // In a thread of its own, so that nothing of a failure is left to the next one. The first run that fails is the last.
        let watching = std::thread::spawn(move || {
            steps::break_code(name);
            !scenario.fails(20 * scenario.runs)
        });
        watching.join().unwrap()
    };
    let unnoticed: Vec<_> = MUTANTS.iter().map(|mutant| mutant.name).filter(is_unnoticed).collect();
    assert!(unnoticed.is_empty(), "nobody noticed that {unnoticed:#?}");
}
