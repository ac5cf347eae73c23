//! A data folder with the artifact that is damaged, and two others that have to stay as they are.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::rights::{NOBODY, open_to_others};
use super::tally::{CASES, QUARANTINES, Tally};
use crate::agent::{Agent, Setting};
use crate::outcome::Outcome;
use crate::problem::Result;
use crate::run::Run;
use crate::shape::Shape;

/// The number of the artifact that is damaged.
pub(crate) const DAMAGED: &str = "1";
pub(crate) const OTHERS: [&str; 2] = ["2", "3"];
/// How many untracked words tell generations apart: a payload that is met again is known to be an old one.
const OLD: &str = "old";
const NEW: &str = "new";

/// What a language answers where content was not fetched.
const NOT_FETCHED: &str = "not_fetched";

/// How an artifact has to load after what happened to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Expect {
    /// An error of the kind `damaged`, and quarantine.
    Damaged,
    /// As if nothing had ever been persisted.
    Miss,
    /// An error that says that the content was not fetched. Nothing is changed.
    NotFetched,
    /// As if nothing had happened.
    Right,
}

pub(crate) struct Scene {
    pub(crate) shape: &'static str,
    pub(crate) folder: PathBuf,
    pub(crate) outside: PathBuf,
    pub(crate) agents: Vec<Agent>,
    /// The stem of each artifact by its number.
    stems: BTreeMap<&'static str, String>,
    cases: usize,
    _around: TempDir,
}

/// A file or a folder of an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// How it is called in reports.
    pub(crate) name: String,
    /// Relative to the data folder, with `{}` for the stem.
    pattern: String,
    pub(crate) kind: PartKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartKind {
    Payload,
    PayloadFolder,
    /// A file in a payload's folder.
    PayloadPart,
    Manifest,
    Params,
}

impl Scene {
    /// Prepares a data folder, and agents of all languages that know the shape.
    pub(crate) fn new(run: &Run, shape: Shape) -> Result<Self> {
        Self::with_agents(run, shape, start_all(run, &Setting::default())?, false)
    }

    /// Prepares a data folder, which belongs to nobody where the agents do.
    pub(crate) fn with_agents(run: &Run, shape: Shape, agents: Vec<Agent>, is_of_nobody: bool) -> Result<Self> {
        let around = if run.is_quick { folder_in_memory(run)? } else { run.folder()? };
        let (folder, outside) = (around.path().join("data"), around.path().join("outside"));
        fs::create_dir(&folder)?;
        fs::create_dir(&outside)?;
        fs::write(outside.join("file"), "what lies outside")?;
        if is_of_nobody {
            open_to_others(&folder)?;
            std::os::unix::fs::chown(&folder, Some(NOBODY), None)?;
            open_to_others(around.path())?;
        }
        let stems = BTreeMap::new();
        let mut scene = Self { shape: shape.as_str(), folder, outside, agents, stems, cases: 0, _around: around };
        if shape == Shape::Pickle {
            scene.agents.retain(|agent| agent.language == "Python");
        }
        for number in [DAMAGED, OTHERS[0], OTHERS[1]] {
            let before = scene.manifests();
            scene.persist(0, number, OLD)?;
            let new = scene.manifests().into_iter().find(|name| !before.contains(name));
            let stem = new.ok_or("nothing was persisted")?.trim_end_matches(".manifest.json").to_owned();
            scene.stems.insert(number, stem);
        }
        Ok(scene)
    }

    pub(crate) fn into_agents(self) -> Vec<Agent> {
        self.agents
    }

    pub(crate) fn is_small(&self) -> bool {
        [Shape::File, Shape::Folder].map(Shape::as_str).contains(&self.shape)
    }

    /// Lists the parts of an artifact.
    pub(crate) fn parts(&self) -> Result<Vec<Part>> {
        let stem = self.stem(DAMAGED);
        let part = |name: &str, relative: &str, kind| Part {
            name: format!("the {} {name}", self.shape),
            pattern: relative.replace(stem, "{}"),
            kind,
        };
        let mut parts = vec![
            part("artifact's manifest", &format!("{stem}.manifest.json"), PartKind::Manifest),
            part("artifact's params.json", &format!("{stem}.params.json"), PartKind::Params),
        ];
        let payload = self.payload_file(DAMAGED)?;
        if self.folder.join(&payload).is_dir() {
            parts.push(part("payload", &payload, PartKind::PayloadFolder));
            for file in files_below(&self.folder.join(&payload))? {
                let relative = file.strip_prefix(&self.folder)?.to_string_lossy().into_owned();
                let name = format!("payload's file {}", relative.trim_start_matches(&payload).trim_start_matches('/'));
                parts.push(part(&name, &relative, PartKind::PayloadPart));
            }
        } else {
            parts.push(part("payload", &payload, PartKind::Payload));
        }
        Ok(parts)
    }

