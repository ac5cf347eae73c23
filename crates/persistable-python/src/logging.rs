//! The core's events as records of a step's Python logger.

use std::fmt::{self, Write as _};
use std::fs::OpenOptions;
use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use tracing::field::{Field, Visit};
use tracing::span;
use tracing::{Event, Level, Metadata, Subscriber};

use crate::call::{self, Call};
use crate::interrupts::is_of_the_thread;
use crate::once::intern;
use crate::waiting;

const TARGET: &str = "persistable";
const WARNING: u32 = 30;
/// Only an event about a wait has this field.
const SINCE: &str = "since_seconds";

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
        let level = number(*metadata.level());
        let is_heard = || match metadata.fields().field(SINCE) {
            Some(_) => call::is_told_of_waits(),
            None if call::is_in_call() => call::is_heard(level),
            None => level >= WARNING,
        };
        metadata.target() == TARGET && is_heard()
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let level = number(*event.metadata().level());
        let Some(call) = call::current() else { return tell_at_large(level, &text) };
        Python::attach(|py| {
            if let Err(error) = tell(&call, py, level, &text) {
                not_logged(py, error);
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

/// Tells what concerns no step, such as a cache that can't be made. Nobody hears it when the interpreter ends.
fn tell_at_large(level: u32, text: &Text) {
    Python::try_attach(|py| {
        let log = || -> PyResult<()> {
            let logger = py.import(intern!(py, "logging"))?.call_method1(intern!(py, "getLogger"), (TARGET,))?;
            logger.call_method1(intern!(py, "log"), (level, "%s", &text.message)).map(drop)
        };
        if let Err(error) = log() {
            not_logged(py, error);
        }
    });
}

/// A log that can't be written is never a reason to fail. But Ctrl-C may come while it is written. Then the call ends with it.
fn not_logged(py: Python<'_>, error: PyErr) {
    if is_of_the_thread(py, &error) {
        waiting::note(error);
    } else {
        error.write_unraisable(py, None);
    }
}

fn tell(call: &Call, py: Python<'_>, level: u32, text: &Text) -> PyResult<()> {
    if let Some(since) = text.since_seconds {
        let logging = py.import(intern!(py, "persistable.logging"))?;
        logging.call_method1(intern!(py, "log_wait"), (&call.step, &text.holder, since))?;
        return Ok(());
    }
    let extra = PyDict::new(py);
    extra.set_item(intern!(py, "from_core"), call.listening.is_default)?;
    extra.set_item(intern!(py, "is_warned"), text.is_warned)?;
    if call.listening.is_default {
        extra.set_item(intern!(py, "for_people"), for_people(call, py, text)?)?;
    }
    let options = PyDict::new(py);
    options.set_item(intern!(py, "extra"), extra)?;
    let logger = call.step.bind(py).getattr(intern!(py, "logger"))?;
    // Some events concern the store, and no step.
    let step =
        if text.payload_name.is_empty() { String::new() } else { format!("{}({:.32}) ", text.payload_name, text.key) };
    let message = format!("{step}{}", text.message);
    logger.call_method(intern!(py, "log"), (level, "%s", message), Some(&options))?;
    Ok(())
}

/// Returns the line on the console. It is made only if a console shows it.
fn for_people<'py>(call: &Call, py: Python<'py>, text: &Text) -> PyResult<Bound<'py, PyAny>> {
    let lines = py.import(intern!(py, "persistable._line_for_people"))?;
    let figures = (text.took_seconds, text.own_seconds, text.size_bytes);
    lines.call_method1(intern!(py, "LineForPeople"), (&call.step, &text.message, text.done.as_deref(), figures))
}

/// What an event says.
#[derive(Default)]
struct Text {
    payload_name: String,
    key: String,
    message: String,
    /// What was done, with its figures.
    done: Option<String>,
    took_seconds: Option<f64>,
    own_seconds: Option<f64>,
    size_bytes: Option<u64>,
    /// Whether it is a warning of Python's as well, which the console shows.
    is_warned: bool,
    /// Who is waited for, and since when.
    holder: String,
    since_seconds: Option<f64>,
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
        if field.name() == "warned" {
            self.is_warned = value;
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        match field.name() {
            SINCE => self.since_seconds = Some(value),
            "took_seconds" => self.took_seconds = Some(value),
            "own_seconds" => self.own_seconds = Some(value),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "size_bytes" {
            self.size_bytes = Some(value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "payload_name" => value.clone_into(&mut self.payload_name),
            "holder" => value.clone_into(&mut self.holder),
            "done" => self.done = Some(value.to_owned()),
            _ => {}
        }
    }
}

/// Lets the accounts that share a data folder write to a log file in it.
#[pyfunction]
pub(crate) fn share_log(path: PathBuf) {
    if let (Some(folder), Ok(file)) = (path.parent(), OpenOptions::new().append(true).open(&path)) {
        persistable::store::share_log(folder, &file);
    }
}
