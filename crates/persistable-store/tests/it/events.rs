//! What is told by `tracing`, under the target to which Python's logging listens.

use std::fmt::{Debug, Write};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use persistable_objects::{Can, Memory};
use persistable_store::{Clock, Remote, RemoteSettings, Store, StoreOptions};
use tracing::field::{Field, Visit};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber, span};

use crate::faulty_kind::{Fault, Faulty};
use crate::map_kind::Objects;
use crate::stores::{FAST, file, folder_store, id, lease, load, publish};

/// Keeps the warnings of one thread.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl Subscriber for Heard {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "persistable"
    }

    fn event(&self, event: &Event<'_>) {
        if *event.metadata().level() == Level::WARN {
            let mut text = Text(String::new());
            event.record(&mut text);
            self.0.lock().unwrap().push(text.0);
        }
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Returns the warnings that a thread gives.
fn warnings(run: impl FnOnce()) -> Vec<String> {
    // As long as there is one subscriber, `tracing` asks the present one of each thread.
    std::mem::forget(Dispatch::new(Heard::default()));
    let heard = Heard::default();
    tracing::subscriber::with_default(heard.clone(), run);
    std::mem::take(&mut heard.0.lock().unwrap())
}

fn assert_one(warnings: &[String], part: &str) {
    assert!(warnings.len() == 1 && warnings[0].contains(part), "{warnings:?}");
}

#[test]
fn a_layer_that_fails_is_told_of_once() {
    let ((_root, below), fault) = (folder_store(), Fault::default());
    let above = Store::over(Faulty::new(&Objects::default(), &fault));
    let both = Store::layers([above, below]).unwrap();
    publish(&both, &id("step", 1), &file("the payload"));
    fault.be_unreachable();
    let told = warnings(|| {
        for _ in 0..2 {
            assert_eq!(load(&both, &id("step", 1), &FAST).unwrap(), Some(file("the payload")));
        }
    });
    assert_one(&told, "because of this: the network is down. Results are found in the other layers");
}

#[test]
fn a_damaged_copy_in_a_layer_is_told_with_its_layer_and_is_whole_again_there() {
    for damage in ["short", "the paylaod"] {
        let ((root, above), (_root, below)) = (folder_store(), folder_store());
        let both = Store::layers([above.clone(), below]).unwrap();
        publish(&both, &id("step", 1), &file("the payload"));
        fs::write(root.path().join(format!("{}.bin", id("step", 1))), damage).unwrap();
        let read = || assert_eq!(load(&both, &id("step", 1), &FAST).unwrap(), Some(file("the payload")));
        let told = warnings(read);
        assert_one(&told, &format!("in the layer {} is damaged", root.path().display()));
        assert_eq!(load(&above, &id("step", 1), &FAST).unwrap(), Some(file("the payload")), "it was copied again");
        assert!(warnings(read).is_empty());
    }
}

#[test]
fn a_store_that_can_t_exclude_is_told_of_once() {
    let store = Store::over(Remote::new(Arc::new(Memory::which_can(Can::default())), RemoteSettings::default()));
    let told = warnings(|| (1..3).for_each(|number| drop(publish(&store, &id("step", number), &file("the payload")))));
    assert_one(&told, "can't exclude other processes");
}

#[test]
fn a_lease_that_was_taken_over_is_told_of_once() {
    let (objects, now_ms) = (Memory::new(), Arc::new(AtomicU64::new(0)));
    let machine = || {
        let (now_ms, mut settings) = (Arc::clone(&now_ms), RemoteSettings::default());
        settings.clock = Clock::new(move || Duration::from_millis(now_ms.load(Ordering::Relaxed)));
        settings.has_renewal_thread = false;
        let remote = Remote::new(Arc::new(objects.clone()), settings);
        (Store::over(remote.clone()), remote)
    };
    let ((sleeper, renewed), (successor, _)) = (machine(), machine());
    let slept = lease(&sleeper, &id("step", 1)).unwrap();
    lease(&successor, &id("step", 1)).unwrap_err();
    now_ms.fetch_add(31_000, Ordering::Relaxed);
    let _held = lease(&successor, &id("step", 1)).unwrap();
    let told = warnings(|| (0..2).for_each(|_| renewed.renew().unwrap()));
    assert_one(&told, "has taken over the lease");
    drop(slept);
}

#[test]
fn a_cache_that_can_t_be_written_to_is_told_of_once() {
    let told = warnings(|| {
        let options = StoreOptions::new().cache("/proc/persistable/cache");
        let store = options.over(Arc::new(Memory::new())).unwrap();
        for number in 1..3 {
            publish(&store, &id("step", number), &file("the payload"));
            assert_eq!(load(&store, &id("step", number), &FAST).unwrap(), Some(file("the payload")));
        }
    });
    assert_one(&told, "the cache can't be written to");
}

#[test]
fn every_event_of_the_sources_has_the_target() {
    let mut sources = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut events = 0;
    while let Some(path) = sources.pop() {
        if path.is_dir() {
            sources.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            events += events_of(&path);
        }
    }
    assert!(events > 5, "{events}");
}

fn events_of(source: &Path) -> usize {
    let text = fs::read_to_string(source).unwrap();
    let begins = ["error", "warn", "info", "debug", "trace"].map(|level| format!("tracing::{level}!("));
    let arguments = begins.iter().flat_map(|begin| text.split(begin.as_str()).skip(1));
    let with_target = |event: &str| event.trim_start().starts_with("target: \"persistable\"");
    arguments.inspect(|event| assert!(with_target(event), "{}: {event:.80}", source.display())).count()
}
