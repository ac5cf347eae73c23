//! Several stores as one: what a reader sees, and what a writer leaves, in each layer.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use persistable_objects::Verb;
use persistable_store::{
    ArtifactId, CopyOptions, ErrorKind, Keys, Listed, Remote, RemoteSettings, Selection, Settings, SigningKey, Store,
    Trust, Verification,
};
use tempfile::TempDir;

use crate::faulty_kind::{Fault, Faulty};
use crate::map_kind::Objects;
use crate::stores::{
    Content, FAST, assert_damaged, file, folder, folder_store, id, lease, load, own_entries, publish, quarantine,
};

const UNVERIFIED: Settings = Settings { verification: Verification::Never, ..FAST };

/// A folder over a store that can fail.
struct Scene {
    root: TempDir,
    above: Store,
    below: Store,
    fault: Fault,
    both: Store,
}

impl Scene {
    fn new() -> Self {
        let ((root, above), fault) = (folder_store(), Fault::default());
        let below = Store::over(Faulty::new(&Objects::default(), &fault));
        let both = Store::layers([above.clone(), below.clone()]).unwrap();
        Self { root, above, below, fault, both }
    }

    fn load(&self) -> Option<Content> {
        load(&self.both, &step(), &FAST).unwrap()
    }

    fn file(&self, part: &str) -> std::path::PathBuf {
        self.root.path().join(format!("{}{part}", step()))
    }
}

/// A store that can fail over a folder.
fn faulty_above() -> (TempDir, Fault, Store, Store, Store) {
    let ((root, below), fault) = (folder_store(), Fault::default());
    let above = Store::over(Faulty::new(&Objects::default(), &fault));
    let both = Store::layers([above.clone(), below.clone()]).unwrap();
    (root, fault, above, below, both)
}

fn step() -> ArtifactId {
    id("step", 1)
}

fn commit_in(store: &Store) -> Option<String> {
    store.find(&step()).unwrap().map(|artifact| artifact.manifest().commit_id.clone())
}

#[test]
fn what_is_found_below_is_copied_up_byte_for_byte_when_its_payload_is_read() {
    for content in [file("payload"), folder(&[("a", "one"), ("sub/b", "two")])] {
        let ((upper, first), (lower, last)) = (folder_store(), folder_store());
        let middle = Store::memory();
        let all = Store::layers([first.clone(), middle.clone(), last.clone()]).unwrap();
        publish(&last, &step(), &content);
        assert!(all.find(&step()).unwrap().is_some());
        assert!(first.find(&step()).unwrap().is_none(), "nobody has read the payload");

        assert_eq!(load(&all, &step(), &FAST).unwrap(), Some(content.clone()));
        for layer in [&first, &middle] {
            assert_eq!(load(layer, &step(), &FAST).unwrap().as_ref(), Some(&content));
        }
        let manifest = format!("{}.manifest.json", step());
        assert_eq!(fs::read(upper.path().join(&manifest)).unwrap(), fs::read(lower.path().join(&manifest)).unwrap());
    }
}

#[test]
fn a_result_is_committed_in_the_last_layer_and_copied_to_the_others() {
    let scene = Scene::new();
    publish(&scene.both, &step(), &file("payload"));
    assert_eq!(load(&scene.below, &step(), &FAST).unwrap(), Some(file("payload")));
    assert_eq!(load(&scene.above, &step(), &FAST).unwrap(), Some(file("payload")));
    assert_eq!(commit_in(&scene.above), commit_in(&scene.below));
}

#[test]
fn a_result_is_not_read_back_to_be_copied_up_and_a_hit_costs_no_request() {
    for content in [file("payload"), folder(&[("a", "one"), ("sub/b", "two")])] {
        let ((_root, above), objects) = (folder_store(), persistable_objects::Memory::new());
        let below = Store::over(Remote::new(Arc::new(objects.clone()), RemoteSettings::default()));
        let both = Store::layers([above.clone(), below.clone()]).unwrap();
        publish(&below, &id("step", 2), &content);
        publish(&below, &id("step", 2), &content);
        let alone = objects.requests(Verb::Get);
        publish(&both, &step(), &content);
        publish(&both, &step(), &content);
        let requests = objects.requests(Verb::Get);
        assert_eq!(requests, 2 * alone, "as without a layer above");
        assert_eq!(load(&both, &step(), &FAST).unwrap().as_ref(), Some(&content));
        assert_eq!(objects.requests(Verb::Get), requests);
        assert_eq!(commit_in(&above), commit_in(&below));
    }
}

