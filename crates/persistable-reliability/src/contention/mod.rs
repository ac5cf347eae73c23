//! Many threads and processes of both languages over few keys, with kills, removals, replacements and damage among them.

pub(crate) mod aftermath;
pub(crate) mod chance;
pub(crate) mod contender;
pub(crate) mod hammer;
pub(crate) mod handover;
pub(crate) mod journal;
pub(crate) mod role;
pub(crate) mod step;
mod verdict;

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) use self::role::{ARGUMENT, act};

use self::hammer::{Hammer, Hammered, Player};
use self::role::Arena;
use crate::child::Actor;
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::Run;

/// Longer than this nobody waits who need not. Only a full run judges times.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const LONGEST_HANDOVER: Duration = Duration::from_millis(500);
const LONGEST_IN_A_CROWD: Duration = Duration::from_secs(2);
/// What contends are so many processes, of so many threads each; one of each language is of more threads.
const PROCESSES: usize = 16;
const THREADS: u64 = 2;
const MANY_THREADS: u64 = 16;
/// So long nobody is killed at most.
const LONGEST_PAUSE: Duration = Duration::from_millis(200);
/// Where a failure is looked for, chance has so many rounds to show it.
const MOST_ROUNDS: usize = 15;
/// Says for how long to contend.
pub(crate) const SECONDS_VARIABLE: &str = "PERSISTABLE_RELIABILITY_SECONDS";
/// Makes the dice of a run fall as before. What the system makes of it differs all the same.
pub(crate) const SEED_VARIABLE: &str = "PERSISTABLE_RELIABILITY_SEED";

pub(crate) fn run(run: &Run) -> Result<Report> {
    let mut report = hammered(run)?;
    if run.is_until_failure {
        for _ in 1..MOST_ROUNDS {
            if run.is_enough(&report) {
                break;
            }
            report = hammered(run)?;
        }
        return Ok(report);
    }
    // What a broken product does to this must not hide what was found before.
    if let Err(problem) = handed_over(run, &mut report) {
        report.fail(format!("leases could not be handed over: {problem}"));
    }
    Ok(report)
}

fn hammered(run: &Run) -> Result<Report> {
    let mut report = Report::default();
    let time = match std::env::var(SECONDS_VARIABLE) {
        Ok(seconds) => Duration::from_secs(seconds.parse()?),
        Err(_) => Duration::from_secs(if run.is_quick { 8 } else { 60 }),
    };
    let actors = run.actors();
    let threads = |process: usize| if process < actors.len() { MANY_THREADS } else { THREADS };
    let processes = actors.iter().cycle().take(PROCESSES).enumerate();
    let player =
        |(process, actor): (usize, &Actor)| Player { actor: actor.clone(), verb: "contend", threads: threads(process) };
    let players = processes.map(player).collect();
    let seed = seed()?;
    let arena = Arena::new(run)?;
    let Hammered { events, mut verdict, started, killed } =
        Hammer { players, time, seed, longest_pause: LONGEST_PAUSE }.run(&arena)?;
    verdict.wrong.extend(aftermath::check(&arena, &actors)?);
    let waits = Spread::of(&verdict.waits);
    if !run.is_quick && waits.most > LONGEST_WAIT {
        verdict.wrong.push(format!("somebody waited for {:?}", waits.most));
    }
    let counts = journal::counts(&events);
    let count = |what: &str| counts.get(what).copied().unwrap_or_default().to_string();
    report.say(format!(
        "{PROCESSES} processes ask for four keys for {time:?}. If Python is there, half of them are \
         Python. One process of each language has {MANY_THREADS} threads, and the others have {THREADS}. \
         They also remove, replace and damage the artifacts. To damage one, they flip a bit of the payload \
         or the manifest. On average, one process is killed every 100 ms. Every second time, it is one \
         that is generating. A journal records what happened, and in which order."
    ));
    let mut table = Table::new(&["", ""]);
    table.row(["processes started", &started.to_string()]);
    table.row(["processes killed", &killed.to_string()]);
    table.row(["payloads had, each compared", &count("got")]);
    table.row(["removals", &count("removes")]);
    table.row(["replacements", &count("replaces")]);
    table.row(["damages", &count("damages")]);
    table.row(["generations", &verdict.generations.to_string()]);
    table.row(["from asking to having: median, 99 %, longest", &waits.to_string()]);
    report.sum_up(format!(
        "{started} processes, {killed} of them killed, {} payloads had, {} generations",
        count("got"),
        verdict.generations
    ));
    let wrong = verdict.wrong.len().to_string();
    table.row(["two at once, needless generations, wrong payloads, errors, things left behind", &wrong]);
    report.table(table);
    let again = format!("{SEED_VARIABLE}={seed}");
    report.fail_all(verdict.wrong.into_iter().map(|wrong| format!("{wrong} ({again})")));
    Ok(report)
}

fn handed_over(run: &Run, report: &mut Report) -> Result<()> {
    let rounds = if run.is_quick { 3 } else { 9 };
    report.say(format!("A holder is killed while another process waits for it, {rounds} times for each row:"));
    let mut table = Table::new(&["who is killed", "who waits", "median until it generates", "longest"]);
    let actors = run.actors();
    for holder in &actors {
        for waiter in &actors {
            let mut took = Vec::new();
            for _ in 0..rounds {
                took.push(handover::after_a_kill(&Arena::new(run)?, holder, waiter)?);
            }
            took.sort_unstable();
            let spread = Spread::of(&took);
            table.row([
                holder.name().to_owned(),
                waiter.name().to_owned(),
                milliseconds(spread.median),
                milliseconds(spread.most),
            ]);
            if !run.is_quick && spread.median > LONGEST_HANDOVER {
                let median = spread.median;
                let (holder, waiter) = (holder.name(), waiter.name());
                report.fail(format!("a {waiter} waiter began {median:?} after the {holder} holder was killed"));
            }
        }
    }
    report.table(table);
    let crowd: Vec<Actor> = actors.iter().cloned().cycle().take(8).collect();
    let took = handover::in_a_crowd(&Arena::new(run)?, &crowd)?;
    report.say(format!(
        "16 threads of 8 processes wait for one payload. When they have it, each of them waits until all \
         16 have it. This takes {took:.2?} from the moment when the payload is there."
    ));
    if !run.is_quick && took > LONGEST_IN_A_CROWD {
        report.fail(format!("16 that waited for one payload had it no sooner than {took:.2?} after it was there"));
    }
    Ok(())
}

pub(crate) fn seed() -> Result<u64> {
    match std::env::var(SEED_VARIABLE) {
        Ok(seed) => Ok(seed.parse()?),
        Err(_) => Ok(u64::from(SystemTime::now().duration_since(UNIX_EPOCH)?.subsec_nanos())),
    }
}

struct Spread {
    median: Duration,
    nearly_all: Duration,
    most: Duration,
}

impl Spread {
    fn of(sorted_microseconds: &[u64]) -> Self {
        let last = sorted_microseconds.len().saturating_sub(1);
        let at = |index: usize| Duration::from_micros(sorted_microseconds.get(index).copied().unwrap_or_default());
        Self { median: at(last / 2), nearly_all: at(last * 99 / 100), most: at(last) }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [median, nearly_all, most] = [self.median, self.nearly_all, self.most].map(milliseconds);
        write!(f, "{median}, {nearly_all}, {most}")
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1e3)
}
