//! The core's events as records of a step's Python logger.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tracing::field::{Field, Visit};
use tracing::span;
use tracing::{Event, Level, Metadata, Subscriber};

const TARGET: &str = "persistable";

/// Who listens to one call of a step.
#[derive(Clone)]
pub(crate) struct Listening(Arc<Listener>);

struct Listener {
    step: Py<PyAny>,
    /// Events below this level of Python's go to nobody but the log file.
    level: u32,
    /// Whether the logger is the step's default one, whose file the core writes.
    is_default: bool,
}

impl Listening {
    pub(crate) fn of(step: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = step.py();
        let (level, is_default) = step.call_method0(intern!(py, "_core_log_level"))?.extract()?;
        Ok(Self(Arc::new(Listener { step: step.clone().unbind(), level, is_default })))
    }

    /// Whether the core writes the log file itself. A logger of the user's own gets every event instead.
    pub(crate) fn core_writes_file(&self) -> bool {
        self.0.is_default
    }
}

thread_local! {
    /// The calls that this thread is in: a generation calls other steps.
    static CALLS: RefCell<Vec<Listening>> = const { RefCell::new(Vec::new()) };
}

/// Runs `run`, whose events go to `listening`.
pub(crate) fn listened_to<T>(listening: &Listening, run: impl FnOnce() -> T) -> T {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            let _ = CALLS.try_with(|calls| calls.borrow_mut().pop());
        }
    }
    CALLS.with(|calls| calls.borrow_mut().push(listening.clone()));
    let _leave = Leave;
    run()
}

fn current() -> Option<Listening> {
    CALLS.try_with(|calls| calls.borrow().last().cloned()).ok().flatten()
}

/// Begins to forward events. A second call has no effect.
pub(crate) fn forward() {
    let _ = tracing::subscriber::set_global_default(Forward);
}

struct Forward;

/// Returns the level's number in Python's `logging`.
fn number(level: Level) -> u32 {
    match level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        _ => 10,
    }
}

impl Subscriber for Forward {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> tracing::subscriber::Interest {
        if metadata.target() == TARGET && metadata.is_event() {
            tracing::subscriber::Interest::sometimes()
        } else {
            tracing::subscriber::Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET
            && CALLS
                .try_with(|calls| calls.borrow().last().is_some_and(|call| number(*metadata.level()) >= call.0.level))
                .unwrap_or(false)
    }

    fn event(&self, event: &Event<'_>) {
        let Some(listening) = current() else { return };
        let mut text = Text::default();
        event.record(&mut text);
        let level = number(*event.metadata().level());
        Python::attach(|py| {
            // A log that can't be written is never a reason to fail.
            if let Err(error) = listening.tell(py, level, &text) {
                error.write_unraisable(py, None);
            }
        });
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1) // Spans are never enabled.
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

impl Listening {
    fn tell(&self, py: Python<'_>, level: u32, text: &Text) -> PyResult<()> {
        let extra = PyDict::new(py);
        extra.set_item(intern!(py, "from_core"), self.0.is_default)?;
        extra.set_item(intern!(py, "is_warned"), text.is_warned)?;
        let options = PyDict::new(py);
        options.set_item(intern!(py, "extra"), extra)?;
        let logger = self.0.step.bind(py).getattr(intern!(py, "logger"))?;
        let message = format!("{}({:.32}) {}", text.payload_name, text.key, text.message);
        logger.call_method(intern!(py, "log"), (level, "%s", message), Some(&options))?;
        Ok(())
    }
}

/// What an event says.
#[derive(Default)]
struct Text {
    payload_name: String,
    key: String,
    message: String,
    /// Whether it is a warning of Python's as well, which the console shows.
    is_warned: bool,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = match field.name() {
            "payload_name" => &mut self.payload_name,
            "key" => &mut self.key,
            "message" => &mut self.message,
            _ => return,
        };
        let _ = write!(text, "{value:?}");
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "stale" {
            self.is_warned = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "payload_name" {
            value.clone_into(&mut self.payload_name);
        }
    }
}
