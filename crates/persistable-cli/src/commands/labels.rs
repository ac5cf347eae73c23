//! Tags, pins and notes: what people say of artifacts.

use persistable_catalogue::Labels;
use serde_json::json;

use crate::console::{BOLD, Console};
use crate::failure::{Exit, Failure, Result};
use crate::people::clean;
use crate::selection::Words;
use crate::session::Session;

/// Tag artifacts: words such as `best` that filters know as .tag
#[derive(clap::Args, Debug)]
pub(crate) struct Tag {
    #[command(flatten)]
    words: Words,
    /// Add these tags
    #[arg(long, short, value_name = "TAGS", value_delimiter = ',')]
    add: Vec<String>,
    /// Remove these tags
    #[arg(long, short, value_name = "TAGS", value_delimiter = ',')]
    remove: Vec<String>,
}

/// Pin artifacts, so that rm and gc leave them
#[derive(clap::Args, Debug)]
pub(crate) struct Pin {
    #[command(flatten)]
    words: Words,
    /// Say why
    #[arg(long, short, value_name = "TEXT", default_value = "", hide_default_value = true)]
    because: String,
    /// Take the pin off
    #[arg(long)]
    off: bool,
}

/// Write a note about artifacts
#[derive(clap::Args, Debug)]
pub(crate) struct Note {
    #[command(flatten)]
    words: Words,
    /// The note
    #[arg(long, short, value_name = "TEXT")]
    text: Option<String>,
    /// Remove the note
    #[arg(long, conflicts_with = "text")]
    off: bool,
}

impl Tag {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        if self.add.is_empty() && self.remove.is_empty() {
            return Err(Failure::usage("which tags? Give --add or --remove").next("persistable help tag"));
        }
        change(console, &self.words, "tag", |labels| {
            labels.tags.extend(self.add.iter().cloned());
            labels.tags.retain(|tag| !self.remove.contains(tag));
        })
    }
}

impl Pin {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        change(console, &self.words, "pin", |labels| labels.pinned = (!self.off).then(|| self.because.clone()))
    }
}

impl Note {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        if self.text.is_none() && !self.off {
            return Err(Failure::usage("which note? Give --text, or --off to remove it").next("persistable help note"));
        }
        change(console, &self.words, "note", |labels| labels.note.clone_from(&self.text))
    }
}

fn change(console: &mut Console, words: &Words, command: &str, change: impl Fn(&mut Labels)) -> Result<Exit> {
    let words = words.list();
    let (mut session, rest) = Session::open(&words, console)?;
    let selected = session.select_aloud(rest, console)?;
    if selected.is_all {
        let message = format!("which artifacts? Give keys, or a payload name and a filter, to {command}");
        return Err(Failure::usage(message).next(session.command("ls", "")));
    }
    let artifacts = session.addresses(&selected.query.columns([]))?;
    if artifacts.is_empty() {
        return Err(Failure::new(Exit::NotFound, "nothing is selected").next(session.command("ls", "")));
    }
    let mut records = Vec::new();
    for artifact in &artifacts {
        let labels = session.catalogue.label(artifact, &change)?;
        if console.is_json {
            records
                .push(json!({ "name": artifact.name, "key": artifact.key, "short": artifact.short, "labels": labels }));
        } else {
            let told = told(&labels);
            console.line(format!("{BOLD}{}{BOLD:#} {}  {told}", artifact.name, artifact.short))?;
        }
    }
    if console.is_json {
        console.json(&records)?;
    }
    Ok(Exit::Done)
}

/// Says what people say of an artifact.
pub(crate) fn told(labels: &Labels) -> String {
    let mut parts = Vec::new();
    match labels.pinned.as_deref() {
        None => {}
        Some("") => parts.push("pinned".to_owned()),
        Some(why) => parts.push(format!("pinned: {}", clean(why))),
    }
    if !labels.tags.is_empty() {
        let tags: Vec<String> = labels.tags.iter().map(|tag| clean(tag)).collect();
        parts.push(format!("tags: {}", tags.join(", ")));
    }
    if let Some(note) = &labels.note {
        parts.push(format!("note: {}", clean(note)));
    }
    if parts.is_empty() { "no labels".to_owned() } else { parts.join("; ") }
}