    pub(crate) fn path(&self, part: &Part) -> PathBuf {
        self.path_of(part, DAMAGED)
    }

    pub(crate) fn path_of(&self, part: &Part, number: &str) -> PathBuf {
        self.folder.join(part.pattern.replace("{}", self.stem(number)))
    }

    pub(crate) fn manifest(&self, number: &str) -> PathBuf {
        self.folder.join(format!("{}.manifest.json", self.stem(number)))
    }

    pub(crate) fn stem(&self, number: &str) -> &str {
        self.stems.get(number).map_or("", String::as_str)
    }

    /// The name of the file or folder of a payload, as its manifest says.
    fn payload_file(&self, number: &str) -> Result<String> {
        let manifest = fs::read(self.manifest(number))?;
        let manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
        let file = manifest.pointer("/payload/file").and_then(serde_json::Value::as_str);
        Ok(file.ok_or("a manifest without a payload")?.to_owned())
    }

    fn manifests(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.filter(|name| name.ends_with(".manifest.json")).collect()
    }

    pub(crate) fn ask(&mut self, agent: usize, words: &[&str]) -> Result<Outcome> {
        self.agents.get_mut(agent).ok_or("there is no such agent")?.ask(words, &self.folder)
    }

    /// Persists an artifact anew, whatever is in its place.
    pub(crate) fn persist(&mut self, agent: usize, number: &str, generation: &str) -> Result<()> {
        let shape = self.shape;
        match self.ask(agent, &["persist", shape, number, generation, "fast"])? {
            Outcome::Payload { generation: found, .. } if found == generation => Ok(()),
            other => Err(format!("{shape} {number} could not be persisted in place of what is there: {other}").into()),
        }
    }

    /// Damages the artifact, and has it loaded and healed by every agent, in every order.
    pub(crate) fn case(
        &mut self,
        tally: &mut Tally,
        what: &str,
        expect: Expect,
        damage: &dyn Fn(&Self) -> Result<()>,
        is_quick: bool,
    ) -> Result<()> {
        for reader in 0..self.agents.len() {
            self.cases += 1;
            let orders: &[bool] = match (is_quick, self.cases.is_multiple_of(2)) {
                (false, _) => &[true, false],
                (true, true) => &[true],
                (true, false) => &[false],
            };
            for loads_first in orders {
                let writer = (reader + self.cases) % self.agents.len();
                let how = format!(
                    "{what}; persisted by {}, {} by {}",
                    self.language(writer),
                    if *loads_first { "loaded" } else { "load_generated" },
                    self.language(reader)
                );
                if let Err(problem) = self.act(tally, &how, expect, damage, (writer, reader), *loads_first) {
                    tally.fail(format!("{how}: {problem}"));
                    self.reset()?;
                }
            }
        }
        Ok(())
    }

    fn act(
        &mut self,
        tally: &mut Tally,
        what: &str,
        expect: Expect,
        damage: &dyn Fn(&Self) -> Result<()>,
        (writer, reader): (usize, usize),
        loads_first: bool,
    ) -> Result<()> {
        let shape = self.shape;
        self.persist(writer, DAMAGED, OLD)?;
        self.empty_quarantine()?;
        remove(&self.outside.join("moved"))?;
        let others = self.others()?;
        damage(self)?;
        let bytes = self.bytes_of_artifact()?;
        tally.count(CASES);
        if loads_first {
            // What is remembered of a file must not hide what happened to it.
            let verb = if self.cases.is_multiple_of(3) { "load_once" } else { "load" };
            let outcome = self.ask(reader, &[verb, shape, DAMAGED])?;
            let expected = match expect {
                Expect::Damaged => "damaged",
                Expect::Miss => "missing",
                Expect::NotFetched => NOT_FETCHED,
                Expect::Right => OLD,
            };
            tally.check(what, "load", &outcome, expected);
        }
        let outcome = self.ask(reader, &["load_generate", shape, DAMAGED, NEW])?;
        let healed = match expect {
            Expect::Right => OLD,
            Expect::NotFetched => NOT_FETCHED,
            Expect::Damaged | Expect::Miss => NEW,
        };
        tally.check(what, "load_generate", &outcome, healed);
        for agent in 0..self.agents.len() {
            let outcome = self.ask(agent, &["load", shape, DAMAGED])?;
            tally.check(what, "load after healing", &outcome, healed);
        }
        if expect == Expect::Damaged {
            self.check_quarantine(tally, what, &bytes)?;
        }
        for (path, mark) in others {
            if mark_of(&path) != Some(mark) {
                tally.fail(format!("{what}: {} is not what it was", path.display()));
            }
        }
        if expect == Expect::NotFetched { self.reset() } else { Ok(()) }
    }

