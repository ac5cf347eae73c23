//! A service over `object_store`: what all its requests need.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use object_store::{Error as StoreError, ObjectMeta};

use crate::cloud::connect::Connected;
use crate::cloud::exchange::{Exchange, Heard};
use crate::cloud::fault::{Task, fault, is_expired};
use crate::cloud::kind::{Kind, Versions};
use crate::cloud::words::no_version;
use crate::objects::Version;
use crate::process::PerProcess;
use crate::runtime::block_on;
use crate::secret::Secrets;
use crate::service::{Ended, Fault};
use crate::stop::Stop;

/// A service over `object_store`.
#[derive(Debug)]
pub(crate) struct Cloud {
    pub(super) kind: Box<dyn Kind>,
    secrets: Secrets,
    connected: PerProcess<Connected>,
    /// Whether the service has answered.
    was_there: AtomicBool,
    /// Whether it was asked for a part of an object, and sent the whole one.
    pub(super) ignores_ranges: AtomicBool,
}

impl Cloud {
    pub(crate) fn new(kind: impl Kind + 'static, secrets: Secrets) -> Self {
        Self {
            kind: Box::new(kind),
            secrets,
            connected: PerProcess::new(),
            was_there: AtomicBool::new(false),
            ignores_ranges: AtomicBool::new(false),
        }
    }

    /// Sends one request. Where `object_store` fails, `mend` may still make an answer of what was heard.
    pub(super) fn run<T: Send, F: Future<Output = Result<T, StoreError>> + Send>(
        &self,
        stop: Stop<'_>,
        task: Task,
        exchange: &Exchange,
        act: impl FnOnce(Arc<Connected>) -> F,
        mend: impl FnOnce(&Heard) -> Option<T>,
    ) -> Result<T, Fault> {
        let connected = self.connected.get(|| self.kind.connect()).map_err(|error| {
            let fault = Fault::from(error);
            let scrub = |text: String| self.secrets.scrub(&text);
            Fault { message: scrub(fault.message), advice: fault.advice.map(scrub), ..fault }
        })?;
        let done = block_on(stop, exchange.clone().run(act(connected)))?;
        let Some(done) = done else {
            return Err(Fault::interrupted());
        };
        let was_there = match exchange.heard().status {
            Some(_) => self.was_there.swap(true, Ordering::Relaxed),
            None => self.was_there.load(Ordering::Relaxed),
        };
        done.or_else(|error| {
            let heard = exchange.heard();
            mend(&heard).ok_or_else(|| {
                let fault = fault(task, &self.kind.told(), &self.secrets, &heard, was_there, &error);
                if is_expired(heard.code()) && self.kind.renew() {
                    return Fault { ended: Ended::Passing, ..fault };
                }
                fault
            })
        })
    }

    pub(super) fn version(&self, e_tag: Option<&str>, version: Option<&str>) -> Option<Version> {
        let e_tag = e_tag.filter(|tag| !tag.trim_matches('"').is_empty());
        match self.kind.versions() {
            Versions::Generation => version.map(Version::new),
            Versions::Etag => e_tag.map(|tag| Version::new(tag.trim_matches('"'))),
            Versions::Loose => e_tag.map(Version::new),
        }
    }

    pub(super) fn version_of(&self, meta: &ObjectMeta) -> Result<Version, Fault> {
        match self.version(meta.e_tag.as_deref(), meta.version.as_deref()) {
            Some(version) => Ok(version),
            None if self.kind.versions() == Versions::Loose => {
                Ok(Version::new(format!("{}-{}", meta.last_modified.timestamp_millis(), meta.size)))
            }
            None => Err(no_version(false)),
        }
    }

    /// Whether a 404 tells that there is no such object. A wrong endpoint answers with a 404 as well.
    pub(super) fn is_absent(&self, heard: &Heard) -> bool {
        matches!(heard.code(), "NoSuchKey" | "BlobNotFound") || self.kind.versions() == Versions::Loose
    }
}
