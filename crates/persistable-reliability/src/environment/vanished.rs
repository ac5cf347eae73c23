//! A data folder that is removed, moved or replaced while somebody works with it.

use std::fmt;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::room::{Room, quoted};
use crate::agent::{Agent, Setting};
use crate::child::Actor;
use crate::damage::scene::remove;
use crate::damage::tally::{CASES, Tally};
use crate::outcome::Outcome;
use crate::problem::Result;
use crate::run::Run;
use crate::shape::Shape;

/// What happens to the data folder.
struct Fate {
    name: &'static str,
    /// What comes of an open step's load of what was persisted before.
    load: &'static str,
    /// What comes of generating what was not.
    generate: &'static [&'static str],
    /// Whether what is at its path is to stay as it is, when that fails.
    is_left_alone: bool,
    happen: fn(&Path) -> Result<()>,
}

const GONE: &str = "unavailable";
/// The lock file is another one: somebody else may have generated it meanwhile.
const LEASE_LOST: &str = "busy";

const FATES: [Fate; 8] = [
    Fate { name: "removed", load: GONE, generate: &[GONE], is_left_alone: true, happen: remove },
    Fate {
        name: "moved away",
        load: GONE,
        generate: &[GONE],
        is_left_alone: true,
        happen: |folder| Ok(fs::rename(folder, elsewhere(folder))?),
    },
    Fate {
        name: "moved away, with a link left in its place",
        load: "old",
        generate: &["new"],
        is_left_alone: false,
        happen: |folder| {
            fs::rename(folder, elsewhere(folder))?;
            Ok(symlink(elsewhere(folder), folder)?)
        },
    },
    Fate {
        name: "moved away and back",
        load: "old",
        generate: &["new"],
        is_left_alone: false,
        happen: |folder| {
            fs::rename(folder, elsewhere(folder))?;
            Ok(fs::rename(elsewhere(folder), folder)?)
        },
    },
    Fate {
        name: "replaced by an empty one",
        load: "missing",
        generate: &["new", GONE, LEASE_LOST],
        is_left_alone: false,
        happen: |folder| {
            remove(folder)?;
            Ok(fs::create_dir(folder)?)
        },
    },
    Fate {
        name: "replaced by a dangling link",
        load: GONE,
        generate: &[GONE],
        is_left_alone: true,
        happen: |folder| {
            remove(folder)?;
            Ok(symlink("nowhere", folder)?)
        },
    },
    Fate {
        name: "replaced by a file",
        load: GONE,
        generate: &[GONE],
        is_left_alone: true,
        happen: |folder| {
            remove(folder)?;
            Ok(fs::write(folder, "a file")?)
        },
    },
    Fate {
        name: "without its .persistable",
        load: "old",
        generate: &["new", GONE, LEASE_LOST],
        is_left_alone: false,
        happen: |folder| remove(&folder.join(".persistable")),
    },
];

pub(crate) fn try_all(run: &Run, tally: &mut Tally) -> Result<()> {
    let shapes: &[Shape] = if run.is_quick { &[Shape::File] } else { &[Shape::File, Shape::Folder, Shape::Large] };
    for actor in run.actors() {
        let mut other = Agent::start(&actor, &Setting::default())?;
        for shape in shapes {
            let cases = FATES.iter().flat_map(|fate| When::ALL.map(|when| (fate, when))).collect();
            for (fate, when) in run.sample(cases, if actor.is_python() { 11 } else { usize::MAX }) {
                tally.count(CASES);
                let what = format!("the data folder is {} {when}, with {shape}, in {}", fate.name, actor.name());
                let done = one(run, tally, &what, (&actor, &mut other), *shape, fate, when);
                tally.note(&what, done);
            }
        }
        if Room::obstacle().is_none() {
            let what = format!("the data folder's file system is unmounted, in {}", actor.name());
            let done = unmounted(run, tally, &what, &actor);
            tally.note(&what, done);
        }
    }
    if let Some(why) = Room::obstacle() {
        tally.skip("a file system that is unmounted", why);
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum When {
    BeforeLoad,
    BeforeGeneration,
    DuringGeneration,
    DuringReplacing,
}

impl When {
    const ALL: [Self; 4] = [Self::BeforeLoad, Self::BeforeGeneration, Self::DuringGeneration, Self::DuringReplacing];
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BeforeLoad => "before a load",
            Self::BeforeGeneration => "before a generation",
            Self::DuringGeneration => "during a generation",
            Self::DuringReplacing => "while it is replaced",
        })
    }
}

