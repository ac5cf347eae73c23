//! The scenarios notice each way in which the code can be broken.

use super::support::Scenario;
use super::{claims, replacing, slots};
use crate::simulation::{Fault, break_in_this_thread};

/// Each fault, and a scenario that has to notice it.
const WATCHED: [(Fault, Scenario); 22] = [
    (Fault::LostNotification, claims::THREADS),
    (Fault::LateWait, claims::THREADS),
    (Fault::StrangeThreads, claims::THREADS),
    (Fault::LostNotification, slots::FILLING),
    (Fault::LateWait, slots::FILLING),
    (Fault::StrangeThreads, slots::FILLING),
    (Fault::SettledUnseen, slots::SETTLING),
    (Fault::LateUnlock, claims::PROCESSES),
    (Fault::UnlockDropsAll, claims::PROCESSES),
    (Fault::TryDropsAll, claims::PROCESSES),
    (Fault::NoLocks, claims::PROCESSES),
    (Fault::NoManifestOfBoth, replacing::FILES),
    (Fault::ForgottenPayload, replacing::FILES),
    (Fault::WrittenOver, replacing::FILES),
    (Fault::ManifestFirst, replacing::FIRST),
    (Fault::LivingSwept, replacing::FIRST),
    (Fault::RemovedFirst, replacing::FOLDERS),
    (Fault::OneRound, replacing::BESIDE_FILES),
    (Fault::NoLookAgain, replacing::BESIDE_FOLDERS),
    (Fault::OneLook, replacing::BESIDE_FOLDERS),
    (Fault::ManifestLast, replacing::REMOVING),
    (Fault::NoLocks, replacing::FIRST),
];

#[test]
fn each_broken_way_is_noticed() {
    let is_unnoticed = |(fault, scenario): &(Fault, Scenario)| {
        let (fault, scenario) = (*fault, *scenario);
        // In a thread of its own, so that nothing of a failure is left to the next one. The first run that fails is the last.
        let watching = std::thread::spawn(move || {
            break_in_this_thread(fault);
            !scenario.fails(20 * scenario.runs)
        });
        watching.join().unwrap()
    };
    let unnoticed: Vec<_> = WATCHED.iter().enumerate().filter(|(_, watched)| is_unnoticed(watched)).collect();
    let unnoticed: Vec<_> = unnoticed.into_iter().map(|(number, (fault, _))| (number, fault)).collect();
    assert!(unnoticed.is_empty(), "nobody noticed {unnoticed:#?}");
}
