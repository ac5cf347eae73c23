//! Opening a store by its URL.

use std::fmt;
use std::sync::Arc;

use crate::can::Can;
use crate::error::{Error, Result};
use crate::memory::Memory;
use crate::objects::Objects;
use crate::options::Opening;
use crate::options::known_options;
use crate::options::url::{Url, with_query};
use crate::options::values::from_root;
use crate::stop::Interrupt;

/// Opens a store: `open("s3://bucket/folder?region=eu-central-1")`. Nothing is sent yet.
///
/// # Errors
///
/// [`Invalid`](crate::ErrorKind::Invalid) for a wrong URL or option. [`Unsupported`](crate::ErrorKind::Unsupported) where a
/// Cargo feature is missing.
pub fn open(url: &str) -> Result<Arc<dyn Objects>> {
    Options::new(url).open()
}

/// Makes relative paths absolute among the options of a URL and those beside it: the same store may be opened again from another
/// current folder, or in another process.
#[must_use]
pub fn with_absolute_paths(url: &str, given: Vec<(String, String)>) -> (String, Vec<(String, String)>) {
    let absolute = |name: &str, value: &str| known_options::is_path(name).then(|| from_root(value));
    let url = with_query(url, |name, value| absolute(name, value).filter(|path| path != value));
    let given = given.into_iter().map(|(name, value)| {
        let value = absolute(&name, &value).unwrap_or(value);
        (name, value)
    });
    (url, given.collect())
}

/// A URL, with options beside it.
///
/// An option may stand in the URL's query, be set here, or come from the environment. What is set here counts first, then the
/// URL, then the environment.
///
/// ```
/// use persistable_objects::Options;
///
/// let store = Options::new("memory://results").set("retries", "3").open()?;
/// assert_eq!(store.location(), "memory://results");
/// // A wrong name is refused, with the nearest right one.
/// let error = Options::new("memory://results").set("retrys", "3").open().unwrap_err();
/// assert_eq!(error.advice(), Some("Did you mean \"retries\"?"));
/// # Ok::<(), persistable_objects::Error>(())
/// ```
#[derive(Clone)]
pub struct Options {
    url: String,
    given: Vec<(String, String)>,
    interrupt: Interrupt,
    has_environment: bool,
}

impl Options {
    /// Begins with a URL.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), given: Vec::new(), interrupt: Interrupt::default(), has_environment: true }
    }

    /// Sets an option. [The crate's page](crate) lists them.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.given.push((name.into(), value.into()));
        self
    }

    /// Says what the store can do, so that it is not probed. It is what [`Objects::can`] returned before.
    #[must_use]
    pub fn assume(self, can: Can) -> Self {
        self.set("assume", can.to_string())
    }

    /// Asks this function whether to stop, 20 times a second while something is waited for. It is called on the thread that
    /// called the store, and only there.
    #[must_use]
    pub fn interrupt(mut self, is_interrupted: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.interrupt = Interrupt::new(is_interrupted);
        self
    }

    /// Takes no option from the environment. Credentials that are not given are still looked for in their usual places.
    #[must_use]
    pub fn without_environment(mut self) -> Self {
        self.has_environment = false;
        self
    }

    /// Opens the store. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// As [`open`].
    pub fn open(&self) -> Result<Arc<dyn Objects>> {
        let url = Url::parse(&self.url)?;
        let scheme = url.scheme.clone();
        let opening = |known| {
            if url.host.is_empty() && scheme != "memory" {
                return Err(nameless(&scheme));
            }
            let variable = |name: &str| std::env::var(name).ok().filter(|_| self.has_environment);
            Opening::gather(url, known, &self.given, variable, self.interrupt.clone())
        };
        match scheme.as_str() {
            "memory" => {
                let opening = opening(known_options::MEMORY)?;
                let can = opening.can.unwrap_or(Memory::CAN_ALL);
                Ok(Arc::new(Memory::with(opening.setup(opening.url.prefix()?, &[])?, can, true)))
            }
            #[cfg(feature = "s3")]
            "s3" | "s3a" => crate::s3::open(&opening(known_options::S3)?),
            #[cfg(feature = "gcs")]
            "gs" | "gcs" => crate::gcs::open(&opening(known_options::GCS)?),
            #[cfg(feature = "azure")]
            "az" | "azure" | "abfs" | "abfss" => crate::azure::open(&opening(known_options::AZURE)?),
            #[cfg(feature = "http")]
            "http" | "https" => crate::http::open(&opening(known_options::HTTP)?),
            #[cfg(feature = "sftp")]
            "sftp" | "ssh" => crate::sftp::open(&opening(known_options::SFTP)?),
            _ => Err(unknown(&scheme)),
        }
    }
}

/// Secrets may be anywhere in it.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.given.iter().map(|(name, _)| name.as_str()).collect();
        let scheme = self.url.split_once("://").map_or("", |(scheme, _)| scheme);
        f.debug_struct("Options").field("scheme", &scheme).field("given", &names).finish_non_exhaustive()
    }
}

fn nameless(scheme: &str) -> Error {
    let what = match scheme {
        "http" | "https" | "sftp" | "ssh" => "host",
        "az" | "azure" | "abfs" | "abfss" => "container",
        _ => "bucket",
    };
    Error::invalid(format!("the URL of the store names no {what}"))
        .advise(format!("Write it like {scheme}://{what}/folder"))
}

fn unknown(scheme: &str) -> Error {
    let feature = match scheme {
        "s3" | "s3a" => "s3",
        "gs" | "gcs" => "gcs",
        "az" | "azure" | "abfs" | "abfss" => "azure",
        "http" | "https" => "http",
        "sftp" | "ssh" => "sftp",
        _ => {
            let known = "s3://, gs://, az://, https://, sftp:// or memory://";
            return Error::invalid(format!("{scheme:?} is not a kind of store")).advise(format!("Use {known}"));
        }
    };
    Error::unsupported(format!("this program was compiled without {scheme}://"))
        .advise(format!("Switch on the Cargo feature {feature:?}"))
}