fn one(
    run: &Run,
    tally: &mut Tally,
    what: &str,
    (actor, other): (&Actor, &mut Agent),
    shape: Shape,
    fate: &Fate,
    when: When,
) -> Result<()> {
    let around = run.folder()?;
    let folder = around.path().join("data");
    let shape = shape.as_str();
    let here = Setting::default();
    tally.check(what, "persisting", &other.ask(&["persist", shape, "1", "old", "fast"], &folder)?, "old");
    let n = if matches!(when, When::BeforeLoad | When::DuringReplacing) { "1" } else { "2" };
    let task: &[&str] = match when {
        When::BeforeLoad => &["late_load", shape, n],
        When::BeforeGeneration => &["late_load_generate", shape, n, "new"],
        When::DuringGeneration | When::DuringReplacing => &["hold", shape, n, "new"],
    };
    let mut agent = Agent::hold(actor, &here, task, &folder)?;
    (fate.happen)(&folder)?;
    let outcome = agent.go_on()?;
    match when {
        When::BeforeLoad => tally.check(what, "load", &outcome, fate.load),
        _ => tally.check_any(what, "generating", &outcome, fate.generate),
    };
    if fate.is_left_alone && matches!(fs::metadata(&folder), Ok(metadata) if metadata.is_dir()) {
        tally.fail(format!("{what}: the data folder was created anew"));
    }
    acknowledged_is_there(tally, what, other, &folder, (shape, n), &outcome)?;
    // Whoever mends it goes on.
    if fate.is_left_alone {
        remove(&folder)?;
    }
    let outcome = other.ask(&["load_generate", shape, n, "another"], &folder)?;
    tally.check_any(what, "load_generate afterwards", &outcome, &["another", "new", "old"]);
    Ok(())
}

/// What was called persisted loads.
fn acknowledged_is_there(
    tally: &mut Tally,
    what: &str,
    other: &mut Agent,
    folder: &Path,
    (shape, n): (&str, &str),
    outcome: &Outcome,
) -> Result<()> {
    if let Some(generation) = outcome.generation() {
        let loaded = other.ask(&["load", shape, n], folder)?;
        tally.check(what, "load of what was acknowledged", &loaded, generation);
    }
    Ok(())
}

/// A share that is unmounted leaves the folder in which it was mounted, and nothing below.
fn unmounted(run: &Run, tally: &mut Tally, what: &str, actor: &Actor) -> Result<()> {
    for task in
        [["late_load", "file", "1", ""], ["late_load_generate", "file", "2", "new"], ["hold", "file", "2", "new"]]
    {
        tally.count(CASES);
        let around = run.folder()?;
        let (share, folder) = (around.path().join("share"), around.path().join("share/data"));
        fs::create_dir(&share)?;
        let room = Room::new("host", &format!("mount -t tmpfs none {}", quoted(&share)))?;
        let mut other = Agent::start(actor, &room.setting())?;
        let outcome = other.ask(&["persist", "file", "1", "old", "fast"], &folder)?;
        tally.check(what, "persisting", &outcome, "old");
        let words: Vec<&str> = task.into_iter().filter(|word| !word.is_empty()).collect();
        let mut agent = Agent::hold(actor, &room.setting(), &words, &folder)?;
        room.run(&format!("umount --lazy {}", quoted(&share)))?;
        tally.check(what, &words.join(" "), &agent.go_on()?, GONE);
        if folder.exists() {
            tally.fail(format!("{what}: the data folder was created anew where nothing is mounted"));
        }
    }
    Ok(())
}

fn elsewhere(folder: &Path) -> std::path::PathBuf {
    folder.with_file_name("elsewhere")
}
