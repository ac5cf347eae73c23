//! How a store is opened, with options.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use persistable_objects::{Objects, Options};

use super::Store;
use super::handling::Handling;
use super::size::size_of;
use super::url::{Destination, take_from_query, wrong};
use crate::error::Result;
use crate::folder::{Folder, Process};
use crate::format::SigningKey;
use crate::interrupt::Interrupt;
use crate::keys::Keys;
use crate::medium::System;
use crate::memory::Memory;
use crate::remote::{Cache, Remote, RemoteSettings, of_opening};

/// How many bytes a cache has, if nothing else is said.
const CACHE_BYTES: u64 = 10 << 30;

const CACHE: &str = "cache";
const CACHE_SIZE: &str = "cache_size";
const LEASE_TIME: &str = "lease_time";
/// What this crate knows.
const OURS: [&str; 3] = [CACHE, CACHE_SIZE, LEASE_TIME];
/// A holder that is busy must be able to renew its lease in time, and nobody shall wait for a dead one for hours.
const LEASE_TIMES: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(3600);

/// Options by their names.
type Pairs = Vec<(String, String)>;

/// How to open a store: a folder, memory, or a URL.
///
/// ```no_run
/// use persistable_store::StoreOptions;
///
/// let store = StoreOptions::new()
///     .set("endpoint", "http://127.0.0.1:9000")
///     .cache("/scratch/cache")
///     .cache_size(10 << 30)
///     .open("s3://team-bucket/experiments")?; // No request is sent yet.
/// # Ok::<(), persistable_store::Error>(())
/// ```
///
/// | location | Cargo feature |
/// | --- | --- |
/// | a path, or `file:///path` | – |
/// | `memory://name`: the same store for the same name, as long as the process lives | – |
/// | `s3://bucket/folder` | `s3` |
/// | `gs://bucket/folder` | `gcs` |
/// | `az://container/folder`, `abfss://container@account.dfs.core.windows.net/folder` | `azure` |
/// | `sftp://user@host/path` | `sftp` |
/// | `https://host/path`, to be read only | `http` |
#[derive(Clone, Default)]
pub struct StoreOptions {
    given: Pairs,
    cache: Option<Option<PathBuf>>,
    cache_by_default: Option<PathBuf>,
    cache_bytes: Option<u64>,
    logs: Option<PathBuf>,
    is_trusted: bool,
    keys: Keys,
    interrupt: Interrupt,
}

