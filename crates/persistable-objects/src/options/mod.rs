//! How a store is opened: by a URL and options.

pub(crate) mod known_options;
pub(crate) mod url;
pub(crate) mod values;

use std::sync::Arc;

use crate::can::Can;
use crate::engine::Setup;
use crate::error::Result;
use crate::policy::{LEAST_PART_BYTES, MOST_PART_BYTES, RetryPolicy};
use crate::stop::Interrupt;
use known_options::{COMMON, KnownOption};
use url::Url;
use values::Values;

/// What a kind needs to open a store.
pub(crate) struct Opening {
    pub url: Url,
    pub values: Values,
    pub interrupt: Interrupt,
    pub can: Option<Can>,
}

impl Opening {
    /// Gathers the options: those of the caller first, then those of the URL, then those of the environment.
    pub(crate) fn gather(
        url: Url,
        known: &'static [KnownOption],
        given: &[(String, String)],
        variable: impl Fn(&str) -> Option<String>,
        interrupt: Interrupt,
    ) -> Result<Self> {
        let tables = [COMMON, known];
        let mut values = Values::default();
        for (name, value) in url.query.iter().chain(given) {
            values.set(&tables, name, value)?;
        }
        values.fill(&tables, variable);
        values.check_lines()?;
        values.check_files(&tables)?;
        let can = values.text("assume").map(str::parse).transpose()?;
        Ok(Self { url, values, interrupt, can })
    }

    pub(crate) fn policy(&self) -> Result<RetryPolicy> {
        let default = RetryPolicy::default();
        let values = &self.values;
        let part_bytes = values.size("part_size")?.unwrap_or(default.part_bytes);
        if !(LEAST_PART_BYTES..=MOST_PART_BYTES).contains(&part_bytes) {
            return Err(crate::Error::invalid("the option \"part_size\" must be from 5MiB to 8MiB"));
        }
        let concurrency = values.number("concurrency")?.map_or(default.concurrency, |number| number as usize);
        if !(1..=64).contains(&concurrency) {
            return Err(crate::Error::invalid("the option \"concurrency\" must be from 1 to 64"));
        }
        Ok(RetryPolicy {
            retries: values.number("retries")?.unwrap_or(default.retries),
            retry_timeout: values.time("retry_timeout")?.unwrap_or(default.retry_timeout),
            timeout: values.time("timeout")?.unwrap_or(default.timeout),
            connect_timeout: values.time("connect_timeout")?.unwrap_or(default.connect_timeout),
            concurrency,
            part_bytes,
        })
    }

    /// What the engine needs. `shown` are options that belong to the identity of a store, such as its endpoint.
    pub(crate) fn setup(&self, prefix: String, shown: &[(&str, Option<&str>)]) -> Result<Setup> {
        // For HTTP, the user is a part of the credentials. Elsewhere it says which place is meant.
        let user = self.url.user.as_ref().filter(|_| !self.url.scheme.starts_with("http"));
        let user = user.map(|user| format!("{user}@")).unwrap_or_default();
        let mut location = format!("{}://{user}{}", self.url.scheme, self.url.host);
        if !self.url.path.is_empty() {
            location = format!("{location}/{}", self.url.path);
        }
        let shown = shown.iter().filter_map(|(name, value)| Some(format!("{name}={}", (*value)?)));
        let shown: Vec<String> = shown.collect();
        if !shown.is_empty() {
            location = format!("{location}?{}", shown.join("&"));
        }
        Ok(Setup {
            location: Arc::from(location),
            prefix,
            policy: self.policy()?,
            interrupt: self.interrupt.clone(),
            can: self.can,
        })
    }
}
