//! Reading the payloads of a store of objects.
//!
//! A payload is downloaded to this machine's disk, verified, and then read as a folder's is: mapped, or by its path. If there is a
//! cache, it stays there. A small one comes with one request into memory.

mod download;
mod temporary;
mod way;

use std::path::PathBuf;
use std::sync::Arc;

use super::cache::{Cache, Loan};
use super::root::Root;
use crate::backend::{Author, Payload, PayloadRequest};
use crate::error::Result;
use crate::location::Location;
use crate::payload::{PayloadBytes, PrivateBytes};
use crate::scratch::Scratch;
use crate::settings::Verification;
use crate::trust::Guard;
use download::{Download, SMALL_BYTES};
use way::{AsBytes, AsPrivateBytes, Way};

/// So often it is tried to read what was put into the cache: others may evict it at once.
const TRIES: usize = 3;

/// A payload of a store of objects.
#[derive(Debug)]
struct RemotePayload {
    root: Arc<Root>,
    location: Location,
    /// A verified copy on disk.
    copy: Option<(PathBuf, Kept)>,
}

/// What keeps a path for a reader.
#[derive(Debug)]
enum Kept {
    InCache { _loan: Arc<Loan> },
    Temporary { _scratch: Scratch },
}

/// Opens a payload. No request is sent yet.
pub(super) fn open(root: &Arc<Root>, request: &PayloadRequest) -> Box<dyn Payload> {
    let location = root.location.join(&request.record.file);
    Box::new(RemotePayload { root: Arc::clone(root), location, copy: None })
}

impl RemotePayload {
    /// Judges a payload that may hold code: anybody who can write to the store may have written it.
    fn admit(&self, request: &PayloadRequest) -> Result<()> {
        let Some(guard) = &request.guard else { return Ok(()) };
        let author = Author::Foreign("anybody who can write to this store may have written it".to_owned());
        guard.admit(&self.location, &author).map(drop)
    }

    /// Returns the cache, if the payload fits into it.
    fn cache(&self, request: &PayloadRequest) -> Option<&Cache> {
        self.root.settings.cache.as_deref().filter(|cache| cache.takes(&request.record))
    }

    fn download<'a>(&'a self, request: &'a PayloadRequest) -> Download<'a> {
        Download::new(&self.root, &self.location, &request.record)
    }

    fn read<W: Way>(&self, request: &PayloadRequest, way: &W) -> Result<W::Bytes> {
        self.admit(request)?;
        let cache = self.cache(request);
        let cached = in_cache(request);
        if let Some(read) =
            cache.and_then(|cache| cache.read(&cached, |payload, request| way.on_disk(payload, request)))
        {
            return Ok(read);
        }
        if request.record.size_bytes <= SMALL_BYTES {
            let bytes = self.download(request).to_memory()?;
            if let Some(cache) = cache {
                cache.put(&request.record, &bytes);
            }
            return Ok(way.in_memory(bytes));
        }
        if let Some(cache) = cache {
            for _ in 0..TRIES {
                if !self.fill(cache, request)? {
                    break;
                }
                if let Some(read) = cache.read(&cached, |payload, request| way.on_disk(payload, request)) {
                    return Ok(read);
                }
            }
        }
        way.of_own_file(self.download(request).to_temporary_file()?)
    }

    /// Downloads a payload into the cache. `false` where the cache can't be used.
    fn fill(&self, cache: &Cache, request: &PayloadRequest) -> Result<bool> {
        let is_interrupted = || self.root.settings.is_interrupted();
        cache.fill(&request.record, &is_interrupted, |path| self.download(request).to(path))
    }

    /// Returns a loan of the cache, if that can be used.
    fn lend(&self, request: &PayloadRequest) -> Result<Option<Arc<Loan>>> {
        let Some(cache) = self.cache(request) else { return Ok(None) };
        let cached = in_cache(request);
        for _ in 0..TRIES {
            if let Some(loan) = cache.lend(&cached) {
                return Ok(Some(loan));
            }
            if !self.fill(cache, request)? {
                break;
            }
        }
        Ok(cache.lend(&cached))
    }

    fn copy(&self, request: &PayloadRequest) -> Result<(PathBuf, Kept)> {
        if let Some(loan) = self.lend(request)? {
            return Ok((loan.path().to_owned(), Kept::InCache { _loan: loan }));
        }
        let scratch = Scratch::new()?;
        let path = scratch.path().join(&request.record.file);
        self.download(request).to(&path).map_err(|failed| temporary::explained(failed, scratch.path()))?;
        Ok((path, Kept::Temporary { _scratch: scratch }))
    }
}

impl Payload for RemotePayload {
    fn bytes(&self, request: &PayloadRequest, mapped: bool) -> Result<PayloadBytes> {
        self.read(request, &AsBytes { mapped })
    }

    fn private_bytes(&self, request: &PayloadRequest) -> Result<PrivateBytes> {
        self.read(request, &AsPrivateBytes)
    }

    fn path(&mut self, request: &PayloadRequest) -> Result<PathBuf> {
        self.admit(request)?;
        let copy = match self.copy.take() {
            Some(copy) => copy,
            None => self.copy(request)?,
        };
        Ok(self.copy.insert(copy).0.clone())
    }

    fn may_path_change(&self) -> bool {
        false
    }

    /// A large payload that nobody is going to read is not downloaded for this.
    fn find_damage(&self, request: &PayloadRequest) -> Result<()> {
        let download = self.download(request);
        if request.record.files.is_none() && request.record.size_bytes <= SMALL_BYTES {
            download.to_memory().map(drop)
        } else {
            download.check_presence()
        }
    }
}

/// Returns how what is in the cache is read. Nobody else can have written it. It was verified when it came, and is verified again as
/// a folder's payload is. What may hold code is always verified. After a power cut, an entry may have its size and not its content:
/// entries are not synced. So each is verified once, also where payloads are not.
fn in_cache(request: &PayloadRequest) -> PayloadRequest {
    let verification = match request.verification {
        Verification::Never => Verification::OncePerFile,
        verification => verification,
    };
    PayloadRequest { verification, guard: request.guard.as_ref().map(|_| Guard::of_own()), ..request.clone() }
}
