//! A service over `object_store`: each verb is one request.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{
    Error as StoreError, GetOptions, GetRange, GetResult, ObjectMeta, PutMode, PutOptions, PutResult, UpdateVersion,
};

use crate::cloud::body::payload;
use crate::cloud::connect::Connected;
use crate::cloud::exchange::Exchange;
use crate::cloud::fault::Task;
use crate::cloud::kind::Versions;
use crate::cloud::root::Cloud;
use crate::cloud::words::{header, no_version, path, tag};
use crate::objects::{ListedObject, UploadId, Version};
use crate::service::{About, Answer, Ask, Condition, Ended, Fault, From, Page, Part, Piece, Service, Upload};
use crate::stop::Stop;

/// No answer is trusted to tell how much memory it needs.
const MOST_RESERVED: u64 = 16 << 20;

impl Cloud {
    fn version_put(&self, put: &PutResult) -> Result<Version, Fault> {
        self.version(put.e_tag.as_deref(), put.version.as_deref()).ok_or_else(|| no_version(true))
    }

    fn mode(&self, condition: Condition<'_>) -> PutMode {
        match condition {
            Condition::None => PutMode::Overwrite,
            Condition::Absent => PutMode::Create,
            Condition::Still { version, .. } if self.kind.versions() == Versions::Generation => {
                PutMode::Update(UpdateVersion { e_tag: None, version: Some(version.as_str().to_owned()) })
            }
            Condition::Still { version, is_quoted } => {
                PutMode::Update(UpdateVersion { e_tag: Some(tag(version, is_quoted)), version: None })
            }
        }
    }

    /// Reads what an object has of a range that begins behind its end: nothing. The service refused to say so.
    fn get_nothing(&self, stop: Stop<'_>, name: &str, begin: u64) -> Result<Answer, Fault> {
        let range = (begin > 0).then_some(0..1);
        Ok(match self.get(stop, name, &Ask { range, unless: None })? {
            Answer::Found(piece) => Answer::Found(Piece { bytes: Vec::new(), ..piece }),
            other => other,
        })
    }
}

/// Reads the body of an answer.
async fn collect(result: GetResult) -> Result<(Vec<u8>, ObjectMeta), StoreError> {
    let expected = (result.range.end - result.range.start).min(MOST_RESERVED);
    let meta = result.meta.clone();
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default());
    let mut frames = result.into_stream();
    while let Some(frame) = frames.next().await {
        bytes.extend_from_slice(&frame?);
    }
    Ok((bytes, meta))
}

impl Service for Cloud {
    fn about(&self) -> About {
        self.kind.about()
    }

    fn has_ranges(&self) -> bool {
        !self.ignores_ranges.load(Ordering::Relaxed)
    }

    fn copy(&self, stop: Stop<'_>, name: &str, to: &File) -> Result<Answer, Fault> {
        self.copy_whole(stop, name, to)
    }

    fn get(&self, stop: Stop<'_>, name: &str, ask: &Ask<'_>) -> Result<Answer, Fault> {
        if let Some(range) = ask.range.as_ref().filter(|_| !self.has_ranges()) {
            return self.get_beginning(stop, name, range);
        }
        let path = path(name)?;
        let options = GetOptions {
            range: ask.range.clone().map(GetRange::Bounded),
            if_none_match: ask
                .unless
                .filter(|_| self.kind.versions() != Versions::Generation)
                .map(|version| tag(version, self.kind.versions() == Versions::Etag)),
            ..GetOptions::default()
        };
        let (is_part, begin) = (ask.range.is_some(), ask.range.as_ref().map_or(0, |range| range.start));
        enum Raw {
            Found(Vec<u8>, ObjectMeta),
            Absent,
            Same,
            Beyond,
            /// All of it, although a part was asked for.
            Whole,
        }
        let is_loose = self.kind.versions() == Versions::Loose;
        let exchange = Exchange::default();
        let raw = self.run(
            stop,
            Task::Get,
            &exchange,
            |connected| async move {
                let (bytes, meta) = collect(connected.objects.get_opts(&path, options).await?).await?;
                Ok(Raw::Found(bytes, meta))
            },
            |heard| match heard.status?.as_u16() {
                304 => Some(Raw::Same),
                404 | 410 if self.is_absent(heard) => Some(Raw::Absent),
                416 => Some(Raw::Beyond),
                200 if is_part && is_loose => Some(Raw::Whole),
                // Azurite calls that a success.
                200 | 206 if is_part && heard.size()? <= begin => Some(Raw::Beyond),
                _ => None,
            },
        )?;
        match raw {
            Raw::Absent => Ok(Answer::Absent),
            Raw::Same => Ok(Answer::Same),
            Raw::Beyond => self.get_nothing(stop, name, begin),
            Raw::Whole => {
                self.ignores_ranges.store(true, Ordering::Relaxed);
                self.get(stop, name, ask)
            }
            Raw::Found(bytes, meta) => {
                let age = exchange.heard().age();
                Ok(Answer::Found(Piece { bytes, size: meta.size, version: self.version_of(&meta)?, age }))
            }
        }
    }