#[test]
fn a_copy_that_another_is_writing_is_left_to_the_other() {
    let scene = Scene::new();
    let held = lease(&scene.above, &step()).unwrap();
    publish(&scene.both, &step(), &file("payload"));
    assert!(scene.above.find(&step()).unwrap().is_none());
    assert_eq!(scene.load(), Some(file("payload")));
    drop(held);
    assert_eq!(scene.load(), Some(file("payload")));
    assert_eq!(commit_in(&scene.above), commit_in(&scene.below));
}

#[test]
fn the_leases_are_those_of_the_last_layer() {
    let scene = Scene::new();
    let held = lease(&scene.both, &step()).unwrap();
    assert_eq!(lease(&scene.below, &step()).unwrap_err().kind(), ErrorKind::Busy);
    let _above = lease(&scene.above, &step()).unwrap();
    drop(held);
    let _held = lease(&scene.below, &step()).unwrap();
    assert_eq!(lease(&scene.both, &step()).unwrap_err().kind(), ErrorKind::Busy);
}

/// Tells an error with all its causes.
fn told(error: &persistable_store::Error) -> String {
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(known) = cause {
        told = format!("{told}: {known}");
        cause = known.source();
    }
    told
}

#[test]
fn without_the_last_layer_the_others_are_read_and_nothing_is_generated() {
    let scene = Scene::new();
    publish(&scene.both, &step(), &file("payload"));
    publish(&scene.below, &id("step", 2), &file("below"));
    scene.fault.be_unreachable();
    assert_eq!(scene.load(), Some(file("payload")));
    for absent in [2, 3] {
        let error = scene.both.find(&id("step", absent)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "it is not known whether there is one");
    }
    let error = lease(&scene.both, &id("step", 3)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.is_retryable());
    assert!(error.to_string().contains("the last layer"), "{error}");
    assert_eq!(told(&error).matches("the network is down").count(), 1, "{}", told(&error));
    let (root, last) = folder_store();
    let both = Store::layers([Store::memory(), last]).unwrap();
    drop(root);
    let error = lease(&both, &step()).unwrap_err();
    assert_eq!(told(&error).matches("the data folder is gone").count(), 1, "{}", told(&error));
    assert!(scene.both.artifacts().any(|listed| listed.is_err()), "the list is not complete");
    scene.fault.work();
    publish(&scene.both, &id("step", 3), &file("later"));
}

#[test]
fn a_layer_that_cannot_be_written_or_read_is_done_without() {
    let (_root, fault, above, below, both) = faulty_above();
    for fail in [Fault::be_read_only, Fault::be_unreachable] {
        fail(&fault);
        publish(&both, &step(), &file("payload"));
        assert_eq!(load(&both, &step(), &FAST).unwrap(), Some(file("payload")));
        publish(&below, &id("step", 2), &file("below"));
        assert_eq!(load(&both, &id("step", 2), &FAST).unwrap(), Some(file("below")));
        fault.work();
        assert!(above.find(&step()).unwrap().is_none());
    }
    // A failure is not a miss: what that layer alone has may exist.
    publish(&above, &id("step", 3), &file("above"));
    fault.be_unreachable();
    assert_eq!(both.find(&id("step", 3)).unwrap_err().kind(), ErrorKind::Unavailable);
    fault.work();
    assert_eq!(load(&both, &step(), &FAST).unwrap(), Some(file("payload")));
    assert_eq!(load(&above, &step(), &FAST).unwrap(), Some(file("payload")), "it works again");
}

#[test]
fn a_layer_whose_folder_was_removed_is_made_again_and_filled() {
    let scene = Scene::new();
    publish(&scene.both, &step(), &file("payload"));
    fs::remove_dir_all(scene.root.path()).unwrap();
    assert!(scene.both.find(&id("step", 2)).unwrap().is_none(), "it is a miss, and can be generated");
    publish(&scene.both, &id("step", 2), &file("another"));
    assert_eq!(scene.load(), Some(file("payload")));
    for key in [1, 2] {
        assert!(scene.above.find(&id("step", key)).unwrap().is_some(), "{key}");
    }
}

#[test]
fn a_layer_whose_disk_may_be_unmounted_is_not_made_again() {
    let mount = tempfile::tempdir().unwrap();
    let path = mount.path().join("share/results");
    let (above, below) = (Store::create(&path).unwrap(), Store::memory());
    let both = Store::layers([above, below.clone()]).unwrap();
    publish(&both, &step(), &file("payload"));
    fs::rename(mount.path().join("share"), mount.path().join("elsewhere")).unwrap();
    assert_eq!(load(&both, &step(), &FAST).unwrap(), Some(file("payload")));
    let error = both.find(&id("step", 2)).unwrap_err();
    assert!(error.to_string().contains("the data folder is gone"), "what that layer alone has may exist: {error}");
    assert!(!path.exists());
}

