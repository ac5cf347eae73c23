//! Clocks that are wrong, that differ, and that jump. libfaketime tells a process another time than the system's.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::agent::{Agent, Setting};
use crate::child::Actor;
use crate::damage::scene::files_below;
use crate::damage::tally::{CASES, Tally};
use crate::problem::Result;
use crate::run::{Run, own_entries};

/// What a clock shows, in the words of libfaketime, and the beginning of a line of the log by it.
struct Clock {
    name: &'static str,
    shows: &'static str,
    log_begins: &'static str,
}

const CLOCKS: [Clock; 5] = [
    Clock { name: "a right clock", shows: "+0", log_begins: "20" },
    Clock { name: "a clock in 2036", shows: "@2036-05-05 05:05:05", log_begins: "2036-05" },
    Clock { name: "a clock in 2001", shows: "@2001-05-05 05:05:05", log_begins: "2001-05" },
    Clock { name: "a clock in 1960", shows: "@1960-05-05 05:05:05", log_begins: "1970-01-01" },
    Clock { name: "a clock in 2600", shows: "@2600-05-05 05:05:05", log_begins: "2600-05" },
];

pub(crate) fn try_all(run: &Run, tally: &mut Tally) -> Result<()> {
    let Some(library) = library() else {
        tally.skip("clocks that are wrong", "libfaketime is not there (a package of that name)");
        return Ok(());
    };
    for actor in run.actors() {
        let clocks = CLOCKS.iter().enumerate().collect();
        for (number, clock) in run.sample(clocks, if actor.is_python() { 2 } else { 4 }) {
            let what = format!("{}, with {}", actor.name(), clock.name);
            let done = one(run, tally, &what, &actor, clock, &library);
            tally.note(&what, done);
            let others: Vec<&Clock> = if run.is_quick {
                CLOCKS.iter().cycle().skip(number + 1).take(1).collect()
            } else {
                CLOCKS.iter().collect()
            };
            for other in others {
                let what = format!("{what}, and others with {}", other.name);
                let done = two(run, tally, &what, &actor, (clock, other), &library);
                tally.note(&what, done);
            }
        }
        let what = format!("a clock that jumps, in {}", actor.name());
        let done = jumping(run, tally, &what, &actor, &library);
        tally.note(&what, done);
        let what = format!("files with wrong times, in {}", actor.name());
        let done = wrong_times(run, tally, &what, &actor);
        tally.note(&what, done);
    }
    Ok(())
}

/// A clock shows in the log and nowhere else; and what was verified is verified again when it changes.
fn one(run: &Run, tally: &mut Tally, what: &str, actor: &Actor, clock: &Clock, library: &Path) -> Result<()> {
    tally.count(CASES);
    let around = run.folder()?;
    let folder = around.path();
    let mut agent = Agent::start(actor, &setting(library).with("FAKETIME", clock.shows))?;
    tally.check(what, "persisting", &agent.ask(&["persist", "large", "1", "old", "fast"], folder)?, "old");
    let log = fs::read_to_string(folder.join("large.log"))?;
    if !log.lines().all(|line| line.starts_with(clock.log_begins)) {
        tally.fail(format!("{what}: the log does not show that clock: {log}"));
    }
    thread::sleep(Duration::from_millis(100));
    for _ in 0..2 {
        tally.check(what, "load", &agent.ask(&["load_once", "large", "1"], folder)?, "old");
    }
    let payload = files_below(folder)?.into_iter().find(|path| path.metadata().is_ok_and(|file| file.len() > 1 << 20));
    let payload = fs::OpenOptions::new().read(true).write(true).open(payload.ok_or("there is no payload")?)?;
    let mut byte = [0];
    payload.read_exact_at(&mut byte, 12_345_678)?;
    payload.write_all_at(&[byte[0] ^ 1], 12_345_678)?;
    tally.check(what, "load of what changed", &agent.ask(&["load_once", "large", "1"], folder)?, "damaged");
    tally.check(what, "healing", &agent.ask(&["load_generate", "large", "1", "new"], folder)?, "new");
    Ok(())
}

/// Two processes with clocks of their own.
fn two(
    run: &Run,
    tally: &mut Tally,
    what: &str,
    actor: &Actor,
    (clock, other): (&Clock, &Clock),
    library: &Path,
) -> Result<()> {
    tally.count(CASES);
    let around = run.folder()?;
    let folder = around.path();
    let (mine, its) = (setting(library).with("FAKETIME", clock.shows), setting(library).with("FAKETIME", other.shows));
    let mut holder = Agent::hold(actor, &mine, &["hold", "file", "1", "first"], folder)?;
    let staging = own_entries(folder, "staging");
    for reader in run.actors() {
        let mut agent = Agent::start(&reader, &its)?;
        tally.check(what, "persisting", &agent.ask(&["persist", "file", "2", "old", "fast"], folder)?, "old");
        tally.check(what, "waiting", &agent.ask(&["wait", "file", "1", "second", "0.3"], folder)?, "busy");
        if own_entries(folder, "staging") != staging {
            tally.fail(format!("{what}: the staging of a living process was touched"));
        }
    }
    tally.check(what, "the holder's persisting", &holder.go_on()?, "first");
    let mut dead = Agent::hold(actor, &mine, &["hold", "folder", "1", "dead"], folder)?;
    dead.kill();
    for reader in run.actors() {
        let mut agent = Agent::start(&reader, &its)?;
        tally.check(what, "load", &agent.ask(&["load", "file", "1"], folder)?, "first");
        tally.check(what, "load_generate", &agent.ask(&["load_generate", "file", "1", "second"], folder)?, "first");
        tally.check(what, "replacing", &agent.ask(&["persist", "file", "2", "newer", "fast"], folder)?, "newer");
        if !own_entries(folder, "staging").is_empty() {
            tally.fail(format!("{what}: staging of the dead stays: {:?}", own_entries(folder, "staging")));
        }
    }
    let mut agent = Agent::start(actor, &mine)?;
    tally.check(what, "load of what was replaced", &agent.ask(&["load", "file", "2"], folder)?, "newer");
    Ok(())
}

