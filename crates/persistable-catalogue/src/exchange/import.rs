//! Reading artifacts from a file that another exported.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Component, Path};

use persistable_store::backend::owns_payload_file;
use persistable_store::{ArtifactId, Digest, Manifest, Store};
use serde::Serialize;
use zip::ZipArchive;
use zip::result::ZipError;

use super::batch::{Scratch, batches, failed, outcome, reasons};
use super::options::ExchangeOptions;
use super::order::dependencies_first;
use crate::error::{Error, ErrorKind, Result};

/// No manifest, and no text beside an artifact, is larger.
const MOST_TEXT_BYTES: u64 = 64 << 20;
const MANIFEST: &str = ".manifest.json";
const RECORDS: &str = ".persistable/records/";

/// What was imported.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Imported {
    /// Stems of what is new in the store.
    pub copied: Vec<String>,
    /// The bytes of their payloads.
    pub copied_bytes: u64,
    /// Stems of what was there before. It stays as it is.
    pub present: Vec<String>,
    /// What was not imported, with the reasons.
    pub failed: Vec<(String, String)>,
}

/// Imports the artifacts of a file that [`Catalogue::export`](crate::Catalogue::export) wrote, or of any zip of a data folder.
///
/// Every payload is compared with its digest. Nothing becomes trusted by that: a payload that may run code is refused on loading
/// as before, unless somebody whom you trust has signed it, or you sign it yourself.
///
/// # Errors
///
/// [`ErrorKind::File`] if the file can't be read, or if it is not such a zip. What concerns one artifact is in the result.
pub fn import(store: &Store, from: impl AsRef<Path>, options: &ExchangeOptions<'_>) -> Result<Imported> {
    let from = from.as_ref();
    let zip = open(from)?;
    let mut unpacking = Unpacking { zip, from };
    let mut imported = Imported::default();
    let artifacts = unpacking.artifacts(&mut imported)?;
    if artifacts.is_empty() && imported.failed.is_empty() {
        let message = format!("{} has no artifacts. Was it exported by persistable?", from.display());
        return Err(Error::new(ErrorKind::File, message));
    }
    // The system's folder for temporary files may be in memory, and smaller than a payload.
    let place = store.path().map_or_else(std::env::temp_dir, Path::to_owned);
    let scratch = Scratch::new(&options.scratch_or(&place))?;
    unpacking.unpack_records(scratch.path())?;
    let all: u64 = artifacts.iter().map(|packed| packed.size_bytes).sum();
    let mut done = 0;
    options.tell(done, all)?;
    for batch in batches(artifacts, |packed| packed.size_bytes) {
        let bytes: u64 = batch.iter().map(|packed| packed.size_bytes).sum();
        let mut ids = Vec::new();
        for packed in &batch {
            match unpacking.unpack(packed, scratch.path()) {
                Ok(()) => ids.push(packed.id.clone()),
                Err(error) => imported.failed.push((packed.id.stem().to_owned(), format!("{error:#}"))),
            }
        }
        let copied = store.pull(&scratch.store, ids, &options.copying());
        let stems = |ids: &[ArtifactId]| ids.iter().map(|id| id.stem().to_owned()).collect::<Vec<_>>();
        outcome(copied, |report| {
            imported.copied.extend(stems(&report.copied));
            imported.copied_bytes += report.copied_bytes;
            imported.present.extend(stems(&report.skipped));
            imported.failed.extend(reasons(&report.failed).chain(reasons(&report.refused)));
        })?;
        scratch.clear()?;
        done += bytes;
        options.tell(done, all)?;
    }
    Ok(imported)
}

/// Checks that a file is a zip that may have artifacts, before anything is made for it.
///
/// # Errors
///
/// [`ErrorKind::File`] if there is no such file, or if it is not such a zip.
pub fn check_import(from: impl AsRef<Path>) -> Result<()> {
    open(from.as_ref()).map(drop)
}

fn open(from: &Path) -> Result<ZipArchive<BufReader<File>>> {
    let shown = from.display();
    if from.is_dir() {
        let error = Error::new(ErrorKind::File, format!("{shown} is a folder"));
        return Err(error.advise("Name the file that was exported, or copy the store with `cp`"));
    }
    let file = File::open(from).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::new(ErrorKind::File, format!("there is no file {shown}")),
        _ => failed("open", from, error),
    })?;
    let zip = ZipArchive::new(BufReader::new(file)).map_err(|error| match error {
        ZipError::InvalidArchive(_) | ZipError::UnsupportedArchive(_) => {
            let message = format!("{shown} is not a zip, or it was not copied to its end");
            Error::new(ErrorKind::File, message).caused_by(error)
        }
        error => failed("read", from, error),
    })?;
    if !zip.file_names().any(|name| name.is_ok_and(|name| name.ends_with(MANIFEST))) {
        let message = format!("{shown} has no artifacts. Was it exported by persistable?");
        return Err(Error::new(ErrorKind::File, message));
    }
    Ok(zip)
}

