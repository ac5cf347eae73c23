//! Looking at what somebody else wrote, and signing it.

use std::os::unix::fs::MetadataExt;

use persistable_store::{Manifest, Store, may_run_code};
use serde_json::json;

use crate::account;
use crate::console::{BAD, BOLD, Console};
use crate::failure::{Exit, Failure, Result};
use crate::people::{age_of, clean, counted, size};
use crate::selection::Words;
use crate::session::Session;

/// Show what this account does not trust; --yes signs it, so that it is loaded
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Loading a pickle runs code. So this account loads only what it persisted, and what it trusts.
Before an artifact is signed, its payload is compared with its digest. If somebody replaces it later,
it is refused again.")]
pub(crate) struct Trust {
    #[command(flatten)]
    words: Words,
    /// Sign it with the key of this account
    #[arg(long, short)]
    yes: bool,
}

/// An artifact that is not trusted.
struct Untrusted {
    manifest: Manifest,
    short: String,
    why: String,
    owner: Option<String>,
}

impl Trust {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let words = self.words.list();
        let (mut session, rest) = Session::open(&words, console)?;
        let found = untrusted(console, &mut session, rest)?;
        let key = match (self.yes, found.is_empty()) {
            (true, false) => Some(account::key_to_sign().map_err(|problem| Failure::new(Exit::Unavailable, problem))?),
            _ => None,
        };
        let (mut records, mut exit) = (Vec::new(), Exit::Done);
        for untrusted in &found {
            let signed = key.as_ref().map(|key| sign(session.store(), &untrusted.manifest, key));
            if matches!(signed, Some(Err(_))) {
                exit = Exit::Found;
            }
            if console.is_json {
                records.push(untrusted.record(signed.as_ref()));
                continue;
            }
            let told = match &signed {
                None => String::new(),
                Some(Ok(())) => ": signed".to_owned(),
                Some(Err(problem)) => format!(": {BAD}not signed{BAD:#}: {problem}"),
            };
            console.line(format!("{}{told}", untrusted.line()))?;
        }
        if console.is_json {
            console.json(&records)?;
        } else if found.is_empty() {
            console.line("this account trusts all artifacts that are selected")?;
        } else if key.is_none() {
            console.line(format!("{} not trusted. Loading them may run code", counted(found.len(), "artifact")))?;
            console.remark("If you trust whoever wrote them, --yes signs them");
            console.next_with("--yes");
        }
        Ok(exit)
    }
}

fn untrusted(console: &mut Console, session: &mut Session, words: &[String]) -> Result<Vec<Untrusted>> {
    let selected = session.select(words)?;
    let artifacts = session.addresses(&selected.query.columns([]))?;
    let progress = console.spinner("looking at signatures");
    let keys = account::keys();
    let mut found = Vec::new();
    for artifact in artifacts {
        // What can't be read can't be loaded either.
        let Ok(manifest) = session.catalogue.manifest(&artifact) else { continue };
        if !may_run_code(&manifest.payload.io) {
            continue;
        }
        if let Some(why) = session.store().distrust(&manifest.id()?, &keys)? {
            let owner = owner(session.store(), &manifest);
            found.push(Untrusted { manifest, short: artifact.short, why: format!("{why:#}"), owner });
        }
    }
    drop(progress);
    Ok(found)
}

impl Untrusted {
    fn line(&self) -> String {
        let Manifest { payload_name, payload, provenance, .. } = &self.manifest;
        let told = |text: &Option<String>| text.as_deref().map_or_else(|| "?".to_owned(), clean);
        let when = age_of(&provenance.persisted_at).unwrap_or_default();
        let owner = self.owner.as_ref().map(|owner| format!("belongs to {owner}, ")).unwrap_or_default();
        let (program, host) = (told(&provenance.program), told(&provenance.host));
        format!(
            "{BOLD}{payload_name}{BOLD:#} {}  {}, {}, {owner}persisted {when} by {program} on {host}",
            self.short,
            clean(&payload.io),
            size(payload.size_bytes)
        )
    }

    fn record(&self, signed: Option<&Signed>) -> serde_json::Value {
        let provenance = &self.manifest.provenance;
        json!({
            "name": self.manifest.payload_name,
            "key": self.manifest.key,
            "short": self.short,
            "why": self.why,
            "payload_io": self.manifest.payload.io,
            "size_bytes": self.manifest.payload.size_bytes,
            "persisted_at": provenance.persisted_at,
            "program": provenance.program,
            "host": provenance.host,
            "owner": self.owner,
            "is_signed": matches!(signed, Some(Ok(()))),
            "problem": signed.and_then(|signed| signed.as_ref().err()),
        })
    }
}

/// Whether an artifact was signed, or why not.
type Signed = std::result::Result<(), String>;

/// Signs the artifact that was looked at, and no other one that took its place.
fn sign(store: &Store, manifest: &Manifest, key: &persistable_store::SigningKey) -> Signed {
    let signed = || -> persistable_store::Result<bool> {
        match store.find(&manifest.id()?)? {
            Some(artifact) if artifact.manifest().commit_id == manifest.commit_id => {
                store.sign(&artifact, key).map(|()| true)
            }
            _ => Ok(false),
        }
    };
    match signed() {
        Ok(true) => Ok(()),
        Ok(false) => Err("it was replaced in the meantime".to_owned()),
        Err(error) => Err(format!("{error:#}")),
    }
}

/// The account that the payload belongs to, if it is a file.
fn owner(store: &Store, manifest: &Manifest) -> Option<String> {
    let found = std::fs::symlink_metadata(store.path()?.join(&manifest.payload.file)).ok()?;
    let is_own = found.uid() == rustix::process::geteuid().as_raw();
    Some(if is_own { "this account".to_owned() } else { format!("user {}", found.uid()) })
}
