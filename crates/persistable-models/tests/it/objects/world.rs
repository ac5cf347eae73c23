//! A bucket, and the machines that use it. Each request is a step, between which others run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use persistable_objects::{
    Can, Error, ErrorKind, Fetched, Got, ListedObject, Memory, Object, Objects, Only, Put, Replace, Result, UploadId,
    Version,
};
use persistable_store::Manifest;

use super::turns::{Turns, step};

/// How long a lease lives.
pub(crate) const LEASE_TIME: Duration = Duration::from_secs(30);

/// A way to break the protocol from outside. Each has to be noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// Manifests are put without their condition.
    UnconditionalCommit,
    /// Leases are put without their condition.
    UnconditionalLease,
    /// What is replaced is deleted before the commit.
    DeleteBeforeCommit,
    /// All payloads of an artifact have one name.
    OneName,
    /// A lease's age is told by the clock of another machine.
    ComparedClocks,
    /// Nobody deletes what dead processes left.
    KeptLitter,
    /// A removal deletes the manifest instead of putting a tombstone in its place.
    DeletedManifest,
}

/// What goes wrong besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weather {
    /// Answers are lost, and some of them for good.
    pub(crate) loses_answers: bool,
    /// The first machines die at some step.
    pub(crate) dying: usize,
    /// The store replaces nothing on a condition, as over SFTP.
    pub(crate) is_unfenced: bool,
}

/// What all machines share.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) memory: Memory,
    pub(crate) turns: Arc<Turns>,
    pub(crate) weather: Weather,
    pub(crate) mutant: Option<Mutant>,
    /// Whether each request is written out.
    is_told: bool,
    history: Mutex<Vec<Commit>>,
    writes: Mutex<BTreeMap<String, Duration>>,
    late: Mutex<Late>,
}

/// Payloads that were uploaded or replaced by a machine whose lease another one had by then.
///
/// The other one may have cleaned up before. If the late machine dies then, or does not learn how its commit ended, nobody
/// deletes that payload. This is known, and does no harm but to the bill.
#[derive(Debug, Default)]
struct Late {
    holder: Option<usize>,
    names: BTreeSet<String>,
}

/// A manifest that was put, and what it took the place of.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    pub(crate) commit_id: Option<String>,
    pub(crate) replaced: Option<String>,
}

impl World {
    pub(crate) fn new(turns: Arc<Turns>, weather: Weather, mutant: Option<Mutant>) -> Arc<Self> {
        let (history, writes, late) = (Mutex::default(), Mutex::default(), Mutex::default());
        let is_told = std::env::var_os("PERSISTABLE_MODELS_TELL").is_some();
        let only_create = Can { create: true, replace: Replace::No };
        let memory = if weather.is_unfenced { Memory::which_can(only_create) } else { Memory::new() };
        Arc::new(Self { memory, turns, weather, mutant, is_told, history, writes, late })
    }

    /// The same bucket, later, when the weather is another.
    pub(crate) fn after(before: &Self, weather: Weather) -> Arc<Self> {
        let world = Self::new(Arc::clone(&before.turns), weather, before.mutant);
        Arc::new(Self { memory: before.memory.clone(), ..Arc::into_inner(world).unwrap() })
    }

    /// Whether nobody has to delete this payload.
    pub(crate) fn is_late(&self, name: &str) -> bool {
        self.weather != Weather::default() && self.late(|late| late.names.contains(name))
    }

    fn late<T>(&self, act: impl FnOnce(&mut Late) -> T) -> T {
        act(&mut self.late.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns all manifests that were put, in order.
    pub(crate) fn history(&self) -> Vec<Commit> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }

    fn commit_id(&self, name: &str) -> Option<String> {
        let Got::Found(found) = self.memory.get(name, None).unwrap() else { return None };
        Manifest::parse(&found.bytes).ok().map(|manifest| manifest.commit_id)
    }
}

/// The bucket, as one machine sees it.
#[derive(Debug)]
pub(crate) struct Machine {
    world: Arc<World>,
    number: usize,
    /// So many requests are left before it dies.
    left: Option<AtomicUsize>,
}

impl Machine {
    pub(crate) fn new(world: &Arc<World>, number: usize) -> Self {
        let dies = number < world.weather.dying && world.turns.dice(|dice| !dice.once_in(4));
        let left = dies.then(|| world.turns.dice(|dice| AtomicUsize::new(dice.below(25) as usize)));
        Self { world: Arc::clone(world), number, left }
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.left.as_ref().is_some_and(|left| left.load(Ordering::Relaxed) == 0)
    }

