//! Shared folders as bad as they come: locks that exclude nobody on the other host, entries that are out of date, and locks
//! that fail.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::hosts::Hosts;
use super::room::{Room, quoted};
use crate::agent::{Agent, Setting};
use crate::damage::tally::{CASES, OPERATIONS, Tally};
use crate::outcome::Outcome;
use crate::problem::Result;
use crate::run::Run;

/// A shared folder whose locks are each host's own.
struct Share {
    what: &'static str,
    /// So long, in seconds, a host believes what it saw of it.
    believed: f64,
    /// What is persisted there. A folder is read by its path, so that what changes unseen meanwhile shows in what was read.
    shapes: [&'static str; 2],
}

const SHARES: [Share; 2] = [
    Share { what: "two hosts without locks between them", believed: 0.0, shapes: ["file", "folder"] },
    Share { what: "two hosts without locks that see old entries", believed: 1.0, shapes: ["file", "large"] },
];

/// What a host may be told while another does the same behind its back.
const TOLERATED: [&str; 6] = ["damaged", "missing", "unavailable", "busy", "encoding", "invalid_payload"];

pub(crate) fn try_all(run: &Run, tally: &mut Tally) -> Result<()> {
    let no_bindfs = || try_bindfs(run).err().map(|error| format!("bindfs can't mount anything ({error})"));
    match Room::obstacle().or_else(no_bindfs) {
        Some(why) => tally.skip("two hosts without locks between them", why),
        None => {
            for share in &SHARES {
                let done = storm(run, tally, share);
                tally.note(share.what, done);
            }
        }
    }
    if !run.has_strace {
        tally.skip("locks that fail", "strace is missing");
        return Ok(());
    }
    let errors = run.sample(vec!["ENOLCK", "EOPNOTSUPP", "ENOSYS", "EIO"], 2);
    for error in errors {
        let done = failing(run, tally, error);
        tally.note(error, done);
    }
    Ok(())
}

fn storm(run: &Run, tally: &mut Tally, Share { what, believed, shapes }: &Share) -> Result<()> {
    let around = run.folder()?;
    let [share, folder] = share_and_mount(around.path())?;
    let mut hosts = Hosts::new(run, ["one", "other"], &mounting(&share, &folder, *believed), &folder)?;
    let rounds: usize = if run.is_quick { 12 } else { 200 };
    let [even, odd] = *shapes;
    let rest = Duration::from_secs_f64(believed + 0.2);
    for round in 0..rounds {
        tally.count(CASES);
        let shape = if round.is_multiple_of(2) { even } else { odd };
        let n = (round % 6).to_string();
        let did = hosts.all_at_once(|agent| {
            let verb = ["load_generate", "persist", "load"].get((round + agent) % 3).copied().unwrap_or_default();
            let mut words = vec![verb.to_owned(), shape.to_owned(), n.clone()];
            words.extend((verb != "load").then(|| format!("round-{round}-by-{agent}")));
            words.extend((verb == "persist").then(|| "fast".to_owned()));
            words
        })?;
        for did in did {
            let what = format!("{what}, round {round}, {} on host {}", did.language, did.host);
            match did.outcome.generation() {
                // An actor says so only of a payload that is whole, and of these params.
                Some(_) => tally.count(OPERATIONS),
                None => drop(tally.check_any(&what, "what was asked for", &did.outcome, &TOLERATED)),
            }
        }
    }
    // Once all rest and what was believed is forgotten, everything heals.
    thread::sleep(rest);
    for n in 0..6_usize {
        let shape = if n.is_multiple_of(2) { even } else { odd };
        let n = n.to_string();
        for did in hosts.one_by_one(&["load_generate", shape, &n, "healed"])? {
            if did.outcome.generation().is_none() {
                tally.fail(format!("{what}: {} on host {} does not heal: {}", did.language, did.host, did.outcome));
            }
            if is_made(&did.outcome) {
                thread::sleep(rest);
            }
        }
        let loaded = hosts.one_by_one(&["load", shape, &n])?;
        let first = loaded.first().and_then(|did| did.outcome.generation()).unwrap_or("no payload").to_owned();
        for did in loaded {
            tally.check(what, "load at rest", &did.outcome, &first);
        }
    }
    Ok(())
}

/// Locks that fail: what is there loads, and nothing is generated.
fn failing(run: &Run, tally: &mut Tally, error: &str) -> Result<()> {
    let around = run.folder()?;
    let folder = around.path();
    for actor in run.actors() {
        tally.count(CASES);
        let what = format!("locking fails with {error}, in {}", actor.name());
        let outcome =
            Agent::start(&actor, &Setting::default())?.ask(&["persist", "file", "1", "old", "fast"], folder)?;
        tally.check(&what, "persisting before", &outcome, "old");
        let setting = failing_to_lock(error, folder);
        let mut agent = Agent::start(&actor, &setting)?;
        tally.check(&what, "load", &agent.ask(&["load", "file", "1"], folder)?, "old");
        tally.check(&what, "load_generate", &agent.ask(&["load_generate", "file", "1", "new"], folder)?, "old");
        for words in [vec!["load_generate", "file", "2", "new"], vec!["persist", "file", "1", "new", "synced"]] {
            let outcome = agent.ask(&words, folder)?;
            tally.check(&what, &words.join(" "), &outcome, "unavailable");
            if !outcome.to_string().contains(".persistable/lock") {
                tally.fail(format!("{what}: {outcome} does not name the file of locks"));
            }
        }
        match Agent::hold(&actor, &setting, &["hold", "file", "3", "new"], folder) {
            Err(refused) if refused.to_string().contains("the error unavailable") => {}
            Err(other) => tally.fail(format!("{what}: {other}")),
            Ok(_) => tally.fail(format!("{what}: it generates without a lease")),
        }
    }
    Ok(())
}

fn failing_to_lock(error: &str, folder: &Path) -> Setting {
    let inject = format!("inject=fcntl:error={error}");
    let lock = folder.join(".persistable/lock").display().to_string();
    Setting::within(["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject, "-P", &lock])
}

fn is_made(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Payload { origin, .. } if origin == "generated")
}

/// Creates a folder to be shared, and one at which to mount it.
fn share_and_mount(around: &Path) -> Result<[PathBuf; 2]> {
    let folders = ["share", "mount"].map(|name| around.join(name));
    folders.iter().try_for_each(fs::create_dir)?;
    Ok(folders)
}

/// Mounts a share as one host sees it.
fn mounting(share: &Path, folder: &Path, believed: f64) -> String {
    let options = format!("entry_timeout={believed},attr_timeout={believed},negative_timeout={believed}");
    format!("bindfs -o {options} {} {}", quoted(share), quoted(folder))
}

/// Mounts something, which ends with the room.
fn try_bindfs(run: &Run) -> Result<()> {
    let around = run.folder()?;
    let [share, folder] = share_and_mount(around.path())?;
    fs::write(share.join("file"), "")?;
    let room = Room::new("host", &mounting(&share, &folder, 0.0))?;
    fs::metadata(room.path(&folder.join("file")))?;
    Ok(())
}
