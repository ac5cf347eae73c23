//! What is copied from one store to another.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use persistable_store::{
    ArtifactId, CodeStamp, CopyOptions, CopyProgress, CopyReport, DependencyRecord, Digest, Draft, ErrorKind, Keys,
    Remote, RemoteSettings, Selection, SigningKey, Store, Trust, Wait,
};

use crate::faulty_kind::{Fault, Faulty};
use crate::map_kind::{Map, Objects};
use crate::stores::{
    Content, FAST, file, folder, folder_store, id, lease, load, name_two_payloads, own_entries, publish, publish_as,
    tree, write,
};

fn options() -> CopyOptions<'static> {
    CopyOptions::new().wait(Wait::NOT_AT_ALL).durability(FAST.durability)
}

/// A folder, memory, somebody's own kind, and objects.
const KINDS: std::ops::Range<usize> = 0..4;

/// Tries a promise with a new source and a new target of every kind.
fn between_all_kinds(promise: impl Fn(&Store, &Store)) {
    for source in KINDS {
        for target in KINDS {
            let (_folders, stores): (Vec<_>, Vec<_>) = [source, target].into_iter().map(new_store).unzip();
            promise(&stores[0], &stores[1]);
        }
    }
}

fn new_store(kind: usize) -> (Option<tempfile::TempDir>, Store) {
    match kind {
        0 => {
            let (folder, store) = folder_store();
            (Some(folder), store)
        }
        1 => (None, Store::memory()),
        2 => (None, Store::over(Map::new(&Objects::default()))),
        _ => {
            let objects = Arc::new(persistable_objects::Memory::new());
            (None, Store::over(Remote::new(objects, RemoteSettings::default())))
        }
    }
}

/// Publishes an artifact that depends on others.
fn publish_with(store: &Store, id: &ArtifactId, content: &Content, change: impl FnOnce(&mut Draft)) {
    let held = lease(store, id).unwrap();
    let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
    write(&mut staging, content).unwrap();
    let mut draft = Draft::new("raw", 1);
    change(&mut draft);
    store.publish(&held, staging, draft).unwrap();
}

