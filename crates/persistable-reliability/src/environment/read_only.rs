//! A data folder that can't be written to: loading works, and generating says why not before it begins.

use std::path::Path;

use super::room::{Room, quoted};
use crate::agent::{Agent, Setting};
use crate::damage::rights;
use crate::damage::scene::{Scene, files_below, start_all};
use crate::damage::tally::{CASES, Tally};
use crate::problem::Result;
use crate::run::Run;
use crate::shape::Shape;

pub(crate) fn try_all(run: &Run, tally: &mut Tally) -> Result<()> {
    match rights::obstacle(run) {
        Some(why) => tally.skip("a folder whose mode forbids writing", why),
        None => by_mode(run, tally)?,
    }
    match Room::obstacle() {
        Some(why) => tally.skip("a folder that is mounted read-only", why),
        None => by_mount(run, tally)?,
    }
    Ok(())
}

fn by_mode(run: &Run, tally: &mut Tally) -> Result<()> {
    for shape in shapes(run) {
        let scene = Scene::with_agents(run, shape, start_all(run, &rights::as_nobody())?, true)?;
        let folder = scene.folder.clone();
        let mut folders = vec![folder.clone()];
        folders.extend([".persistable", ".persistable/staging", ".persistable/verified"].map(|own| folder.join(own)));
        folders.retain(|folder| folder.is_dir());
        let what = format!("a folder with {shape} whose mode forbids writing");
        let agents = scene.agents.iter().map(|agent| agent.language).collect::<Vec<_>>();
        without_writing(&folders, &mut || look(run, tally, &what, shape, &folder, &rights::as_nobody(), &agents))?;
    }
    Ok(())
}

/// Does something while folders can't be written to.
fn without_writing(folders: &[std::path::PathBuf], act: &mut dyn FnMut() -> Result<()>) -> Result<()> {
    match folders.split_first() {
        Some((first, rest)) => rights::without_rights(first, 0o555, || without_writing(rest, act)),
        None => act(),
    }
}

fn by_mount(run: &Run, tally: &mut Tally) -> Result<()> {
    for shape in shapes(run) {
        let scene = Scene::new(run, shape)?;
        let folder = quoted(&scene.folder);
        let room = Room::new("host", &format!("mount --bind {folder} {folder}\nmount -o remount,bind,ro {folder}"))?;
        let what = format!("a folder with {shape} that is mounted read-only");
        let agents = scene.agents.iter().map(|agent| agent.language).collect::<Vec<_>>();
        look(run, tally, &what, shape, &scene.folder, &room.setting(), &agents)?;
    }
    Ok(())
}

fn shapes(run: &Run) -> Vec<Shape> {
    let known = |shape: &Shape| run.actors().iter().any(|actor| actor.knows(*shape));
    let all = Shape::ALL.into_iter().filter(known).collect();
    run.sample(all, 1)
}

fn look(
    run: &Run,
    tally: &mut Tally,
    what: &str,
    shape: Shape,
    folder: &Path,
    setting: &Setting,
    languages: &[&str],
) -> Result<()> {
    let before = files_below(folder)?;
    for actor in run.actors().iter().filter(|actor| languages.contains(&actor.name())) {
        tally.count(CASES);
        let what = format!("{what}, in {}", actor.name());
        let mut agent = Agent::start(actor, setting)?;
        let shape = shape.as_str();
        for words in [vec!["load", shape, "1"], vec!["load_once", shape, "1"], vec!["load_generate", shape, "1", "new"]]
        {
            tally.check(&what, &words.join(" "), &agent.ask(&words, folder)?, "old");
        }
        tally.check(&what, "load of what is not there", &agent.ask(&["load", shape, "9"], folder)?, "missing");
        for words in [vec!["load_generate", shape, "9", "new"], vec!["persist", shape, "1", "new", "synced"]] {
            let outcome = agent.ask(&words, folder)?;
            tally.check(&what, &words.join(" "), &outcome, "denied");
            if !outcome.to_string().contains(&folder.display().to_string()) {
                tally.fail(format!("{what}: {outcome} names no file"));
            }
        }
        // One that generated would say that it does.
        match Agent::hold(actor, setting, &["hold", shape, "9", "new"], folder) {
            Err(refused) if refused.to_string().contains("the error denied") => {}
            Err(other) => tally.fail(format!("{what}: {other}")),
            Ok(_) => tally.fail(format!("{what}: it generates what it can't persist")),
        }
    }
    if files_below(folder)? != before {
        tally.fail(format!("{what}: its files are others than before"));
    }
    Ok(())
}
