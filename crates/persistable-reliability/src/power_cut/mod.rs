//! The power is cut at each moment of a persist: all that a file system may have on the disk then is written out and loaded.

mod medium;
mod record;
mod sequel;
mod states;

use std::collections::BTreeMap;

use crate::Result;
use crate::child::Outcome;
use crate::parallel;
use crate::report::{Report, Table};
use crate::run::{Run, spread};
use crate::scenario::{Scenario, Stage};
use crate::servers::Servers;
use crate::shape::Shape;
use medium::Medium;
use states::{Moment, State};

/// Larger ones are written by the same calls, and more of them.
const SHAPES: [Shape; 2] = [Shape::File, Shape::Folder];
/// Holds what is never needed to read an artifact.
const OWN_FOLDER: &str = ".persistable";

pub(crate) fn run(run: &Run) -> Result<Report> {
    let stage = Stage::new(run);
    let readers: Vec<Servers> = run.actors().into_iter().map(Servers::new).collect();
    let mut report = Report::default();
    let mut table = Table::new(&[
        "persist",
        "payload",
        "over",
        "durability",
        "moments",
        "states possible",
        "tried",
        "nothing loads",
        "old",
        "new",
        "damaged",
        "also by Python",
    ]);
    let mut total = 0;
    for scenario in Scenario::all(run).into_iter().filter(|scenario| SHAPES.contains(&scenario.shape)) {
        for durability in ["synced", "fast"] {
            let task = ["persist", scenario.shape.as_str(), "1", "new", durability];
            let recorded = Recorded::new(run, &stage, &scenario, &[(&task, None)])?;
            if !recorded.is_acknowledged {
                return Err(format!("{}: undisturbed it is not done", scenario.title()).into());
            }
            let states = recorded.states();
            let possible = states.len();
            // Both languages write by the same code: the second is to show that, and no more.
            let most = if run.is_quick { 500 } else { 10_000 } / if scenario.actor.is_python() { 5 } else { 1 };
            let tried = spread(states, most);
            let numbered: Vec<(usize, State)> = tried.into_iter().enumerate().collect();
            let outcomes = parallel::map(&numbered, |(number, state)| {
                let is_python_asked = number % if run.is_quick { 50 } else { 10 } == 0;
                recorded.check(run, state, durability, readers.iter().take(if is_python_asked { 2 } else { 1 }))
            })?;
            let mut tally: BTreeMap<String, usize> = BTreeMap::new();
            for checked in outcomes {
                *tally.entry(checked.loads).or_default() += 1;
                *tally.entry("by Python".to_owned()).or_default() += usize::from(checked.is_by_python);
                let title = format!("{}, {durability}", scenario.title());
                report.fail_all(checked.wrong.into_iter().map(|problem| format!("{title}: {problem}")));
            }
            total += numbered.len();
            let mut figures = vec![
                durability.to_owned(),
                recorded.moments.len().to_string(),
                possible.to_string(),
                numbered.len().to_string(),
            ];
            for what in ["missing", "old", "new", "damaged", "by Python"] {
                figures.push(tally.get(what).copied().unwrap_or_default().to_string());
            }
            table.row(scenario.cells().into_iter().chain(figures));
            if run.is_enough(&report) {
                return Ok(report);
            }
        }
    }
    report.say(format!(
        "What a persist does to its data folder was recorded, byte by byte. For every moment between two calls, each state that a \
         file system may leave was put together, or a sample where they are too many: a file's bytes are on the disk once it was \
         synced, else they are there, missing, zeroed, cut short, or mixed with those before; an entry is on the disk once its folder \
         was synced, else there or not, each by itself, in no order (of more than 9 entries that may be lost, possible are called those \
         states where one is lost or kept by itself or all from one on are lost, and 512 others). {total} different states were written out and loaded. Those of the last moment are after the persist was acknowledged: \
         then the new payload is there. Before, it is the old or the new; where nothing was there before, nothing, the new, or damage, \
         which nobody was told to rely on. With durability *fast* any of them may be; no wrong payload ever loads, and `load_generate` \
         always gives one."
    ));
    report.table(table);
    let later = sequel::try_all(run, &stage, &readers, &mut report)?;
    report.sum_up(format!(
        "{total} states of the disk after a cut, and {later} where a kill or a failed sync went before"
    ));
    Ok(report)
}

/// What was done to a data folder, as it was recorded.
struct Recorded<'a> {
    scenario: &'a Scenario,
    /// The disk after each call; the first before all.
    moments: Vec<Moment>,
    /// Whether the persist was acknowledged at the end.
    is_acknowledged: bool,
}

impl<'a> Recorded<'a> {
    /// Records one process after another: each a task, and what strace is to make of it.
    fn new(run: &Run, stage: &Stage, scenario: &'a Scenario, processes: &[(&[&str], Option<&str>)]) -> Result<Self> {
        let folder = scenario.prepare(run, stage)?;
        // The paths of open files are those without links.
        let root = folder.path().canonicalize()?;
        let mut medium = Medium::of_folder(&root)?;
        let mut moments = vec![Moment { after: "nothing".to_owned(), medium: medium.clone() }];
        let mut is_acknowledged = false;
        for (task, injecting) in processes {
            let (acts, outcome) = record::record(&scenario.actor, task, *injecting, &root)?;
            is_acknowledged |= outcome.generation() == Some("new");
            for act in &acts {
                let shown = act.shown(&root);
                medium.act(act, &root).map_err(|problem| format!("{}: {problem}: {shown}", scenario.title()))?;
                moments.push(Moment { after: shown, medium: medium.clone() });
            }
        }
        Ok(Self { scenario, moments, is_acknowledged })
    }

    fn states(&self) -> Vec<State> {
        states::of_all(&self.moments, self.is_acknowledged)
    }
}

/// What a state came to.
struct Checked {
    /// `old`, `new`, or the kind of the error.
    loads: String,
    is_by_python: bool,
    wrong: Vec<String>,
}

impl Recorded<'_> {
    fn check<'a>(
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
