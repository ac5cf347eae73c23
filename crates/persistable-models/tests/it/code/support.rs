//! Runs, processes, payloads and the ways to publish and to read them.

use std::cell::RefCell;
use std::fs;
use std::panic::{catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use persistable_store::{
    Artifact, ArtifactId, Draft, Durability, Error, ErrorKind, Lease, PayloadName, Result, Settings, Store,
    Verification, Wait,
};
use shuttle::rand::{Rng, thread_rng};
use shuttle::thread::JoinHandle;
use shuttle::{Config, FailurePersistence, MaxSteps, Runner};
use tempfile::TempDir;

use crate::simulation::{self, Bursts, Fault, is_broken, step};

pub(crate) const SETTINGS: Settings = Settings { durability: Durability::Fast, verification: Verification::Always };

/// What is checked, in a number of interleavings.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) run: fn(),
    pub(crate) runs: usize,
}

impl Scenario {
    #[allow(clippy::print_stderr, reason = "it is for who reads the failure")]
    pub(crate) fn check(self) {
        if let Err(panic) = self.try_all(variable("ITERATIONS").unwrap_or(self.runs)) {
            let test = std::thread::current().name().unwrap_or_default().to_owned();
            let seed = simulation::seed();
            eprintln!(
                "To replay it, with --cfg shuttle: {PREFIX}SEED={seed} {PREFIX}ITERATIONS=1 cargo test -p persistable-models {test}"
            );
            resume_unwind(panic);
        }
    }

    /// Whether the code fails in one of so many runs.
    pub(crate) fn fails(self, runs: usize) -> bool {
        self.try_all(runs).is_err()
    }

    fn try_all(self, runs: usize) -> std::thread::Result<()> {
        let mut config = Config::new();
        // The seed tells everything.
        config.failure_persistence = FailurePersistence::None;
        config.max_steps = MaxSteps::FailAfter(100_000);
        config.silence_warnings = true;
        config.stack_size = 1 << 20;
        let folder = scratch_folder();
        let path = folder.path().to_owned();
        let run = move || {
            simulation::begin_run();
            begin_folder(&path);
            (self.run)();
            simulation::end_run();
        };
        let scheduler = Bursts::new(variable("SEED").unwrap_or(0), runs);
        catch_unwind(|| Runner::new(scheduler, config).run(run)).map(|_| ())
    }
}

const PREFIX: &str = "PERSISTABLE_MODELS_";

/// Reads an environment variable.
fn variable<T: FromStr<Err: std::fmt::Debug>>(name: &str) -> Option<T> {
    std::env::var(format!("{PREFIX}{name}")).ok().map(|text| text.parse().expect(name))
}

thread_local! {
    static DATA_FOLDER: RefCell<PathBuf> = RefCell::default();
}

/// In memory where there is such a place. Threads of a run that failed never end, so that it outlives the runs.
fn scratch_folder() -> TempDir {
    let create_in = |at: &Path| tempfile::Builder::new().prefix("persistable-models-").tempdir_in(at);
    create_in(Path::new("/dev/shm")).or_else(|_| create_in(&std::env::temp_dir())).unwrap()
}

fn begin_folder(scratch: &Path) {
    let path = scratch.join("data");
    if path.is_dir() {
        fs::remove_dir_all(&path).unwrap();
    }
    fs::create_dir(&path).unwrap();
    DATA_FOLDER.set(path);
}

/// The data folder of this run, empty to begin with.
pub(crate) fn data_folder() -> PathBuf {
    DATA_FOLDER.with_borrow(PathBuf::clone)
}

pub(crate) fn id(name: &str) -> ArtifactId {
    ArtifactId::new(PayloadName::new(name).unwrap(), [7; 32])
}

/// Runs a thread as a process of its own.
pub(crate) fn process<T: Send + 'static>(number: u32, act: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    shuttle::thread::spawn(move || {
        simulation::be_process(number, None);
        act()
    })
}

