//! What every kind of store keeps to.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use persistable_objects::{ErrorKind, Got, Object, Only, Put};

use crate::places::{Place, body, everywhere, names, put};

everywhere! {
    what_was_put_is_found,
    an_object_that_did_not_change_is_not_sent_again,
    of_many_that_create_one_succeeds,
    a_refusal_tells_what_is_there,
    an_object_is_replaced_only_if_it_is_unchanged,
    no_change_is_lost_when_many_replace_an_object,
    any_name_comes_back,
    wrong_names_are_refused,
    a_listing_is_in_order_and_complete,
    a_listing_ends_when_it_is_told_to,
    deleting_takes_what_is_there,
    ranges_are_exact,
    a_second_value_of_the_same_store_sees_the_same,
}

fn found(got: Got) -> Object {
    match got {
        Got::Found(found) => found,
        other => panic!("not found: {other:?}"),
    }
}

fn what_was_put_is_found(place: &Place) {
    let store = &*place.store;
    assert_eq!(store.get("a/b", None).unwrap(), Got::Absent);
    let bytes = body("one");
    let version = put(store, "a/b", &bytes, &Only::Always);
    let one = found(store.get("a/b", None).unwrap());
    assert_eq!((&one.bytes, &one.version), (&bytes, &version));
    assert!(one.age.is_none_or(|age| age < Duration::from_secs(60)), "{:?}", one.age);
    let bytes = body("two");
    put(store, "a/b", &bytes, &Only::Always);
    assert_eq!(found(store.get("a/b", None).unwrap()).bytes, bytes);
    put(store, "a/b", b"", &Only::Always);
    assert_eq!(found(store.get("a/b", None).unwrap()).bytes, b"");
}

fn an_object_that_did_not_change_is_not_sent_again(place: &Place) {
    let store = &*place.store;
    let old = put(store, "a", &body("one"), &Only::Always);
    assert_eq!(store.get("a", Some(&old)).unwrap(), Got::Same);
    let new = put(store, "a", &body("two"), &Only::Always);
    assert_eq!(found(store.get("a", Some(&old)).unwrap()).version, new);
    store.delete(&["a"]).unwrap();
    assert_eq!(store.get("a", Some(&new)).unwrap(), Got::Absent);
}

fn of_many_that_create_one_succeeds(place: &Place) {
    let store = &*place.store;
    assert!(store.can().unwrap().create);
    for round in 0..3 {
        let (name, done) = (format!("race/{round}"), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    if let Put::Done(_) = store.put(&name, &body("mine"), &Only::IfAbsent).unwrap() {
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(done.into_inner(), 1);
    }
}

fn a_refusal_tells_what_is_there(place: &Place) {
    let store = &*place.store;
    let bytes = body("one");
    let version = put(store, "a", &bytes, &Only::IfAbsent);
    let Put::Refused(Some(there)) = store.put("a", &body("two"), &Only::IfAbsent).unwrap() else {
        panic!("not refused");
    };
    assert_eq!((there.bytes, there.version), (bytes, version));
}

fn an_object_is_replaced_only_if_it_is_unchanged(place: &Place) {
    let store = &*place.store;
    let one = put(store, "a", &body("one"), &Only::Always);
    if !store.can().unwrap().replace.is_possible() {
        let error = store.put("a", &body("two"), &Only::IfStill(one)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        return;
    }
    let two = put(store, "a", &body("two"), &Only::IfStill(one.clone()));
    let refused = store.put("a", &body("three"), &Only::IfStill(one)).unwrap();
    assert!(matches!(refused, Put::Refused(Some(found)) if found.version == two));
    store.delete(&["a"]).unwrap();
    assert_eq!(store.put("a", &body("four"), &Only::IfStill(two)).unwrap(), Put::Refused(None));
}

fn no_change_is_lost_when_many_replace_an_object(place: &Place) {
    let store = &*place.store;
    if !store.can().unwrap().replace.is_possible() {
        return;
    }
    put(store, "counter", b"0 first", &Only::Always);
    let add = || {
        loop {
            let old = found(store.get("counter", None).unwrap());
            let text = String::from_utf8(old.bytes).unwrap();
            let count: usize = text.split_once(' ').unwrap().0.parse().unwrap();
            let new = format!("{} {}", count + 1, crate::places::fresh("write"));
            if let Put::Done(_) = store.put("counter", new.as_bytes(), &Only::IfStill(old.version)).unwrap() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..3).for_each(|_| add()));
        }
    });
    assert!(found(store.get("counter", None).unwrap()).bytes.starts_with(b"12 "));
}

