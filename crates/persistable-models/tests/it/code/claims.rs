//! One holder at a time, whether threads of one process or processes; nobody waits for ever.

use persistable_base::sync::process;
use persistable_store::Store;
use shuttle::rand::{Rng, thread_rng};
use shuttle::thread;

use super::support::{Counter, Scenario, data_folder, id, lease, mortal, process};
use crate::simulation::{Fault, is_broken, open, step};

pub(crate) const THREADS: Scenario = Scenario { run: threads_of_one_process, runs: 1500 };
pub(crate) const PROCESSES: Scenario = Scenario { run: processes_of_some_threads, runs: 2000 };
pub(crate) const DEATHS: Scenario = Scenario { run: a_holder_that_dies, runs: 600 };

fn hold(store: &Store, name: &str, holders: &Counter) {
    let held = lease(store, &id(name)).unwrap();
    assert_eq!(holders.add(), 1, "two holders at once");
    for _ in 0..thread_rng().gen_range(1..30) {
        let _ = step();
    }
    holders.subtract();
    drop(held);
}

fn threads_of_one_process() {
    let folder = data_folder();
    let stores = [open(&folder).unwrap(), Store::memory()];
    for store in stores {
        let holders = Counter::default();
        let threads: Vec<_> = (0..3)
            .map(|number| {
                let (store, holders) = (store.clone(), holders.clone());
                thread::spawn(move || {
                    if is_broken(Fault::StrangeThreads) {
                        process::become_process(10 + number);
                    }
                    hold(&store, "one", &holders);
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

/// Two processes; they have leases of two artifacts over the same lock file, and one has two threads that want the same one.
fn processes_of_some_threads() {
    let folder = data_folder();
    let (one, other) = (Counter::default(), Counter::default());
    let acts = [
        (1, "one", &one, 1),
        (1, "one", &one, 1),
        (1, "other", &other, 2),
        (2, "one", &one, 1),
        (2, "other", &other, 1),
    ];
    let threads: Vec<_> = acts
        .into_iter()
        .map(|(number, name, holders, times)| {
            let (path, holders) = (folder.clone(), holders.clone());
            process(number, move || {
                let store = open(&path).unwrap();
                for _ in 0..times {
                    hold(&store, name, &holders);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// Others take over, however far it came.
fn a_holder_that_dies() {
    let folder = data_folder();
    let path = folder.clone();
    let dying = mortal(1, move || {
        let store = open(&path)?;
        let held = lease(&store, &id("one"))?;
        for _ in 0..80 {
            if step().is_err() {
                break;
            }
        }
        drop(held);
        Ok(())
    });
    let path = folder.clone();
    let heir = process(2, move || hold(&open(&path).unwrap(), "one", &Counter::default()));
    let _ = dying.join().unwrap();
    heir.join().unwrap();
}

#[test]
fn threads_take_turns() {
    THREADS.check();
}

#[test]
fn processes_take_turns() {
    PROCESSES.check();
}

#[test]
fn the_dead_hold_nothing() {
    DEATHS.check();
}
