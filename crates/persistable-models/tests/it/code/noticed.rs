//! The scenarios notice each way in which the code can be broken.

use super::support::Scenario;
use super::{claims, replacing, slots};
use crate::simulation::{Fault, break_in_this_thread};

/// Fails unless the scenario fails.
fn notices(fault: Fault, scenario: Scenario) {
    // In a thread of its own, so that nothing of a failure is left to the next one. The first run that fails is the last.
    let watching = std::thread::spawn(move || {
        break_in_this_thread(fault);
        scenario.fails(20 * scenario.runs)
    });
    assert!(watching.join().unwrap(), "nobody noticed {fault:?}");
}

macro_rules! noticed {
    ($($test:ident: $fault:ident by $module:ident::$scenario:ident;)*) => {$(
        #[test]
        fn $test() {
            notices(Fault::$fault, $module::$scenario);
        }
    )*};
}

noticed! {
    a_claim_that_ends_without_a_word: LostNotification by claims::THREADS;
    a_late_wait_for_a_claim: LateWait by claims::THREADS;
    a_claim_that_counts_for_nothing: StrangeThreads by claims::THREADS;
    a_claim_that_ends_before_its_lock: LateUnlock by claims::PROCESSES;
    a_lock_file_that_is_closed_too_early: UnlockDropsAll by claims::PROCESSES;
    a_lock_file_that_each_try_closes: TryDropsAll by claims::PROCESSES;
    locks_that_exclude_no_process: NoLocks by claims::PROCESSES;
    a_slot_that_is_filled_without_a_word: LostNotification by slots::FILLING;
    a_late_wait_for_a_slot: LateWait by slots::FILLING;
    a_slot_that_two_fill: StrangeThreads by slots::FILLING;
    a_payload_that_is_called_persisted_unseen: SettledUnseen by slots::SETTLING;
    no_manifest_of_both_payloads: NoManifestOfBoth by replacing::FILES;
    a_forgotten_payload_of_an_interrupted_replacement: ForgottenPayload by replacing::FILES;
    a_payload_that_is_written_over: WrittenOver by replacing::FILES;
    a_manifest_before_its_payload: ManifestFirst by replacing::FIRST;
    staging_that_is_swept_while_its_maker_lives: LivingSwept by replacing::FIRST;
    a_payload_that_is_removed_before_the_next: RemovedFirst by replacing::FOLDERS;
    readers_that_go_round_once: OneRound by replacing::BESIDE_FILES;
    readers_that_do_not_look_again: NoLookAgain by replacing::BESIDE_FOLDERS;
    readers_that_look_once_at_what_they_chose: OneLook by replacing::BESIDE_THE_DYING;
    a_manifest_that_is_removed_last: ManifestLast by replacing::REMOVING;
}
