//! Many threads and processes at once.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use persistable_store::{ErrorKind, Keys, Settings, Store, Verification, Wait};

use crate::child::{await_line, await_one_of, count_alone, spawn};
use crate::stores::{
    FAST, file, folder, folder_store, id, lease, load, load_amid_replacements, own_entries, publish, publish_as,
};

/// What takes longer is stuck, however slow the machine is.
const STUCK: Duration = Duration::from_secs(300);
const LONG: Wait = Wait::AtMost(STUCK);

#[test]
fn a_lease_is_exclusive_among_threads_and_processes() {
    let (root, store) = folder_store();
    let mut children: Vec<_> = (0..4).map(|_| spawn("count 100", root.path())).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            // Each with a handle of its own, as independent parts of a program have.
            scope.spawn(|| {
                let store = Store::create(root.path()).unwrap();
                for _ in 0..100 {
                    let _lease = store.lease(&id("step", 1), LONG, &mut |_| {}).unwrap();
                    count_alone(root.path());
                }
            });
        }
    });
    for child in &mut children {
        assert!(child.wait().unwrap().success(), "{child:?}");
    }
    assert_eq!(fs::read_to_string(root.path().join("counter")).unwrap(), "800");
    drop(store);
}

#[test]
fn a_lease_in_memory_is_exclusive_among_threads() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::memory();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    let _lease = store.lease(&id("step", 1), LONG, &mut |_| {}).unwrap();
                    count_alone(root.path());
                }
            });
        }
    });
    assert_eq!(fs::read_to_string(root.path().join("counter")).unwrap(), "400");
}

#[test]
fn a_killed_holder_is_succeeded_and_cleaned_up_after() {
    let (root, store) = folder_store();
    let mut child = spawn("hold", root.path());
    await_line(&mut child, "held");
    std::thread::scope(|scope| {
        let (store, (tell, told)) = (&store, mpsc::channel());
        let waiting = scope.spawn(move || {
            drop(store.lease(&id("step", 1), LONG, &mut |_| tell.send("waiting").unwrap()).unwrap());
            tell.send("got").unwrap();
        });
        assert_eq!(told.recv(), Ok("waiting"));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(told.recv(), Ok("got"));
        waiting.join().unwrap();
    });
    assert_eq!(own_entries(root.path(), "staging"), [""; 0]);
}

#[test]
fn what_dead_processes_left_is_swept_by_the_next_process_whatever_it_leases() {
    let (root, store) = folder_store();
    let mut child = spawn("hold", root.path());
    await_line(&mut child, "held");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(own_entries(root.path(), "staging").len(), 1);
    lease(&store, &id("another", 1)).unwrap();
    assert_eq!(own_entries(root.path(), "staging"), [""; 0]);
}

#[test]
fn a_live_holder_is_not_swept_away() {
    let (root, store) = folder_store();
    let mut child = spawn("hold", root.path());
    await_line(&mut child, "held");
    lease(&store, &id("step", 2)).unwrap();
    assert_eq!(own_entries(root.path(), "staging").len(), 1, "its staged payload");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert_eq!(own_entries(root.path(), "staging"), [""; 0]);
}