    fn put(&self, stop: Stop<'_>, name: &str, bytes: Bytes, condition: Condition<'_>) -> Result<Version, Fault> {
        let path = path(name)?;
        let options = PutOptions { mode: self.mode(condition), ..PutOptions::default() };
        let exchange = Exchange::default();
        let put = self.run(
            stop,
            Task::Put,
            &exchange,
            |connected| async move { connected.objects.put_opts(&path, payload(bytes), options).await },
            |_| None,
        );
        match put {
            Ok(put) => self.version_put(&put),
            // The object that should be unchanged is gone.
            Err(fault) if matches!(condition, Condition::Still { .. }) && is_missing(&exchange) => {
                Err(Fault { ended: Ended::Refused, ..fault })
            }
            // Without a condition, another request came between: it passes.
            Err(fault) if condition == Condition::None && fault.ended == Ended::Refused => {
                Err(Fault { ended: Ended::Passing, ..fault })
            }
            Err(fault) => Err(fault),
        }
    }

    fn delete(&self, stop: Stop<'_>, names: &[String]) -> Result<(), Fault> {
        let paths = names.iter().map(|name| path(name)).collect::<Result<Vec<Path>, Fault>>()?;
        let is_one = paths.len() == 1;
        self.run(
            stop,
            Task::Delete,
            &Exchange::default(),
            |connected| async move {
                let mut deleted = connected.objects.delete_stream(stream::iter(paths.into_iter().map(Ok)).boxed());
                while let Some(path) = deleted.next().await {
                    match path {
                        Ok(_) | Err(StoreError::NotFound { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            },
            |heard| (is_one && heard.status?.as_u16() == 404 && !heard.code().contains("ontainer")).then_some(()),
        )
    }

    fn list(&self, stop: Stop<'_>, prefix: &str, from: From<'_>) -> Result<Page, Fault> {
        let mut options = object_store::list::PaginatedListOptions::default();
        match from {
            From::Begin => {}
            From::After(name) => options.offset = Some(name.to_owned()),
            From::Token(token) => options.page_token = Some(token.to_owned()),
        }
        let prefix = self.kind.listed(prefix);
        let exchange = Exchange::default();
        let found = self.run(
            stop,
            Task::List,
            &exchange,
            |connected| async move {
                let pages = connected.pages.as_ref().ok_or(StoreError::NotImplemented {
                    operation: "list".to_owned(),
                    implementer: "HTTP".to_owned(),
                })?;
                pages.list_paginated((!prefix.is_empty()).then_some(prefix), options).await
            },
            |_| None,
        )?;
        let heard = exchange.heard();
        let entry = |meta: ObjectMeta| ListedObject {
            age: heard.age_of(&meta.last_modified.to_rfc2822()),
            name: meta.location.to_string(),
            size: meta.size,
            tag: meta.e_tag.filter(|tag| !tag.trim_matches('"').is_empty()),
        };
        let entries = found.result.objects.into_iter().map(entry).collect();
        Ok(Page { entries, next: found.page_token })
    }

    fn begin(&self, stop: Stop<'_>, name: &str) -> Result<UploadId, Fault> {
        let path = path(name)?;
        let create = |connected: Arc<Connected>| async move { parts(&connected)?.create_multipart(&path).await };
        self.run(stop, Task::Upload, &Exchange::default(), create, |_| None).map(UploadId::new)
    }

    fn part(&self, stop: Stop<'_>, upload: Upload<'_>, part: Part, bytes: Bytes) -> Result<String, Fault> {
        let (path, id) = (path(upload.name)?, upload.id.as_str().to_owned());
        let put = |connected: Arc<Connected>| async move {
            parts(&connected)?.put_part(&path, &id, part.index, payload(bytes)).await
        };
        self.run(stop, Task::Upload, &Exchange::default(), put, |_| None).map(|part| part.content_id)
    }

    fn finish(
        &self,
        stop: Stop<'_>,
        upload: Upload<'_>,
        words: &[String],
        condition: Condition<'_>,
    ) -> Result<Version, Fault> {
        let (path, id) = (path(upload.name)?, upload.id.as_str().to_owned());
        let words = words.iter().map(|word| PartId { content_id: word.clone() }).collect();
        let exchange = Exchange::with(header(condition));
        let complete =
            |connected: Arc<Connected>| async move { parts(&connected)?.complete_multipart(&path, &id, words).await };
        let put = self.run(stop, Task::Upload, &exchange, complete, |_| None)?;
        if let Ok(version) = self.version_put(&put) {
            return Ok(version);
        }
        // Older Ceph does not tell it here.
        match self.get(stop, upload.name, &Ask { range: Some(0..1), unless: None }) {
            Ok(Answer::Found(piece)) => Ok(piece.version),
            Ok(_) => Err(no_version(true)),
            Err(fault) => Err(Fault { may_have_landed: true, ..fault }),
        }
    }

    fn abort(&self, stop: Stop<'_>, upload: Upload<'_>) -> Result<(), Fault> {
        let (path, id) = (path(upload.name)?, upload.id.as_str().to_owned());
        let abort = |connected: Arc<Connected>| async move { parts(&connected)?.abort_multipart(&path, &id).await };
        self.run(stop, Task::Abort, &Exchange::default(), abort, |heard| {
            (heard.status?.as_u16() == 404 && heard.code() != "NoSuchBucket").then_some(())
        })
    }
}

fn parts(connected: &Connected) -> Result<&Arc<dyn MultipartStore>, StoreError> {
    let none = || StoreError::NotImplemented { operation: "upload".to_owned(), implementer: "HTTP".to_owned() };
    connected.parts.as_ref().ok_or_else(none)
}

fn is_missing(exchange: &Exchange) -> bool {
    let heard = exchange.heard();
    heard.status.is_some_and(|status| status.as_u16() == 404) && !heard.code().starts_with("NoSuchBucket")
}
