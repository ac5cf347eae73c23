//! A store over a service: what all its verbs need.

use std::sync::Arc;

use persistable_base::fork::Shared;

use crate::can::Can;
use crate::error::Result;
use crate::name;
use crate::policy::RetryPolicy;
use crate::service::Service;
use crate::stop::{Interrupt, Stop};

/// A service, made a store.
#[derive(Debug)]
pub(crate) struct RemoteObjects {
    pub(super) service: Box<dyn Service>,
    pub(super) setup: Setup,
    /// What was probed.
    pub(super) can: Shared<Option<Can>>,
}

/// What does not depend on the kind of service.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// The URL without secrets.
    pub location: Arc<str>,
    /// What stands before each name: nothing, or a folder with its `/`.
    pub prefix: String,
    pub policy: RetryPolicy,
    pub interrupt: Interrupt,
    /// What the caller knows that the service can do.
    pub can: Option<Can>,
}

impl RemoteObjects {
    pub(crate) fn new(service: impl Service + 'static, setup: Setup) -> Self {
        let can = Shared::new(setup.can.or(service.about().can));
        Self { service: Box::new(service), setup, can }
    }

    pub(crate) fn setup(&self) -> &Setup {
        &self.setup
    }

    pub(super) fn stop(&self) -> Stop<'_> {
        Stop::of_caller(&self.setup.interrupt)
    }

    /// Runs one verb: checks the name, puts the prefix before it, and tells in an error what was being done to what.
    pub(super) fn on<T>(
        &self,
        operation: &'static str,
        object: &str,
        act: impl FnOnce(&str) -> Result<T>,
    ) -> Result<T> {
        name::check(object)
            .and_then(|()| act(&self.full(object)))
            .map_err(|error| error.at(&self.setup.location, operation, Some(object)))
    }

    pub(super) fn full(&self, name: &str) -> String {
        format!("{}{name}", self.setup.prefix)
    }
}
