//! Writing artifacts with their lineage into one file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use persistable_store::{ArtifactId, Manifest};
use serde::Serialize;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::batch::{Scratch, batches, entries, failed, outcome, reasons};
use super::options::ExchangeOptions;
use super::order::dependencies_first;
use super::ro_crate::Description;
use crate::address::address;
use crate::catalogue::Catalogue;
use crate::error::{Error, ErrorKind, Result};
use crate::index::{Cell, node_by_id, node_of_stem};
use crate::lineage::below;
use crate::query::{Query, choose};
use crate::state::State;

/// What was exported.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Exported {
    /// Stems of the artifacts in the file.
    pub artifacts: Vec<String>,
    /// The bytes of their payloads.
    pub size_bytes: u64,
    /// Stems of artifacts that others were made from, and that are gone.
    pub missing: Vec<String>,
    /// What could not be exported, with the reasons.
    pub failed: Vec<(String, String)>,
}

impl Catalogue {
    /// Writes what a query selects into one file, with everything it was made from.
    ///
    /// Payloads are compared with their digests on the way. The file appears when it is complete, and replaces one that is there.
    /// If nothing could be exported, that is an error, there is no file, and one that is there stays.
    ///
    /// # Errors
    ///
    /// Those of [`table`](Self::table), and [`ErrorKind::File`](crate::ErrorKind::File) if the file can't be written. What
    /// concerns one artifact is in the result.
    pub fn export(&mut self, query: &Query, to: impl AsRef<Path>, options: &ExchangeOptions<'_>) -> Result<Exported> {
        let to = to.as_ref();
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(Error::new(ErrorKind::File, format!("there is no folder {}", folder.display())));
        }
        self.make_sure()?;
        let (plan, mut exported) = self.plan_export(query)?;
        if plan.is_empty() {
            let message = match exported.failed.first() {
                Some((stem, problem)) => format!("nothing can be exported: {stem}: {problem}"),
                None => "nothing is selected".to_owned(),
            };
            return Err(Error::new(ErrorKind::NotFound, message));
        }
        let scratch = Scratch::new(&options.scratch_or(folder))?;
        let file = tempfile::Builder::new()
            .prefix(".persistable-export-")
            .tempfile_in(folder)
            .map_err(|error| failed("create a file in", folder, error))?;
        let mut archive = Archive { zip: ZipWriter::new(BufWriter::with_capacity(1 << 20, file.as_file())), to };
        let mut description = Description::new();
        let all: u64 = plan.iter().map(|planned| planned.size_bytes).sum();
        let mut done = 0;
        options.tell(done, all)?;
        for batch in batches(plan, |planned| planned.size_bytes) {
            let ids: Vec<ArtifactId> = batch.iter().map(|planned| planned.id.clone()).collect();
            let copied = self.store().push(&scratch.store, ids, &options.copying());
            outcome(copied, |report| {
                exported.failed.extend(reasons(&report.failed).chain(reasons(&report.refused)));
                exported.missing.extend(report.missing.iter().map(|id| id.stem().to_owned()));
            })?;
            for planned in &batch {
                let Some(found) = scratch.store.find(&planned.id)? else { continue };
                archive.add_artifact(scratch.path(), planned.id.stem(), found.manifest())?;
                description.add(found.manifest());
                exported.size_bytes += found.manifest().payload.size_bytes;
                exported.artifacts.push(planned.id.stem().to_owned());
            }
            scratch.clear()?;
            done += batch.iter().map(|planned| planned.size_bytes).sum::<u64>();
            options.tell(done, all)?;
        }
        // A file that is there stays, rather than to be replaced by an empty one.
        if exported.artifacts.is_empty() {
            let message = match exported.failed.first() {
                Some((stem, problem)) => format!("nothing could be exported: {stem}: {problem}"),
                None => "nothing could be exported: all that was selected is gone meanwhile".to_owned(),
            };
            return Err(Error::new(ErrorKind::NotFound, message));
        }
        let records = scratch.path().join(".persistable/records");
        for path in if records.is_dir() { entries(&records)? } else { Vec::new() } {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            archive.add_file(&format!(".persistable/records/{name}"), &path)?;
        }
        archive.add_text("ro-crate-metadata.json", description.finish().as_bytes())?;
        archive.finish()?;
        file.as_file().sync_all().map_err(|error| failed("write", to, error))?;
        // Unlike other temporary files, it is for everybody whom the folder lets read.
        share(file.path()).map_err(|error| failed("share", to, error))?;
        file.persist(to).map_err(|error| failed("write", to, error.error))?;
        Ok(exported)
    }

    /// Lists what a query selects and what that was made from, dependencies first.
    fn plan_export(&mut self, query: &Query) -> Result<(Vec<ToExport>, Exported)> {
        self.prepare(query)?;
        self.read(|reading| {
            let mut exported = Exported::default();
            let mut pending: Vec<String> = Vec::new();
            for part in &choose(reading, query)?.0 {
                for slot in &part.slots {
                    let node = reading.node_at(&part.step, *slot)?.unwrap_or_default();
                    pending.push(node_by_id(reading.db, node)?.stem);
                }
            }
            let mut seen: BTreeSet<String> = pending.iter().cloned().collect();
            let (mut names, mut planned) = (BTreeMap::new(), BTreeMap::new());
            while let Some(stem) = pending.pop() {
                let Some(node) = node_of_stem(reading.db, &stem)?.filter(|node| node.state.is_there()) else {
                    exported.missing.push(stem);
                    continue;
                };
                if node.state != State::Whole {
                    let problem = node.problem.unwrap_or_else(|| node.state.as_str().to_owned());
                    exported.failed.push((stem, problem));
                    continue;
                }
                let step = crate::index::step_by_id(reading.db, node.step)?;
                let sizes = reading.column(&step, ".size")?;
                let size = sizes.zip(node.slot).and_then(|(sizes, slot)| sizes.get(slot)).and_then(Cell::as_int);
                let stems = below(reading, node.step, node.slot)?;
                pending.extend(stems.iter().filter(|stem| seen.insert((*stem).clone())).cloned());
                let size_bytes = size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
                planned.insert(stem.clone(), ToExport { id: address(reading, &node)?.id()?, size_bytes });
                names.insert(stem, stems);
            }
            let sorted = dependencies_first(&names);
            Ok((sorted.iter().filter_map(|stem| planned.remove(stem)).collect(), exported))
        })
    }
}