#[test]
fn damage_in_a_layer_is_healed_from_below() {
    let damages: [fn(&Scene); 5] = [
        |scene| fs::write(scene.file(".manifest.json"), "{}").unwrap(),
        |scene| fs::remove_file(scene.file(".bin")).unwrap(),
        |scene| fs::write(scene.file(".bin"), "poyload").unwrap(),
        |scene| fs::write(scene.file(".bin"), "too short").unwrap(),
        |scene| {
            fs::remove_file(scene.file(".manifest.json")).unwrap();
            fs::create_dir(scene.file(".manifest.json")).unwrap();
        },
    ];
    for damage in damages {
        let scene = Scene::new();
        publish(&scene.both, &step(), &file("payload"));
        damage(&scene);
        assert_eq!(scene.load(), Some(file("payload")));
        assert_eq!(scene.load(), Some(file("payload")));
        assert_eq!(load(&scene.above, &step(), &FAST).unwrap(), Some(file("payload")), "it was copied up again");
        assert!(!own_entries(scene.root.path(), "quarantine").is_empty());
        assert_eq!(scene.load(), Some(file("payload")));
    }
}

#[test]
fn damage_in_a_layer_is_not_damage_of_the_whole_while_the_last_layer_is_unreachable() {
    for part in [".manifest.json", ".bin"] {
        let scene = Scene::new();
        publish(&scene.both, &step(), &file("payload"));
        fs::write(scene.file(part), "{}").unwrap();
        scene.fault.be_unreachable();
        let error = load(&scene.both, &step(), &FAST).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        scene.fault.work();
        assert_eq!(scene.load(), Some(file("payload")));
    }
}

#[test]
fn damage_that_cannot_be_mended_is_passed_over() {
    let (_root, fault, above, _below, both) = faulty_above();
    let objects = Objects::default();
    let faulty = Store::over(Faulty::new(&objects, &fault));
    drop(above);
    let all = Store::layers([faulty.clone(), both]).unwrap();
    publish(&all, &step(), &file("payload"));
    objects.delete(|name| name.ends_with(".bin"));
    fault.be_read_only();
    assert_damaged(load(&faulty, &step(), &FAST), "its payload is gone");
    for _ in 0..2 {
        assert_eq!(load(&all, &step(), &FAST).unwrap(), Some(file("payload")));
    }
}

#[test]
fn damage_of_the_only_copy_is_damage_and_generating_heals_it() {
    for in_above in [true, false] {
        let ((upper, above), (lower, below)) = (folder_store(), folder_store());
        let both = Store::layers([above.clone(), below.clone()]).unwrap();
        let (root, store) = if in_above { (&upper, &above) } else { (&lower, &below) };
        publish(store, &step(), &file("payload"));
        fs::write(root.path().join(format!("{}.bin", step())), "poyload").unwrap();
        assert_damaged(load(&both, &step(), &FAST), "no other copy");
        assert!(!both.find(&step()).unwrap().unwrap().may_have_changed().unwrap());
        quarantine(&both, &step(), "it is damaged");
        assert!(both.find(&step()).unwrap().is_none());
        publish(&both, &step(), &file("payload"));
        for store in [&both, &above, &below] {
            assert_eq!(load(store, &step(), &FAST).unwrap(), Some(file("payload")));
        }
    }
}

#[test]
fn a_reader_sees_the_first_of_two_commits_until_one_is_generated() {
    let scene = Scene::new();
    publish(&scene.above, &step(), &file("of above"));
    publish(&scene.below, &step(), &file("of below"));
    assert_eq!(scene.load(), Some(file("of above")));
    // Who generates sees what is going to be replaced.
    let held = lease(&scene.both, &step()).unwrap();
    let below = held.found().unwrap().unwrap();
    assert_eq!(Some(&below.manifest().commit_id), commit_in(&scene.below).as_ref());
    assert_eq!(below.payload(&FAST).unwrap().bytes().unwrap().as_ref(), b"of below");
    drop(held);
    assert_eq!(scene.load(), Some(file("of below")), "the last layer's was copied up when it was read under the lease");

    publish(&scene.both, &step(), &file("replaced"));
    assert_eq!(scene.load(), Some(file("replaced")));
    assert_eq!(commit_in(&scene.above), commit_in(&scene.below));
}

