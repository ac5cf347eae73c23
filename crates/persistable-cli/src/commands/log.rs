//! What happened, over all steps.

use std::thread;
use std::time::{Duration, SystemTime};

use persistable_catalogue::{Log as Lines, LogEntry, LogFilter, LogLevel, Query};

use crate::console::{BAD, BOLD, Console, DIM};
use crate::failure::{Exit, Failure, Result};
use crate::named_store::{self, NamedStore};
use crate::people::{clean, moment, to_span};
use crate::records::of_entry;
use crate::session::{Session, command_of};

/// New entries are looked for so often.
const PAUSE: Duration = Duration::from_millis(500);

/// Show what happened: generated, loaded, missed, removed, failed
#[derive(clap::Args, Debug)]
pub(crate) struct Log {
    /// The store: a folder or a URL. Without it, PERSISTABLE_STORE says it, or the working folder
    #[arg(value_name = "STORE", value_hint = clap::ValueHint::AnyPath)]
    store: Option<String>,
    /// Payload names, or the first digits of a key
    #[arg(value_name = "STEP")]
    steps: Vec<String>,
    /// Go on, and show what is added
    #[arg(long, short)]
    follow: bool,
    /// Show the last so many
    #[arg(long, short = 'n', value_name = "NUMBER", allow_negative_numbers = true, default_value_t = 20)]
    limit: usize,
    /// Show what is at least so grave: debug, info, warning or error
    #[arg(long, value_name = "LEVEL", hide_possible_values = true)]
    level: Option<Level>,
    /// Show what happened since then, such as 1h or 7d
    #[arg(long, value_name = "AGE", value_parser = to_span)]
    since: Option<Duration>,
    /// Show what has this text
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Level {
    Debug,
    Info,
    Warning,
    Error,
}

impl Log {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let words: Vec<String> = self.store.iter().chain(&self.steps).cloned().collect();
        let (named, rest) = named_store::take(&words)?;
        let prefix = named.prefix.clone();
        if self.limit == 0 && !self.follow {
            return Err(Failure::usage("with --limit 0, nothing is shown").next("persistable help log"));
        }
        let mut lines = Lines::of(&named.store)?;
        let (steps, keys): (Vec<_>, Vec<_>) = rest.iter().partition(|word| lines.has(word) || !is_key(word));
        let filter = self.filter(&steps, &keys);
        let entries = lines.last(self.limit, &filter)?;
        let unknown: Vec<&String> = steps.into_iter().filter(|name| !lines.has(name)).collect();
        if !unknown.is_empty()
            && let Err(failure) = known(named, console, &unknown)
        {
            match &failure {
                // It may begin to log.
                Failure::Told(told) if self.follow && told.exit == Exit::NotFound => console.remark(&told.message),
                _ => return Err(failure),
            }
        }
        if !self.follow {
            if console.is_json {
                console.json(&entries.iter().map(of_entry).collect::<Vec<_>>())?;
            } else if entries.is_empty() {
                console.remark("the log has no such entry");
                console.next(&command_of("ls", &prefix, ""));
            }
        }
        if self.follow || !console.is_json {
            show(console, &entries)?;
        }
        if !self.follow {
            return Ok(Exit::Done);
        }
        // Until it is interrupted, or nobody reads the output.
        loop {
            console.flush()?;
            thread::sleep(PAUSE);
            show(console, &lines.added(&filter)?)?;
        }
    }

    fn filter(&self, steps: &[&String], keys: &[&String]) -> LogFilter {
        let mut filter = LogFilter::new();
        for name in steps {
            filter = filter.step(name.as_str());
        }
        for digits in keys {
            filter = filter.key(digits.as_str());
        }
        if let Some(level) = self.level {
            filter = filter.level(match level {
                Level::Debug => LogLevel::Debug,
                Level::Info => LogLevel::Info,
                Level::Warning => LogLevel::Warning,
                Level::Error => LogLevel::Error,
            });
        }
        if let Some(age) = self.since {
            let then = SystemTime::now().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
            let then = then.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            filter = filter.since(i64::try_from(then.as_millis()).unwrap_or_default());
        }
        if let Some(text) = &self.text {
            filter = filter.text(text.as_str());
        }
        filter
    }
}

fn is_key(word: &str) -> bool {
    word.len() >= 4 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Fails for names that no log has, and no artifact either.
fn known(named: NamedStore, console: &mut Console, names: &[&String]) -> Result<()> {
    let mut session = Session::of(named, console)?;
    for name in names {
        if !session.catalogue.knows(name)? {
            // It says which names there are, and which one may be meant.
            session.catalogue.table(&Query::new().step(name.as_str()).limit(0))?;
        }
    }
    Ok(())
}

/// Programs read one entry a line, as more may follow.
fn show(console: &mut Console, entries: &[LogEntry]) -> Result<()> {
    for entry in entries {
        if console.is_json {
            let line = serde_json::to_string(&of_entry(entry)).map_err(Failure::from)?;
            console.line(line)?;
            continue;
        }
        let when = moment(entry.at).unwrap_or_default();
        let when = when.get(..19).unwrap_or(&when).replace('T', " ");
        // Errors have several lines.
        let message = entry.message.lines().map(clean).collect::<Vec<_>>().join("\n    ");
        let message = match entry.level {
            LogLevel::Warning | LogLevel::Error => format!("{BAD}{message}{BAD:#}"),
            _ => message,
        };
        let key = entry.key.get(..8).unwrap_or(&entry.key);
        console.line(format!("{DIM}{when}{DIM:#}  {BOLD}{}{BOLD:#} {key}  {message}", entry.name))?;
    }
    Ok(())
}
