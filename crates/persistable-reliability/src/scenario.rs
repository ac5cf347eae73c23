//! What is persisted, by whom and over what, while something happens to it.

use std::path::Path;

use tempfile::TempDir;

use crate::child::Actor;
use crate::outcome::Outcome;
use crate::problem::Result;
use crate::run::{Run, own_entries, strays};
use crate::servers::Servers;
use crate::shape::Shape;

/// The processes that prepare data folders, and those that look at them afterwards.
///
/// They are two sorts: a process sweeps a data folder once, and the later runs that are to sweep it must not have.
pub(crate) struct Stage {
    preparing: Vec<Servers>,
    looking: Vec<Servers>,
}

impl Stage {
    pub(crate) fn new(run: &Run) -> Self {
        let servers = || run.actors().into_iter().map(Servers::new).collect();
        Self { preparing: servers(), looking: servers() }
    }

    /// Returns those that can look at payloads of a shape, of all languages.
    pub(crate) fn looking_at(&self, shape: Shape) -> impl Iterator<Item = &Servers> {
        self.looking.iter().filter(move |servers| servers.actor.knows(shape))
    }
}

/// One persist.
#[derive(Clone)]
pub(crate) struct Scenario {
    pub(crate) actor: Actor,
    pub(crate) shape: Shape,
    pub(crate) is_replacing: bool,
}

impl Scenario {
    /// Returns all of a run.
    pub(crate) fn all(run: &Run) -> Vec<Self> {
        let mut all = Vec::new();
        for actor in run.actors() {
            for shape in actor.shapes() {
                for is_replacing in [false, true] {
                    all.push(Self { actor: actor.clone(), shape, is_replacing });
                }
            }
        }
        all
    }

    /// Says what it is, as the cells of a table.
    pub(crate) fn cells(&self) -> [String; 3] {
        let over = if self.is_replacing { "replacing" } else { "first" };
        [self.actor.name().to_owned(), self.shape.to_string(), over.to_owned()]
    }

    pub(crate) fn title(&self) -> String {
        self.cells().join(", ")
    }

    pub(crate) fn task(&self, verb: &'static str) -> [&'static str; 5] {
        [verb, self.shape.as_str(), "1", "new", "synced"]
    }

    /// Creates a data folder with what is there before.
    pub(crate) fn prepare(&self, run: &Run, stage: &Stage) -> Result<TempDir> {
        let folder = run.folder()?;
        if self.is_replacing {
            let servers = stage.preparing.iter().find(|servers| servers.actor.name() == self.actor.name());
            let servers = servers.ok_or("nobody prepares")?;
            let outcome = servers.act(&["persist", self.shape.as_str(), "1", "old", "fast"], folder.path())?;
            if outcome.generation() != Some("old") {
                return Err(format!("{}: what is to be replaced came to {outcome}", self.title()).into());
            }
        }
        Ok(folder)
    }

    /// Whether this may be what loads while the persist is under way or after it was broken off.
    pub(crate) fn may_load(&self, outcome: &Outcome, is_acknowledged: bool) -> bool {
        match outcome.generation() {
            Some("new") => true,
            Some("old") => self.is_replacing && !is_acknowledged,
            Some(_) => false,
            None => outcome.error_kind() == Some("missing") && !self.is_replacing && !is_acknowledged,
        }
    }

    /// Loads in all languages; returns what came of it, and appends what is wrong with it.
    pub(crate) fn load(
        &self,
        stage: &Stage,
        folder: &Path,
        is_acknowledged: bool,
        wrong: &mut Vec<String>,
    ) -> Result<Option<Outcome>> {
        let mut first = None;
        for servers in stage.looking_at(self.shape) {
            let outcome = servers.act(&["load", self.shape.as_str(), "1"], folder)?;
            if !self.may_load(&outcome, is_acknowledged) {
                wrong.push(format!("load in {} comes to {outcome}", servers.actor.name()));
            }
            let same = |other: &Outcome| other.generation() == outcome.generation();
            if !first.as_ref().is_none_or(same) {
                wrong.push(format!("what loads in {} is another: {outcome}", servers.actor.name()));
            }
            first.get_or_insert(outcome);
        }
        Ok(first)
    }

    /// Loads or generates in all languages, and appends what is wrong with it: what loads is not generated again, and what
    /// one generated the other loads.
    fn heal(&self, stage: &Stage, folder: &Path, loaded: Option<&Outcome>, wrong: &mut Vec<String>) -> Result<()> {
        let expected = loaded.and_then(Outcome::generation).unwrap_or("healed");
        for (servers, generation) in stage.looking_at(self.shape).zip(["healed", "healed-again"]) {
            let outcome = servers.act(&["load_generate", self.shape.as_str(), "1", generation], folder)?;
            if outcome.generation() != Some(expected) {
                wrong.push(format!(
                    "load_generate in {} comes to {outcome}, and not to {expected}",
                    servers.actor.name()
                ));
            }
        }
        Ok(())
    }

    /// Lets a later run persist something else, in each language, and appends what is wrong with it.
    pub(crate) fn persist_another(&self, stage: &Stage, folder: &Path, wrong: &mut Vec<String>) -> Result<()> {
        for (servers, n) in stage.looking_at(self.shape).zip(["2", "3"]) {
            let outcome = servers.act(&["persist", "file", n, "other", "fast"], folder)?;
            if outcome.generation() != Some("other") {
                wrong.push(format!("persisting another in {} comes to {outcome}", servers.actor.name()));
            }
        }
        Ok(())
    }

    /// Checks what a persist left that came to its end, whichever, and that all goes on from there; appends what is wrong.
    /// Returns what loads.
    pub(crate) fn check_left(
        &self,
        stage: &Stage,
        folder: &Path,
        is_acknowledged: bool,
        wrong: &mut Vec<String>,
    ) -> Result<Option<Outcome>> {
        let loaded = self.load(stage, folder, is_acknowledged, wrong)?;
        self.heal(stage, folder, loaded.as_ref(), wrong)?;
        self.persist_another(stage, folder, wrong)?;
        let left = own_entries(folder, "staging");
        if !left.is_empty() {
            wrong.push(format!("later runs left {left:?} in staging"));
        }
        let others = strays(folder);
        if !others.is_empty() {
            wrong.push(format!("later runs left {others:?} beside the artifacts"));
        }
        Ok(loaded)
    }
}
