//! What people say of artifacts, records of removal, notes of attempts, and surveys of all that is there.

use std::collections::BTreeMap;

use persistable_store::backend::{Companion, Surveyed};
use persistable_store::{Attempt, CopyOptions, Digest, ErrorKind, Labels, Store};

use crate::kinds::{Place, everywhere_real};
use crate::stores::{FAST, file, id, lease, load, publish};

everywhere_real! {
    labels_are_kept_until_they_are_taken_back,
    a_removal_leaves_a_record_and_a_pinned_artifact_stays,
    a_note_of_an_attempt_is_there_until_it_is_removed,
    a_survey_tells_what_is_there_and_what_changed,
    copies_take_labels_along,
}

fn label(store: &Store, number: u8, change: impl FnOnce(&mut Labels)) -> Labels {
    store.label(&lease(store, &id("step", number)).unwrap(), change).unwrap()
}

fn labels_are_kept_until_they_are_taken_back(place: &Place) {
    let (store, step) = (&place.store, id("step", 1));
    publish(store, &step, &file("payload"));
    assert!(store.labels(step.stem()).unwrap().is_empty());
    let given = label(store, 1, |labels| {
        labels.tags.insert("best".to_owned());
        labels.note = Some("the one".to_owned());
    });
    // They are of the key: another payload changes nothing.
    publish(store, &step, &file("another"));
    for store in [store, &place.again()] {
        if place.is_shared || store.is(&place.store) {
            assert_eq!(store.labels(step.stem()).unwrap(), given);
        }
    }
    assert_eq!(load(store, &step, &FAST).unwrap(), Some(file("another")));
    assert!(label(store, 1, |labels| *labels = Labels::default()).is_empty());
    assert!(store.labels(step.stem()).unwrap().is_empty());
    assert!(surveyed(store).iter().all(|((_, companion), _)| companion.is_none()));
}

fn a_removal_leaves_a_record_and_a_pinned_artifact_stays(place: &Place) {
    let (store, step) = (&place.store, id("step", 1));
    publish(store, &step, &file("payload"));
    label(store, 1, |labels| labels.pinned = Some(String::new()));
    let held = lease(store, &step).unwrap();
    assert_eq!(store.remove_because(&held, "old").unwrap_err().kind(), ErrorKind::Denied);
    assert!(store.find(&step).unwrap().is_some());
    store.label(&held, |labels| labels.pinned = None).unwrap();
    assert!(store.remove_because(&held, "old").unwrap());
    drop(held);
    assert!(store.find(&step).unwrap().is_none());
    assert_eq!(store.removals().unwrap(), [step.stem()]);
    let record = store.removed(step.stem()).unwrap().unwrap();
    assert_eq!(record.reason, "old");
    assert_eq!(record.manifest().unwrap().id().unwrap(), step);
    assert!(store.labels(step.stem()).unwrap().is_empty());
    // There was nothing the second time, so the record stays.
    assert!(!store.remove_because(&lease(store, &step).unwrap(), "again").unwrap());
    assert_eq!(store.removed(step.stem()).unwrap().unwrap().reason, "old");
}

type Told = BTreeMap<(String, Option<Companion>), Option<Digest>>;

fn surveyed(store: &Store) -> Told {
    let mut told = Told::new();
    let mut tell = |found: Surveyed| {
        told.insert((found.stem, found.companion), found.stamp);
    };
    store.survey(&mut tell).unwrap();
    told
}

fn a_note_of_an_attempt_is_there_until_it_is_removed(place: &Place) {
    let (store, again, step) = (&place.store, place.again(), id("step", 1));
    let readers = if place.is_shared { vec![store, &again] } else { vec![store] };
    let held = lease(store, &step).unwrap();
    assert_eq!(store.attempt(step.stem()).unwrap(), None);
    let mut attempt = Attempt::now(Some("job".to_owned()), 1, 2);
    for error in [None, Some("it is broken".to_owned())] {
        attempt.error = error;
        store.note_attempt(&held, Some(&attempt)).unwrap();
        for reader in &readers {
            assert_eq!(reader.attempt(step.stem()).unwrap().as_ref(), Some(&attempt));
            assert_eq!(reader.attempts().unwrap(), [step.stem()]);
            assert!(reader.artifacts().next().is_none(), "a note is taken for an artifact");
        }
    }
    store.note_attempt(&held, None).unwrap();
    for reader in &readers {
        assert_eq!((reader.attempt(step.stem()).unwrap(), reader.attempts().unwrap()), (None, Vec::new()));
    }
}

fn a_survey_tells_what_is_there_and_what_changed(place: &Place) {
    let store = &place.store;
    for number in 1..=3 {
        publish(store, &id("step", number), &file("payload"));
    }
    publish(store, &id("folder", 1), &crate::stores::folder(&[("a", "1"), ("b/c", "2")]));
    label(store, 2, |labels| labels.note = Some("x".to_owned()));
    let before = surveyed(store);
    let of = |number: u8| (id("step", number).stem().to_owned(), None);
    let mut expected = vec![of(1), of(2), of(3), (id("folder", 1).stem().to_owned(), None)];
    expected.push((id("step", 2).stem().to_owned(), Some(Companion::Labels)));
    expected.sort();
    assert_eq!(before.keys().cloned().collect::<Vec<_>>(), expected);
    publish(store, &id("step", 1), &file("another"));
    let after = surveyed(store);
    assert!(after[&of(1)].is_none() || after[&of(1)] != before[&of(1)], "what was replaced has another stamp");
    for key in expected.iter().filter(|key| **key != of(1)) {
        // A stamp may be missing as long as the next change may not show.
        assert!(before[key].is_none() || after[key] == before[key], "{key:?} did not change");
    }
    store.remove(&lease(store, &id("step", 3)).unwrap()).unwrap();
    let left = surveyed(store);
    assert!(!left.contains_key(&of(3)) || store.listed(&of(3).0).is_none(), "at most a tombstone is told of");
}

fn copies_take_labels_along(place: &Place) {
    let (store, other) = (&place.store, Store::memory());
    publish(&other, &id("step", 1), &file("payload"));
    let given = label(&other, 1, |labels| labels.pinned = Some("figure 3".to_owned()));
    store.pull(&other, &id("step", 1), &CopyOptions::new()).unwrap();
    assert_eq!(store.labels(id("step", 1).stem()).unwrap(), given);
    // What people said there stays.
    publish(&other, &id("step", 2), &file("payload"));
    label(&other, 2, |labels| labels.note = Some("theirs".to_owned()));
    let own = label(store, 2, |labels| labels.note = Some("ours".to_owned()));
    store.pull(&other, &id("step", 2), &CopyOptions::new()).unwrap();
    assert_eq!(store.labels(id("step", 2).stem()).unwrap(), own);
    let back = Store::memory();
    store.push(&back, &id("step", 1), &CopyOptions::new()).unwrap();
    assert_eq!(back.labels(id("step", 1).stem()).unwrap(), given);
}