/// The clock jumps back and forth in the middle of waits and generations.
fn jumping(run: &Run, tally: &mut Tally, what: &str, actor: &Actor, library: &Path) -> Result<()> {
    const LIMIT: Duration = Duration::from_millis(1500);
    tally.count(CASES);
    let around = run.folder()?;
    let folder = around.path().join("data");
    let clock = around.path().join("clock");
    fs::write(&clock, "+0")?;
    let jumping =
        setting(library).with("FAKETIME_TIMESTAMP_FILE", clock.display().to_string()).with("FAKETIME_NO_CACHE", "1");
    let mut holder = Agent::hold(actor, &jumping, &["hold", "file", "1", "first"], &folder)?;
    let mut waiter = Agent::start(actor, &jumping)?;
    for jump in ["-3650d", "+3650d"] {
        let begin = Instant::now();
        waiter.tell(&["wait", "file", "1", "second", "1.5"], &folder)?;
        thread::sleep(Duration::from_millis(500));
        fs::write(&clock, jump)?;
        tally.check(what, "waiting", &waiter.answer()?, "busy");
        let waited = begin.elapsed();
        if waited < LIMIT || waited > run.longest(LIMIT * 6) {
            tally.fail(format!("{what}: the clock jumped by {jump}, and a wait of 1.5 s lasted {waited:.1?}"));
        }
    }
    fs::write(&clock, "-7300d")?;
    tally.check(what, "the holder's persisting", &holder.go_on()?, "first");
    for jump in ["+3650d", "-3650d", "+0"] {
        fs::write(&clock, jump)?;
        tally.check(what, "load", &waiter.ask(&["load_once", "file", "1"], &folder)?, "first");
        tally.check(what, "replacing", &waiter.ask(&["persist", "file", "1", "first", "fast"], &folder)?, "first");
    }
    let log = fs::read_to_string(folder.join("file.log"))?;
    let years: std::collections::BTreeSet<&str> = log.lines().filter_map(|line| line.get(..4)).collect();
    if years.len() < 3 {
        tally.fail(format!("{what}: it did not jump: the log's years are {years:?}"));
    }
    Ok(())
}

/// Times of files mean nothing: a copy, a backup and a wrong clock all give others.
fn wrong_times(run: &Run, tally: &mut Tally, what: &str, actor: &Actor) -> Result<()> {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);
    let times = [SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH - CENTURY / 2, SystemTime::now() + CENTURY];
    for time in times {
        tally.count(CASES);
        let around = run.folder()?;
        let folder = around.path();
        let mut agent = Agent::start(actor, &Setting::default())?;
        for shape in ["file", "folder", "large"] {
            tally.check(what, "persisting", &agent.ask(&["persist", shape, "1", "old", "fast"], folder)?, "old");
            tally.check(what, "load", &agent.ask(&["load_once", shape, "1"], folder)?, "old");
        }
        let mut dead = Agent::hold(actor, &Setting::default(), &["hold", "folder", "2", "dead"], folder)?;
        dead.kill();
        for path in files_below(folder)? {
            File::open(path)?.set_modified(time)?;
        }
        let mut agent = Agent::start(actor, &Setting::default())?;
        for shape in ["file", "folder", "large"] {
            tally.check(what, "load", &agent.ask(&["load_once", shape, "1"], folder)?, "old");
            tally.check(what, "persisting", &agent.ask(&["persist", shape, "1", "new", "fast"], folder)?, "new");
            tally.check(what, "load", &agent.ask(&["load_once", shape, "1"], folder)?, "new");
        }
        if !own_entries(folder, "staging").is_empty() {
            tally.fail(format!("{what}: staging of the dead stays: {:?}", own_entries(folder, "staging")));
        }
    }
    Ok(())
}

/// The environment of a process whose clock shows something else. The clock that only counts on does not jump anywhere.
fn setting(library: &Path) -> Setting {
    Setting::default()
        .with("LD_PRELOAD", library.display().to_string())
        .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .with("DONT_FAKE_MONOTONIC", "1")
        .with("NO_FAKE_STAT", "1")
        .with("TZ", "UTC")
}

fn library() -> Option<PathBuf> {
    let name = "faketime/libfaketimeMT.so.1";
    let mut found = vec![PathBuf::from("/usr/lib").join(name), PathBuf::from("/usr/lib64").join(name)];
    found.extend(fs::read_dir("/usr/lib").ok()?.filter_map(|folder| Some(folder.ok()?.path().join(name))));
    found.into_iter().find(|path| path.exists())
}