impl StoreOptions {
    /// Begins without options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an option by its name. [The page of `objects`](crate::objects) lists them. `cache` and `cache_size` are options as
    /// well. So is `lease_time`: if a process dies while it generates, others wait so long for it, 30 s if nothing else is said.
    ///
    /// An option may also be in the URL's query or in the environment. What is set here counts first, then the URL, then the
    /// environment.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.given.push((name.into(), value.into()));
        self
    }

    /// Keeps payloads that were downloaded in this folder, which is created if it is missing. Only this account may write to it.
    ///
    /// Without this, the variable `PERSISTABLE_CACHE` counts. Without that, there is no cache.
    #[must_use]
    pub fn cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = Some(Some(folder.into()));
        self
    }

    /// Uses no cache, whatever the URL and the environment say.
    #[must_use]
    pub fn without_cache(mut self) -> Self {
        self.cache = Some(None);
        self
    }

    /// Uses this folder as the cache if the options, the URL and the environment say nothing of a cache.
    #[must_use]
    pub fn cache_by_default(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache_by_default = Some(folder.into());
        self
    }

    /// Sets how many bytes the cache may have. If it has more, the payloads that were not used for longest are removed from it.
    ///
    /// Without this, the variable `PERSISTABLE_CACHE_SIZE` counts, such as `10GB`. Without that, it is 10 GiB.
    #[must_use]
    pub fn cache_size(mut self, bytes: u64) -> Self {
        self.cache_bytes = Some(bytes);
        self
    }

    /// Writes the logs of steps to this folder, if the store itself is not a folder. Each store has a subfolder.
    ///
    /// Without this, such a store has no log files.
    #[must_use]
    pub fn logs(mut self, folder: impl Into<PathBuf>) -> Self {
        self.logs = Some(folder.into());
        self
    }

    /// Trusts every artifact of the store, also one that may run code when it is loaded. Say so only if you trust everybody who
    /// can write to the store.
    #[must_use]
    pub fn trusted(mut self, is_trusted: bool) -> Self {
        self.is_trusted = is_trusted;
        self
    }

    /// Signs each artifact that is persisted in the store, and trusts artifacts that were signed with the same key. If a step has
    /// a key of its own, that one signs, and this one is accepted.
    #[must_use]
    pub fn signing_key(mut self, key: SigningKey) -> Self {
        self.keys = self.keys.sign_with(key);
        self
    }

    /// Also trusts artifacts of the store that were signed with this key. Nothing is signed with it.
    #[must_use]
    pub fn accept_signatures_of(mut self, key: SigningKey) -> Self {
        self.keys = self.keys.accept(key);
        self
    }

    /// Asks this function whether to stop, 20 times a second while a request or a transfer is waited for. It is called on the
    /// thread that called the store, and only there.
    #[must_use]
    pub fn interrupt(mut self, is_interrupted: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.interrupt = Interrupt::new(Arc::new(is_interrupted));
        self
    }

    /// Opens a store that exists. No request is sent: whether a bucket exists is known at the first use.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::InvalidOption`](crate::ErrorKind::InvalidOption): the URL or an option is wrong, or a Cargo feature is
    ///   missing.
    /// - [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable): there is no such folder, or the server can't be reached.
    /// - [`ErrorKind::Denied`](crate::ErrorKind::Denied): there are no credentials, the folder may not be read, or others may write
    ///   to the cache.
    pub fn open(&self, location: impl Into<PathBuf>) -> Result<Store> {
        self.open_by(location.into(), |path| Folder::open(path, Arc::new(System), Process::this()))
    }

    /// Opens a store as [`open`](Self::open) does. If it is a folder that is missing, it is created with its parents.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open). If the folder can't be created: [`ErrorKind::Denied`](crate::ErrorKind::Denied),
    /// [`ErrorKind::Full`](crate::ErrorKind::Full) or [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable).
    pub fn create(&self, location: impl Into<PathBuf>) -> Result<Store> {
        self.open_by(location.into(), |path| Folder::create(path, Arc::new(System), Process::this()))
    }

    /// Opens a store over objects of one's own kind.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidOption`](crate::ErrorKind::InvalidOption) for options other than those of the cache.
    pub fn over(&self, objects: Arc<dyn Objects>) -> Result<Store> {
        let (ours, others) = self.split(Vec::new());
        if let Some((name, _)) = others.first() {
            return Err(wrong(format!("objects that are already open take no option {name:?}")));
        }
        self.remote(objects, &ours)
    }

    fn open_by(&self, location: PathBuf, folder: impl FnOnce(PathBuf) -> Result<Folder>) -> Result<Store> {
        match Destination::of(location)? {
            Destination::Folder(path) => {
                self.refuse_options("a folder")?;
                folder(path).map(|folder| self.handled(Store::over(folder)))
            }
            Destination::Memory(name) => {
                self.refuse_options("a store in memory")?;
                Ok(self.handled(Store::of_backend(Memory::named(&name))))
            }
            Destination::Url(url) => {
                let (url, in_query) = take_from_query(&url, &OURS)?;
                let (ours, others) = self.split(in_query);
                let mut options =
                    others.into_iter().fold(Options::new(url), |options, (name, value)| options.set(name, value));
                if self.interrupt.is_given() {
                    let interrupt = self.interrupt.clone();
                    options = options.interrupt(move || interrupt.is_due());
                }
                self.remote(options.open().map_err(|error| of_opening(&error))?, &ours)
            }
        }
    }

    /// Parts what this crate knows from what the kind of store knows. The last one of a name counts.
    fn split(&self, in_query: Pairs) -> (Pairs, Pairs) {
        in_query.into_iter().chain(self.given.iter().cloned()).partition(|(name, _)| OURS.contains(&&**name))
    }

    fn refuse_options(&self, kind: &str) -> Result<()> {
        let given = self.given.first().map(|(name, _)| name.as_str());
        let cache = matches!(self.cache, Some(Some(_))).then_some(CACHE);
        let Some(name) = given.or(cache).or(self.cache_bytes.map(|_| CACHE_SIZE)) else { return Ok(()) };
        Err(wrong(format!(
            "{kind} has no option {name:?}. It is for stores that are opened by a URL, such as s3://bucket"
        )))
    }

    fn handled(&self, store: Store) -> Store {
        let (keys, interrupt) = (self.keys.clone(), self.interrupt.clone());
        let handling = Handling::new(self.is_trusted, keys, interrupt, self.logs.as_deref(), store.location());
        store.with_handling(handling)
    }

    fn remote(&self, objects: Arc<dyn Objects>, ours: &[(String, String)]) -> Result<Store> {
        let mut settings = RemoteSettings::default();
        if let Some((folder, bytes)) = self.cache_folder(ours)? {
            settings.cache = Cache::open(&folder, bytes)?.map(Arc::new);
        }
        if let Some((_, text)) = ours.iter().rfind(|(name, _)| name == LEASE_TIME) {
            let time = humantime::parse_duration(text).ok().filter(|time| LEASE_TIMES.contains(time));
            settings.lease_time = time.ok_or_else(|| wrong("lease_time is not a time from 1s to 1h, such as 30s"))?;
        }
        settings.interrupt = self.interrupt.clone();
        Ok(self.handled(Store::over(Remote::new(objects, settings))))
    }

    /// Returns the cache's folder and how many bytes it may have.
    fn cache_folder(&self, ours: &[(String, String)]) -> Result<Option<(PathBuf, u64)>> {
        let option = |name: &str, variable: &str| {
            let given = ours.iter().rfind(|(given, _)| given == name).map(|(_, value)| value.clone());
            given.or_else(|| std::env::var(variable).ok()).filter(|value| !value.is_empty())
        };
        let bytes = match (self.cache_bytes, option(CACHE_SIZE, "PERSISTABLE_CACHE_SIZE")) {
            (Some(bytes), _) => bytes,
            (None, None) => CACHE_BYTES,
            (None, Some(text)) => size_of(&text)
                .ok_or_else(|| wrong("the size of the cache is not a size such as 10GB, 500MiB or 1000000"))?,
        };
        let folder = match &self.cache {
            Some(folder) => folder.clone(),
            None => match option(CACHE, "PERSISTABLE_CACHE") {
                Some(folder) => Some(PathBuf::from(folder)).filter(|folder| folder.as_os_str() != "off"),
                None => self.cache_by_default.clone(),
            },
        };
        let Some(folder) = folder else { return Ok(None) };
        if folder.starts_with("~") {
            return Err(wrong("\"~\" is not replaced by the home folder here").advise("Write the cache's path in full"));
        }
        let folder =
            std::path::absolute(folder).map_err(|error| wrong("the cache's path is wrong").caused_by(error))?;
        Ok(Some((folder, bytes)))
    }
}

/// Secrets may be among the values.
impl fmt::Debug for StoreOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.given.iter().map(|(name, _)| name.as_str()).collect();
        let cache: Option<&Path> = self.cache.as_ref().and_then(|cache| cache.as_deref());
        f.debug_struct("StoreOptions")
            .field("given", &names)
            .field("cache", &cache)
            .field("cache_bytes", &self.cache_bytes)
            .field("logs", &self.logs)
            .field("is_trusted", &self.is_trusted)
            .finish_non_exhaustive()
    }
}
