//! What `tracing` is told.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use persistable::{ErrorKind, Persistable, PersistableParams, Run, Step, StepResult, Store, io};
use tracing::field::{Field, Visit};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber, span};

use crate::support::{Doing, Squares, open};

#[derive(Clone, Debug, Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Fields {
    fn number(&self, name: &str) -> f64 {
        self.0.get(name).unwrap_or_else(|| panic!("{name} is not among {self:?}")).parse().unwrap()
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

/// Keeps what it is told by one thread.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Told>>);

#[derive(Default)]
struct Told {
    spans: Vec<(&'static str, Fields)>,
    events: Vec<(Level, Fields)>,
}

impl Subscriber for Heard {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "persistable"
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let spans = &mut self.0.lock().unwrap().spans;
        spans.push((attributes.metadata().name(), fields));
        span::Id::from_u64(spans.len() as u64)
    }

    fn record(&self, span: &span::Id, values: &span::Record<'_>) {
        let index = usize::try_from(span.into_u64()).unwrap() - 1;
        values.record(&mut self.0.lock().unwrap().spans[index].1);
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.0.lock().unwrap().events.push((*event.metadata().level(), fields));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

impl Heard {
    /// Returns what a thread tells.
    fn from(run: impl FnOnce()) -> Told {
        let heard = Self::default();
        heard.hear(run);
        std::mem::take(&mut *heard.0.lock().unwrap())
    }

    /// Hears what a thread tells.
    fn hear<T>(&self, run: impl FnOnce() -> T) -> T {
        // As long as there is one subscriber, `tracing` asks the present one of each thread. While the last one of the process
        // goes, it may tell others nothing.
        static LASTING: OnceLock<Dispatch> = OnceLock::new();
        LASTING.get_or_init(|| Dispatch::new(Self::default()));
        tracing::subscriber::with_default(self.clone(), run)
    }
}

impl Told {
    /// Returns the fields of the last span of this name and this step.
    fn span(&self, name: &str, payload_name: &str) -> &Fields {
        let is_it = |fields: &Fields| fields.0.get("payload_name").is_some_and(|name| name == payload_name);
        let found = self.spans.iter().rev().find(|(its_name, fields)| *its_name == name && is_it(fields));
        &found.unwrap_or_else(|| panic!("no span {name} of {payload_name}: {:?}", self.spans)).1
    }
}

const MOMENT: Duration = Duration::from_millis(30);

/// Takes a moment of its own, and that of what it depends on.
#[derive(PersistableParams)]
struct Slowly {
    #[param(dependency)]
    below: Option<Persistable<Below>>,
}

#[derive(PersistableParams)]
struct Below {}

impl Step for Below {
    type Payload = u32;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
        std::thread::sleep(MOMENT * 4);
        Ok(1)
    }
}

impl Step for Slowly {
    type Payload = u32;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
        std::thread::sleep(MOMENT);
        Ok(self.below.as_ref().map_or(Ok(0), |below| below.payload().map(|payload| *payload))?)
    }
}

#[test]
fn spans_have_bytes_and_seconds() {
    let store = Store::memory();
    let below = open(&store, Below {});
    let slowly = open(&store, Slowly { below: Some(below) });
    let told = Heard::from(|| {
        slowly.payload().unwrap();
        slowly.load().unwrap();
    });
    let generation = told.span("persistable.generate", "slowly");
    let (took, own) = (generation.number("took_seconds"), generation.number("own_seconds"));
    assert!(took >= (MOMENT * 5).as_secs_f64() && own >= MOMENT.as_secs_f64(), "{generation:?}");
    assert!(took - own >= (MOMENT * 4).as_secs_f64(), "{generation:?}");
    assert_eq!(generation.0["key"], slowly.key().to_string());
    let below = told.span("persistable.generate", "below");
    assert!(below.number("own_seconds") >= (MOMENT * 4).as_secs_f64(), "{below:?}");
    for name in ["persistable.persist", "persistable.load"] {
        let span = told.span(name, "slowly");
        assert!(span.number("size_bytes") > 0.0 && span.number("took_seconds") >= 0.0, "{span:?}");
    }
    let generated = told.events.iter().map(|(_, fields)| fields).filter(|fields| fields.0.contains_key("own_seconds"));
    assert_eq!(generated.count(), 2);
}

#[test]
fn a_wait_is_a_span() {
    let heard = Heard::default();
    let told = heard.clone();
    let (begun, begins) = std::sync::mpsc::channel();
    let begun = Mutex::new(begun);
    // It is generated until another thread waits for it.
    let step = Doing::new(move |_| {
        begun.lock().unwrap().send(())?;
        while !told.0.lock().unwrap().spans.iter().any(|(name, _)| *name == "persistable.wait") {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok("done".into())
    });
    let step = open(&Store::memory(), step);
    std::thread::scope(|scope| {
        let generating = scope.spawn(|| step.generate().map(|_| ()));
        begins.recv().unwrap();
        heard.hear(|| step.load_generate().map(|_| ())).unwrap();
        generating.join().unwrap().unwrap();
    });
    assert!(heard.0.lock().unwrap().span("persistable.wait", "doing").number("took_seconds") > 0.0);
}

#[test]
fn an_error_that_is_returned_is_not_an_event_of_the_level_error() {
    let folder = tempfile::tempdir().unwrap();
    let step = Persistable::open(folder.path(), Doing::new(|_| Err("out of luck".into()))).unwrap();
    let told = Heard::from(|| assert_eq!(step.load_generate().unwrap_err().kind(), ErrorKind::Generation));
    let failed: Vec<_> = told.events.iter().filter(|(_, fields)| fields.0.contains_key("error.type")).collect();
    assert_eq!(failed.len(), 1, "{:?}", told.events);
    assert_eq!(failed[0].0, Level::DEBUG);
    assert_eq!(failed[0].1.0["error.type"], "generation");
    assert_eq!(told.span("persistable.generate", "doing").0["error.type"], "generation");
    let log = std::fs::read_to_string(folder.path().join("doing.log")).unwrap();
    assert!(log.contains(" ERROR ") && log.contains("out of luck"), "{log}");
}

#[test]
fn healing_tells_of_the_damage_once() {
    let folder = tempfile::tempdir().unwrap();
    for is_healed in [true, false] {
        let squares = Persistable::open(folder.path(), Squares::new(4)).unwrap();
        squares.generate().unwrap();
        std::fs::write(folder.path().join(format!("{squares}.msgpack")), "other").unwrap();
        squares.reset_payload();
        let told = Heard::from(|| {
            if is_healed {
                squares.payload().unwrap();
            } else {
                assert_eq!(squares.load().unwrap_err().kind(), ErrorKind::Damaged);
            }
        });
        let warnings: Vec<_> = told.events.iter().filter(|(level, _)| *level <= Level::WARN).collect();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].1.0["message"].contains("quarantine"), "{warnings:?}");
        assert_eq!(warnings[0].1.0["error.type"], "damaged");
    }
}
