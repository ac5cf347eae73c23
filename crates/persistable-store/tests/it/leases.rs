//! What a lease knows, and losing it.

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use std::{fmt, io, thread};

use persistable_models::{Layer, Operation};
use persistable_store::{Draft, ErrorKind, Lease, Settings, Staging, Store};

use crate::map_kind::{Map, Objects};
use crate::media::store_over;
use crate::stores::{
    Content, FAST, SYNCED, file, folder, folder_store, id, lease, load, own_entries, publish, publish_as, tree, write,
};

fn staged(store: &Store, lease: &Lease, content: &Content) -> Staging {
    let mut staging = store.stage(lease, ".bin", &FAST).unwrap();
    write(&mut staging, content).unwrap();
    staging
}

#[test]
fn a_manifest_that_is_damaged_under_the_lease_is_replaced_and_the_lease_is_not_lost() {
    let (root, store) = folder_store();
    let step = id("step", 1);
    let manifest = root.path().join(format!("{step}.manifest.json"));
    let torn = || fs::write(&manifest, "{}").unwrap();
    let no_file = || fs::remove_file(&manifest).and_then(|()| fs::create_dir(&manifest)).unwrap();
    for (number, damage) in [&torn as &dyn Fn(), &no_file].into_iter().enumerate() {
        publish(&store, &step, &file("old"));
        let held = lease(&store, &step).unwrap();
        let (new, staging) = (file(&number.to_string()), staged(&store, &held, &file(&number.to_string())));
        damage();
        store.publish(&held, staging, Draft::new("raw", 1)).unwrap();
        drop(held);
        assert_eq!(load(&store, &step, &FAST).unwrap(), Some(new));
    }
    let aside = own_entries(root.path(), "quarantine");
    assert_eq!(aside.iter().filter(|entry| entry.ends_with("reason.txt")).count(), 2);
}

#[test]
fn a_lease_tells_damage_and_what_is_published_under_it_takes_its_place() {
    let (root, store) = folder_store();
    let step = id("step", 1);
    publish(&store, &step, &file("payload"));
    fs::write(root.path().join(format!("{step}.manifest.json")), "{}").unwrap();
    let held = lease(&store, &step).unwrap();
    assert_eq!(held.found().unwrap_err().kind(), ErrorKind::Damaged);
    store.publish(&held, staged(&store, &held, &file("new")), Draft::new("raw", 1)).unwrap();
    assert_eq!(load(&store, &step, &FAST).unwrap(), Some(file("new")));
    assert_eq!(own_entries(root.path(), "quarantine").iter().filter(|name| name.ends_with(".json")).count(), 2);
}

/// A share on which locks exclude nobody, and names can't be moved to free ones or exchanged, if it is such.
#[derive(Clone, Debug, Default)]
struct Share {
    is_plain: bool,
    looks: Arc<Mutex<Vec<String>>>,
}

impl Layer for Share {
    fn before(&self, operation: Operation<'_>) -> io::Result<()> {
        if let Some(path) = operation.path.and_then(Path::to_str).filter(|path| path.ends_with(").manifest.json")) {
            self.looks.lock().unwrap().push(format!("{} {}", operation.name, path.len()));
        }
        match operation.name {
            "rename_to_free" | "exchange" if self.is_plain => Err(io::ErrorKind::InvalidInput.into()),
            _ => Ok(()),
        }
    }

    fn try_lock(&self, _file: &File, _offset: i64) -> io::Result<bool> {
        Ok(true)
    }
}

#[test]
fn who_published_second_under_a_broken_lease_changes_nothing_and_is_told() {
    let contents = [file("mine"), folder(&[("a", "mine")])];
    for (mine, yours, is_first, is_plain) in contents.iter().flat_map(|mine| {
        let yours = [file("yours"), folder(&[("b", "yours")])];
        yours.into_iter().flat_map(move |yours| {
            [(true, true), (true, false), (false, true), (false, false)]
                .map(|(is_first, is_plain)| (mine, yours.clone(), is_first, is_plain))
        })
    }) {
        let root = tempfile::tempdir().unwrap();
        let share = Share { is_plain, ..Share::default() };
        let [me, you] = [(); 2].map(|()| store_over(root.path(), share.clone()).unwrap());
        let step = id("step", 1);
        if !is_first {
            publish(&me, &step, &file("before"));
        }
        let held = lease(&me, &step).unwrap();
        let staging = staged(&me, &held, mine);
        publish(&you, &step, &yours);
        let artifacts = || tree(root.path()).into_iter().filter(|name| !name.starts_with('.')).collect::<Vec<_>>();
        let before = artifacts();
        let refused = me.publish(&held, staging, Draft::new("raw", 1)).unwrap_err();
        let case = format!("{mine:?} after {yours:?}, first: {is_first}, plain: {is_plain}");
        assert_eq!(refused.kind(), ErrorKind::LeaseLost, "{case}: {refused}");
        assert_eq!(artifacts(), before, "{case}");
        assert_eq!(load(&you, &step, &FAST).unwrap(), Some(yours), "{case}");
        drop(held);
        publish(&me, &step, mine);
        assert_eq!(load(&you, &step, &FAST).unwrap().as_ref(), Some(mine), "{case}");
    }
}

