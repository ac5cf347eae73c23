//! Stores, payloads, and the two ways to use them: publishing and loading.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use persistable_models::reseal;
use persistable_store::{
    Artifact, ArtifactId, Draft, Durability, Error, ErrorKind, Lease, Manifest, PayloadName, Result, Settings, Staging,
    Store, Verification, Wait,
};
use tempfile::TempDir;

pub(crate) const FAST: Settings = Settings { durability: Durability::Fast, verification: Verification::Default };
pub(crate) const SYNCED: Settings = Settings { durability: Durability::Synced, verification: Verification::Default };

/// What a payload consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    File(Vec<u8>),
    Folder(BTreeMap<String, Vec<u8>>),
}

pub(crate) fn file(text: &str) -> Content {
    Content::File(text.as_bytes().to_vec())
}

pub(crate) fn folder(files: &[(&str, &str)]) -> Content {
    Content::Folder(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect())
}

/// An empty data folder with a store in it.
pub(crate) fn folder_store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path()).unwrap();
    (folder, store)
}

pub(crate) fn id(name: &str, key: u8) -> ArtifactId {
    ArtifactId::new(PayloadName::new(name).unwrap(), [key; 32])
}

pub(crate) fn lease(store: &Store, id: &ArtifactId) -> Result<Lease> {
    store.lease(id, Wait::NOT_AT_ALL, &mut |_| {})
}

/// Writes content as a payload IO does.
pub(crate) fn write(staging: &mut Staging, content: &Content) -> Result<()> {
    match content {
        Content::File(bytes) => staging.writer()?.write_all(bytes).map_err(failed_write)?,
        Content::Folder(files) => {
            let root = staging.path()?;
            fs::create_dir(root).map_err(failed_write)?;
            for (path, bytes) in files {
                let path = root.join(path);
                fs::create_dir_all(path.parent().unwrap()).map_err(failed_write)?;
                fs::write(path, bytes).map_err(failed_write)?;
            }
        }
    }
    Ok(())
}

/// A payload IO's own failure, as an error of the store. Only children that are made to fail get here.
fn failed_write(error: std::io::Error) -> Error {
    let missing = PathBuf::from(format!("/nowhere/{error}"));
    Store::create(Path::new("/dev/null").join(missing)).unwrap_err()
}

pub(crate) fn publish_as(
    store: &Store,
    id: &ArtifactId,
    suffix: &str,
    io: &str,
    content: &Content,
    settings: &Settings,
) -> Result<Manifest> {
    let lease = lease(store, id)?;
    let mut staging = store.stage(&lease, suffix, settings)?;
    write(&mut staging, content)?;
    store.publish(&lease, staging, Draft::new(io, 1))
}

pub(crate) fn publish(store: &Store, id: &ArtifactId, content: &Content) -> Manifest {
    publish_as(store, id, ".bin", "raw", content, &FAST).unwrap()
}

pub(crate) fn quarantine(store: &Store, id: &ArtifactId, reason: &str) {
    store.quarantine(&lease(store, id).unwrap(), reason).unwrap();
}

/// Loads once; a payload of one file in all four ways, which have to agree.
pub(crate) fn load(store: &Store, id: &ArtifactId, settings: &Settings) -> Result<Option<Content>> {
    store.find(id)?.map(|artifact| read(&artifact, settings)).transpose()
}

fn read(artifact: &Artifact, settings: &Settings) -> Result<Content> {
    let mut payload = artifact.payload(settings)?;
    if payload.record().files.is_some() {
        let root = payload.path()?;
        return Ok(Content::Folder(read_folder(root)));
    }
    let owned = payload.bytes()?.to_vec();
    let mapped = payload.map().map(|bytes| bytes.to_vec());
    let mapped_privately = payload.map_private().map(|bytes| bytes.to_vec());
    let by_path = payload.path().map(Path::to_owned);
    assert_eq!(mapped?, owned, "mapped and read differ");
    assert_eq!(mapped_privately?, owned, "mapped privately and read differ");
    if let Ok(bytes) = fs::read(by_path?) {
        assert!(bytes == owned || artifact.may_have_changed()?, "the file and what was read differ");
    }
    Ok(Content::File(owned))
}

fn read_folder(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut pending = vec![root.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match fs::read(&path) {
                Ok(bytes) => {
                    files.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), bytes);
                }
                Err(_) => pending.push(path),
            }
        }
    }
    files
}

/// Loads while others replace: what a reader does that keeps to the rules of the specification.
pub(crate) fn load_amid_replacements(store: &Store, id: &ArtifactId, settings: &Settings) -> Result<Option<Content>> {
    loop {
        let Some(artifact) = store.find(id)? else { return Ok(None) };
        let content = read(&artifact, settings);
        let by_path = matches!(content, Ok(Content::Folder(_)));
        let damaged = content.as_ref().is_err_and(|error| error.kind() == ErrorKind::Damaged);
        if !(by_path || damaged) || !artifact.may_have_changed()? {
            return content.map(Some);
        }
    }
}

pub(crate) fn assert_damaged<T: std::fmt::Debug>(result: Result<T>, what: &str) {
    match result {
        Err(error) if error.kind() == ErrorKind::Damaged => {}
        other => panic!("{what}: not reported as damage, but {other:?}"),
    }
}

/// Lists everything below a folder, with folders ending in `/`, sorted.
pub(crate) fn tree(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = vec![root.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            if entry.file_type().unwrap().is_dir() {
                found.push(name + "/");
                pending.push(path);
            } else {
                found.push(name);
            }
        }
    }
    found.sort();
    found
}

/// What lies in one of the store's own folders.
pub(crate) fn own_entries(root: &Path, folder: &str) -> Vec<String> {
    tree(&root.join(".persistable").join(folder))
}

/// Rewrites a manifest as it is between the two commits of a replacement: one payload is in place, and two may be.
pub(crate) fn name_two_payloads(manifest: &Path) {
    reseal(manifest, name_two_in).unwrap();
}

fn name_two_in(body: &str) -> String {
    let record = body[body.find("\"payload\": ").unwrap() + 11..body.find(",\n  \"provenance\"").unwrap()].to_owned();
    let digest_at = record.find("\"digest\": \"").unwrap() + 11;
    let mut other = record.clone();
    other.replace_range(digest_at..digest_at + 64, &"0".repeat(64));
    body.replace(&format!("\"payload\": {record}"), &format!("\"payload\": {other},\n  \"alternatives\": [{record}]"))
}
