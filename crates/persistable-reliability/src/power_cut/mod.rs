//! The power is cut at each moment of a persist: all that a file system may have on the disk then is written out and loaded.

mod record;
mod recorded;
mod sequel;

use std::collections::BTreeMap;

use persistable_models::power_cut::State;

use crate::parallel;
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::{Run, spread};
use crate::scenario::{Scenario, Stage};
use crate::servers::Servers;
use recorded::{Recorded, SHAPES};

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
        "The calls of a persist that change its data folder were recorded, with all bytes. For every \
         moment between two calls, the program builds each state that a file system may leave. If there are \
         too many states, it builds a sample.\n\
         \n\
         - If a file was synced, its bytes are on the disk. Otherwise they are there, missing, zeroed, cut \
         short, or mixed with earlier bytes.\n\
         - If a folder was synced, its entries are on the disk. Otherwise each entry is there or not, in \
         any order.\n\
         - If more than 9 entries may be lost, these states count as possible: one entry is lost or kept, \
         all entries from one on are lost, and 512 others.\n\
         \n\
         {total} different states were written out and loaded. What loads depends on the moment:\n\
         \n\
         - After the persist was acknowledged, the new payload loads.\n\
         - Before that, the old or the new payload loads.\n\
         - If nothing was there before, the result may also be nothing, or damage. Nobody was told to rely \
         on this payload.\n\
         - With durability *fast*, any of these may happen.\n\
         \n\
         A wrong payload never loads, and `load_generate` always gives a payload."
    ));
    report.table(table);
    let later = sequel::try_all(run, &stage, &readers, &mut report)?;
    report.sum_up(format!(
        "{total} states of the disk after a cut, and {later} where a kill or a failed sync went before"
    ));
    Ok(report)
}
