//! What is published, replaced and removed.

use persistable_store::backend::owns_payload_file;
use persistable_store::{Draft, ErrorKind, Keys, Listed};

use crate::kinds::{Place, everywhere, manifest};
use crate::stores::{
    Content, FAST, SYNCED, file, folder, id, lease, load, own_entries, publish, publish_as, quarantine, tree, write,
};

everywhere! {
    what_was_published_is_found_with_all_that_was_said_of_it,
    a_manifest_names_program_and_machine_unless_its_draft_does,
    every_payload_replaces_every_other,
    two_commits_of_the_same_payload_can_be_told_apart,
    a_removed_artifact_is_gone_and_others_stay,
    a_quarantined_artifact_is_a_miss_and_can_be_published_anew,
    staging_that_is_dropped_leaves_nothing_behind,
    artifacts_whose_names_begin_alike_do_not_touch_each_other,
    a_staging_is_written_by_writer_or_by_path_but_not_both,
    what_a_manifest_says_is_amended_and_the_payload_stays,
    all_artifacts_are_listed_in_order,
    records_are_kept_by_their_digest,
    a_store_that_is_opened_again_has_all_that_was_published,
}

fn what_was_published_is_found_with_all_that_was_said_of_it(place: &Place) {
    let store = &place.store;
    let step = id("step", 1);
    assert!(store.find(&step).unwrap().is_none());
    let manifest = publish(store, &step, &file("payload"));
    let artifact = store.find(&step).unwrap().unwrap();
    assert_eq!(artifact.manifest().payload, manifest.payload);
    assert_eq!(artifact.manifest().key, step.key_hex());
    assert_eq!(manifest.payload.size_bytes, 7);
    assert!(owns_payload_file(step.stem(), &manifest.payload.file) && manifest.payload.file.ends_with(".bin"));
    assert_eq!(load(store, &step, &FAST).unwrap(), Some(file("payload")));
    assert!(!artifact.may_have_changed().unwrap());
    assert!(store.find(&id("step", 2)).unwrap().is_none());
    assert!(store.find(&id("other", 1)).unwrap().is_none());
}

fn a_manifest_names_program_and_machine_unless_its_draft_does(place: &Place) {
    let store = &place.store;
    let step = id("step", 1);
    let provenance = publish(store, &step, &file("payload")).provenance;
    let program = std::env::current_exe().unwrap();
    assert_eq!(provenance.program.as_deref(), program.file_name().unwrap().to_str());
    assert!(provenance.host.is_some_and(|host| !host.is_empty()));

    let held = lease(store, &step).unwrap();
    let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
    write(&mut staging, &file("payload")).unwrap();
    let mut draft = Draft::new("raw", 1);
    draft.provenance.program = Some("notebook".into());
    draft.provenance.host = Some("cluster".into());
    let provenance = store.publish(&held, staging, draft).unwrap().provenance;
    assert_eq!((provenance.program.as_deref(), provenance.host.as_deref()), (Some("notebook"), Some("cluster")));
}

fn every_payload_replaces_every_other(place: &Place) {
    let store = &place.store;
    let contents = [
        (".bin", "raw", file("one file")),
        (".bin", "raw", Content::File(vec![])),
        (".bin", "raw", Content::File((0..3_000_000_u32).map(|n| (n % 251) as u8).collect())),
        (".csv", "csv", file("another suffix")),
        (".bin", "parts", folder(&[("a", "1"), ("deep/er/b", "2")])),
        (".bin", "parts", folder(&[("a", "1, again"), ("c", "3")])),
        (".bin", "parts", folder(&[])),
        (".zarr", "zarr", folder(&[("x", "in a folder of another name")])),
    ];
    for (n, (old_suffix, old_io, old)) in contents.iter().enumerate() {
        for (suffix, io, new) in &contents {
            let step = id("step", n as u8);
            publish_as(store, &step, old_suffix, old_io, old, &FAST).unwrap();
            assert_eq!(load(store, &step, &FAST).unwrap().as_ref(), Some(old));
            let manifest = publish_as(store, &step, suffix, io, new, &SYNCED).unwrap();
            assert_eq!(load(store, &step, &FAST).unwrap().as_ref(), Some(new));
            assert_eq!((manifest.payload.io.as_str(), manifest.alternatives.len()), (*io, 0));
            assert_eq!(store.find(&step).unwrap().unwrap().manifest().payload, manifest.payload);
            place.assert_tidy(&step);
            if let Some(root) = store.path() {
                assert!(own_entries(root, "quarantine").is_empty(), "nothing was damaged");
            }
        }
    }
}

fn two_commits_of_the_same_payload_can_be_told_apart(place: &Place) {
    let store = &place.store;
    let step = id("step", 1);
    publish(store, &step, &file("payload"));
    let artifact = store.find(&step).unwrap().unwrap();
    publish(store, &step, &file("payload"));
    assert!(artifact.may_have_changed().unwrap());
}

fn a_removed_artifact_is_gone_and_others_stay(place: &Place) {
    let store = &place.store;
    let (step, other) = (id("step", 1), id("step", 2));
    publish(store, &step, &folder(&[("a", "1")]));
    publish(store, &other, &file("other"));
    let artifact = store.find(&step).unwrap().unwrap();
    assert!(store.remove(&lease(store, &step).unwrap()).unwrap());
    assert!(!store.remove(&lease(store, &step).unwrap()).unwrap());
    assert!(store.find(&step).unwrap().is_none());
    assert!(artifact.may_have_changed().unwrap());
    assert_eq!(load(store, &other, &FAST).unwrap(), Some(file("other")));
}