fn any_name_comes_back(place: &Place) {
    let store = &*place.store;
    let mut all = vec![
        "dir/name(0123456789abcdef0123456789abcdef).json",
        ".persistable/leases/x",
        "a b",
        "stem~00ff",
        "plus+and&amp;=",
        "per%2Fcent%",
        "quote'\"quote",
        "hash#query?x=1",
        "größe/日本",
        "semi;colon:at@,$!*",
        "back[brackets]{}^|<>",
    ];
    for name in &all {
        put(store, name, name.as_bytes(), &Only::IfAbsent);
    }
    for name in &all {
        assert_eq!(found(store.get(name, None).unwrap()).bytes, name.as_bytes(), "{name}");
    }
    all.sort_unstable();
    let listed: Vec<String> = names(store, "", None).into_iter().filter(|name| !name.contains("probe-")).collect();
    assert_eq!(listed, all);
    store.delete(&all).unwrap();
    assert!(names(store, "", None).iter().all(|name| name.contains("probe-")));
}

fn wrong_names_are_refused(place: &Place) {
    for name in ["", "/a", "a/", "a//b", ".", "a/../b", "a\nb", &"x".repeat(901)] {
        let error = place.store.get(name, None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{name}");
        assert_eq!(place.store.put(name, b"x", &Only::Always).unwrap_err().kind(), ErrorKind::Invalid);
    }
}

fn a_listing_is_in_order_and_complete(place: &Place) {
    let store = &*place.store;
    let mut all: Vec<String> = (0..210).map(|number| format!("list/{number:03}")).collect();
    all.extend(["list/sub/a".to_owned(), "list/sub/b".to_owned(), "list-not".to_owned(), "m".to_owned()]);
    thread::scope(|scope| {
        for names in all.chunks(54) {
            scope.spawn(|| names.iter().for_each(|name| drop(put(store, name, name.as_bytes(), &Only::Always))));
        }
    });
    all.sort_unstable();
    let with = |prefix: &str| -> Vec<String> { all.iter().filter(|name| name.starts_with(prefix)).cloned().collect() };
    assert_eq!(names(store, "list/", None), with("list/"));
    assert_eq!(names(store, "list", None), with("list"));
    assert_eq!(names(store, "list/1", None), with("list/1"));
    assert_eq!(names(store, "list/sub/", None), ["list/sub/a", "list/sub/b"]);
    assert_eq!(names(store, "nothing", None), [""; 0]);
    let after = names(store, "list/", Some("list/2"));
    assert_eq!(after.first().map(String::as_str), Some("list/200"));
    assert_eq!(names(store, "list/", Some("list/sub/a")), ["list/sub/b"]);
    assert_eq!(names(store, "list/", Some("list/sub/b")), [""; 0]);
    store
        .list("list/000", None, &mut |entries| {
            assert_eq!(entries[0].size, 8);
            assert!(entries[0].age.is_none_or(|age| age < Duration::from_secs(120)), "{:?}", entries[0].age);
            ControlFlow::Continue(())
        })
        .unwrap();
}

fn a_listing_ends_when_it_is_told_to(place: &Place) {
    let store = &*place.store;
    put(store, "a", b"1", &Only::Always);
    let mut batches = 0;
    store
        .list("", None, &mut |_| {
            batches += 1;
            ControlFlow::Break(())
        })
        .unwrap();
    assert_eq!(batches, 1);
}

fn deleting_takes_what_is_there(place: &Place) {
    let store = &*place.store;
    let all: Vec<String> = (0..12).map(|number| format!("d/{number}")).collect();
    for name in all.iter().filter(|name| !name.ends_with('3')) {
        put(store, name, b"x", &Only::Always);
    }
    store.delete(&[]).unwrap();
    store.delete(&["d/3"]).unwrap();
    store.delete(&all.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    assert_eq!(names(store, "d/", None), [""; 0]);
    assert_eq!(store.get("d/1", None).unwrap(), Got::Absent);
}

fn ranges_are_exact(place: &Place) {
    let store = &*place.store;
    put(store, "a", b"0123456789", &Only::Always);
    put(store, "empty", b"", &Only::Always);
    let range = |name: &str, range| store.get_range(name, range).unwrap();
    assert_eq!(range("a", 0..4), Some(b"0123".to_vec()));
    assert_eq!(range("a", 4..10), Some(b"456789".to_vec()));
    assert_eq!(range("a", 8..99), Some(b"89".to_vec()));
    assert_eq!(range("a", 10..11), Some(Vec::new()));
    assert_eq!(range("a", 99..100), Some(Vec::new()));
    assert_eq!(range("empty", 0..1), Some(Vec::new()));
    assert_eq!(range("absent", 0..1), None);
    assert_eq!(store.get_range("a", 3..3).unwrap_err().kind(), ErrorKind::Invalid);
}

fn a_second_value_of_the_same_store_sees_the_same(place: &Place) {
    let Some(options) = &place.options else {
        return;
    };
    let bytes = body("one");
    put(&*place.store, "a", &bytes, &Only::Always);
    let other = options.open().unwrap();
    assert_eq!(other.location(), place.store.location());
    assert_eq!(found(other.get("a", None).unwrap()).bytes, bytes);
}
