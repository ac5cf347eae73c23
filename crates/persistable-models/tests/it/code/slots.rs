//! The payload in memory that the clones of a handle share.

use std::sync::Arc;

use persistable_base::slot::{Claimed, Filled, Origin, Slot};
use persistable_base::sync::process;
use persistable_base::wait::{Patience, Wait};
use shuttle::thread;

use super::support::{Counter, Scenario};
use crate::simulation::{Fault, is_broken, step};

pub(crate) const FILLING: Scenario = Scenario { run: one_fills_for_all, runs: 1000 };
pub(crate) const SETTLING: Scenario = Scenario { run: generate_beside_persist, runs: 1000 };

fn filled(payload: &Arc<u32>, is_pending: bool) -> Filled<u32, ()> {
    Filled { payload: Arc::clone(payload), origin: Origin::Generated, made: (), is_pending }
}

/// Of three who ask, one fills at a time; the first who tries fails.
fn one_fills_for_all() {
    let slot = Arc::new(Slot::<u32, ()>::new());
    let (fillers, tries, fills) = (Counter::default(), Counter::default(), Counter::default());
    let ask = |number| {
        let (slot, fillers, tries, fills) = (Arc::clone(&slot), fillers.clone(), tries.clone(), fills.clone());
        thread::spawn(move || {
            if is_broken(Fault::StrangeThreads) {
                process::become_process(number);
            }
            match slot.get_or_claim(Patience::new(Wait::Forever, &mut |_| {}, &|| false)) {
                Claimed::Filled(filled) => assert_eq!(*filled.payload, 7),
                Claimed::Filling(filling) => {
                    assert_eq!(fillers.add(), 1, "two fill at once");
                    let _ = step();
                    if tries.add() > 1 {
                        fills.add();
                        slot.set(Some(filled(&Arc::new(7), false)));
                    }
                    fillers.subtract();
                    drop(filling);
                }
                _ => panic!("nobody fills it twice, and nobody gives up"),
            }
        })
    };
    let threads = [1, 2, 3].map(ask);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!((tries.get(), fills.get()), (2, 1));
}

/// One thread persists what could not be persisted before, while another generates anew and can't persist that. What is
/// held in the end and is in no store must still be known to be pending: the next `load_generate` persists it.
fn generate_beside_persist() {
    let slot = Arc::new(Slot::<u32, ()>::new());
    let first = Arc::new(1);
    slot.set(Some(filled(&first, true)));
    let persisting = {
        let slot = Arc::clone(&slot);
        thread::spawn(move || {
            let pending = slot.get().filter(|filled| filled.is_pending)?;
            let _ = step(); // It is persisted.
            let now = if is_broken(Fault::SettledUnseen) { slot.get()? } else { pending.clone() };
            slot.settle(&now.payload, ());
            Some(*pending.payload)
        })
    };
    let generating = {
        let slot = Arc::clone(&slot);
        thread::spawn(move || slot.set(Some(filled(&Arc::new(2), true))))
    };
    let persisted = persisting.join().unwrap();
    generating.join().unwrap();
    let last = slot.get().unwrap();
    assert_eq!(*last.payload, 2);
    assert!(last.is_pending || persisted == Some(2), "it is in no store, and nobody knows");
}

#[test]
fn a_slot_is_filled_by_one_at_a_time() {
    FILLING.check();
}

#[test]
fn what_is_in_no_store_stays_pending() {
    SETTLING.check();
}