struct ToExport {
    id: ArtifactId,
    size_bytes: u64,
}

/// The file that is being written.
struct Archive<'a> {
    zip: ZipWriter<BufWriter<&'a File>>,
    to: &'a Path,
}

impl Archive<'_> {
    /// Adds the files of an artifact, the manifest last.
    fn add_artifact(&mut self, folder: &Path, stem: &str, manifest: &Manifest) -> Result<()> {
        let payload = &manifest.payload;
        match &payload.files {
            None => self.add_file(&payload.file, &folder.join(&payload.file))?,
            Some(files) => {
                for file in files {
                    let name = format!("{}/{}", payload.file, file.path);
                    self.add_file(&name, &folder.join(&name))?;
                }
            }
        }
        for ending in [".params.json", ".tags.json", ".manifest.json"] {
            let name = format!("{stem}{ending}");
            let path = folder.join(&name);
            if path.is_file() {
                self.add_file(&name, &path)?;
            }
        }
        Ok(())
    }

    fn add_file(&mut self, name: &str, path: &Path) -> Result<()> {
        let mut file = File::open(path).map_err(|error| failed("read", path, error))?;
        let size = file.metadata().map_err(|error| failed("read", path, error))?.len();
        self.begin(name, size)?;
        io::copy(&mut file, &mut self.zip).map_err(|error| failed("write", self.to, error))?;
        Ok(())
    }

    fn add_text(&mut self, name: &str, text: &[u8]) -> Result<()> {
        self.begin(name, text.len() as u64)?;
        self.zip.write_all(text).map_err(|error| failed("write", self.to, error))
    }

    fn begin(&mut self, name: &str, size: u64) -> Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(size >= u64::from(u32::MAX))
            .unix_permissions(0o644);
        self.zip.start_file(name, options).map_err(|error| failed("write", self.to, error))
    }

    fn finish(self) -> Result<()> {
        let mut writer = self.zip.finish().map_err(|error| failed("write", self.to, error))?;
        writer.flush().map_err(|error| failed("write", self.to, error))
    }
}

/// Gives a file the mode that a new file has.
fn share(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let like = path.with_extension("mode");
    let mode = File::create_new(&like)?.metadata()?.permissions().mode();
    fs::remove_file(&like)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o777))
}