#[test]
fn what_is_replaced_below_while_it_is_copied_up_does_not_stay_above() {
    let scene = Scene::new();
    publish(&scene.below, &step(), &file("old"));
    let below = scene.below.clone();
    scene.fault.when_copied(move || drop(publish(&below, &step(), &file("new"))));
    let read = crate::stores::load_amid_replacements(&scene.both, &step(), &FAST).unwrap();
    assert_eq!(read, Some(file("new")));
    assert_eq!(scene.load(), Some(file("new")));
    assert_eq!(commit_in(&scene.above), commit_in(&scene.below));
}

#[test]
fn a_commit_that_cannot_be_replaced_above_is_passed_over() {
    let (_root, fault, above, _below, both) = faulty_above();
    publish(&above, &step(), &file("of above"));
    fault.be_read_only();
    publish(&both, &step(), &file("generated"));
    assert_eq!(load(&both, &step(), &FAST).unwrap(), Some(file("generated")));
    assert_eq!(load(&above, &step(), &FAST).unwrap(), Some(file("of above")));
    fault.work();
    assert_eq!(load(&both, &step(), &FAST).unwrap(), Some(file("generated")));
    assert_eq!(load(&above, &step(), &FAST).unwrap(), Some(file("generated")));
}

#[test]
fn what_only_a_layer_above_has_is_replaced_in_all() {
    let scene = Scene::new();
    publish(&scene.above, &step(), &file("of above"));
    publish(&scene.both, &step(), &file("generated"));
    for store in [&scene.both, &scene.above, &scene.below] {
        assert_eq!(load(store, &step(), &FAST).unwrap(), Some(file("generated")));
    }
}

#[test]
fn a_manifest_of_one_layer_is_never_read_with_a_payload_of_another() {
    let scene = Scene::new();
    publish(&scene.above, &step(), &file("of one"));
    publish(&scene.below, &step(), &file("of two"));
    let of_above = scene.both.find(&step()).unwrap().unwrap();
    // Nothing is compared with a digest, and both have the same size.
    assert_eq!(of_above.payload(&UNVERIFIED).unwrap().bytes().unwrap().as_ref(), b"of one");
    fs::remove_file(scene.file(".bin")).unwrap();
    assert_damaged(of_above.payload(&UNVERIFIED).and_then(|mut payload| payload.bytes()), "there is another below");
    assert!(of_above.may_have_changed().unwrap(), "a reader looks again");
    let again = scene.both.find(&step()).unwrap().unwrap();
    assert_eq!(again.payload(&UNVERIFIED).unwrap().bytes().unwrap().as_ref(), b"of two");
}

#[test]
fn amending_changes_what_every_layer_says() {
    let amend = |store: &Store| {
        let held = lease(store, &step()).unwrap();
        store.amend(&held, &Keys::none(), &FAST, |manifest| manifest.step_type = Some("another".into())).unwrap();
    };
    let step_type = |store: &Store| store.find(&step()).unwrap().unwrap().manifest().step_type.clone();
    for (in_above, in_below) in [(true, true), (false, true), (true, false)] {
        let scene = Scene::new();
        if in_above && in_below {
            publish(&scene.both, &step(), &file("payload"));
        } else {
            publish(if in_above { &scene.above } else { &scene.below }, &step(), &file("payload"));
        }
        amend(&scene.both);
        assert_eq!(step_type(&scene.both).as_deref(), Some("another"));
        assert_eq!(scene.load(), Some(file("payload")));
        for (has_it, store) in [(in_above, &scene.above), (in_below, &scene.below)] {
            assert!(!has_it || step_type(store).as_deref() == Some("another"));
        }
    }
    let scene = Scene::new();
    publish(&scene.above, &step(), &file("of above"));
    publish(&scene.below, &step(), &file("of below"));
    amend(&scene.both);
    assert_eq!(step_type(&scene.both).as_deref(), Some("another"));
    assert_eq!(scene.load(), Some(file("of below")), "what was amended counts");
}

#[test]
fn removing_removes_from_all_layers() {
    for (in_above, in_below) in [(true, true), (false, true), (true, false), (false, false)] {
        let scene = Scene::new();
        for (has_it, store) in [(in_above, &scene.above), (in_below, &scene.below)] {
            if has_it {
                publish(store, &step(), &file("payload"));
            }
        }
        let removed = scene.both.remove(&lease(&scene.both, &step()).unwrap()).unwrap();
        assert_eq!(removed, in_above || in_below);
        for store in [&scene.both, &scene.above, &scene.below] {
            assert!(store.find(&step()).unwrap().is_none());
        }
    }
    let (_root, fault, above, _below, both) = faulty_above();
    publish(&above, &step(), &file("payload"));
    fault.be_read_only();
    let error = both.remove(&lease(&both, &step()).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "it is still there");
}

