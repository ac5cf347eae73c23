//! Where the servers are.

use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::sync::Mutex;

/// Azurite's own well-known key.
const AZURITE_KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Where a store is: a URL, and options by their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub url: String,
    pub options: Vec<(String, String)>,
}

/// Tells where a server is; nothing where it does not run. That is said once, aloud.
pub fn server(variable: &str) -> Option<String> {
    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let address = std::env::var(variable).ok();
    if address.is_none() {
        let message = format!("SKIPPED: {variable} is not set. `make stores-test` starts all servers.");
        assert!(std::env::var_os("PERSISTABLE_TEST_ALL").is_none(), "{message}");
        let mut said = SAID.lock().unwrap();
        if !said.contains(&message) {
            // Not by a macro: the test's own output is hidden while it passes.
            let _ = writeln!(std::io::stderr(), "{message}");
            said.push(message);
        }
    }
    address
}

/// Whether a server runs.
pub fn is_there(variable: &str) -> bool {
    std::env::var_os(variable).is_some()
}

/// A text that no other test has.
pub fn fresh(what: &str) -> String {
    format!("{what}-{:016x}", RandomState::new().hash_one((std::process::id(), std::thread::current().id())))
}

/// Each is a folder that nobody else uses.
impl Address {
    fn new(url: String) -> Self {
        Self { url, options: Vec::new() }
    }

    /// Adds an option.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.options.push((name.to_owned(), value.into()));
        self
    }

    /// Returns all of it as one URL, with the options in its query.
    pub fn to_url(&self) -> String {
        let escaped = |text: &str| text.replace('%', "%25").replace('&', "%26").replace('+', "%2B").replace('#', "%23");
        let query: Vec<String> =
            self.options.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        format!("{}?{}", self.url, query.join("&"))
    }

    /// A folder on Ceph, if it runs.
    pub fn s3() -> Option<Self> {
        Some(Self::s3_at(&server("PERSISTABLE_TEST_S3")?))
    }

    /// A folder on Ceph, by way of this endpoint.
    pub fn s3_at(endpoint: &str) -> Self {
        Self::new(format!("s3://bucket/{}", fresh("suite")))
            .with("endpoint", endpoint)
            .with("region", "us-east-1")
            .with("access_key_id", "dev")
            .with("secret_access_key", "devsecret")
    }

    /// A folder on Azurite, if it runs.
    pub fn azure() -> Option<Self> {
        let endpoint = server("PERSISTABLE_TEST_AZURE")?;
        let address = Self::new(format!("az://bucket/{}", fresh("suite"))).with("endpoint", endpoint);
        Some(address.with("account", "devstoreaccount1").with("account_key", AZURITE_KEY))
    }

    /// A folder on the stub of Google Cloud Storage, which this process starts.
    pub fn gcs() -> Option<Self> {
        let address = Self::new(format!("gs://bucket/{}", fresh("suite"))).with("endpoint", crate::google::start());
        Some(address.with("anonymous", "true"))
    }

    /// A folder on OpenSSH, if it runs.
    pub fn sftp() -> Option<Self> {
        let url = server("PERSISTABLE_TEST_SFTP")?;
        let config = server("PERSISTABLE_TEST_SFTP_CONFIG")?;
        Some(Self::new(format!("{url}/{}", fresh("suite"))).with("ssh_config", config))
    }
}