/// An artifact in the file.
struct Packed {
    id: ArtifactId,
    size_bytes: u64,
    /// The names of its files, and the most bytes that each has.
    files: Vec<(String, u64)>,
}

struct Unpacking<'a> {
    zip: ZipArchive<BufReader<File>>,
    from: &'a Path,
}

impl Unpacking<'_> {
    /// Reads the manifests, and sorts the artifacts, dependencies first.
    fn artifacts(&mut self, imported: &mut Imported) -> Result<Vec<Packed>> {
        let names: Vec<String> = self.zip.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
        let (mut below, mut packed) = (BTreeMap::new(), BTreeMap::new());
        for name in names {
            let Some(stem) = name.strip_suffix(MANIFEST).filter(|stem| !stem.contains('/')) else { continue };
            let read = self.read(&name).and_then(|text| read_manifest(stem, &text));
            match read {
                Ok((artifact, stems)) => {
                    below.insert(stem.to_owned(), stems);
                    packed.insert(stem.to_owned(), artifact);
                }
                Err(error) => imported.failed.push((stem.to_owned(), format!("{error:#}"))),
            }
        }
        Ok(dependencies_first(&below).iter().filter_map(|stem| packed.remove(stem)).collect())
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>> {
        let entry = self.zip.by_name(name).map_err(|error| failed("read", self.from, error))?;
        let mut text = Vec::new();
        entry.take(MOST_TEXT_BYTES).read_to_end(&mut text).map_err(|error| failed("read", self.from, error))?;
        Ok(text)
    }

    /// Unpacks the files of an artifact. What is missing is found when the artifact is copied.
    fn unpack(&mut self, packed: &Packed, folder: &Path) -> Result<()> {
        for (name, most) in &packed.files {
            self.unpack_file(name, *most, folder)?;
        }
        Ok(())
    }

    fn unpack_records(&mut self, folder: &Path) -> Result<()> {
        let is_record = |name: &String| {
            let digest = name.strip_prefix(RECORDS).and_then(|name| name.strip_suffix(".json"));
            digest.is_some_and(|digest| digest.parse::<Digest>().is_ok())
        };
        let names: Vec<String> = self.zip.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
        for name in names.iter().filter(|name| is_record(name)) {
            self.unpack_file(name, MOST_TEXT_BYTES, folder)?;
        }
        Ok(())
    }

    fn unpack_file(&mut self, name: &str, most: u64, folder: &Path) -> Result<()> {
        let Some(index) = self.zip.index_for_name(name) else { return Ok(()) };
        let entry = self.zip.by_index(index).map_err(|error| failed("read", self.from, error))?;
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| failed("create", parent, error))?;
        }
        let mut to = File::create_new(&path).map_err(|error| failed("create", &path, error))?;
        // Whoever packed it may have packed more than the manifest says.
        io::copy(&mut entry.take(most.saturating_add(1)), &mut to).map_err(|error| failed("unpack", &path, error))?;
        Ok(())
    }
}

/// Reads a manifest that has to be that of a stem. Returns the stems that it names, too.
fn read_manifest(stem: &str, text: &[u8]) -> Result<(Packed, Vec<String>)> {
    let manifest = Manifest::parse(text)?;
    let id = manifest.id()?;
    let payload = &manifest.payload;
    if id.stem() != stem || !owns_payload_file(stem, &payload.file) {
        return Err(Error::new(ErrorKind::File, "its manifest belongs to another artifact"));
    }
    let mut files: Vec<(String, u64)> = match &payload.files {
        None => vec![(payload.file.clone(), payload.size_bytes)],
        Some(files) => {
            let named = files.iter().map(|file| (format!("{}/{}", payload.file, file.path), file.size_bytes));
            named.collect()
        }
    };
    let is_inside = |name: &str| Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if !files.iter().all(|(name, _)| is_inside(name)) {
        return Err(Error::new(ErrorKind::File, "its manifest names files outside of it"));
    }
    for ending in [".params.json", ".tags.json", MANIFEST] {
        files.push((format!("{stem}{ending}"), MOST_TEXT_BYTES));
    }
    let name = |record: &persistable_store::DependencyRecord| {
        format!("{}({})", record.payload_name, record.key.get(..32).unwrap_or_default())
    };
    let below = manifest.dependencies.iter().map(name).collect();
    Ok((Packed { id, size_bytes: payload.size_bytes, files }, below))
}