    /// Lets others run, and fails if this machine is dead.
    #[allow(clippy::print_stderr, reason = "it is for who reads a failure")]
    fn begin(&self, verb: &str, name: &str) -> Result<()> {
        step();
        if self.world.is_told {
            eprintln!("{:9.2?} machine {}: {verb} {name}", self.world.turns.now(), self.number);
        }
        if let Some(left) = &self.left {
            let before = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            if before.is_err() || before == Ok(1) {
                return Err(Error::new(ErrorKind::Unavailable, "this machine is dead"));
            }
        }
        Ok(())
    }

    fn loses_answer(&self, times: u64) -> bool {
        self.world.weather.loses_answers && self.world.turns.dice(|dice| dice.once_in(times))
    }

    fn name(&self, name: &str) -> String {
        match name.split_once('~') {
            Some((stem, rest)) if self.world.is(Mutant::OneName) => {
                format!("{stem}~{}", rest.trim_start_matches(|digit: char| digit.is_ascii_digit()))
            }
            _ => name.to_owned(),
        }
    }

    /// Puts something, and keeps the history of manifests.
    fn put_now(&self, name: &str, bytes: &[u8], only: &Only) -> Result<Put> {
        let (world, is_manifest) = (&self.world, name.ends_with(".manifest.json"));
        let is_lease = name.contains("/leases/");
        let is_free =
            is_manifest && world.is(Mutant::UnconditionalCommit) || is_lease && world.is(Mutant::UnconditionalLease);
        let only = if is_free { &Only::Always } else { only };
        if is_manifest && world.is(Mutant::DeleteBeforeCommit) {
            self.delete_payload_of(name)?;
        }
        let replaced = if is_manifest { world.commit_id(name) } else { None };
        if is_manifest && world.late(|late| late.holder != Some(self.number)) {
            let payload = self.payload_of(name)?;
            world.late(|late| late.names.extend(payload));
        }
        if is_manifest && world.is(Mutant::DeletedManifest) && bytes.starts_with(b"{\"removed\":") {
            // Others run between a look and a delete without a condition.
            step();
            world.memory.delete(&[name])?;
            self.note(None, world.commit_id(name));
            return Ok(Put::Done(Version::new("deleted")));
        }
        let put = world.memory.put(name, bytes, only)?;
        if let Put::Done(_) = put {
            let now = world.turns.now();
            world.writes.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), now);
            if is_lease {
                world.late(|late| late.holder = Some(self.number));
            }
            if is_manifest {
                self.note(Manifest::parse(bytes).ok().map(|manifest| manifest.commit_id), replaced);
            }
        }
        Ok(put)
    }

    fn note(&self, commit_id: Option<String>, replaced: Option<String>) {
        let mut history = self.world.history.lock().unwrap_or_else(PoisonError::into_inner);
        history.push(Commit { commit_id, replaced });
    }

    /// Returns the names of a payload's objects, by what its manifest says now.
    fn payload_of(&self, manifest: &str) -> Result<Vec<String>> {
        let Got::Found(found) = self.world.memory.get(manifest, None)? else { return Ok(Vec::new()) };
        let Ok(manifest) = Manifest::parse(&found.bytes) else { return Ok(Vec::new()) };
        Ok(names_below(&self.world.memory, &manifest.payload.file))
    }

    fn delete_payload_of(&self, manifest: &str) -> Result<()> {
        let names = self.payload_of(manifest)?;
        self.world.memory.delete(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
        step();
        Ok(())
    }

    /// Returns how old an object is, as the server says.
    fn aged(&self, name: &str, found: Object) -> Object {
        let written = self.world.writes.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        let mut age = written.map(|written| self.world.turns.now().saturating_sub(written));
        if self.world.is(Mutant::ComparedClocks) {
            age = age.map(|age| age + 3 * LEASE_TIME);
        }
        Object { age, ..found }
    }
}

