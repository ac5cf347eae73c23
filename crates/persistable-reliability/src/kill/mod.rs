//! A process that persists is killed, or stopped, at each system call that changes something.

mod stop;

use std::os::unix::process::ExitStatusExt as _;

use crate::calls::Call;
use crate::parallel;
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::{Run, own_entries};
use crate::scenario::{Scenario, Stage};

const SIGKILL: i32 = 9;

pub(crate) fn run(run: &Run) -> Result<Report> {
    let stage = Stage::new(run);
    let mut report = Report::default();
    let mut table = Table::new(&[
        "persist",
        "payload",
        "over",
        "calls",
        "killed",
        "nothing loads",
        "old",
        "new",
        "left in staging",
        "stopped",
    ]);
    let (mut kills, mut stops, mut persists) = (0, 0, 0);
    for scenario in Scenario::all(run) {
        let calls = scenario.calls(run, &stage)?;
        let count = calls.len();
        let is_sampled = scenario.actor.is_python() || !matches!(scenario.shape.as_str(), "file" | "folder");
        let killed_at = if is_sampled { run.sample(calls.clone(), 6) } else { calls.clone() };
        let stopped_at = run.sample(calls, if is_sampled { 1 } else { 4 });
        let killed = parallel::map(&killed_at, |call| kill(run, &stage, &scenario, call))?;
        let stopped = parallel::map(&stopped_at, |call| stop::stop(run, &stage, &scenario, call))?;
        kills += killed.len();
        stops += stopped.len();
        persists += 1;
        let tally = |what: &dyn Fn(&Killed) -> bool| killed.iter().filter(|killed| what(killed)).count().to_string();
        let figures = [
            count.to_string(),
            killed.len().to_string(),
            tally(&|killed| killed.loads.is_none()),
            tally(&|killed| killed.loads.as_deref() == Some("old")),
            tally(&|killed| killed.loads.as_deref() == Some("new")),
            tally(&|killed| killed.left_in_staging > 0),
            stopped.len().to_string(),
        ];
        table.row(scenario.cells().into_iter().chain(figures));
        report.fail_all(killed.into_iter().flat_map(|killed| killed.wrong));
        report.fail_all(stopped.into_iter().flatten());
        if run.is_enough(&report) {
            break;
        }
    }
    report.say(format!(
        "A process that persists was killed {kills} times (SIGKILL). Each time, it was about to make \
         another one of the system calls that change the data folder. After each kill, this holds:\n\
         \n\
         - Every language loads the same. After a first persist, that is nothing or the new payload. After \
         a replacement, it is the old or the new payload, and never nothing.\n\
         - `load_generate` then loads what can be loaded, and otherwise generates once for all languages.\n\
         - Later runs leave nothing in staging, and nothing beside the artifacts.\n\
         \n\
         A process was also *stopped* {stops} times at the same calls (SIGSTOP). Other processes can still \
         load, and can persist other artifacts. They do not touch its files in staging. When it continues, \
         it completes."
    ));
    report
        .sum_up(format!("{kills} kills and {stops} stops, each at another system call of {persists} sorts of persist"));
    report.table(table);
    Ok(report)
}

/// What a kill left.
struct Killed {
    loads: Option<String>,
    left_in_staging: usize,
    wrong: Vec<String>,
}

fn kill(run: &Run, stage: &Stage, scenario: &Scenario, call: &Call) -> Result<Killed> {
    const WHAT: &str = "signal=SIGKILL";
    let folder = scenario.prepare(run, stage)?;
    let (traced, _) = scenario.run_with(call, WHAT, "persist", folder.path())?;
    let mut wrong = Vec::new();
    // strace ends as the traced process does.
    if traced.output.status.signal() != Some(SIGKILL) {
        wrong.push(format!("it was not killed, but came to {}", traced.outcome()));
    }
    let left_in_staging = own_entries(folder.path(), "staging").len();
    let loaded = scenario.check_left(stage, folder.path(), false, &mut wrong)?;
    let how = scenario.how(call, WHAT, "persist");
    let wrong = wrong.into_iter().map(|problem| format!("{how}: {problem}")).collect();
    let loads = loaded.and_then(|outcome| outcome.generation().map(str::to_owned));
    Ok(Killed { loads, left_in_staging, wrong })
}
