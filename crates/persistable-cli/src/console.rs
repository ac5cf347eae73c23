//! What people and programs read: standard output, standard error, colours and progress.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::failure::{Failure, Result};

/// Headings and names.
pub(crate) const BOLD: Style = Style::new().bold();
/// What matters less.
pub(crate) const DIM: Style = Style::new().dimmed();
/// Damage and errors.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// What is as it should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();

/// What takes shorter has no progress bar.
const PATIENCE: Duration = Duration::from_millis(500);
/// A bar that is shown moves so often.
const TICK: Duration = Duration::from_millis(100);

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Also in a pipe.
    Always,
    /// Not at all.
    Never,
}

/// Where the output goes.
pub(crate) struct Console {
    out: Box<dyn Write>,
    err: AutoStream<io::Stderr>,
    /// The columns of the terminal; `None` if the output goes elsewhere.
    pub(crate) width: Option<usize>,
    /// Whether programs read the output.
    pub(crate) is_json: bool,
    /// The command as it was written.
    command: String,
    /// The store as later commands name it, once it is open. It is empty if it need not be said.
    pub(crate) store: Option<String>,
}

impl Console {
    pub(crate) fn new(colour: Colour, is_json: bool, command: String) -> Self {
        let choice = match colour {
            Colour::Auto => ColorChoice::Auto,
            Colour::Always => ColorChoice::Always,
            Colour::Never => ColorChoice::Never,
        };
        let is_terminal = io::stdout().is_terminal();
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)).filter(|width| *width > 20);
        Self {
            out: Box::new(BufWriter::new(AutoStream::new(io::stdout(), choice))),
            err: AutoStream::new(io::stderr(), choice),
            width: if is_terminal { Some(width.unwrap_or(80)) } else { None },
            is_json,
            command,
            store: None,
        }
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, line: impl AsRef<str>) -> Result<()> {
        Ok(writeln!(self.out, "{}", line.as_ref())?)
    }

    /// Where to write what is not made of lines.
    pub(crate) fn writer(&mut self) -> &mut dyn Write {
        &mut self.out
    }

    /// Writes a value as JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer_pretty(&mut self.out, value)?;
        self.line("")
    }

    /// Tells something by the way, on standard error.
    pub(crate) fn remark(&mut self, remark: &str) {
        // It is not what was asked for.
        let _ = self.out.flush();
        let _ = writeln!(self.err, "{DIM}{remark}{DIM:#}");
    }

    /// Names a command to try next. Programs don't need that.
    pub(crate) fn next(&mut self, command: &str) {
        if !self.is_json {
            self.remark(&format!("next: {command}"));
        }
    }

    /// Names this very command as the one to try next, with an option more.
    pub(crate) fn next_with(&mut self, option: &str) {
        self.next(format!("{} {option}", self.command).trim_end().to_owned().as_str());
    }

    /// Says why the command ends.
    pub(crate) fn fail(&mut self, failure: &Failure) {
        let Failure::Told(told) = failure else { return };
        let _ = self.out.flush();
        let _ = writeln!(self.err, "{BAD}error:{BAD:#} {}", told.message);
        // What is there shows what can be written.
        let usual = self.store.as_ref().map(|store| vec![format!("persistable ls {store}").trim_end().to_owned()]);
        let next = if told.next.is_empty() { usual.unwrap_or_default() } else { told.next.clone() };
        for command in next {
            let _ = writeln!(self.err, "{DIM}next: {command}{DIM:#}");
        }
    }

    /// Writes what is held back.
    pub(crate) fn flush(&mut self) -> Result<()> {
        Ok(self.out.flush()?)
    }

    /// Shows that something goes on, if it takes long and people are there.
    pub(crate) fn spinner(&self, what: &str) -> Bar {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        bar.set_style(style("{spinner} {msg} {elapsed}"));
        bar.set_message(what.to_owned());
        Bar::new(bar)
    }

    /// Shows how many bytes are done.
    pub(crate) fn bytes_bar(&self, what: &str, bytes: u64) -> Bar {
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::hidden());
        bar.set_style(style(
            "{msg} {wide_bar} {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left",
        ));
        bar.set_message(what.to_owned());
        Bar::new(bar)
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A progress bar, which goes when it is dropped.
pub(crate) struct Bar {
    bar: ProgressBar,
    /// When it is dropped, the bar is not shown any more.
    going_on: Option<Sender<()>>,
}

impl Bar {
    fn new(bar: ProgressBar) -> Self {
        let going_on = io::stderr().is_terminal().then(|| show_later(bar.clone()));
        Self { bar, going_on }
    }

    /// Says how many bytes are done.
    pub(crate) fn set(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }

    /// Says how many bytes there are.
    pub(crate) fn set_length(&self, bytes: u64) {
        self.bar.set_length(bytes);
    }

    /// Says that so many more bytes are done.
    pub(crate) fn add(&self, bytes: u64) {
        self.bar.inc(bytes);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.going_on = None;
        self.bar.finish_and_clear();
    }
}

/// Shows a bar, if what it tells of still goes on after a while.
fn show_later(bar: ProgressBar) -> Sender<()> {
    let (going_on, ended) = mpsc::channel();
    thread::spawn(move || {
        if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(TICK);
        }
    });
    going_on
}
