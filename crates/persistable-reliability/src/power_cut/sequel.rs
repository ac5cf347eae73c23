//! What goes before a cut: a process is killed and a later run cleans up, or a sync fails and the process tries again.

use crate::calls::Call;
use crate::parallel;
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::{Run, spread};
use crate::scenario::{Scenario, Stage};
use crate::servers::Servers;

use super::recorded::{Recorded, SHAPES};

/// What happens to a call.
struct Event {
    name: &'static str,
    inject: &'static str,
    /// What the process does, and what a later one does.
    verb: &'static str,
    later: Option<&'static [&'static str]>,
    is_for: fn(&Call) -> bool,
}

const EVENTS: [Event; 2] = [
    Event { name: "a kill", inject: "signal=SIGKILL", verb: "persist", later: Some(&LATER), is_for: |_| true },
    Event { name: "a failed sync", inject: "error=EIO", verb: "insist", later: None, is_for: Call::is_sync },
];

/// It sweeps what a process left that was killed.
const LATER: [&str; 5] = ["persist", "file", "2", "other", "fast"];

/// Lets each happen at each call in turn; returns how many states were tried.
pub(super) fn try_all(run: &Run, stage: &Stage, readers: &[Servers], report: &mut Report) -> Result<usize> {
    let mut table = Table::new(&[
        "persist",
        "payload",
        "over",
        "after",
        "calls, in turn",
        "states possible",
        "tried",
        "acknowledged",
    ]);
    let mut total = 0;
    let is_tried = |scenario: &Scenario| SHAPES.contains(&scenario.shape) && !scenario.actor.is_python();
    // Both languages write by the same code.
    for scenario in Scenario::all(run).into_iter().filter(is_tried) {
        for event in &EVENTS {
            let calls = scenario.calls(run, stage)?.into_iter().filter(event.is_for).collect();
            let calls = run.sample(calls, 10);
            let (mut possible, mut tried, mut acknowledged) = (0, 0, 0);
            for call in &calls {
                let found = try_one(run, stage, &scenario, event, call, readers)?;
                possible += found.possible;
                tried += found.tried;
                acknowledged += found.acknowledged;
                report.fail_all(found.wrong);
            }
            total += tried;
            let figures = [calls.len(), possible, tried, acknowledged].map(|figure| figure.to_string());
            table.row(scenario.cells().into_iter().chain([event.name.to_owned()]).chain(figures));
        }
    }
    report.say(
        "*A power cut after another fault.* This is done in two ways:\n\
         \n\
         - A process is killed at one of its calls, and a later run cleans up. Then the power is cut. The \
         old or the new payload loads.\n\
         - A sync fails (EIO), and the process persists the same payload again. By then, the system may \
         have forgotten that the bytes are not on the disk. So no later sync of that file counts. If the \
         second try is acknowledged, the new payload is there.\n\
         \n\
         If there are too many states after a call, a sample is tried.",
    );
    report.table(table);
    Ok(total)
}

#[derive(Default)]
struct Found {
    possible: usize,
    tried: usize,
    acknowledged: usize,
    wrong: Vec<String>,
}

fn try_one(
    run: &Run,
    stage: &Stage,
    scenario: &Scenario,
    event: &Event,
    call: &Call,
    readers: &[Servers],
) -> Result<Found> {
    let (inject, task) = (call.injecting(event.inject), scenario.task(event.verb));
    let mut processes: Vec<(&[&str], Option<&str>)> = vec![(&task, Some(&inject))];
    processes.extend(event.later.map(|later| (later, None)));
    let recorded = Recorded::new(run, stage, scenario, &processes)?;
    let title = format!("{}, after {} ({} {})", scenario.title(), event.name, call.name, call.n);
    // A killed process says nothing any more. One that tries again is done, unless that failed as well.
    let is_as_expected = match event.later {
        Some(_) => !recorded.is_acknowledged,
        None => recorded.is_acknowledged || recorded.failures > 1,
    };
    if !is_as_expected {
        return Err(format!("{title}: that did not happen").into());
    }
    let states = recorded.states();
    let possible = states.len();
    let (ends, amid): (Vec<_>, Vec<_>) = states.into_iter().partition(|state| state.is_acknowledged);
    let most = if run.is_quick { 8 } else { 120 };
    let states: Vec<_> = spread(ends, most * 2).into_iter().chain(spread(amid, most)).collect();
    let outcomes = parallel::map(&states, |state| recorded.check(run, state, "synced", readers.iter().take(1)))?;
    let wrong = outcomes.into_iter().flat_map(|checked| checked.wrong);
    Ok(Found {
        possible,
        tried: states.len(),
        acknowledged: states.iter().filter(|state| state.is_acknowledged).count(),
        wrong: wrong.map(|problem| format!("{title}: {problem}")).collect(),
    })
}
