//! Spans of `tracing`: one for each generation, load, persist and wait.
//!
//! Fields: `payload_name`, `key`, and what is known in the end: `size_bytes`, `took_seconds`, `own_seconds` (without the time
//! in which the step waited for its dependencies), `found`, `holder`, and `error.type`, which is the name of the error's kind.

use std::fmt;
use std::time::{Duration, Instant};

use tracing::Span;
use tracing::field::{Empty, display};

use crate::error::{Error, Result};
use crate::params_tree::ParamsTree;

macro_rules! span_of {
    ($name:literal, $step:expr $(, $($field:ident),+)?) => {
        tracing::info_span!(
            target: "persistable",
            $name,
            payload_name = $step.payload_name(),
            key = %$step.key(),
            took_seconds = Empty,
            error.type = Empty,
            $($($field = Empty),+)?
        )
    };
}

/// A span of a step, which ends when it is dropped.
pub(crate) struct StepSpan {
    span: Span,
    begin: Instant,
}

impl StepSpan {
    pub(crate) fn generate(step: &ParamsTree) -> Self {
        Self::new(span_of!("persistable.generate", step, own_seconds))
    }

    pub(crate) fn load(step: &ParamsTree) -> Self {
        Self::new(span_of!("persistable.load", step, size_bytes, found))
    }

    pub(crate) fn persist(step: &ParamsTree) -> Self {
        Self::new(span_of!("persistable.persist", step, size_bytes))
    }

    pub(crate) fn wait(step: &ParamsTree) -> Self {
        Self::new(span_of!("persistable.wait", step, holder))
    }

    fn new(span: Span) -> Self {
        Self { span, begin: Instant::now() }
    }

    /// Runs what the span is about.
    pub(crate) fn run<T>(&self, run: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let done = self.span.in_scope(|| run(self));
        if let Err(error) = &done {
            self.failed(error);
        }
        done
    }

    pub(crate) fn size_bytes(&self, size_bytes: u64) {
        self.span.record("size_bytes", size_bytes);
    }

    pub(crate) fn own_seconds(&self, own: Duration) {
        self.span.record("own_seconds", own.as_secs_f64());
    }

    pub(crate) fn found(&self, found: bool) {
        self.span.record("found", found);
    }

    pub(crate) fn holder(&self, holder: &dyn fmt::Display) {
        self.span.record("holder", display(holder));
    }

    fn failed(&self, error: &Error) {
        self.span.record("error.type", error.kind().as_str());
    }
}

impl Drop for StepSpan {
    fn drop(&mut self) {
        self.span.record("took_seconds", self.begin.elapsed().as_secs_f64());
    }
}
