//! What machines do with an artifact.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use persistable_objects::Objects;
use persistable_store::{
    Artifact, ArtifactId, Draft, Durability, ErrorKind, Lease, PayloadName, Result, Settings, Store, Verification, Wait,
};
use persistable_store::{Clock, Remote, RemoteSettings};

use super::turns::step;
use super::world::{LEASE_TIME, Machine, World};

const SETTINGS: Settings = Settings { durability: Durability::Fast, verification: Verification::Always };

pub(crate) fn id() -> ArtifactId {
    ArtifactId::new(PayloadName::new("one").unwrap(), [7; 32])
}

/// What the actors of a run know together.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The number of the last payload that somebody began to make.
    pub(crate) begun: AtomicU32,
}

/// A machine that uses the store.
pub(crate) struct Actor {
    world: Arc<World>,
    facts: Arc<Facts>,
    machine: Arc<Machine>,
    remote: Remote,
    store: Store,
}

/// What a reader found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Seen {
    Nothing,
    Payload(u32),
}

impl Actor {
    pub(crate) fn new(world: &Arc<World>, facts: &Arc<Facts>, number: usize) -> Self {
        let machine = Arc::new(Machine::new(world, number));
        let (turns, offset) = (Arc::clone(&world.turns), Duration::from_secs(number as u64 * 9999));
        let mut settings = RemoteSettings::default();
        settings.lease_time = LEASE_TIME;
        settings.clock = Clock::new(move || turns.now() + offset);
        settings.has_renewal_thread = false;
        let remote = Remote::new(Arc::clone(&machine) as Arc<dyn Objects>, settings);
        let store = Store::over(remote.clone());
        Self { world: Arc::clone(world), facts: Arc::clone(facts), machine, remote, store }
    }

    /// Does something, unless the machine dies of it or the bucket fails. Other errors are failures of the code.
    pub(crate) fn attempt<T>(&self, act: impl FnOnce() -> Result<T>) -> Option<T> {
        match act() {
            Ok(done) => Some(done),
            Err(_) if self.machine.is_dead() => None,
            Err(error) if error.kind() == ErrorKind::LeaseLost => None,
            Err(error) if error.kind() == ErrorKind::Unavailable && self.world.weather.loses_answers => None,
            Err(error) => panic!("{error}: {:?} {:?}", error.kind(), std::error::Error::source(&error)),
        }
    }

    fn is_over(&self) -> bool {
        self.machine.is_dead()
    }

    /// Takes the lease, as soon as it is to be had.
    pub(crate) fn lease(&self) -> Result<Lease> {
        loop {
            match self.store.lease(&id(), Wait::NOT_AT_ALL, &mut |_| {}) {
                Err(error) if error.kind() == ErrorKind::Busy => {
                    self.world.turns.advance(Duration::from_millis(300));
                    step();
                }
                other => return other,
            }
        }
    }

    /// Generates a payload and publishes it. Then its manifest has to have taken the place of what the lease showed.
    pub(crate) fn publish(&self, lease: &Lease) -> Result<u32> {
        let number = self.facts.begun.fetch_add(1, Ordering::Relaxed) + 1;
        let base = match lease.found() {
            Ok(found) => found.map(|artifact| artifact.manifest().commit_id.clone()),
            Err(error) => return Err(error),
        };
        let mut staging =
            self.store.stage(lease, if number.is_multiple_of(3) { ".other" } else { ".bin" }, &SETTINGS)?;
        let is_folder = number % 4 == 1;
        if is_folder {
            let path = staging.path()?;
            std::fs::create_dir(path).unwrap();
            std::fs::write(path.join("part"), content(number)).unwrap();
        } else {
            staging.writer()?.write_all(&content(number)).unwrap();
        }
        for _ in 0..self.world.turns.dice(|dice| dice.below(4)) {
            step();
            // What can't be renewed is tried again later.
            let _ = self.remote.renew();
        }
        let manifest = self.store.publish(lease, staging, Draft::new("raw", 1))?;
        if self.world.weather.is_unfenced {
            return Ok(number);
        }
        let history = self.world.history();
        let commit = history.iter().find(|commit| commit.commit_id.as_ref() == Some(&manifest.commit_id));
        let commit = commit.expect("what was published was committed");
        assert_eq!(
            commit.replaced, base,
            "payload {number} replaced another manifest than the one that its holder saw"
        );
        Ok(number)
    }

    pub(crate) fn remove(&self) -> Result<()> {
        let lease = self.lease()?;
        let base = lease.found()?.map(|artifact| artifact.manifest().commit_id.clone());
        if self.store.remove(&lease)? {
            let history = self.world.history();
            let is_right = history.iter().any(|commit| commit.commit_id.is_none() && commit.replaced == base);
            assert!(is_right, "a removal took another manifest than the one that its holder saw");
        }
        Ok(())
    }

    pub(crate) fn replace(&self) -> Result<u32> {
        self.publish(&self.lease()?)
    }

    /// Loads, or generates what is not there.
    pub(crate) fn ask(&self) -> Result<u32> {
        loop {
            if let Seen::Payload(number) = self.read()? {
                return Ok(number);
            }
            let lease = self.lease()?;
            if lease.found()?.is_none() {
                match self.publish(&lease) {
                    Err(error) if error.kind() == ErrorKind::LeaseLost && !self.is_over() => {}
                    other => return other,
                }
            }
        }
    }

    /// Reads as a step does. Nothing is ever damaged here.
    pub(crate) fn read(&self) -> Result<Seen> {
        loop {
            let Some(artifact) = self.store.find(&id())? else { return Ok(Seen::Nothing) };
            match payload(&artifact) {
                Ok(bytes) => {
                    let number: u32 = String::from_utf8_lossy(&bytes).split('.').next().unwrap().parse().unwrap();
                    assert!(bytes == content(number), "a payload is mixed");
                    assert!(number <= self.facts.begun.load(Ordering::Relaxed));
                    return Ok(Seen::Payload(number));
                }
                Err(error) if error.kind() == ErrorKind::Damaged => {
                    assert!(artifact.may_have_changed()?, "{error}, and nobody did any damage");
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn payload(artifact: &Artifact) -> Result<Vec<u8>> {
    let mut payload = artifact.payload(&SETTINGS)?;
    if payload.record().files.is_none() {
        return Ok(payload.bytes()?.to_vec());
    }
    Ok(std::fs::read(payload.path()?.join("part")).unwrap())
}

/// A payload that tells its number. Some are uploaded in parts.
fn content(number: u32) -> Vec<u8> {
    let mut bytes = format!("{number}.").into_bytes();
    let size = if number.is_multiple_of(2) { 150_000 } else { 100 };
    bytes.resize(size, (number % 251) as u8);
    bytes
}
