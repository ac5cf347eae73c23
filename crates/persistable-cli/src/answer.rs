//! The answer to the question why, for people.

use persistable_catalogue::{Address, Answer, Happening, Log, LogEntry, LogFilter, LogLevel, Nearest, Why};
use serde_json::json;

use crate::console::{BAD, BOLD, Console, DIM};
use crate::differences;
use crate::failure::{Exit, Result};
use crate::people::{age, age_of, clean, counted, cut, duration, moment, quoted};
use crate::records::of_entry;
use crate::session::Session;

/// So many entries of the log are looked at.
const MOST_ENTRIES: usize = 200;
/// So many failures of a step without results are told.
const MOST_FAILURES: usize = 3;
/// So many characters of an entry are shown.
const MOST_CHARACTERS: usize = 160;

/// Writes an answer: what is so, what is nearest, what differs, and what to do next.
pub(crate) fn write(console: &mut Console, session: &mut Session, why: &Why) -> Result<()> {
    let here = why.answers.iter().find_map(|answer| match answer {
        Answer::Here { artifact } => Some(artifact),
        _ => None,
    });
    match here {
        Some(artifact) => {
            let is_removal_known = why.answers.iter().any(|answer| matches!(answer, Answer::Removed { .. }));
            generated(console, session, artifact)?;
            before(console, session, artifact, is_removal_known)?;
        }
        None => {
            let key = why.key.as_deref().and_then(|key| key.get(..8)).map(|key| format!(" {key}")).unwrap_or_default();
            console.line(format!("{BOLD}{}{BOLD:#}{key} is not persisted", why.name))?;
        }
    }
    for answer in &why.answers {
        tell(console, answer, here.is_some())?;
    }
    nearest(console, why, here.is_some())?;
    if let Some(best) = why.nearest.first() {
        let short = &best.artifact.short;
        match here {
            Some(artifact) => console.next(&session.command("diff", &format!("{short} {}", artifact.short))),
            None => console.next(&session.command("show", short)),
        }
    }
    Ok(())
}

/// Says when and how an artifact was generated.
fn generated(console: &mut Console, session: &Session, artifact: &Address) -> Result<()> {
    let provenance = session.catalogue.manifest(artifact)?.provenance;
    let when = age_of(&provenance.persisted_at).unwrap_or_default();
    let took = provenance.generation_seconds.map(|seconds| format!(", in {}", duration(seconds))).unwrap_or_default();
    let by = provenance.program.map(|program| format!(" by {}", clean(&program))).unwrap_or_default();
    let host = provenance.host.map(|host| format!(" on {}", clean(&host))).unwrap_or_default();
    console.line(format!("{BOLD}{}{BOLD:#} {} was generated {when}{took}{by}{host}", artifact.name, artifact.short))
}

/// If it was generated before, tells what the log says of it since then.
fn before(console: &mut Console, session: &Session, artifact: &Address, is_removal_known: bool) -> Result<()> {
    let Some(Earlier { at, since }) = earlier(session, artifact) else { return Ok(()) };
    let former = age(at);
    if since.is_empty() && !is_removal_known {
        let guess = "As nothing else is known, generate() was called, or its files were deleted by hand";
        return console.line(format!("  it was generated before, {former}. {guess}"));
    }
    console.line(format!("  it was generated before, {former}"))?;
    let is_known = |entry: &&LogEntry| is_removal_known && entry.happening == Happening::Removed;
    // Each run warns anew: of the same message, the last one is told.
    let mut told: Vec<&LogEntry> = Vec::new();
    for entry in since.iter().rev().filter(|entry| !is_known(entry)) {
        if told.iter().all(|later| later.message != entry.message) {
            told.push(entry);
        }
    }
    for entry in told.iter().rev() {
        console.line(format!("  {}, the log says: {}", age(entry.at), cut(&entry.message, MOST_CHARACTERS)))?;
    }
    Ok(())
}

/// An earlier generation, as the log tells of it.
struct Earlier {
    /// When it ended, in milliseconds since 1970.
    at: i64,
    /// What may say why it was generated again.
    since: Vec<LogEntry>,
}

/// Returns the generation before the last one, if the log tells of one. A store may have no log, and it need not be complete.
fn earlier(session: &Session, artifact: &Address) -> Option<Earlier> {
    let filter = LogFilter::new().step(artifact.name.as_str()).key(artifact.key.as_str());
    let entries = Log::of(session.store()).and_then(|mut log| log.last(MOST_ENTRIES, &filter)).ok()?;
    let is_generated = |entry: &&LogEntry| matches!(entry.happening, Happening::Generated { .. });
    let mut times = entries.iter().rev().filter(is_generated).map(|entry| entry.at);
    let (last, at) = (times.next()?, times.next()?);
    let since = entries.into_iter().filter(|entry| entry.at > at && entry.at < last && is_telling(entry)).collect();
    Some(Earlier { at, since })
}

