//! What was heard of a server during one request.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::DateTime;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, DATE, HeaderName, HeaderValue, LAST_MODIFIED, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

tokio::task_local! {
    /// The exchange that the running request belongs to.
    static CURRENT: Exchange;
}

/// One request of ours, and its answer. (Before it, `object_store` may have sent another one for a token.)
#[derive(Clone, Debug, Default)]
pub(crate) struct Exchange {
    /// A header to be added to the request.
    pub extra: Option<(HeaderName, HeaderValue)>,
    heard: Arc<Mutex<Heard>>,
}

/// What a server answered, or why there was no answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    pub status: Option<StatusCode>,
    pub headers: HeaderMap,
    /// The beginning of the body of an answer that is not a success.
    pub body: String,
    pub failure: Option<Failure>,
    /// Which host was asked, with its port.
    pub host: String,
    /// Whether the request had credentials.
    pub is_signed: bool,
}

/// Why there was no answer.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub text: String,
    pub why: Why,
}

/// Where a request ended that was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// There is no host of that name.
    NoHost,
    /// No connection was made, so nothing was asked for.
    NotConnected,
    /// The server's certificate is not accepted.
    Certificate,
    /// The server does not speak TLS.
    NoTls,
    /// On a connection: the request may have arrived.
    Lost,
}

impl Exchange {
    pub(crate) fn with(extra: Option<(HeaderName, HeaderValue)>) -> Self {
        Self { extra, ..Self::default() }
    }

    /// Runs a request as this exchange.
    pub(crate) async fn run<T>(self, future: impl Future<Output = T>) -> T {
        CURRENT.scope(self, future).await
    }

    /// Returns the exchange that runs.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    pub(crate) fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heard {
    pub(crate) fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How long ago the object was written, by the server's clock alone.
    pub(crate) fn age(&self) -> Option<Duration> {
        self.age_of(self.header(LAST_MODIFIED)?)
    }

    /// How long before the answer that moment was.
    pub(crate) fn age_of(&self, moment: &str) -> Option<Duration> {
        let now = DateTime::parse_from_rfc2822(self.header(DATE)?).ok()?;
        let then = DateTime::parse_from_rfc2822(moment).ok()?;
        Some((now - then).to_std().unwrap_or_default())
    }

    /// How large the whole object is.
    pub(crate) fn size(&self) -> Option<u64> {
        let told = match self.header(CONTENT_RANGE).and_then(|range| range.rsplit_once('/')) {
            Some((_, size)) => Some(size),
            None => self.header(CONTENT_LENGTH),
        };
        told?.parse().ok()
    }

    /// How long the server asks to wait.
    pub(crate) fn pause(&self) -> Option<Duration> {
        Some(Duration::from_secs(self.header(RETRY_AFTER)?.parse().ok()?))
    }

    /// Returns the text between two tags of an error in XML.
    pub(crate) fn tag(&self, tag: &str) -> Option<&str> {
        let (_, rest) = self.body.split_once(&format!("<{tag}>"))?;
        let (text, _) = rest.split_once(&format!("</{tag}>"))?;
        Some(text)
    }

    /// Returns the service's own code of an error.
    pub(crate) fn code(&self) -> &str {
        self.tag("Code").or_else(|| self.header("x-ms-error-code")).unwrap_or_default()
    }
}