fn a_quarantined_artifact_is_a_miss_and_can_be_published_anew(place: &Place) {
    let store = &place.store;
    let step = id("step", 1);
    publish(store, &step, &file("payload"));
    quarantine(store, &step, "a test");
    assert!(store.find(&step).unwrap().is_none());
    publish(store, &step, &file("again"));
    assert_eq!(load(store, &step, &FAST).unwrap(), Some(file("again")));
}

fn staging_that_is_dropped_leaves_nothing_behind(place: &Place) {
    let store = &place.store;
    let step = id("step", 1);
    let held = lease(store, &step).unwrap();
    let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
    write(&mut staging, &folder(&[("a", "1")])).unwrap();
    drop((staging, held));
    assert!(store.find(&step).unwrap().is_none());
    if let Some(root) = store.path() {
        assert_eq!(tree(root), [".persistable/", ".persistable/lock", ".persistable/staging/"]);
    }
    assert_eq!(place.names().unwrap_or_default(), [""; 0]);
}

fn artifacts_whose_names_begin_alike_do_not_touch_each_other(place: &Place) {
    let store = &place.store;
    let short = id("step", 1);
    let long = id(&format!("{}.x", short.stem()), 2);
    publish(store, &long, &file("long"));
    publish(store, &short, &file("short"));
    // Without its manifest the store has to find the payload by its name.
    place.change(&manifest(&short), |bytes| *bytes = b"{}".to_vec());
    quarantine(store, &short, "a test");
    assert_eq!(load(store, &long, &FAST).unwrap(), Some(file("long")));
}

fn a_staging_is_written_by_writer_or_by_path_but_not_both(place: &Place) {
    let store = &place.store;
    let held = lease(store, &id("step", 1)).unwrap();
    let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
    staging.writer().unwrap().write_all(b"1").unwrap();
    staging.writer().unwrap().write_all(b"2").unwrap();
    assert_eq!(staging.path().unwrap_err().kind(), ErrorKind::InvalidPayload);
    store.publish(&held, staging, Draft::new("raw", 1)).unwrap();
    assert_eq!(load(store, &id("step", 1), &FAST).unwrap(), Some(file("12")));
}

fn what_a_manifest_says_is_amended_and_the_payload_stays(place: &Place) {
    let store = &place.store;
    let step = id("step", 1);
    for content in [file("payload"), folder(&[("a", "1")])] {
        let before = publish(store, &step, &content);
        let held = lease(store, &step).unwrap();
        let amended =
            store.amend(&held, &Keys::none(), &FAST, |manifest| manifest.step_type = Some("x".into())).unwrap();
        drop(held);
        assert_eq!(amended.payload.digest, before.payload.digest);
        assert_ne!(amended.commit_id, before.commit_id);
        let found = store.find(&step).unwrap().unwrap();
        assert_eq!(
            (found.manifest().step_type.as_deref(), &found.manifest().commit_id),
            (Some("x"), &amended.commit_id)
        );
        assert_eq!(load(store, &step, &FAST).unwrap(), Some(content));
        place.assert_tidy(&step);
    }
}

fn all_artifacts_are_listed_in_order(place: &Place) {
    let whole = |store: &persistable_store::Store| -> Vec<String> {
        let listed = store.artifacts().map(|listed| match listed.unwrap() {
            Listed::Whole(artifact) => artifact.id().to_string(),
            Listed::Unusable { stem, error } => panic!("{stem}: {error}"),
        });
        listed.collect()
    };
    let store = &place.store;
    assert_eq!(whole(store), [""; 0]);
    let mut expected = Vec::new();
    for (name, key) in [("b", 3), ("a", 9), ("a", 1), ("a.x", 1), ("a(b)", 1), ("ü", 1), ("~", 7)] {
        let step = id(name, key);
        publish(store, &step, &if key == 1 { folder(&[("part", name)]) } else { file(name) });
        expected.push(step.to_string());
    }
    store.remove(&lease(store, &id("b", 3)).unwrap()).unwrap();
    expected.retain(|stem| stem != id("b", 3).stem());
    expected.sort();
    assert_eq!(whole(store), expected);
    assert_eq!(whole(&place.again()), expected);
}

fn records_are_kept_by_their_digest(place: &Place) {
    let store = &place.store;
    let digest = store.keep_record(b"what many artifacts share");
    assert_eq!(store.keep_record(b"what many artifacts share"), digest);
    assert_eq!(place.again().record(digest).unwrap().as_deref(), Some(&b"what many artifacts share"[..]));
    assert_eq!(store.record(persistable_store::Digest::of(b"something else")).unwrap(), None);
}

fn a_store_that_is_opened_again_has_all_that_was_published(place: &Place) {
    let contents = [file("payload"), folder(&[("a", "1"), ("b/c", "2")])];
    for (key, content) in contents.iter().enumerate() {
        let step = id("step", key as u8);
        publish(&place.store, &step, content);
        assert_eq!(load(&place.again(), &step, &FAST).unwrap().as_ref(), Some(content));
        let again = place.again();
        publish(&again, &step, &file("by the other"));
        assert_eq!(load(&place.store, &step, &FAST).unwrap(), Some(file("by the other")));
        assert!(again.remove(&lease(&again, &step).unwrap()).unwrap());
        assert_eq!(load(&place.store, &step, &FAST).unwrap(), None);
    }
}
