//! Two hosts that share a data folder, and actors on both.

use std::path::{Path, PathBuf};

use super::room::Room;
use crate::agent::Agent;
use crate::child::Actor;
use crate::outcome::Outcome;
use crate::problem::Result;
use crate::run::Run;

pub(crate) struct Hosts {
    pub(crate) rooms: Vec<Room>,
    pub(crate) folder: PathBuf,
    /// An actor of each language on each host.
    agents: Vec<(usize, Agent)>,
}

/// What an agent on a host did.
pub(crate) struct Did {
    pub(crate) host: usize,
    pub(crate) language: &'static str,
    pub(crate) outcome: Outcome,
}

impl Hosts {
    /// Makes hosts of some names, which may be the same, and in each mounts what a script says.
    pub(crate) fn new(run: &Run, names: [&str; 2], script: &str, folder: &Path) -> Result<Self> {
        let rooms = names.iter().map(|name| Room::new(name, script)).collect::<Result<Vec<_>>>()?;
        let mut agents = Vec::new();
        for (host, room) in rooms.iter().enumerate() {
            for actor in run.actors() {
                agents.push((host, Agent::start(&actor, &room.setting())?));
            }
        }
        Ok(Self { rooms, folder: folder.to_owned(), agents })
    }

    /// Starts an actor on a host that does one thing, and holds in the middle of it.
    pub(crate) fn hold(&self, host: usize, actor: &Actor, task: &[&str]) -> Result<Agent> {
        let room = self.rooms.get(host).ok_or("there is no such host")?;
        Agent::hold(actor, &room.setting(), task, &self.folder)
    }

    /// Lets all do something at once; what, is told by their number.
    pub(crate) fn all_at_once(&mut self, what: impl Fn(usize) -> Vec<String>) -> Result<Vec<Did>> {
        for (number, (_, agent)) in self.agents.iter_mut().enumerate() {
            let words = what(number);
            agent.tell(&words.iter().map(String::as_str).collect::<Vec<_>>(), &self.folder)?;
        }
        let did = |(host, agent): &mut (usize, Agent)| {
            Ok(Did { host: *host, language: agent.language, outcome: agent.answer()? })
        };
        self.agents.iter_mut().map(did).collect()
    }

    /// Lets one after the other do something.
    pub(crate) fn one_by_one(&mut self, words: &[&str]) -> Result<Vec<Did>> {
        let folder = self.folder.clone();
        let did = |(host, agent): &mut (usize, Agent)| {
            Ok(Did { host: *host, language: agent.language, outcome: agent.ask(words, &folder)? })
        };
        self.agents.iter_mut().map(did).collect()
    }

    /// Returns an agent on a host.
    pub(crate) fn agent_on(&mut self, host: usize, language: &str) -> Result<&mut Agent> {
        let found = self.agents.iter_mut().find(|(on, agent)| *on == host && agent.language == language);
        Ok(found.map(|(_, agent)| agent).ok_or("there is no such agent")?)
    }

    /// Ends a host with all its processes, as a power cut does.
    pub(crate) fn end(&mut self, host: usize) {
        drop(self.rooms.remove(host));
    }
}
