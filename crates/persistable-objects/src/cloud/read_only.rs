//! A service that can only be read.

use std::fs::File;

use bytes::Bytes;

use crate::cloud::root::Cloud;
use crate::error::ErrorKind;
use crate::objects::{UploadId, Version};
use crate::service::{About, Answer, Ask, Condition, Ended, Fault, From, Page, Part, Service, Upload};
use crate::stop::Stop;

/// Hands out what a service has, and refuses the rest without asking it.
#[derive(Debug)]
pub(crate) struct ReadOnly(pub Cloud);

fn refused(what: &str) -> Fault {
    let fault = Fault::new(Ended::Final(ErrorKind::Unsupported), format!("a store over HTTP can't {what}"));
    Fault { advice: Some("Use the protocol of the service itself, such as s3://, to do that".to_owned()), ..fault }
}

impl Service for ReadOnly {
    fn about(&self) -> About {
        self.0.about()
    }

    fn is_read_only(&self) -> bool {
        true
    }

    fn has_ranges(&self) -> bool {
        self.0.has_ranges()
    }

    fn copy(&self, stop: Stop<'_>, name: &str, to: &File) -> Result<Answer, Fault> {
        self.0.copy(stop, name, to)
    }

    fn get(&self, stop: Stop<'_>, name: &str, ask: &Ask<'_>) -> Result<Answer, Fault> {
        self.0.get(stop, name, ask)
    }

    fn put(&self, _: Stop<'_>, _: &str, _: Bytes, _: Condition<'_>) -> Result<Version, Fault> {
        Err(refused("be written to"))
    }

    fn delete(&self, _: Stop<'_>, _: &[String]) -> Result<(), Fault> {
        Err(refused("be written to"))
    }

    fn list(&self, _: Stop<'_>, _: &str, _: From<'_>) -> Result<Page, Fault> {
        Err(refused("be listed"))
    }

    fn begin(&self, _: Stop<'_>, _: &str) -> Result<UploadId, Fault> {
        Err(refused("be written to"))
    }

    fn part(&self, _: Stop<'_>, _: Upload<'_>, _: Part, _: Bytes) -> Result<String, Fault> {
        Err(refused("be written to"))
    }

    fn finish(&self, _: Stop<'_>, _: Upload<'_>, _: &[String], _: Condition<'_>) -> Result<Version, Fault> {
        Err(refused("be written to"))
    }

    fn abort(&self, _: Stop<'_>, _: Upload<'_>) -> Result<(), Fault> {
        Err(refused("be written to"))
    }
}
