//! What happens when requests and answers are lost, on a store in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use persistable_objects::{Can, ErrorKind, Got, Memory, Objects, Only, Options, Put, Replace, Trouble, Verb};

use crate::places::{body, put};
use crate::transfer::{content, file, nothing};

#[test]
fn a_write_is_not_refused_by_its_own_landed_write() {
    let store = Memory::new();
    for only in [Only::IfAbsent, Only::Always] {
        store.trouble(Verb::Put, Trouble::LoseAnswer, 1);
        put(&store, "a", &body("one"), &only);
    }
    let Got::Found(found) = store.get("a", None).unwrap() else { panic!() };
    store.trouble(Verb::Put, Trouble::LoseAnswer, 1);
    put(&store, "a", &body("two"), &Only::IfStill(found.version));
}

#[test]
fn a_write_that_did_not_land_is_sent_again() {
    let store = Memory::new();
    for (number, trouble) in [Trouble::LoseRequest, Trouble::Busy, Trouble::Conflict].into_iter().enumerate() {
        let name = number.to_string();
        store.trouble(Verb::Put, trouble, 2);
        let version = put(&store, &name, &body("one"), &Only::IfAbsent);
        store.trouble(Verb::Put, trouble, 2);
        put(&store, &name, &body("two"), &Only::IfStill(version));
    }
}

#[test]
fn a_write_is_refused_by_anothers_although_its_answer_was_lost() {
    let store = Memory::new();
    put(&store, "a", &body("other"), &Only::Always);
    store.trouble(Verb::Put, Trouble::LoseRequest, 1);
    assert!(matches!(store.put("a", &body("mine"), &Only::IfAbsent).unwrap(), Put::Refused(Some(_))));
}

#[test]
fn an_outcome_that_nobody_can_find_out_is_told() {
    let store = Memory::new();
    put(&store, "warm", b"up", &Only::IfAbsent);
    store.trouble(Verb::Put, Trouble::LoseAnswer, 1);
    store.trouble(Verb::Get, Trouble::Deny, 1);
    let error = store.put("a", &body("one"), &Only::IfAbsent).unwrap_err();
    assert!(error.is_outcome_unknown());
    assert_eq!((error.operation(), error.object()), (Some("put"), Some("a")));
    store.trouble(Verb::Put, Trouble::Deny, 1);
    let error = store.put("b", &body("one"), &Only::IfAbsent).unwrap_err();
    assert!(!error.is_outcome_unknown());
    assert!(!error.is_retryable());
}

#[test]
fn denied_is_not_a_miss() {
    let store = Memory::new();
    store.trouble(Verb::Get, Trouble::Deny, 1);
    assert_eq!(store.get("a", None).unwrap_err().kind(), ErrorKind::Denied);
}

#[test]
fn a_condition_that_is_silently_ignored_is_found() {
    let store = Memory::to_be_probed(Can::default());
    assert_eq!(store.can().unwrap(), Can::default());
    let error = store.put("a", &body("one"), &Only::IfAbsent).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(store.get("a", None).unwrap(), Got::Absent);
    let only_create = Can { create: true, replace: Replace::No };
    assert_eq!(Memory::to_be_probed(only_create).can().unwrap(), only_create);
}

#[test]
fn a_probe_is_right_although_answers_are_lost() {
    let can = Can { create: true, replace: Replace::Yes };
    for lost in 0..8 {
        let store = Memory::to_be_probed(can);
        // The first `lost` puts pass, and the next one's answer is lost.
        let count = Memory::to_be_probed(can);
        count.can().unwrap();
        if lost >= count.requests(Verb::Put) {
            break;
        }
        store.trouble(Verb::Put, Trouble::Pass, lost);
        store.trouble(Verb::Put, Trouble::LoseAnswer, 1);
        assert_eq!(store.can().unwrap(), can, "the answer of put {lost} was lost");
    }
}

#[test]
fn a_probe_that_meets_trouble_is_right_or_fails_and_never_finds_less() {
    let can = Can { create: true, replace: Replace::Yes };
    let troubles = [Trouble::Busy, Trouble::LoseRequest, Trouble::Deny];
    for (trouble, first) in troubles.into_iter().flat_map(|trouble| (0..8).map(move |first| (trouble, first))) {
        let store = Memory::to_be_probed(can);
        store.trouble(Verb::Put, Trouble::Pass, first);
        store.trouble(Verb::Put, trouble, 1);
        match store.can() {
            Ok(found) => assert_eq!(found, can, "{trouble:?} after {first} puts"),
            Err(error) => assert_eq!((trouble, error.kind()), (Trouble::Deny, ErrorKind::Denied), "{error}"),
        }
        // What was not found out is asked for again.
        assert_eq!(store.can().unwrap(), can);
    }
}

#[test]
fn an_upload_survives_lost_answers() {
    let store = Memory::new();
    for verb in [Verb::Begin, Verb::Part, Verb::Finish] {
        store.trouble(verb, Trouble::LoseAnswer, 1);
        let sent = file(1 << 20);
        assert!(matches!(store.upload("a", &sent, &Only::Always, &mut nothing).unwrap(), Put::Done(_)), "{verb:?}");
        let to = tempfile::tempfile().unwrap();
        store.fetch("a", &to).unwrap();
        assert!(content(&to) == content(&sent));
    }
    // The one whose beginning was lost is left. Its id is nowhere: a rule of the bucket's must delete it.
    assert_eq!(store.uploads(), 1);
}

#[test]
fn an_upload_that_fails_is_aborted() {
    let store = Memory::new();
    store.trouble(Verb::Part, Trouble::Deny, 1);
    let error = store.upload("a", &file(1 << 20), &Only::Always, &mut nothing).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert_eq!(store.uploads(), 0);
}

#[test]
fn retries_end() {
    let store = Options::new("memory://x").set("retries", "2").open().unwrap();
    drop(store);
    let store = Memory::new();
    store.trouble(Verb::Get, Trouble::Busy, 100);
    let begin = Instant::now();
    let error = store.get("a", None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.is_retryable());
    assert_eq!(store.requests(Verb::Get), 7);
    assert!(begin.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_wait_is_interrupted_at_once() {
    let is_interrupted = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&is_interrupted);
    let store = Memory::new().interrupted_by(move || asked.load(Ordering::Relaxed));
    store.trouble(Verb::Get, Trouble::Busy, 100);
    let begin = Instant::now();
    let error = std::thread::scope(|scope| {
        let reader = scope.spawn(|| store.get("a", None).unwrap_err());
        std::thread::sleep(Duration::from_millis(300));
        is_interrupted.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(begin.elapsed() < Duration::from_secs(2));
}

#[test]
fn an_age_is_by_the_stores_own_clock() {
    let store = Memory::new();
    put(&store, "a", b"x", &Only::Always);
    store.advance(Duration::from_secs(40));
    assert!(matches!(store.get("a", None).unwrap(), Got::Found(found) if found.age == Some(Duration::from_secs(40))));
}

#[test]
fn probes_of_processes_that_were_killed_are_deleted_by_the_next_probe() {
    let store = Memory::to_be_probed(Memory::new().can().unwrap());
    let (old, new) = (".persistable/probe-00000000000000aa", ".persistable/probe-00000000000000ab");
    store.put(old, &body("left"), &Only::Always).unwrap();
    store.advance(Duration::from_secs(3700));
    // Another process may be probing now.
    store.put(new, &body("another's"), &Only::Always).unwrap();
    store.can().unwrap();
    assert_eq!(crate::places::names(&store, "", None), [new]);
    assert_eq!(store.requests(Verb::List), 2, "one of the probe, and one here");
}
