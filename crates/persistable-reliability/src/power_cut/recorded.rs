//! The disk after each call of a persist, and what loads from what a cut leaves of it.

use persistable_models::power_cut::{Disk, Moment, State, states};

use super::record;
use crate::outcome::Outcome;
use crate::problem::Result;
use crate::run::Run;
use crate::scenario::{Scenario, Stage};
use crate::servers::Servers;
use crate::shape::Shape;

/// Larger ones are written by the same calls, and more of them.
pub(super) const SHAPES: [Shape; 2] = [Shape::File, Shape::Folder];

/// What was done to a data folder, as it was recorded.
pub(super) struct Recorded<'a> {
    scenario: &'a Scenario,
    /// The disk after each call; the first before all.
    pub(super) moments: Vec<Moment>,
    /// Whether the persist was acknowledged at the end.
    pub(super) is_acknowledged: bool,
    /// How many calls were made to fail.
    pub(super) failures: usize,
}

impl<'a> Recorded<'a> {
    /// Records one process after another: each a task, and what strace is to make of it.
    pub(super) fn new(
        run: &Run,
        stage: &Stage,
        scenario: &'a Scenario,
        processes: &[(&[&str], Option<&str>)],
    ) -> Result<Self> {
        let folder = scenario.prepare(run, stage)?;
        // The paths of open files are those without links.
        let root = folder.path().canonicalize()?;
        let disk = Disk::of_folder(&root)?;
        let (mut done, mut is_acknowledged, mut failures) = (Vec::new(), false, 0);
        for (task, injecting) in processes {
            let (acts, traced) = record::record(&scenario.actor, task, *injecting, &root)?;
            is_acknowledged |= traced.outcome().generation() == Some("new");
            failures += traced.failures();
            done.extend(acts);
        }
        let moments = Moment::all(disk, &done).map_err(|problem| format!("{}: {problem}", scenario.title()))?;
        Ok(Self { scenario, moments, is_acknowledged, failures })
    }

    pub(super) fn states(&self) -> Vec<State> {
        states(&self.moments, self.is_acknowledged)
    }
}

/// What a state came to.
pub(super) struct Checked {
    /// `old`, `new`, or the kind of the error.
    pub(super) loads: String,
    pub(super) is_by_python: bool,
    pub(super) wrong: Vec<String>,
}

impl Recorded<'_> {
    pub(super) fn check<'a>(
        &self,
        run: &Run,
        state: &State,
        durability: &str,
        readers: impl Iterator<Item = &'a Servers>,
    ) -> Result<Checked> {
        let shape = self.scenario.shape.as_str();
        let (load, heal) = (["load", shape, "1"], ["load_generate", shape, "1", "healed", "fast"]);
        let mut wrong = Vec::new();
        let mut first = None;
        let mut is_by_python = false;
        for servers in readers {
            is_by_python |= servers.actor.is_python();
            let who = servers.actor.name();
            let folder = run.folder()?;
            state.write_out(&self.moments, folder.path())?;
            let loaded = servers.act(&load, folder.path())?;
            if !self.may_load(&loaded, state.is_acknowledged, durability) {
                wrong.push(format!("load in {who} comes to {loaded} {}", state.how(&self.moments)));
            }
            let healed = servers.act(&heal, folder.path())?;
            let expected = loaded.generation().unwrap_or("healed");
            if healed.generation() != Some(expected) {
                let how = state.how(&self.moments);
                wrong.push(format!("after {loaded}, load_generate in {who} comes to {healed} {how}"));
            }
            let again = servers.act(&load, folder.path())?;
            if again.generation() != Some(expected) {
                wrong.push(format!("once healed, load in {who} comes to {again} {}", state.how(&self.moments)));
            }
            first.get_or_insert(loaded);
        }
        let loads = match first {
            Some(Outcome::Payload { generation, .. }) => generation,
            Some(Outcome::Error { kind, .. }) => kind,
            _ => "nothing that is known".to_owned(),
        };
        Ok(Checked { loads, is_by_python, wrong })
    }

    fn may_load(&self, outcome: &Outcome, is_acknowledged: bool, durability: &str) -> bool {
        let is_error = |kinds: &[&str]| outcome.error_kind().is_some_and(|kind| kinds.contains(&kind));
        match (outcome.generation(), durability) {
            (Some("new"), _) => true,
            (Some("old"), "fast") => self.scenario.is_replacing,
            (Some("old"), _) => self.scenario.is_replacing && !is_acknowledged,
            (Some(_), _) => false,
            (None, "fast") => is_error(&["missing", "damaged"]),
            (None, _) => !self.scenario.is_replacing && !is_acknowledged && is_error(&["missing", "damaged"]),
        }
    }
}
