//! A client for HTTP, and what a kind makes with it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, HeaderValue};
use object_store::list::PaginatedListStore;
use object_store::multipart::MultipartStore;
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use persistable_base::fork::Table;

use crate::cloud::wire::Wire;
use crate::error::{Error, ErrorKind, Result};
use crate::policy::RetryPolicy;

/// A connection that nobody used for so long is closed. (Most servers wait longer.)
const IDLE: Duration = Duration::from_secs(20);

/// How to reach a service. A process makes its own wire of it.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub policy: RetryPolicy,
    /// Certificates to trust besides the system's, as PEM.
    pub certificates: Option<Vec<u8>>,
    /// No certificate is needed.
    pub is_plain: bool,
    /// Goes with each request. It must be marked as sensitive if it is.
    pub authorization: Option<HeaderValue>,
}

/// A service, connected by this process.
pub(crate) struct Connected {
    pub objects: Arc<dyn ObjectStore>,
    pub parts: Option<Arc<dyn MultipartStore>>,
    pub pages: Option<Arc<dyn PaginatedListStore>>,
}

impl Connected {
    /// For what can do all three.
    pub(crate) fn new(store: impl ObjectStore + MultipartStore + PaginatedListStore) -> Self {
        let store = Arc::new(store);
        Self { objects: store.clone(), parts: Some(store.clone()), pages: Some(store) }
    }
}

impl fmt::Debug for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connected")
    }
}

impl Client {
    /// Makes a wire.
    pub(crate) fn wire(&self) -> Result<Wire> {
        install_tls();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("persistable/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(self.policy.connect_timeout)
            .pool_idle_timeout(IDLE)
            .tcp_nodelay(true);
        if let Some(authorization) = &self.authorization {
            builder = builder.default_headers([(AUTHORIZATION, authorization.clone())].into_iter().collect());
        }
        if self.is_plain {
            // Reading the system's certificates takes some milliseconds.
            builder = builder.tls_certs_only([]);
        } else if let Some(pem) = &self.certificates {
            let certificates = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| Error::invalid("the certificates of `ca_file` can't be read").caused_by(error))?;
            builder = builder.tls_certs_merge(certificates);
        }
        let client = builder.build().map_err(|error| {
            Error::new(ErrorKind::Unavailable, "could not set up HTTP").caused_by(error.without_url())
        })?;
        Ok(Wire::new(client, self.policy.timeout, self.authorization.is_some()))
    }

    /// Options for a builder of `object_store`.
    pub(crate) fn options(&self) -> ClientOptions {
        ClientOptions::new().with_allow_http(true)
    }

    /// `object_store` must not retry: it does not know what may be sent twice.
    pub(crate) fn no_retries(&self) -> RetryConfig {
        RetryConfig { max_retries: 0, ..RetryConfig::default() }
    }
}

/// Installs the cryptography for TLS, unless the program did. Not twice at the same time, and not during a fork.
fn install_tls() {
    static INSTALLED: Table<bool> = Table::new(false);
    let mut is_installed = INSTALLED.lock();
    if !*is_installed {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        *is_installed = true;
    }
}