fn depend_on<'a>(ids: &'a [&'a ArtifactId]) -> impl FnOnce(&mut Draft) + 'a {
    |draft| {
        draft.dependencies =
            ids.iter().map(|id| DependencyRecord::new(id.payload_name().as_str(), id.key_hex())).collect();
    }
}

fn contents() -> [Content; 3] {
    let large: Vec<u8> = (0..9_000_001_u32).map(|n| n as u8).collect();
    [file("payload"), Content::File(large), folder(&[("a", "one"), ("sub/b", "two")])]
}

#[test]
fn a_store_is_not_copied_to_itself() {
    for kind in KINDS {
        let (folder, store) = new_store(kind);
        let error = store.push(&store, Selection::All, &options()).unwrap_err();
        assert_eq!((error.kind(), error.advice()), (ErrorKind::InvalidOption, Some("Name another one to copy to")));
        if let Some(folder) = folder {
            // However its path is written.
            let again = Store::open(folder.path().join(".")).unwrap();
            assert_eq!(store.pull(&again, Selection::All, &options()).unwrap_err().kind(), ErrorKind::InvalidOption);
        }
    }
}

#[test]
fn a_copy_has_the_payload_and_all_that_was_said_of_it() {
    between_all_kinds(|source, target| {
        for (key, content) in contents().iter().enumerate() {
            let step = id("step", key as u8);
            publish_with(source, &step, content, |draft| draft.provenance.program = Some("elsewhere".into()));
            let report = source.push(target, &step, &options()).unwrap();
            assert_eq!(report.copied, std::slice::from_ref(&step));
            assert_eq!(load(target, &step, &FAST).unwrap().as_ref(), Some(content));
            let (from, to) = (source.find(&step).unwrap().unwrap(), target.find(&step).unwrap().unwrap());
            assert_eq!(from.manifest().provenance, to.manifest().provenance);
            assert_eq!(from.manifest().payload.digest, to.manifest().payload.digest);
            assert_eq!(report.copied_bytes, from.manifest().payload.size_bytes);
        }
    });
}

#[test]
fn dependencies_are_copied_and_what_is_there_is_skipped() {
    between_all_kinds(|source, target| {
        let [raw, clean, fit, other] = ["raw", "clean", "fit", "other"].map(|name| id(name, 1));
        publish(source, &raw, &file("raw"));
        publish_with(source, &clean, &file("clean"), depend_on(&[&raw]));
        publish_with(source, &fit, &file("fit"), depend_on(&[&raw, &clean]));
        publish(source, &other, &file("other"));

        let alone = source.push(target, &fit, &options().dependencies(false)).unwrap();
        assert_eq!(alone.copied, std::slice::from_ref(&fit));
        let report = source.push(target, &fit, &options()).unwrap();
        assert_eq!(report.copied, [raw.clone(), clean.clone()], "dependencies come first");
        assert_eq!(report.skipped, std::slice::from_ref(&fit));
        assert!(target.find(&other).unwrap().is_none());

        let all = target.pull(source, Selection::All, &options()).unwrap();
        assert_eq!(all.copied, [other]);
        assert_eq!(all.skipped.len(), 3);
    });
}

#[test]
fn what_is_in_neither_store_is_missing_and_the_rest_is_copied() {
    between_all_kinds(|source, target| {
        let [raw, fit, there, gone] = ["raw", "fit", "there", "gone"].map(|name| id(name, 1));
        publish_with(source, &fit, &file("fit"), depend_on(&[&raw]));
        publish(target, &there, &file("there"));
        let report = source.push(target, [fit.clone(), there.clone(), gone.clone()], &options()).unwrap();
        assert_eq!(report.copied, [fit]);
        assert_eq!(report.skipped, [there]);
        assert_eq!(report.missing.iter().collect::<std::collections::BTreeSet<_>>(), [&gone, &raw].into());
    });
}

#[test]
fn another_commit_that_is_there_stays() {
    between_all_kinds(|source, target| {
        publish(source, &id("step", 1), &file("new"));
        publish(target, &id("step", 1), &file("old"));
        let report = source.push(target, Selection::All, &options().repair(true)).unwrap();
        assert_eq!(report.skipped, [id("step", 1)]);
        assert_eq!(load(target, &id("step", 1), &FAST).unwrap(), Some(file("old")));
    });
}

#[test]
fn a_folder_and_memory_take_over_the_manifest_byte_for_byte_under_the_same_file_names() {
    for content in contents() {
        let ((from, source), (to, target), memory) = (folder_store(), folder_store(), Store::memory());
        publish(&source, &id("step", 1), &content);
        source.push(&memory, Selection::All, &options()).unwrap();
        memory.push(&target, Selection::All, &options()).unwrap();
        let names =
            |root| -> Vec<_> { tree(root).into_iter().filter(|name| !name.starts_with(".persistable")).collect() };
        assert_eq!(names(from.path()), names(to.path()));
        let manifest = format!("{}.manifest.json", id("step", 1));
        assert_eq!(fs::read(from.path().join(&manifest)).unwrap(), fs::read(to.path().join(&manifest)).unwrap());
        assert!(own_entries(to.path(), "staging").is_empty());
    }
}

#[test]
fn a_folder_copies_the_params_for_people_too() {
    let ((_from, source), (to, target)) = (folder_store(), folder_store());
    publish_with(&source, &id("step", 1), &file("payload"), |draft| draft.params_for_people = "{\"n\": 100}\n".into());
    source.push(&target, Selection::All, &options()).unwrap();
    let params = fs::read_to_string(to.path().join(format!("{}.params.json", id("step", 1)))).unwrap();
    assert_eq!(params, "{\"n\": 100}\n");
}

#[test]
fn records_of_code_and_environment_are_copied() {
    between_all_kinds(|source, target| {
        let (code, accepted) = (source.keep_record(b"code"), source.keep_record(b"accepted code"));
        let environment = source.keep_record(b"environment");
        publish_with(source, &id("step", 1), &file("payload"), |draft| {
            let mut stamp = CodeStamp::new(BTreeMap::new());
            stamp.record = Some(code);
            stamp.accepted.push(CodeStamp::new(BTreeMap::new()));
            stamp.accepted[0].record = Some(accepted);
            draft.code = Some(stamp);
            draft.provenance.environment = Some(environment);
        });
        source.push(target, Selection::All, &options()).unwrap();
        assert_eq!(target.record(code).unwrap().as_deref(), Some(&b"code"[..]));
        assert_eq!(target.record(accepted).unwrap().as_deref(), Some(&b"accepted code"[..]));
        assert_eq!(target.record(environment).unwrap().as_deref(), Some(&b"environment"[..]));
        assert!(target.record(Digest::of(b"other")).unwrap().is_none());
    });
}

fn trusted(store: &Store, keys: &Keys) -> Result<(), ErrorKind> {
    let read = || store.find_trusted(&id("step", 1), Trust::Own, keys)?.unwrap().payload(&FAST)?.bytes().map(drop);
    read().map_err(|error| error.kind())
}

#[test]
fn what_may_run_code_does_not_become_ones_own_by_copying_it_into_a_folder() {
    let (_middle, middle) = folder_store();
    let (_root, source) = folder_store();
    publish(&source, &id("step", 1), &file("payload"));
    trusted(&source, &Keys::none()).unwrap();
    // Also not by way of memory, into which a copy goes that is not one's own.
    source.push(&middle, Selection::All, &options()).unwrap();
    let memory = Store::memory();
    middle.push(&memory, Selection::All, &options()).unwrap();
    let (_target, target) = folder_store();
    memory.push(&target, Selection::All, &options()).unwrap();
    for copy in [&middle, &memory, &target] {
        assert_eq!(trusted(copy, &Keys::none()), Err(ErrorKind::Untrusted), "{}", copy.location());
        assert_eq!(load(copy, &id("step", 1), &FAST).unwrap(), Some(file("payload")));
    }
    // But what is one's own stays so in memory, where nobody else can write.
    let memory = Store::memory();
    source.push(&memory, Selection::All, &options()).unwrap();
    trusted(&memory, &Keys::none()).unwrap();
}

#[test]
fn what_was_signed_stays_signed() {
    let key = SigningKey::from_secret("between us");
    between_all_kinds(|source, target| {
        let sign = |draft: &mut Draft| draft.signing_key = Some(key.clone());
        publish_with(source, &id("step", 1), &file("payload"), sign);
        source.push(target, Selection::All, &options().keys(key.clone())).unwrap();
        trusted(target, &key.clone().into()).unwrap();
        let (_folder, last) = folder_store();
        target.push(&last, Selection::All, &options()).unwrap();
        trusted(&last, &key.clone().into()).unwrap();
        assert_eq!(trusted(&last, &Keys::none()), Err(ErrorKind::Untrusted));
    });
}

#[test]
fn a_copy_that_is_taken_over_keeps_its_countersignatures() {
    let key = SigningKey::from_secret("between us");
    let (source, (_middle, middle), (_to, target)) = (Store::memory(), folder_store(), folder_store());
    publish(&source, &id("step", 1), &file("payload"));
    source.push(&middle, Selection::All, &options()).unwrap();
    middle.sign(&middle.find(&id("step", 1)).unwrap().unwrap(), &key).unwrap();
    middle.push(&target, Selection::All, &options().keys(key.clone())).unwrap();
    trusted(&target, &key.into()).unwrap();
    assert_eq!(trusted(&target, &Keys::none()), Err(ErrorKind::Untrusted));
}

#[test]
fn what_is_not_trusted_is_not_sealed_anew_as_ones_own() {
    let key = SigningKey::from_secret("between us");
    let ((_a, own), (_b, copy)) = (folder_store(), folder_store());
    for io in ["npy", "pickle"] {
        publish_as(&own, &id(io, 1), ".bin", io, &file("payload"), &FAST).unwrap();
    }
    own.push(&copy, Selection::All, &options()).unwrap();
    let bucket = || Store::over(Map::new(&Objects::default()));

    let careful = || options().keys(key.clone()).runs_code(|record| record.io == "pickle");
    let target = bucket();
    let error = copy.push(&target, Selection::All, &careful()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Untrusted);
    assert!(error.to_string().contains("CopyOptions::trust(Trust::Anyone)"), "{error}");
    let report = CopyReport::of(&error).unwrap();
    assert_eq!(report.copied, [id("npy", 1)]);
    assert_eq!(report.refused[0].stem, id("pickle", 1).stem());
    let is_signed = |store: &Store, io| {
        let found = store.find_trusted(&id(io, 1), Trust::Own, &key.clone().into()).unwrap().unwrap();
        let copied = Store::memory();
        store.push(&copied, Selection::All, &options()).unwrap();
        drop(found);
        let (_folder, folder) = folder_store();
        copied.push(&folder, Selection::All, &options()).unwrap();
        let found = folder.find_trusted(&id(io, 1), Trust::Own, &key.clone().into()).unwrap().unwrap();
        found.payload(&FAST).unwrap().bytes().is_ok()
    };
    assert!(!is_signed(&target, "npy"), "nobody vouches for it");

    let target = bucket();
    copy.push(&target, Selection::All, &careful().trust(Trust::Anyone)).unwrap();
    assert!(is_signed(&target, "pickle"));
    let target = bucket();
    own.push(&target, Selection::All, &careful()).unwrap();
    assert!(is_signed(&target, "pickle"), "one's own is trusted");
}

#[test]
fn a_damaged_payload_is_not_copied_and_the_rest_is() {
    for target in KINDS {
        let ((root, source), (_to, target)) = (folder_store(), new_store(target));
        publish(&source, &id("step", 1), &file("payload"));
        publish(&source, &id("step", 2), &folder(&[("a", "one"), ("b", "two")]));
        publish(&source, &id("step", 3), &file("payload"));
        fs::remove_file(root.path().join(format!("{}.bin", id("step", 1)))).unwrap();
        fs::write(root.path().join(format!("{}.bin", id("step", 1))), "poyload").unwrap();
        fs::remove_file(root.path().join(format!("{}.bin/a", id("step", 2)))).unwrap();
        fs::write(root.path().join(format!("{}.bin/a", id("step", 2))), "eno").unwrap();
        let error = source.push(&target, Selection::All, &options()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Damaged, "{error}");
        let report = CopyReport::of(&error).unwrap();
        assert_eq!((report.failed.len(), &*report.copied), (2, &[id("step", 3)][..]));
        for key in [1, 2] {
            assert!(target.find(&id("step", key)).unwrap().is_none());
        }
    }
}

#[test]
fn what_is_damaged_there_is_put_aside_and_copied() {
    let ((_from, source), (to, target)) = (folder_store(), folder_store());
    for key in [1, 2] {
        publish(&source, &id("step", key), &file("payload"));
    }
    source.push(&target, Selection::All, &options()).unwrap();
    fs::write(to.path().join(format!("{}.manifest.json", id("step", 1))), "{}").unwrap();
    fs::write(to.path().join(format!("{}.bin", id("step", 2))), "poyload").unwrap();

    let report = source.push(&target, Selection::All, &options()).unwrap();
    assert_eq!((&*report.copied, &*report.skipped), (&[id("step", 1)][..], &[id("step", 2)][..]), "without reading it");
    let report = source.push(&target, Selection::All, &options().repair(true)).unwrap();
    assert_eq!((&*report.copied, &*report.skipped), (&[id("step", 2)][..], &[id("step", 1)][..]));
    assert_eq!(load(&target, &id("step", 2), &FAST).unwrap(), Some(file("payload")));
    assert!(own_entries(to.path(), "quarantine").len() > 2);
}

#[test]
fn what_a_copy_that_died_left_is_replaced_and_what_another_left_is_kept_aside() {
    for (left, is_kept) in [(file("payload"), false), (file("another"), true), (folder(&[("a", "one")]), true)] {
        let ((_from, source), (to, target)) = (folder_store(), folder_store());
        publish(&source, &id("step", 1), &file("payload"));
        let path = to.path().join(format!("{}.bin", id("step", 1)));
        match left {
            Content::File(bytes) => fs::write(&path, bytes).unwrap(),
            Content::Folder(_) => fs::create_dir_all(path.join("a")).unwrap(),
        }
        source.push(&target, Selection::All, &options()).unwrap();
        assert_eq!(load(&target, &id("step", 1), &FAST).unwrap(), Some(file("payload")));
        assert_eq!(!own_entries(to.path(), "quarantine").is_empty(), is_kept);
    }
}

#[test]
fn an_artifact_that_was_being_replaced_is_copied_as_it_is() {
    let (root, source) = folder_store();
    publish(&source, &id("step", 1), &file("old"));
    let manifest = root.path().join(format!("{}.manifest.json", id("step", 1)));
    name_two_payloads(&manifest);
    assert!(fs::read_to_string(&manifest).unwrap().contains("alternatives"));
    for target in KINDS {
        let (_to, target) = new_store(target);
        source.push(&target, Selection::All, &options()).unwrap();
        assert_eq!(load(&target, &id("step", 1), &FAST).unwrap(), Some(file("old")));
    }
}

#[test]
fn progress_is_told_up_to_the_end() {
    let (source, target) = (Store::memory(), Store::memory());
    for key in 0..5 {
        publish(&source, &id("step", key), &file("payload"));
    }
    publish(&target, &id("step", 0), &file("payload"));
    let told: RefCell<Vec<CopyProgress>> = RefCell::default();
    source.push(&target, Selection::All, &options().progress(|progress| told.borrow_mut().push(*progress))).unwrap();
    let last = *told.borrow().last().unwrap();
    assert_eq!((last.artifacts_done, last.artifacts, last.bytes_done, last.bytes), (5, 5, 35, 35));
}

#[test]
fn an_interrupted_copy_leaves_nothing_half_done_and_goes_on_later() {
    let ((_from, source), (to, target)) = (folder_store(), folder_store());
    for key in 0..20 {
        publish(&source, &id("step", key), &file("payload"));
    }
    // One of them is being generated there, so that copying waits.
    let held = lease(&target, &id("step", 7)).unwrap();
    let asked = Cell::new(0);
    let interrupted = CopyOptions::new().at_once(2.try_into().unwrap()).interrupt(|| {
        asked.set(asked.get() + 1);
        asked.get() > 3
    });
    let error = source.push(&target, Selection::All, &interrupted).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert_eq!(error.advice(), Some("Call it again, and it goes on with what is missing"));
    drop(held);
    assert!(own_entries(to.path(), "staging").is_empty());
    let done = CopyReport::of(&error).unwrap().copied.len();
    let report = source.push(&target, Selection::All, &options()).unwrap();
    assert_eq!((report.copied.len(), report.skipped.len()), (20 - done, done));
    for key in 0..20 {
        assert_eq!(load(&target, &id("step", key), &FAST).unwrap(), Some(file("payload")));
    }
}

#[test]
fn what_is_being_generated_there_is_waited_for_or_fails() {
    between_all_kinds(|source, target| {
        publish(source, &id("step", 1), &file("payload"));
        publish(source, &id("step", 2), &file("payload"));
        let _held = lease(target, &id("step", 1)).unwrap();
        let error = source.push(target, Selection::All, &options()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Busy);
        assert!(error.is_retryable());
        assert_eq!(CopyReport::of(&error).unwrap().copied, [id("step", 2)]);
    });
}

#[test]
fn two_copies_at_once_copy_everything_once() {
    let (source, (_to, target)) = (Store::memory(), folder_store());
    for key in 0..50 {
        publish(&source, &id("step", key), &file("payload"));
    }
    let reports = std::thread::scope(|scope| {
        let copying: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| source.push(&target, Selection::All, &CopyOptions::new()).unwrap()))
            .collect();
        copying.into_iter().map(|copying| copying.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(reports.iter().map(|report| report.copied.len()).sum::<usize>(), 50);
    assert!(reports.iter().all(|report| report.copied.len() + report.skipped.len() == 50));
}

#[test]
fn a_store_that_denies_is_tried_a_few_times_and_the_error_says_it_once() {
    let source = Store::memory();
    for key in 0..40 {
        publish(&source, &id("step", key), &file("payload"));
    }
    let fault = Fault::default();
    let target = Store::over(Faulty::new(&Objects::default(), &fault));
    fault.be_read_only();
    let error = source.push(&target, Selection::All, &options()).unwrap_err();
    let report = CopyReport::of(&error).unwrap();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(report.failed.len() >= 4 && report.failed.len() < 20, "{}", report.failed.len());
    assert_eq!(report.failed.len() + report.untried, 40);
    let text = error.to_string();
    assert_eq!(text.matches("nothing may be written").count(), 1, "{text}");
}

#[test]
fn a_payload_that_a_folder_lost_or_that_was_cut_short_is_copied_again() {
    let source = Store::memory();
    let (folder, target) = folder_store();
    let step = id("step", 1);
    publish(&source, &step, &file("payload"));
    target.pull(&source, Selection::All, &options()).unwrap();
    let name = target.find(&step).unwrap().unwrap().manifest().payload.file.clone();
    let path = folder.path().join(name);
    let losses: [&dyn Fn(); 2] = [&|| fs::remove_file(&path).unwrap(), &|| fs::write(&path, "pay").unwrap()];
    for lose in losses {
        let _ = fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600));
        lose();
        let report = target.pull(&source, Selection::All, &options()).unwrap();
        assert_eq!((report.copied.len(), report.skipped.len()), (1, 0));
        assert_eq!(load(&target, &step, &FAST).unwrap(), Some(file("payload")));
    }
    let report = target.pull(&source, Selection::All, &options()).unwrap();
    assert_eq!((report.copied.len(), report.skipped.len()), (0, 1));
}

#[test]
fn a_store_that_is_full_says_why_and_once_what_to_do() {
    let source = Store::memory();
    for key in [1, 2] {
        publish(&source, &id("step", key), &file("payload"));
    }
    let fault = Fault::default();
    let target = Store::over(Faulty::new(&Objects::default(), &fault));
    fault.be_full();
    let error = source.push(&target, Selection::All, &options()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Full);
    let text = format!("{error:#}");
    assert!(text.contains("could not write: No space left on device). 0 were copied"), "{text}");
    assert_eq!(text.matches("Free some space").count(), 1, "{text}");
    assert!(text.ends_with(". Free some space. Call it again, and it copies what is missing"), "{text}");
}