/// Runs a thread as a process that dies at some step, and then returns nothing, or lives on.
pub(crate) fn mortal<T: Send + 'static>(
    number: u32,
    act: impl FnOnce() -> Result<T> + Send + 'static,
) -> JoinHandle<Option<T>> {
    shuttle::thread::spawn(move || {
        let steps_left = thread_rng().gen_range(1..90_usize);
        simulation::be_process(number, Some(steps_left).filter(|left| *left < 80));
        match act() {
            Ok(done) => Some(done),
            Err(_) if simulation::is_dead() => None,
            Err(error) => panic!("{error}"),
        }
    })
}

/// How a payload lies in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    File,
    /// Two files, both with the payload's number.
    Folder,
}

pub(crate) fn publish(store: &Store, lease: &Lease, shape: Shape, suffix: &str, number: u32) -> Result<()> {
    let mut staging = store.stage(lease, suffix, &SETTINGS)?;
    let text = number.to_string();
    let failed = |error: std::io::Error| Error::new(ErrorKind::Unavailable, error.to_string());
    match shape {
        Shape::File => staging.writer()?.write_all(text.as_bytes()).map_err(failed)?,
        Shape::Folder => {
            // A payload IO that writes by its path does so past the medium.
            let path = staging.path()?;
            step().and_then(|()| fs::create_dir(path)).map_err(failed)?;
            for part in ["a", "b"] {
                step().and_then(|()| fs::write(path.join(part), b"")).map_err(failed)?;
                step().and_then(|()| fs::write(path.join(part), &text)).map_err(failed)?;
            }
        }
    }
    store.publish(lease, staging, Draft::new("raw", 1)).map(|_| ())
}

pub(crate) fn lease(store: &Store, id: &ArtifactId) -> Result<Lease> {
    store.lease(id, Wait::Forever, &mut |_| {})
}

/// What a reader finds, when it neither failed nor was misled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Found {
    Nothing,
    Damaged,
    Payload(u32),
}

/// Reads as the specification says.
pub(crate) fn read(store: &Store, id: &ArtifactId) -> Result<Found> {
    loop {
        let artifact = match store.find(id) {
            Ok(Some(artifact)) => artifact,
            Ok(None) => return Ok(Found::Nothing),
            Err(error) if error.kind() == ErrorKind::Damaged => return Ok(Found::Damaged),
            Err(error) => return Err(error),
        };
        let (found, is_sure) = match read_payload(&artifact) {
            Ok((found, is_by_path)) => (found.map(Found::Payload), !is_by_path),
            Err(error) if error.kind() == ErrorKind::Damaged => (Some(Found::Damaged), false),
            Err(error) => return Err(error),
        };
        if is_sure || is_broken(Fault::NoLookAgain) || !artifact.may_have_changed()? {
            return Ok(found.expect("the parts of a payload that nobody replaced agree"));
        }
    }
}

/// Reads a payload: a number, or `None` where its parts do not agree; and whether it was read by its path.
fn read_payload(artifact: &Artifact) -> Result<(Option<u32>, bool)> {
    let mut payload = artifact.payload(&SETTINGS)?;
    let number = |bytes: &[u8]| std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok());
    if payload.record().files.is_none() {
        return Ok((number(&payload.bytes()?), false));
    }
    let path = payload.path()?.to_owned();
    let part = |part| step().and_then(|()| fs::read(path.join(part))).ok().and_then(|bytes| number(&bytes));
    let (a, b) = (part("a"), part("b"));
    Ok((a.filter(|_| a == b), true))
}

/// A number that only grows.
#[derive(Clone, Default)]
pub(crate) struct Counter(Arc<AtomicU32>);

impl Counter {
    pub(crate) fn add(&self) -> u32 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn subtract(&self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }

    pub(crate) fn raise_to(&self, number: u32) {
        self.0.fetch_max(number, Ordering::SeqCst);
    }

    pub(crate) fn get(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}
