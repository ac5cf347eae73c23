//! Removing artifacts until a quota holds, again and again, while others generate, load, replace and pin them.

mod collector;
mod keys;
mod role;
mod user;

use std::path::Path;
use std::time::Duration;

use persistable::Store;
use persistable_catalogue::{Catalogue, Query, RemovalRules};

use crate::child::Actor;
use crate::contention::aftermath;
use crate::contention::hammer::{Hammer, Hammered, Player};
use crate::contention::role::Arena;
use crate::contention::step::{journal_in, tag_of};
use crate::contention::{SECONDS_VARIABLE, journal, seed};
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::{Run, own_entries};

use self::keys::{FIRST, LAST, PINNED, QUOTA_BYTES, id, open};
pub(crate) use self::role::{ARGUMENT, act};

/// So long nobody is killed at most.
const LONGEST_PAUSE: Duration = Duration::from_millis(300);
const THREADS: u64 = 3;

pub(crate) fn run(run: &Run) -> Result<Report> {
    let mut report = Report::default();
    let time = match std::env::var(SECONDS_VARIABLE) {
        Ok(seconds) => Duration::from_secs(seconds.parse()?),
        Err(_) => Duration::from_secs(if run.is_quick { 8 } else { 60 }),
    };
    let actors = run.actors();
    let arena = Arena::new(run)?.playing(ARGUMENT, role::SCRIPT);
    journal_in(journal::Journal::open(&arena.journal)?);
    pin(&arena.folder)?;
    let player = |verb, threads| move |actor: &Actor| Player { actor: actor.clone(), verb, threads };
    let users = actors.iter().cycle().take(6).map(player("use", THREADS));
    let collectors = actors.iter().cycle().take(2).map(player("collect", 1));
    let players = users.chain(collectors).chain(actors.iter().map(player("pin", 1))).collect();
    let seed = seed()?;
    let hammer = Hammer { players, time, seed, longest_pause: LONGEST_PAUSE };
    let Hammered { events, verdict, started, killed } = hammer.run(&arena)?;
    let mut wrong = verdict.wrong;
    wrong.extend(check(&arena.folder)?);
    let counts = journal::counts(&events);
    let count = |what: &str| counts.get(what).copied().unwrap_or_default().to_string();
    report.say(format!(
        "Two processes plan to remove artifacts until {} kB are left, and do it, again and again for {time:?}. Meanwhile six \
         processes of {THREADS} threads load, generate and replace {} artifacts of 400 kB in all. Others pin artifacts and unpin \
         them. If Python is there, half of the processes are Python. All are killed at random. A journal records what happened.",
        QUOTA_BYTES / 1000,
        LAST - FIRST
    ));
    report.say(
        "- A load gives the right payload, or says that there is nothing. It gives no other error.\n\
         - Nothing is removed that was pinned, or that a process was generating or replacing.\n\
         - Nothing is generated again that was not removed.\n\
         - After each removal, what was there before and is still there fits into the quota. So does all, at the end.",
    );
    let mut table = Table::new(&["", ""]);
    table.row(["processes started", &started.to_string()]);
    table.row(["processes killed", &killed.to_string()]);
    table.row(["plans carried out", &count("collected")]);
    table.row(["artifacts removed", &count("removed")]);
    table.row(["artifacts that stayed, since a process used them or had made them anew", &count("spared")]);
    table.row(["payloads had, each compared", &count("got")]);
    table.row(["loads that found nothing", &count("missed")]);
    table.row(["generations", &verdict.generations.to_string()]);
    table.row(["pins", &count("pinned")]);
    table.row(["lost or needless generations, wrong payloads, errors, more than the quota", &wrong.len().to_string()]);
    report.table(table);
    report.sum_up(format!(
        "{} plans carried out, {} artifacts removed, {} payloads had, {killed} processes killed",
        count("collected"),
        count("removed"),
        count("got")
    ));
    report.fail_all(wrong.into_iter().map(|wrong| format!("{wrong} ({}={seed})", crate::contention::SEED_VARIABLE)));
    Ok(report)
}

/// Persists what is pinned all the time.
fn pin(folder: &Path) -> Result<()> {
    for n in PINNED {
        open(folder, n)?.load_generate()?;
    }
    let store = Store::create(folder)?;
    let mut catalogue = Catalogue::in_memory(&store)?;
    for n in PINNED {
        let artifact = catalogue.find(id(folder, n)?.stem())?;
        catalogue.label(&artifact, |labels| labels.pinned = Some("figure 3".to_owned()))?;
    }
    Ok(())
}

/// Checks what is left when everybody is gone; returns what is wrong.
fn check(folder: &Path) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let store = Store::create(folder)?;
    let mut catalogue = Catalogue::in_memory(&store)?;
    let plan = catalogue.plan_removal(&Query::new(), &RemovalRules::new().most_bytes(QUOTA_BYTES))?;
    let removals = catalogue.remove(&plan, &mut |_| {})?;
    wrong.extend(removals.kept.iter().map(|(stem, why)| format!("{stem} can't be removed afterwards: {why}")));
    let left = catalogue.table(&Query::new())?.size_bytes;
    if left > QUOTA_BYTES {
        wrong.push(format!("{left} bytes are left, and the quota is {QUOTA_BYTES}"));
    }
    for n in PINNED {
        let payload = open(folder, n)?.load();
        match payload.map_err(Into::into).and_then(|payload| Ok(tag_of(n, &payload)?)) {
            Ok(_) => {}
            Err(error) => {
                let error: Box<dyn std::error::Error + Send + Sync> = error;
                wrong.push(format!("key {n} was pinned, and is lost: {error}"));
            }
        }
    }
    wrong.extend(aftermath::locks(&folder.join(".persistable/lock"))?);
    // This process swept the folder when it began. From then on, only the next holder of a key sweeps what is left of it.
    wrong.extend(aftermath::unleasable(folder, 0..LAST)?);
    let staging = own_entries(folder, "staging");
    if !staging.is_empty() {
        wrong.push(format!("after a sweep there is still in staging: {staging:?}"));
    }
    Ok(wrong)
}
