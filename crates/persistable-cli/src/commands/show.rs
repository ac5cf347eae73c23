//! One artifact: all that is known of it.

use persistable_catalogue::Address;
use persistable_store::{Digest, Labels, Manifest};
use serde_json::{Value, json};

use crate::commands::labels;
use crate::console::{BAD, BOLD, Console, DIM};
use crate::failure::{Exit, Result};
use crate::params;
use crate::people::{age_of, clean, cut, duration, size};
use crate::preview;
use crate::selection::Words;
use crate::session::Session;

/// So many characters of a line are shown.
const MOST: usize = 100;

/// Show one artifact: params, where it comes from, code, environment, files, and a look at the payload
#[derive(clap::Args, Debug)]
pub(crate) struct Show {
    #[command(flatten)]
    words: Words,
    /// Leave out the look at the payload
    #[arg(long)]
    no_preview: bool,
}

impl Show {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let words = self.words.list();
        let (mut session, rest) = Session::open(&words, console)?;
        let artifact = session.one(rest)?;
        let manifest = session.catalogue.manifest(&artifact)?;
        let labels = session.store().labels(&artifact.stem)?;
        let tree = params::tree(&mut session.catalogue, &manifest);
        let environment = environment(&session, manifest.provenance.environment);
        if console.is_json {
            let record = json!({
                "name": artifact.name,
                "key": artifact.key,
                "short": artifact.short,
                "state": artifact.state,
                "labels": labels,
                "params_tree": tree,
                "environment": environment,
                "manifest": manifest,
            });
            console.json(&record)?;
            return Ok(Exit::Done);
        }
        head(console, &artifact, &manifest, &labels)?;
        section(console, "params", &params::lines(&tree, MOST))?;
        section(console, "made by", &origin(&manifest))?;
        section(console, "made from", &dependencies(&mut session, &manifest))?;
        section(console, "inputs", &inputs(&manifest))?;
        section(console, "environment", &environment.map(|record| params::lines(&record, MOST)).unwrap_or_default())?;
        section(console, "files", &files(&manifest))?;
        if !self.no_preview && artifact.state == persistable_catalogue::State::Whole {
            section(console, "payload", &preview::lines(session.store(), &manifest, console.width.unwrap_or(MOST)))?;
        }
        console.next(&session.command("why", &artifact.short));
        Ok(Exit::Done)
    }
}

fn head(console: &mut Console, artifact: &Address, manifest: &Manifest, labels: &Labels) -> Result<()> {
    console.line(format!("{BOLD}{}{BOLD:#} {}  {DIM}{}{DIM:#}", artifact.name, artifact.short, artifact.key))?;
    let when = age_of(&manifest.provenance.persisted_at).unwrap_or_default();
    let took = manifest.provenance.generation_seconds.map(|took| format!(", generated in {}", duration(took)));
    let size = size(manifest.payload.size_bytes);
    console.line(format!("{size}, persisted {when}{}", took.unwrap_or_default()))?;
    if artifact.state != persistable_catalogue::State::Whole {
        let problem = artifact.problem.as_deref().map(|problem| format!(": {}", clean(problem))).unwrap_or_default();
        console.line(format!("{BAD}{}{BAD:#}{problem}", artifact.state.as_str()))?;
    }
    if !labels.is_empty() {
        console.line(labels::told(labels))?;
    }
    Ok(())
}

/// Writes pairs of a name and a value under a heading.
fn section(console: &mut Console, heading: &str, lines: &[(String, String)]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    console.line(format!("{BOLD}{heading}{BOLD:#}"))?;
    let widest = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    for (name, value) in lines {
        let line = format!("  {name:<widest$}  {value}");
        console.line(line.trim_end())?;
    }
    Ok(())
}

fn origin(manifest: &Manifest) -> Vec<(String, String)> {
    let provenance = &manifest.provenance;
    let code = manifest.code.as_ref().and_then(|code| code.digests.values().next()).map(ToString::to_string);
    let program = match (&provenance.program, &provenance.program_version) {
        (Some(program), Some(version)) => Some(format!("{program} {version}")),
        (program, _) => program.clone(),
    };
    let told = [
        ("at", Some(provenance.persisted_at.clone())),
        ("program", program),
        ("host", provenance.host.clone()),
        ("library", provenance.library.clone()),
        ("step", manifest.step_type.clone()),
        ("version", manifest.version.clone()),
        ("code", code.as_deref().and_then(|code| code.get(..12)).map(str::to_owned)),
        ("revision", provenance.source_revision.clone()),
    ];
    let shown = |(name, value): (&str, Option<String>)| value.map(|value| (name.to_owned(), cut(&value, MOST)));
    told.into_iter().filter_map(shown).collect()
}

fn dependencies(session: &mut Session, manifest: &Manifest) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for dependency in &manifest.dependencies {
        let stem = format!("{}({})", dependency.payload_name, dependency.key.get(..32).unwrap_or_default());
        let known = session.catalogue.find(&stem).ok();
        let short = known.as_ref().map_or_else(|| dependency.key.get(..8).unwrap_or_default(), |known| &known.short);
        let is_there = known.as_ref().is_some_and(|known| known.state.is_there());
        let remark = if is_there { "" } else { "  not there" };
        lines.push((dependency.payload_name.clone(), format!("{short}{remark}")));
    }
    lines
}

fn inputs(manifest: &Manifest) -> Vec<(String, String)> {
    let shown = manifest.inputs.iter().map(|input| {
        let digest = input.digest.to_string();
        let text =
            format!("{}  {}  {}", cut(&input.path, MOST), size(input.size_bytes), digest.get(..12).unwrap_or_default());
        (clean(&input.param), text)
    });
    shown.collect()
}

fn files(manifest: &Manifest) -> Vec<(String, String)> {
    let payload = &manifest.payload;
    let digest = payload.digest.to_string();
    let text = format!("{}  {}  {}", payload.io, size(payload.size_bytes), digest.get(..12).unwrap_or_default());
    let mut lines = vec![(clean(&payload.file), text)];
    for file in payload.files.iter().flatten() {
        lines.push((format!("  {}", clean(&file.path)), size(file.size_bytes)));
    }
    lines
}

fn environment(session: &Session, digest: Option<Digest>) -> Option<Value> {
    serde_json::from_slice(&session.store().record(digest?).ok()??).ok()
}
