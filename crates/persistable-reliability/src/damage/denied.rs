//! Permissions that are taken away: an error that says so, and neither damage nor a miss.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use super::agent::Setting;
use super::scene::{DAMAGED, PartKind, Scene, start_all};
use super::tally::{CASES, Tally};
use crate::Result;
use crate::run::Run;
use crate::shape::Shape;

/// The account without rights. The administrator would be denied nothing.
pub(crate) const NOBODY: u32 = 65_534;

/// Runs an agent as nobody.
pub(crate) fn as_nobody() -> Setting {
    Setting::within(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
}

/// Says why nobody can't act here, where that is so.
pub(crate) fn obstacle(run: &Run) -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("only the administrator can act for other accounts".to_owned());
    }
    for actor in run.actors() {
        let Ok(scratch) = run.folder() else { return Some("there is no scratch folder".to_owned()) };
        let _ = open_to_others(scratch.path());
        let _ = chown(scratch.path(), Some(NOBODY), None);
        let mut command = match as_nobody().command(&actor, &["load", "file", "1", "data"]) {
            Ok(command) => command,
            Err(error) => return Some(error.to_string()),
        };
        let found = command.current_dir(scratch.path()).output();
        if !found.is_ok_and(|output| output.status.success()) {
            return Some(format!(
                "the account nobody can't run {} here, or can't reach the scratch folder",
                actor.name()
            ));
        }
    }
    None
}

pub(crate) fn try_all(run: &Run, tally: &mut Tally) -> Result<()> {
    if let Some(why) = obstacle(run) {
        tally.skip("permissions", why);
        return Ok(());
    }
    for shape in Shape::ALL.into_iter().filter(|shape| run.actors().iter().any(|actor| actor.knows(*shape))) {
        let mut scene = Scene::with_agents(run, shape, start_all(run, &as_nobody())?, true)?;
        for agent in 0..scene.agents.len() {
            scene.persist(agent, DAMAGED, "old")?;
            for part in scene.parts()? {
                let path = scene.path(&part);
                let what = format!("{} without permissions, for {}", part.name, scene.language(agent));
                let expected = if part.kind == PartKind::Params { "old" } else { "denied" };
                tally.count(CASES);
                without_rights(&path, 0o000, || {
                    for words in
                        [vec!["load", scene.shape, DAMAGED], vec!["load_generate", scene.shape, DAMAGED, "new"]]
                    {
                        let outcome = scene.ask(agent, &words)?;
                        tally.check(&what, words.first().unwrap_or(&""), &outcome, expected);
                    }
                    Ok(())
                })?;
                let outcome = scene.ask(agent, &["load", shape.as_str(), DAMAGED])?;
                tally.check(&what, "load once they are back", &outcome, "old");
            }
            let folder = scene.folder.clone();
            tally.count(CASES);
            tally.count(CASES);
            let what = format!("a data folder that {} may not write to", scene.language(agent));
            without_rights(&folder, 0o555, || {
                expect(&mut scene, tally, agent, &what, &["load", shape.as_str(), DAMAGED], "old")?;
                expect(&mut scene, tally, agent, &what, &["persist", shape.as_str(), DAMAGED, "new", "fast"], "denied")
            })?;
            let what = format!("a data folder that {} may not look into", scene.language(agent));
            without_rights(&folder, 0o000, || {
                expect(&mut scene, tally, agent, &what, &["load", shape.as_str(), DAMAGED], "denied")?;
                expect(&mut scene, tally, agent, &what, &["load_generate", shape.as_str(), DAMAGED, "new"], "denied")
            })?;
            expect(&mut scene, tally, agent, "all rights back", &["load", shape.as_str(), DAMAGED], "old")?;
        }
    }
    Ok(())
}

fn expect(
    scene: &mut Scene,
    tally: &mut Tally,
    agent: usize,
    what: &str,
    words: &[&str],
    expected: &str,
) -> Result<()> {
    let outcome = scene.ask(agent, words)?;
    tally.check(what, words.first().unwrap_or(&""), &outcome, expected);
    Ok(())
}

/// Lets others reach what is below a folder of the scratch.
pub(crate) fn open_to_others(folder: &Path) -> Result<()> {
    for folder in folder.ancestors().take(2) {
        fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    }
    Ok(())
}

pub(crate) fn without_rights(path: &Path, mode: u32, act: impl FnOnce() -> Result<()>) -> Result<()> {
    let before = fs::metadata(path)?.permissions();
    fs::set_permissions(path, Permissions::from_mode(mode))?;
    let acted = act();
    fs::set_permissions(path, before)?;
    acted
}
