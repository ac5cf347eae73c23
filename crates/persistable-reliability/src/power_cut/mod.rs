//! The power is cut at each moment of a persist: all that a file system may have on the disk then is written out and loaded.

mod medium;
mod record;
mod recorded;
mod sequel;
mod states;

use std::collections::BTreeMap;

use crate::parallel;
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::{Run, spread};
use crate::scenario::{Scenario, Stage};
use crate::servers::Servers;
use recorded::{Recorded, SHAPES};
use states::State;

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