/// Returns an answer for programs: what is so, what is nearest, and of what is there, when and how it was generated.
pub(crate) fn record_of(session: &Session, why: &Why) -> Result<serde_json::Value> {
    let mut record = json!(why);
    let here = why.answers.iter().find_map(|answer| match answer {
        Answer::Here { artifact } => Some(artifact),
        _ => None,
    });
    let (Some(artifact), Some(members)) = (here, record.as_object_mut()) else { return Ok(record) };
    let provenance = session.catalogue.manifest(artifact)?.provenance;
    let generated = json!({
        "at": provenance.persisted_at,
        "seconds": provenance.generation_seconds,
        "program": provenance.program,
        "host": provenance.host,
    });
    members.insert("generated".to_owned(), generated);
    if let Some(Earlier { at, since }) = earlier(session, artifact) {
        let log: Vec<_> = since.iter().map(of_entry).collect();
        members.insert("generated_before".to_owned(), json!({ "at": moment(at), "log": log }));
    }
    Ok(record)
}

/// Whether an entry of the log can say why something is generated again.
fn is_telling(entry: &LogEntry) -> bool {
    let is_grave = matches!(entry.level, LogLevel::Warning | LogLevel::Error);
    is_grave || matches!(entry.happening, Happening::Removed | Happening::Quarantined | Happening::Failed)
}

/// Answers for a step without results: tells what the log says of it, such as why a generation failed.
pub(crate) fn of_log(console: &mut Console, session: &Session, name: &str) -> Result<Exit> {
    let entries = Log::of(session.store())?.last(MOST_ENTRIES, &LogFilter::new().step(name))?;
    let telling: Vec<&LogEntry> = entries.iter().filter(|entry| is_telling(entry)).collect();
    let last = telling.get(telling.len().saturating_sub(MOST_FAILURES)..).unwrap_or_default();
    if console.is_json {
        let log: Vec<_> = last.iter().map(|entry| of_entry(entry)).collect();
        console
            .json(&json!([{ "name": name, "key": null, "answers": [], "nearest": [], "compared": 0, "log": log }]))?;
        return Ok(Exit::Done);
    }
    console.line(format!("{BOLD}{name}{BOLD:#} is not persisted. No result of it is here"))?;
    for entry in last {
        let key = entry.key.get(..8).unwrap_or(&entry.key);
        console.line(format!(
            "  {}, the log says of {key}: {}",
            age(entry.at),
            cut(&entry.message, MOST_CHARACTERS)
        ))?;
    }
    console.next(&session.command("log", &quoted(name)));
    Ok(Exit::Done)
}

fn tell(console: &mut Console, answer: &Answer, is_here: bool) -> Result<()> {
    let told = match answer {
        Answer::Here { .. } => return Ok(()),
        Answer::Unusable { artifact, state, problem } => {
            format!("{BAD}{} is {}{BAD:#}: {}", artifact.short, state.as_str(), clean(problem))
        }
        Answer::Removed { removed_at, reason, program, is_there_again } => {
            let when = age_of(removed_at).unwrap_or_else(|| removed_at.clone());
            let by = program.as_deref().map(|program| format!(" by {}", clean(program))).unwrap_or_default();
            let again = if *is_there_again { ", so it was generated again" } else { "" };
            format!("it was removed {when}{by}, because {}{again}", clean(reason))
        }
        Answer::LookAlike { artifact } => {
            format!("{} looks the same, but some values are of another kind, such as 1 and 1.0", artifact.short)
        }
        Answer::OtherVersion { artifact } => format!("{} is the same, but for the version of the step", artifact.short),
        Answer::ParamAdded { artifact, params } => format!(
            "{} is the same, but lacks {}. If the param is new, _added_with_defaults keeps the earlier results",
            artifact.short,
            params.join(", ")
        ),
        Answer::ParamRenamed { artifact, from, to } => format!(
            "{} is the same, but there {from} is the name of {to}. To keep the earlier results: \
             _renamed_attributes = {{\"{to}\": \"{from}\"}}",
            artifact.short
        ),
        Answer::OtherName { artifact } => {
            format!("{} {} has the same params and dependencies", artifact.name, artifact.short)
        }
        Answer::NothingOfThisName { names } if names.is_empty() => "the store is empty".to_owned(),
        Answer::NothingOfThisName { names } => format!("nothing of this name is here. There are {}", names.join(", ")),
        Answer::First if is_here => "no other artifact of this name was here before it".to_owned(),
        _ => return Ok(()),
    };
    console.line(format!("  {told}"))
}

fn nearest(console: &mut Console, why: &Why, is_here: bool) -> Result<()> {
    if why.nearest.is_empty() {
        return Ok(());
    }
    let were = match (is_here, why.compared) {
        (true, 1) => "that was there before",
        (true, _) => "that were there before",
        (false, 1) => "that is there",
        (false, _) => "that are there",
    };
    let compared = counted(why.compared, "artifact");
    console.line(format!("nearest of {compared} of {} {were}, and what differs:", why.name))?;
    for near in &why.nearest {
        head(console, near)?;
        differences::write(console, &near.differences, "      ")?;
    }
    Ok(())
}

fn head(console: &mut Console, near: &Nearest) -> Result<()> {
    let age = near.persisted.map(age).unwrap_or_default();
    let count = counted(near.differences.len(), "difference");
    console.line(format!("  {BOLD}{}{BOLD:#}  {DIM}{age}, {count}{DIM:#}", near.artifact.short))
}