#[test]
fn letting_go_of_one_lease_keeps_the_others_of_the_process() {
    let (root, store) = folder_store();
    let kept = lease(&store, &id("step", 1)).unwrap();
    drop(lease(&store, &id("step", 2)).unwrap());
    // The same folder by another path is the same lock file.
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(root.path(), outside.path().join("link")).unwrap();
    drop(lease(&Store::create(outside.path().join("link")).unwrap(), &id("step", 2)).unwrap());
    std::thread::scope(|scope| {
        // Another thread that waits in vain opens and closes what it needs, too.
        const BRIEFLY: Wait = Wait::AtMost(Duration::from_millis(5));
        scope.spawn(|| store.lease(&id("step", 1), BRIEFLY, &mut |_| {}).unwrap_err());
    });
    let mut child = spawn("hold", root.path());
    assert_eq!(await_one_of(&mut child, &["waiting", "held"]), "waiting", "the lock was lost");
    drop(kept);
    await_line(&mut child, "held");
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn a_bounded_wait_ends_with_who_holds_the_lease() {
    let (root, store) = folder_store();
    let mut child = spawn("hold", root.path());
    await_line(&mut child, "held");
    for limit in [Duration::ZERO, Duration::from_millis(80)] {
        let begin = Instant::now();
        let error = store.lease(&id("step", 1), Wait::AtMost(limit), &mut |_| {}).unwrap_err();
        assert!(begin.elapsed() >= limit);
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Busy, true));
        // As the end of "could not lease step(…): ".
        let (begin, middle) = if limit.is_zero() { ("it is", "") } else { ("after ", " s it is still") };
        let message = error.to_string();
        assert!(message.starts_with(begin), "{message}");
        assert!(message.contains(&format!("{middle} held by process {}", child.id())), "{message}");
    }
    drop(child.stdin.take());
    child.wait().unwrap();

    let held = lease(&store, &id("step", 1)).unwrap();
    let error = std::thread::scope(|scope| scope.spawn(|| lease(&store, &id("step", 1)).unwrap_err()).join().unwrap());
    assert!(error.to_string().contains("of this process"), "{error}");
    drop(held);
}

#[test]
fn a_waiter_is_told_after_a_second_and_once() {
    let (root, store) = folder_store();
    let mut child = spawn("hold", root.path());
    await_line(&mut child, "held");
    let told = |store: &Store| {
        let begin = Instant::now();
        let mut told = Vec::new();
        // Gives up some time after it was told.
        let (is_told, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
        let is_enough = || is_told.load(Ordering::SeqCst) && asked.fetch_add(1, Ordering::SeqCst) > 10;
        let mut on_wait = |holder: &_| {
            is_told.store(true, Ordering::SeqCst);
            told.push((begin.elapsed(), format!("{holder}")));
        };
        let _ = store.lease_interruptibly(&id("step", 1), LONG, &mut on_wait, &is_enough);
        told
    };
    let memory = Store::memory();
    let held = lease(&memory, &id("step", 1)).unwrap();
    std::thread::scope(|scope| {
        let for_thread = scope.spawn(|| told(&memory));
        for (told, holder) in
            [(told(&store), format!("process {}", child.id())), (for_thread.join().unwrap(), "Thread".to_owned())]
        {
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].0 >= Duration::from_secs(1), "{told:?}");
            assert!(told[0].1.contains(&holder), "{told:?}");
        }
    });
    drop((held, child.stdin.take()));
    child.wait().unwrap();
}

#[test]
fn a_thread_that_asks_for_its_own_lease_gets_an_error_and_no_deadlock() {
    let (_root, store) = folder_store();
    for store in [&store, &Store::memory()] {
        let held = lease(store, &id("step", 1)).unwrap();
        let error = store.lease(&id("step", 1), Wait::Forever, &mut |_| {}).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Busy);
        assert!(error.to_string().contains("this very thread"), "{error}");
        drop(held);
        lease(store, &id("step", 1)).unwrap();
    }
}

#[test]
fn a_forked_child_holds_nothing_and_takes_nothing_away() {
    let (root, store) = folder_store();
    let mut parent = spawn("fork", root.path());
    await_line(&mut parent, "dropped");
    assert_eq!(lease(&store, &id("step", 1)).unwrap_err().kind(), ErrorKind::Busy, "the parent still has it");
    assert_eq!(own_entries(root.path(), "staging").len(), 1, "the parent's staging is still there");
    // The parent dies, and its child lives on.
    let forked = children_of(parent.id());
    parent.kill().unwrap();
    parent.wait().unwrap();
    store.lease(&id("step", 1), LONG, &mut |_| {}).unwrap();
    assert!(!forked.is_empty());
    for child in forked {
        std::process::Command::new("kill").args(["-9", &child]).status().unwrap();
    }
}