#[test]
fn a_list_has_the_artifacts_of_all_layers_once() {
    let scene = Scene::new();
    let mut expected = BTreeSet::new();
    for key in 0..20 {
        let store = [&scene.above, &scene.below, &scene.both][usize::from(key) % 3];
        publish(store, &id("step", key), &file("payload"));
        expected.insert(id("step", key));
    }
    let listed: Vec<_> = scene
        .both
        .artifacts()
        .map(|listed| match listed.unwrap() {
            Listed::Whole(artifact) => artifact.id().clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(listed, expected.into_iter().collect::<Vec<_>>());
}

fn read_trusted(store: &Store, keys: &Keys) -> Result<(), ErrorKind> {
    let read = || store.find_trusted(&step(), Trust::Own, keys)?.unwrap().payload(&FAST)?.bytes().map(drop);
    read().map_err(|error| error.kind())
}

#[test]
fn ones_own_below_is_trusted_though_a_copy_above_is_not() {
    let ((_upper, above), (_lower, below)) = (folder_store(), folder_store());
    let both = Store::layers([above.clone(), below.clone()]).unwrap();
    publish(&both, &step(), &file("payload"));
    assert_eq!(read_trusted(&above, &Keys::none()), Err(ErrorKind::Untrusted));
    read_trusted(&both, &Keys::none()).unwrap();
}

#[test]
fn what_is_nobodys_is_not_trusted_in_any_layer() {
    let ((_a, own), (_b, above), (_c, below)) = (folder_store(), folder_store(), folder_store());
    publish(&own, &step(), &file("payload"));
    own.push(&below, Selection::All, &CopyOptions::new()).unwrap();
    let both = Store::layers([above.clone(), below.clone()]).unwrap();
    assert_eq!(read_trusted(&both, &Keys::none()), Err(ErrorKind::Untrusted));
    assert_eq!(load(&both, &step(), &FAST).unwrap(), Some(file("payload")));
    assert!(above.find(&step()).unwrap().is_some());
    assert_eq!(read_trusted(&both, &Keys::none()), Err(ErrorKind::Untrusted), "the copy is not own either");

    let key = SigningKey::from_secret("between us");
    both.sign(&both.find(&step()).unwrap().unwrap(), &key).unwrap();
    for store in [&both, &above, &below] {
        read_trusted(store, &key.clone().into()).unwrap();
    }
}

#[test]
fn layers_are_different_stores() {
    let scene = Scene::new();
    assert_eq!(Store::layers([]).unwrap_err().kind(), ErrorKind::InvalidOption);
    let one = Store::layers([scene.above.clone()]).unwrap();
    assert_eq!(one.path(), scene.above.path());
    let twice = Store::create(scene.root.path()).unwrap();
    assert_eq!(Store::layers([scene.above.clone(), twice.clone()]).unwrap_err().kind(), ErrorKind::InvalidOption);
    let memory = Store::memory();
    let nested = Store::layers([memory.clone(), scene.both.clone()]).unwrap();
    assert_eq!(Store::layers([nested.clone(), twice]).unwrap_err().kind(), ErrorKind::InvalidOption);
    publish(&nested, &step(), &file("payload"));
    for store in [&memory, &scene.above, &scene.below] {
        assert_eq!(load(store, &step(), &FAST).unwrap(), Some(file("payload")));
    }
    assert_eq!(
        nested.location().to_string(),
        format!("{} over {} over {}", memory.location(), scene.above.location(), scene.below.location())
    );
}

#[test]
fn layers_can_be_copied_from_and_to() {
    let (scene, other, target) = (Scene::new(), Scene::new(), Store::memory());
    publish(&scene.above, &id("step", 1), &file("above"));
    publish(&scene.below, &id("step", 2), &file("below"));
    scene.both.push(&target, Selection::All, &CopyOptions::new()).unwrap();
    scene.both.push(&other.both, Selection::All, &CopyOptions::new()).unwrap();
    for store in [&target, &other.both, &other.above, &other.below] {
        assert_eq!(load(store, &id("step", 1), &FAST).unwrap(), Some(file("above")));
        assert_eq!(load(store, &id("step", 2), &FAST).unwrap(), Some(file("below")));
    }
}
