//! A service whose objects are in memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use persistable_base::fork::Shared;

use crate::can::Can;
use crate::memory::troubles::{Troubles, Verb};
use crate::objects::{ListedObject, UploadId, Version};
use crate::service::{About, Answer, Ask, Condition, Ended, Fault, From, Page, Part, Piece, Service, Upload};
use crate::stop::Stop;

/// A batch is small, so that tests see more than one.
const BATCH: usize = 100;

#[derive(Debug)]
pub(super) struct MemoryService {
    pub(super) shelf: Shared<Shelf>,
    pub(super) troubles: Troubles,
    can: Can,
    is_known: bool,
}

/// All that is stored.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    objects: BTreeMap<String, StoredObject>,
    pub(super) uploads: BTreeMap<String, BTreeMap<u64, Bytes>>,
    pub(super) now: Duration,
    writes: u64,
}

#[derive(Debug)]
struct StoredObject {
    bytes: Bytes,
    version: Version,
    written: Duration,
}

impl Shelf {
    pub(super) fn new() -> Self {
        Self::default()
    }

    fn put(&mut self, can: Can, name: &str, bytes: Bytes, condition: Condition<'_>) -> Result<Version, Fault> {
        let found = self.objects.get(name).map(|object| &object.version);
        let holds = match condition {
            Condition::Absent if can.create => found.is_none(),
            Condition::Still { version, .. } if can.replace.is_possible() => found == Some(version),
            _ => true,
        };
        if !holds {
            return Err(Fault::new(Ended::Refused, "the condition does not hold"));
        }
        self.writes += 1;
        let version = Version::new(format!("v{}", self.writes));
        self.objects.insert(name.to_owned(), StoredObject { bytes, version: version.clone(), written: self.now });
        Ok(version)
    }
}

impl MemoryService {
    pub(super) fn new(shelf: Shelf, can: Can, is_known: bool) -> Self {
        Self { shelf: Shared::new(shelf), troubles: Troubles::new(), can, is_known }
    }

    pub(super) fn can(&self) -> Can {
        self.can
    }

    pub(super) fn is_known(&self) -> bool {
        self.is_known
    }

    /// Does something with the upload that is named so.
    fn with_upload<T>(
        &self,
        upload: Upload<'_>,
        act: impl FnOnce(&mut Shelf, String) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.shelf.with(|shelf| {
            let id = upload.id.as_str().to_owned();
            match shelf.uploads.contains_key(&id) {
                true => act(shelf, id),
                false => Err(Fault::new(Ended::Lost, "there is no such upload")),
            }
        })
    }
}

impl Service for Arc<MemoryService> {
    fn about(&self) -> About {
        About {
            can: self.is_known.then_some(self.can),
            has_quotes: false,
            finishes_on_condition: true,
            most_deleted: BATCH,
        }
    }

    fn get(&self, _: Stop<'_>, name: &str, ask: &Ask<'_>) -> Result<Answer, Fault> {
        self.troubles.meet(Verb::Get, || {
            Ok(self.shelf.with(|shelf| match shelf.objects.get(name) {
                None => Answer::Absent,
                Some(object) if ask.unless == Some(&object.version) => Answer::Same,
                Some(object) => {
                    let size = object.bytes.len() as u64;
                    let range = ask.range.clone().unwrap_or(0..size);
                    let at = |offset: u64| offset.min(size) as usize;
                    let bytes = object.bytes.slice(at(range.start)..at(range.end)).to_vec();
                    let age = Some(shelf.now.saturating_sub(object.written));
                    Answer::Found(Piece { bytes, size, version: object.version.clone(), age })
                }
            }))
        })
    }

    fn put(&self, _: Stop<'_>, name: &str, bytes: Bytes, condition: Condition<'_>) -> Result<Version, Fault> {
        self.troubles.meet(Verb::Put, || self.shelf.with(|shelf| shelf.put(self.can, name, bytes, condition)))
    }

    fn delete(&self, _: Stop<'_>, names: &[String]) -> Result<(), Fault> {
        self.troubles.meet(Verb::Delete, || {
            self.shelf.with(|shelf| names.iter().for_each(|name| drop(shelf.objects.remove(name))));
            Ok(())
        })
    }

    fn list(&self, _: Stop<'_>, prefix: &str, from: From<'_>) -> Result<Page, Fault> {
        let after = match from {
            From::Begin => "",
            From::After(name) | From::Token(name) => name,
        };
        self.troubles.meet(Verb::List, || {
            Ok(self.shelf.with(|shelf| {
                let mut entries: Vec<ListedObject> = shelf
                    .objects
                    .iter()
                    .filter(|(name, _)| name.starts_with(prefix) && name.as_str() > after)
                    .take(BATCH + 1)
                    .map(|(name, object)| ListedObject {
                        name: name.clone(),
                        size: object.bytes.len() as u64,
                        age: Some(shelf.now.saturating_sub(object.written)),
                        tag: Some(object.version.as_str().to_owned()),
                    })
                    .collect();
                let is_more = entries.len() > BATCH;
                entries.truncate(BATCH);
                let next = entries.last().filter(|_| is_more).map(|entry| entry.name.clone());
                Page { entries, next }
            }))
        })
    }

    fn begin(&self, _: Stop<'_>, _: &str) -> Result<UploadId, Fault> {
        self.troubles.meet(Verb::Begin, || {
            Ok(self.shelf.with(|shelf| {
                shelf.writes += 1;
                let id = format!("upload-{}", shelf.writes);
                shelf.uploads.insert(id.clone(), BTreeMap::new());
                UploadId::new(id)
            }))
        })
    }

    fn part(&self, _: Stop<'_>, upload: Upload<'_>, part: Part, bytes: Bytes) -> Result<String, Fault> {
        self.troubles.meet(Verb::Part, || {
            self.with_upload(upload, |shelf, id| {
                shelf.uploads.entry(id).or_default().insert(part.offset, bytes);
                Ok(part.index.to_string())
            })
        })
    }

    fn finish(
        &self,
        _: Stop<'_>,
        upload: Upload<'_>,
        _: &[String],
        condition: Condition<'_>,
    ) -> Result<Version, Fault> {
        self.troubles.meet(Verb::Finish, || {
            self.with_upload(upload, |shelf, id| {
                let bytes: Vec<u8> =
                    shelf.uploads.get(&id).into_iter().flat_map(BTreeMap::values).flatten().copied().collect();
                let version = shelf.put(self.can, upload.name, bytes.into(), condition)?;
                shelf.uploads.remove(&id);
                Ok(version)
            })
        })
    }

    fn abort(&self, _: Stop<'_>, upload: Upload<'_>) -> Result<(), Fault> {
        self.troubles.meet(Verb::Abort, || {
            self.shelf.with(|shelf| drop(shelf.uploads.remove(upload.id.as_str())));
            Ok(())
        })
    }
}