fn children_of(process: u32) -> Vec<String> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap().flatten();
    let children = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    children.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Has readers end, also where the test fails.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn readers_amid_replacements_and_changes_of_manifests_always_get_one_of_the_payloads() {
    let payloads = [
        (".bin", file("a payload in a file")),
        (".bin", file("another of other length")),
        (".bin", folder(&[("a", "one"), ("b", "folder"), ("sub/c", "payload")])),
        (".bin", folder(&[("a", "two"), ("b", "folders"), ("sub/c", "payloads"), ("d", "more")])),
        (".csv", file("with another suffix")),
        (".bin", file("a payload in a file")),
    ];
    let (_root, on_disk) = folder_store();
    for store in [on_disk, Store::memory()] {
        let step = id("step", 1);
        publish(&store, &step, &payloads[0].1);
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let (report, reports) = mpsc::channel();
            for verification in [Verification::Default, Verification::OncePerFile] {
                let (store, step, payloads, done, report) = (&store, &step, &payloads, &done, report.clone());
                scope.spawn(move || {
                    let settings = Settings { verification, ..FAST };
                    while !done.load(Ordering::Relaxed) {
                        let found = load_amid_replacements(store, step, &settings);
                        let found = found.expect("no damage").expect("never nothing");
                        assert!(payloads.iter().any(|(_, payload)| *payload == found), "{found:?}");
                        let _ = report.send(());
                    }
                });
            }
            drop(report);
            let (_ends, begin) = (Ends(&done), Instant::now());
            let (mut round, mut loads) = (0, 0);
            // A busy machine may let readers wait.
            while round < 40 || loads < 10 {
                for (suffix, payload) in payloads.iter().cycle().skip(round).take(payloads.len()) {
                    publish_as(&store, &step, suffix, "raw", payload, &FAST).unwrap();
                    let held = lease(&store, &step).unwrap();
                    store
                        .amend(&held, &Keys::none(), &FAST, |manifest| manifest.step_type = Some(round.to_string()))
                        .unwrap();
                }
                (round, loads) = (round + 1, loads + reports.try_iter().count());
                assert!(begin.elapsed() < STUCK, "nobody reads");
            }
        });
        assert!(load(&store, &step, &FAST).unwrap().is_some());
    }
}

#[test]
fn a_store_whose_folder_was_made_anew_still_excludes() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("data");
    let before = Store::create(&path).unwrap();
    drop(lease(&before, &id("step", 1)).unwrap());
    fs::remove_dir_all(&path).unwrap();
    fs::create_dir(parent.path().join("takes the inode")).unwrap();
    let after = Store::create(&path).unwrap();
    let held = lease(&after, &id("step", 1)).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(lease(&before, &id("step", 1)).unwrap_err().kind(), ErrorKind::Busy));
    });
    drop(held);
}

#[test]
fn a_wait_for_a_thread_or_a_process_ends_when_it_is_interrupted() {
    let (root, store) = folder_store();
    let step = id("step", 1);
    let wait = || {
        let asked = AtomicUsize::new(0);
        let is_interrupted = || asked.fetch_add(1, Ordering::SeqCst) >= 10;
        let error = store.lease_interruptibly(&step, Wait::Forever, &mut |_| {}, &is_interrupted).unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Interrupted, false));
        error.to_string()
    };
    let held = lease(&store, &step).unwrap();
    std::thread::scope(|scope| {
        let message = scope.spawn(wait).join().unwrap();
        assert!(message.contains("of this process"), "{message}");
    });
    drop(held);

    let mut child = spawn("hold", root.path());
    await_line(&mut child, "held");
    let message = wait();
    assert!(message.contains(&format!("process {}", child.id())), "{message}");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(store.lease_interruptibly(&step, Wait::Forever, &mut |_| {}, &|| false).unwrap());
}