/// A share on which locks exclude nobody, and on which something happens before each operation.
struct Scripted(Script);

type Script = Box<dyn Fn(Operation<'_>) + Send + Sync>;

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

impl Layer for Scripted {
    fn before(&self, operation: Operation<'_>) -> io::Result<()> {
        (self.0)(operation);
        Ok(())
    }

    fn try_lock(&self, _file: &File, _offset: i64) -> io::Result<bool> {
        Ok(true)
    }
}

/// Another writer has moved its first payload into place, and commits before an operation of this writer. Returns whether that
/// operation was reached.
fn commit_before_an_operation(number: usize, content: &Content) -> bool {
    let (root, step) = (tempfile::tempdir().unwrap(), id("step", 1));
    let (has_moved, until_moved) = mpsc::channel();
    let (may_commit, until_may_commit) = mpsc::channel::<()>();
    let until_may_commit = Mutex::new(until_may_commit);
    let pause = move |operation: Operation<'_>| {
        let is_commit = operation.to.is_some_and(|to| to.to_string_lossy().ends_with(").manifest.json"));
        if is_commit {
            has_moved.send(()).unwrap();
            let _ = until_may_commit.lock().unwrap().recv();
        }
    };
    let publish_by = |store: &Store, payload: &Content| {
        let held = lease(store, &step).unwrap();
        let staging = staged(store, &held, payload);
        store.publish(&held, staging, Draft::new("raw", 1)).map(drop).map_err(|error| error.kind())
    };
    let may_commit = Mutex::new(Some(may_commit));
    let (is_done, operations) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(usize::MAX / 2)));
    let (done, begun) = (Arc::clone(&is_done), Arc::clone(&operations));
    let commit = move |_: Operation<'_>| {
        if begun.fetch_add(1, Ordering::SeqCst) == number {
            drop(may_commit.lock().unwrap().take());
            let begin = Instant::now();
            while !done.load(Ordering::SeqCst) {
                assert!(begin.elapsed() < Duration::from_secs(60), "it does not commit");
                thread::yield_now();
            }
        }
    };
    let [you, me] = [Box::new(pause) as Script, Box::new(commit)].map(|script| {
        let store = store_over(root.path(), Scripted(script)).unwrap();
        drop(lease(&store, &step).unwrap()); // The first one sweeps what others staged.
        store
    });
    operations.store(0, Ordering::SeqCst);
    thread::scope(|scope| {
        let yours = scope.spawn(|| {
            let published = publish_by(&you, &file("yours"));
            is_done.store(true, Ordering::SeqCst);
            published
        });
        until_moved.recv().unwrap();
        let mine = publish_by(&me, content);
        let is_reached = operations.load(Ordering::SeqCst) > number;
        drop(me); // If the other did not commit before, it may do so now.
        let yours = yours.join().unwrap();
        let loaded = load(&Store::create(root.path()).unwrap(), &step, &FAST).unwrap();
        match (mine, yours) {
            (Err(ErrorKind::LeaseLost), Ok(())) => assert_eq!(loaded, Some(file("yours")), "{number}"),
            // If the other's was there when this one took the lease, it was replaced.
            (Ok(()), Ok(()) | Err(ErrorKind::LeaseLost)) => assert_eq!(loaded.as_ref(), Some(content), "{number}"),
            other => panic!("{number}: {other:?}"),
        }
        is_reached
    })
}

#[test]
fn two_first_payloads_under_a_broken_lease_do_not_replace_each_other() {
    for content in [file("mine"), folder(&[("a", "mine")])] {
        let operations = (0..200).take_while(|number| commit_before_an_operation(*number, &content)).count();
        assert!((5..200).contains(&operations), "{operations}");
    }
}