/// Returns the names of a payload's objects.
pub(crate) fn names_below(memory: &Memory, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut each = |entries: Vec<ListedObject>| {
        names.extend(entries.into_iter().map(|entry| entry.name));
        ControlFlow::Continue(())
    };
    memory.list(prefix, None, &mut each).unwrap();
    names
}

impl persistable_objects::Over for Machine {
    fn below(&self) -> &dyn Objects {
        &self.world.memory
    }

    fn get(&self, name: &str, unless: Option<&Version>) -> Result<Got> {
        self.begin("get", name)?;
        let name = self.name(name);
        Ok(match self.below().get(&name, unless)? {
            Got::Found(found) => Got::Found(self.aged(&name, found)),
            other => other,
        })
    }

    fn get_range(&self, name: &str, range: Range<u64>) -> Result<Option<Vec<u8>>> {
        self.begin("get", name)?;
        self.below().get_range(&self.name(name), range)
    }

    fn fetch(&self, name: &str, to: &File) -> Result<Option<Fetched>> {
        self.begin("fetch", name)?;
        self.below().fetch(&self.name(name), to)
    }

    fn put(&self, name: &str, bytes: &[u8], only: &Only) -> Result<Put> {
        self.begin("put", name)?;
        let name = &*self.name(name);
        if self.loses_answer(40) {
            // It is lost on its way, or its answer is, and nobody finds out which.
            if self.world.turns.dice(|dice| dice.once_in(2)) {
                self.put_now(name, bytes, only)?;
            }
            return Err(Error::new(ErrorKind::Unavailable, "the connection was cut").outcome_unknown(true));
        }
        let put = self.put_now(name, bytes, only)?;
        if !self.loses_answer(4) {
            return Ok(match put {
                Put::Refused(found) => Put::Refused(found.map(|found| self.aged(name, found))),
                done => done,
            });
        }
        // The second look of the engine tells whether the write landed. Others run before it.
        self.begin("look at", name)?;
        Ok(match self.below().get(name, None)? {
            Got::Found(found) if found.bytes == bytes => Put::Done(found.version),
            Got::Found(found) => Put::Refused(Some(self.aged(name, found))),
            // It was not put, or it was and is gone. The engine can't tell, and sends it again.
            Got::Absent | Got::Same => self.put_now(name, bytes, only)?,
        })
    }

    fn upload(
        &self,
        name: &str,
        file: &File,
        only: &Only,
        begun: &mut dyn FnMut(&UploadId) -> Result<()>,
    ) -> Result<Put> {
        self.begin("upload", name)?;
        let name = self.name(name);
        let put = self.below().upload(&name, file, only, &mut |id| {
            begun(id)?;
            self.begin("send parts of", &name)
        })?;
        self.world.late(|late| {
            if late.holder != Some(self.number) {
                late.names.insert(name.clone());
            }
        });
        self.begin("finished", &name)?;
        Ok(put)
    }

    fn abort(&self, name: &str, upload: &UploadId) -> Result<()> {
        self.begin("abort", name)?;
        self.below().abort(name, upload)
    }

    fn delete(&self, names: &[&str]) -> Result<()> {
        self.begin("delete", &names.join(" "))?;
        if self.world.is(Mutant::KeptLitter) {
            return Ok(());
        }
        let names: Vec<String> = names.iter().map(|name| self.name(name)).collect();
        self.below().delete(&names.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        each: &mut dyn FnMut(Vec<ListedObject>) -> ControlFlow<()>,
    ) -> Result<()> {
        self.begin("list", prefix)?;
        self.below().list(prefix, after, each)
    }
}
