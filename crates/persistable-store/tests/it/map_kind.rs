//! A kind of store over a map of objects that offers put-if-absent, as a bucket does.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use persistable_store::backend::{
    Author, Backend, Buffered, Committed, Files, Found, Hold, Holder, Identity, InMemory, LeaseAnswer, Location, Look,
    Payload, PayloadRequest, Publication, Removal, Stage, Wanted, owns_payload_file,
};
use persistable_store::{Digest, Durability, Result};

static COUNTER: AtomicU64 = AtomicU64::new(0);

/// Objects by name, each with the tag of its put.
#[derive(Clone, Debug, Default)]
pub(crate) struct Objects(Arc<Mutex<BTreeMap<String, (String, Files)>>>);

impl Objects {
    fn get(&self, name: &str) -> Option<(String, Files)> {
        self.0.lock().unwrap().get(name).cloned()
    }

    /// Puts an object in place of the one with this tag, or where there is none; returns the new tag.
    fn put_if(&self, name: &str, tag: Option<&str>, files: Files) -> Option<String> {
        let mut objects = self.0.lock().unwrap();
        let is_as_expected = objects.get(name).map(|(tag, _)| tag.as_str()) == tag;
        let new = COUNTER.fetch_add(1, Ordering::Relaxed).to_string();
        is_as_expected.then(|| objects.insert(name.to_owned(), (new.clone(), files))).map(|_| new)
    }

    pub(crate) fn delete(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        let mut objects = self.0.lock().unwrap();
        let before = objects.len();
        objects.retain(|name, _| !is_meant(name));
        objects.len() < before
    }

    fn publish(&self, files: &Files, mut publication: Publication<'_>) -> Result<Committed> {
        let (stem, file) = (publication.stem().to_owned(), publication.record().file.clone());
        // Every payload has a name of its own, so that the manifest alone is replaced.
        let suffix = file.strip_prefix(&stem).unwrap_or_default();
        let mut names = std::iter::once(file.clone()).chain((2..).map(|n| format!("{stem}~{n}{suffix}")));
        let name = names.find(|name| self.put_if(name, None, files.clone()).is_some()).unwrap();
        publication.rename_payload(name.clone());
        let sealed = Files::of_one(&publication.seal()?);
        let expected = publication.expected().and_then(|found| found.tag.as_deref());
        let tag = self.put_if(&manifest(&stem), expected, sealed.clone()).ok_or_else(|| {
            self.delete(|object| object == name);
            publication.lost()
        })?;
        self.delete(|object| publication.replaced().iter().any(|record| record.file == object));
        Ok(publication.committed(found((tag, sealed))))
    }
}

fn manifest(stem: &str) -> String {
    format!("{stem}.manifest.json")
}

fn found((tag, manifest): (String, Files)) -> Found {
    Found::new(manifest.get("").unwrap().to_vec(), Some(Author::Own)).with_tag(tag)
}

#[derive(Debug)]
pub(crate) struct Map(Objects, Location, Identity);

impl Map {
    /// Reaches the objects as another machine.
    pub(crate) fn new(objects: &Objects) -> Self {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        Self(objects.clone(), Location::Name(format!("map:{number}")), Identity::new("map", [number, 0]))
    }
}

impl Backend for Map {
    fn identity(&self) -> Result<Identity> {
        Ok(self.2)
    }

    fn location(&self) -> &Location {
        &self.1
    }

    fn find(&self, stem: &str, _look: Look<'_>) -> Result<Option<Found>> {
        Ok(self.0.get(&manifest(stem)).map(found))
    }

    fn payload(&self, request: &PayloadRequest) -> Result<Box<dyn Payload>> {
        let file = &request.record.file;
        Ok(Box::new(InMemory::new(self.1.join(file), self.0.get(file).map(|(_, files)| files))))
    }

    fn try_lease(&self, _identity: Identity, stem: &str, _wanted: Wanted) -> Result<LeaseAnswer> {
        let (name, pause) = (format!("lock/{stem}"), Duration::ZERO..=Duration::from_millis(20));
        Ok(match self.0.put_if(&name, None, Files::default()) {
            Some(tag) => LeaseAnswer::Leased(Box::new(Lock(self.0.clone(), name, tag))),
            None => LeaseAnswer::Taken { by: Holder::new("another machine"), pause },
        })
    }

    fn stage(&self, _stem: &str, _file: &str, _durability: Durability) -> Result<Box<dyn Stage>> {
        let objects = self.0.clone();
        Ok(Box::new(Buffered::new(move |files, publication| objects.publish(&files, publication))))
    }

    fn amend(&self, stem: &str, old: &Found, sealed: &[u8], _durability: Durability) -> Result<Option<Found>> {
        let sealed = Files::of_one(sealed);
        Ok(self.0.put_if(&manifest(stem), old.tag.as_deref(), sealed.clone()).map(|tag| found((tag, sealed))))
    }

    fn remove(&self, stem: &str, _removal: Removal<'_>) -> Result<bool> {
        let was_there = self.0.delete(|name| name == manifest(stem));
        self.0.delete(|name| owns_payload_file(stem, name));
        Ok(was_there)
    }

    fn list(&self, after: Option<&str>) -> Result<Vec<String>> {
        let objects = self.0.0.lock().unwrap();
        let stems = objects.keys().filter_map(|name| name.strip_suffix(".manifest.json"));
        Ok(stems.filter(|stem| Some(*stem) > after).take(2).map(str::to_owned).collect())
    }

    fn keep(&self, digest: Digest, record: &[u8]) -> Result<()> {
        self.0.put_if(&format!("records/{digest}"), None, Files::of_one(record));
        Ok(())
    }

    fn kept(&self, digest: Digest, is_it: &dyn Fn(&[u8]) -> bool) -> Result<Option<Vec<u8>>> {
        let record = self.0.get(&format!("records/{digest}")).map(|record| found(record).bytes);
        Ok(record.filter(|record| is_it(record)))
    }
}

#[derive(Debug)]
struct Lock(Objects, String, String);

impl Hold for Lock {
    fn is_lost(&self) -> Result<bool> {
        Ok(self.0.get(&self.1).is_none_or(|(tag, _)| tag != self.2))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.is_lost().is_ok_and(|is_lost| !is_lost && self.0.delete(|name| name == self.1));
    }
}
