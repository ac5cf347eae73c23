//! A process may fork at any time, whatever its other threads are at, and the child can use the store.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::scope;

use persistable_servers::forks::{PATIENCE, in_child};
use persistable_store::{Draft, Result, Settings, Store, Verification, Wait};

use crate::stores::{Content, FAST, file, folder_store, id, load, write};

const FORKS: u8 = 150;

/// Remembers what was verified, so that this memory is at work as well.
const REMEMBERING: Settings = Settings { verification: Verification::OncePerFile, ..FAST };

#[test]
fn a_child_forked_amid_the_work_of_other_threads_can_lease_publish_and_load() {
    let (_root, on_disk) = folder_store();
    let in_memory = Store::memory();
    let done = AtomicBool::new(false);
    let ended: Vec<Option<i32>> = scope(|scope| {
        for worker in 0..9 {
            let (on_disk, in_memory, done) = (&on_disk, &in_memory, &done);
            // The last has the same name as the first, so that the one waits for the other.
            let name = worker % 8;
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    use_store(on_disk, "worker", name).unwrap();
                    // What takes a lock is little of all that. Here it is most.
                    for _ in 0..100 {
                        let lease = on_disk.lease(&id("worker", name), Wait::AtMost(PATIENCE), &mut |_| {}).unwrap();
                        assert!(in_memory.find(&id("worker", name)).is_ok());
                        drop(lease);
                    }
                }
            });
        }
        let ended = (0..FORKS)
            .map(|fork| in_child(|| [&on_disk, &in_memory].iter().all(|store| use_store(store, "child", fork).is_ok())))
            // One that hung says enough, and took long.
            .take_while(Option::is_some)
            .collect();
        done.store(true, Ordering::Relaxed);
        ended
    });
    assert_eq!(ended, vec![Some(0); FORKS.into()], "fewer: the next child hung; not 0: it failed");
}

/// Leases, publishes and loads, the last more than once.
pub(crate) fn use_store(store: &Store, name: &str, key: u8) -> Result<()> {
    let step = id(name, key);
    let payload = file(&format!("payload {name} {key}"));
    let lease = store.lease(&step, Wait::AtMost(PATIENCE), &mut |_| {})?;
    let mut staging = store.stage(&lease, ".bin", &REMEMBERING)?;
    write(&mut staging, &payload)?;
    store.publish(&lease, staging, Draft::new("raw", 1))?;
    for _ in 0..3 {
        let loaded: Option<Content> = load(store, &step, &REMEMBERING)?;
        assert_eq!(loaded.as_ref(), Some(&payload));
    }
    drop(lease);
    Ok(())
}
