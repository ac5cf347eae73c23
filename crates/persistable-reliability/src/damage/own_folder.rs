//! Links, pipes and the like where the store keeps what is its own, and at the logs.
//!
//! They are never followed out of the data folder, nothing is waited for, and what is persisted loads.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::changes::make_pipe;
use super::scene::{DAMAGED, Scene, files_below, remove};
use super::tally::{CASES, Tally};
use crate::agent::{Agent, Setting};
use crate::outcome::Outcome;
use crate::problem::Result;
use crate::run::Run;
use crate::shape::Shape;

const PLACES: [&str; 7] = [
    ".persistable",
    ".persistable/staging",
    ".persistable/quarantine",
    ".persistable/verified",
    ".persistable/verified/{}",
    ".persistable/lock",
    "{}.log",
];

type Put = fn(&Path, &Path) -> Result<()>;

const THINGS: [(&str, Put); 5] = [
    ("a link to a folder outside", |path, outside| Ok(symlink(outside.join("folder"), path)?)),
    ("a link to a file outside", |path, outside| Ok(symlink(outside.join("file"), path)?)),
    ("a link to nothing outside", |path, outside| Ok(symlink(outside.join("nothing"), path)?)),
    ("a pipe", |path, _| make_pipe(path)),
    ("a folder", |path, _| Ok(fs::create_dir(path)?)),
];

pub(crate) fn try_all(run: &Run, tally: &mut Tally) -> Result<()> {
    let all: Vec<(&str, &str, Put)> =
        PLACES.iter().flat_map(|place| THINGS.map(|(name, put)| (*place, name, put))).collect();
    for actor in run.actors() {
        // `large` is mapped, and remembered once it was verified.
        let shapes: &[Shape] = if run.is_quick { &[Shape::File] } else { &[Shape::File, Shape::Large] };
        for shape in shapes {
            let mut agents = vec![Agent::start(&actor, &Setting::default())?];
            let most = if actor.is_python() { 8 } else { all.len() };
            for (place, name, put) in run.sample(all.clone(), most) {
                let what = format!("{name} at {place}, met by {}", actor.name());
                let mut scene = Scene::with_agents(run, *shape, agents, false)?;
                let done = of_place(&mut scene, tally, &what, place, put);
                agents =
                    if done.is_ok() { scene.into_agents() } else { vec![Agent::start(&actor, &Setting::default())?] };
                tally.note(&what, done);
            }
        }
    }
    Ok(())
}

fn of_place(scene: &mut Scene, tally: &mut Tally, what: &str, place: &str, put: Put) -> Result<()> {
    tally.count(CASES);
    let shape = scene.shape;
    let outside = scene.outside.clone();
    fs::create_dir(outside.join("folder"))?;
    // Names that those in staging are like.
    for name in ["notes.txt~".to_owned(), format!("{}~1", scene.stem(DAMAGED)), "a~b".to_owned()] {
        fs::write(outside.join("folder").join(name), "of somebody else")?;
    }
    let before = content_of(&outside)?;
    let name = if place.ends_with(".log") { shape.to_owned() } else { verified_name(scene) };
    let path = scene.folder.join(place.replace("{}", &name));
    remove(&path)?;
    fs::create_dir_all(path.parent().unwrap_or(&path))?;
    put(&path, &outside)?;

    ask(scene, tally, what, &["load", shape, DAMAGED], &["old"])?;
    let refused = ["new", "unavailable", "denied"];
    ask(scene, tally, what, &["load_generate", shape, "7", "new"], &refused)?;
    ask(scene, tally, what, &["persist", shape, DAMAGED, "newer", "fast"], &["newer", "unavailable", "denied"])?;
    let manifest = scene.manifest(DAMAGED);
    let mut bytes = fs::read(&manifest)?;
    bytes.push(b' ');
    fs::write(&manifest, bytes)?;
    ask(scene, tally, what, &["load", shape, DAMAGED], &["damaged"])?;
    ask(scene, tally, what, &["load_generate", shape, DAMAGED, "new"], &refused)?;
    if content_of(&outside)? != before {
        tally.fail(format!("{what}: what lies out of the data folder was touched"));
    }
    // With that out of the way, everything works.
    remove(&path)?;
    ask(scene, tally, what, &["load_generate", shape, DAMAGED, "new"], &["new"])
}

fn ask(scene: &mut Scene, tally: &mut Tally, what: &str, words: &[&str], expected: &[&str]) -> Result<()> {
    let agent = scene.agents.first_mut().ok_or("there is no agent")?;
    let outcome = agent.ask(words, &scene.folder)?;
    if !tally.check_any(what, words.first().unwrap_or(&""), &outcome, expected)
        && matches!(outcome, Outcome::Died { .. })
    {
        return Err("it goes on no further".into());
    }
    Ok(())
}

/// The file that remembers a verification; where there is none yet, a name like it.
fn verified_name(scene: &Scene) -> String {
    let stem = scene.stem(DAMAGED);
    let names = crate::run::own_entries(&scene.folder, "verified");
    names.into_iter().find(|name| name.starts_with(stem)).unwrap_or_else(|| format!("{stem}~0"))
}

fn content_of(folder: &Path) -> Result<Vec<(std::path::PathBuf, Vec<u8>)>> {
    files_below(folder)?.into_iter().map(|path| Ok((path.clone(), fs::read(path)?))).collect()
}
