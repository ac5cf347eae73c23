//! Permissions that are taken away: an error that says so, and neither damage nor a miss.

use super::rights::{as_nobody, obstacle, without_rights};
use super::scene::{DAMAGED, PartKind, Scene, start_all};
use super::tally::{CASES, Tally};
use crate::problem::Result;
use crate::run::Run;
use crate::shape::Shape;

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