#[test]
fn what_another_has_healed_is_not_put_aside_for_the_damage_before() {
    let root = tempfile::tempdir().unwrap();
    let [me, you] = [(); 2].map(|()| store_over(root.path(), Share::default()).unwrap());
    let step = id("step", 1);
    fs::write(root.path().join(format!("{step}.manifest.json")), "{}").unwrap();
    let held = lease(&me, &step).unwrap();
    let staging = staged(&me, &held, &file("mine"));
    publish(&you, &step, &file("yours"));
    assert_eq!(me.publish(&held, staging, Draft::new("raw", 1)).unwrap_err().kind(), ErrorKind::LeaseLost);
    assert_eq!(load(&me, &step, &FAST).unwrap(), Some(file("yours")));
}

/// A share that moves manifests, and then says that they can't be moved.
#[derive(Debug)]
struct Forgetful;

impl Layer for Forgetful {
    fn before(&self, _operation: Operation<'_>) -> io::Result<()> {
        Ok(())
    }

    fn rename_to_free(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        let is_manifest = to.to_str().is_some_and(|path| path.ends_with(".manifest.json"));
        if is_manifest { Err(io::ErrorKind::AlreadyExists.into()) } else { Ok(()) }
    }
}

#[test]
fn a_manifest_that_is_there_already_since_it_was_moved_twice_is_published() {
    let root = tempfile::tempdir().unwrap();
    let store = store_over(root.path(), Forgetful).unwrap();
    publish(&store, &id("step", 1), &file("payload"));
    assert_eq!(load(&store, &id("step", 1), &FAST).unwrap(), Some(file("payload")));
}

#[test]
fn another_machine_that_publishes_on_a_store_with_put_if_absent_is_noticed() {
    for is_first in [true, false] {
        let objects = Objects::default();
        let [me, you] = [(); 2].map(|()| Store::over(Map::new(&objects)));
        let step = id("step", 1);
        if !is_first {
            publish(&me, &step, &file("before"));
        }
        let held = lease(&me, &step).unwrap();
        assert_eq!(lease(&you, &step).unwrap_err().kind(), ErrorKind::Busy);
        let staging = staged(&me, &held, &file("mine"));
        objects.delete(|name| name.starts_with("lock/"));
        assert!(held.is_lost().unwrap());
        publish(&you, &step, &file("yours"));
        let refused = me.publish(&held, staging, Draft::new("raw", 1)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::LeaseLost);
        assert_eq!(load(&me, &step, &FAST).unwrap(), Some(file("yours")));
    }
}

#[test]
fn a_lease_whose_lock_file_was_removed_is_lost() {
    let (root, store) = folder_store();
    let held = lease(&store, &id("step", 1)).unwrap();
    let staging = staged(&store, &held, &file("mine"));
    fs::remove_file(root.path().join(".persistable/lock")).unwrap();
    assert!(held.is_lost().unwrap());
    assert_eq!(store.publish(&held, staging, Draft::new("raw", 1)).unwrap_err().kind(), ErrorKind::LeaseLost);
    assert_eq!(store.stage(&held, ".bin", &FAST).unwrap_err().kind(), ErrorKind::LeaseLost);
    drop(held);
    publish(&store, &id("step", 1), &file("mine"));
}

#[test]
fn a_data_folder_that_was_removed_and_made_again_loses_the_leases_and_no_more() {
    let share = tempfile::tempdir().unwrap();
    let data = share.path().join("data");
    let store = Store::create(&data).unwrap();
    let step = id("step", 1);
    let held = lease(&store, &step).unwrap();
    let staging = staged(&store, &held, &file("mine"));
    fs::remove_dir_all(&data).unwrap();
    let gone = held.is_lost().unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::Unavailable);
    assert!(gone.to_string().contains("create the folder again"), "{gone}");
    fs::create_dir(&data).unwrap();
    assert!(held.is_lost().unwrap());
    let refused = store.publish(&held, staging, Draft::new("raw", 1)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::LeaseLost);
    assert!(refused.to_string().contains("generate it again"), "{refused}");
    drop(held);
    publish(&store, &step, &file("again"));
    assert_eq!(load(&store, &step, &FAST).unwrap(), Some(file("again")));
}

#[test]
fn a_first_generation_looks_for_the_manifest_twice() {
    let root = tempfile::tempdir().unwrap();
    let share = Share::default();
    let store = store_over(root.path(), share.clone()).unwrap();
    for (settings, step) in [(FAST, id("step", 1)), (SYNCED, id("step", 2))] {
        let _: Settings = settings;
        share.looks.lock().unwrap().clear();
        assert!(store.find(&step).unwrap().is_none());
        publish_as(&store, &step, ".bin", "raw", &file("payload"), &settings).unwrap();
        let looks: Vec<_> = share.looks.lock().unwrap().iter().map(|look| look[..4].to_owned()).collect();
        assert_eq!(looks, ["open", "open"]);
    }
}