    pub(crate) fn language(&self, agent: usize) -> &'static str {
        self.agents.get(agent).map_or("nobody", |agent| agent.language)
    }

    /// Removes the artifact by hand, after a failure.
    pub(crate) fn reset(&self) -> Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(self.stem(DAMAGED)) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    fn quarantine(&self) -> PathBuf {
        self.folder.join(".persistable/quarantine")
    }

    pub(crate) fn empty_quarantine(&self) -> Result<()> {
        remove(&self.quarantine())
    }

    /// Checks that the damaged bytes are kept, with a reason.
    fn check_quarantine(&self, tally: &mut Tally, what: &str, bytes: &[Vec<u8>]) -> Result<()> {
        tally.count(QUARANTINES);
        let mut kept = Vec::new();
        let mut reasons = 0;
        for path in files_below(&self.quarantine()).unwrap_or_default() {
            if path.ends_with("reason.txt") {
                reasons += usize::from(fs::read_to_string(&path)?.lines().count() >= 2);
            } else {
                kept.extend(read_small(&path)?);
            }
        }
        if reasons == 0 {
            tally.fail(format!("{what}: quarantine tells no reason"));
        }
        if bytes.iter().any(|bytes| !kept.contains(bytes)) {
            tally.fail(format!("{what}: bytes of the damaged artifact are not in quarantine"));
        }
        Ok(())
    }

    /// Moves what was put into quarantine back to where it was.
    pub(crate) fn bring_back(&self) -> Result<()> {
        let Ok(entries) = fs::read_dir(self.quarantine()) else { return Ok(()) };
        for aside in entries {
            for entry in fs::read_dir(aside?.path())? {
                let entry = entry?;
                if entry.file_name() != "reason.txt" {
                    fs::rename(entry.path(), self.folder.join(entry.file_name()))?;
                }
            }
        }
        self.empty_quarantine()
    }

    /// The bytes of all regular files of the damaged artifact.
    fn bytes_of_artifact(&self) -> Result<Vec<Vec<u8>>> {
        let stem = self.stem(DAMAGED);
        let files = files_below(&self.folder)?;
        let own = files.into_iter().filter(|path| {
            path.strip_prefix(&self.folder).is_ok_and(|relative| relative.to_string_lossy().starts_with(stem))
        });
        own.filter_map(|path| read_small(&path).transpose()).collect()
    }

    /// What tells whether files of other artifacts, and outside of the data folder, were touched.
    fn others(&self) -> Result<Vec<(PathBuf, Mark)>> {
        let others = OTHERS.map(|number| self.stem(number));
        let mut files = files_below(&self.folder)?;
        files.retain(|path| {
            let name = path.strip_prefix(&self.folder).map(|relative| relative.to_string_lossy().into_owned());
            name.is_ok_and(|name| others.iter().any(|stem| name.starts_with(stem)))
        });
        files.extend(files_below(&self.outside)?);
        Ok(files.into_iter().filter_map(|path| Some((path.clone(), mark_of(&path)?))).collect())
    }
}

/// Starts an agent of each language.
pub(crate) fn start_all(run: &Run, setting: &Setting) -> Result<Vec<Agent>> {
    run.actors().iter().map(|actor| Agent::start(actor, setting)).collect()
}

/// Where nothing is waited for. What is damaged there is damaged as on a disk.
pub(crate) fn folder_in_memory(run: &Run) -> Result<TempDir> {
    let in_memory = tempfile::Builder::new().prefix("persistable-reliability-").tempdir_in("/dev/shm");
    in_memory.or_else(|_| run.folder())
}

type Mark = (u64, u64, i64, i64);

/// Inode, size, and the time of the last change of content.
fn mark_of(path: &Path) -> Option<Mark> {
    let metadata = fs::symlink_metadata(path).ok()?;
    Some((metadata.ino(), metadata.size(), metadata.mtime(), metadata.mtime_nsec()))
}

/// Lists the regular files below a folder, without following links.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                pending.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Reads a file, unless it is one of those that only claim to be large.
fn read_small(path: &Path) -> Result<Option<Vec<u8>>> {
    const MOST: u64 = 1 << 30;
    if fs::symlink_metadata(path)?.len() > MOST { Ok(None) } else { Ok(Some(fs::read(path)?)) }
}

/// Removes whatever is at a path.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(fs::remove_dir_all(path)?),
        Ok(_) => Ok(fs::remove_file(path)?),
        Err(_) => Ok(()),
    }
}
