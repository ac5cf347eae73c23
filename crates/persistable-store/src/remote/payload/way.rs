//! The two ways in which a payload of one file is handed out.

use std::fs::File;
use std::path::Path;

use crate::error::{Context, Result};
use crate::on_disk::Opened;
use crate::payload::{Payload, PayloadBytes, PayloadRequest, PrivateBytes};

/// How a payload is handed out.
pub(super) trait Way {
    type Bytes;

    /// Reads what lies in the cache.
    fn on_disk(&self, payload: &mut dyn Payload, request: &PayloadRequest) -> Result<Self::Bytes>;

    /// Reads or maps a file that was verified just now.
    fn of_opened(&self, opened: Opened, path: &Path) -> Result<Self::Bytes>;

    /// Hands out what was read.
    fn in_memory(&self, bytes: Vec<u8>) -> Self::Bytes;

    /// Reads or maps a temporary file that was verified just now.
    fn of_own_file(&self, file: File) -> Result<Self::Bytes> {
        let path = std::env::temp_dir();
        self.of_opened(Opened::of_own(file).context("look at a file in", &path)?, &path)
    }
}

/// As bytes.
pub(super) struct AsBytes {
    /// Whether they are used as they lie there.
    pub(super) mapped: bool,
}

impl Way for AsBytes {
    type Bytes = PayloadBytes;

    fn on_disk(&self, payload: &mut dyn Payload, request: &PayloadRequest) -> Result<PayloadBytes> {
        payload.bytes(request, self.mapped)
    }

    fn of_opened(&self, mut opened: Opened, path: &Path) -> Result<PayloadBytes> {
        opened.bytes(path, self.mapped)
    }

    fn in_memory(&self, bytes: Vec<u8>) -> PayloadBytes {
        PayloadBytes::Owned(bytes)
    }
}

/// As bytes that may be written to.
pub(super) struct AsPrivateBytes;

impl Way for AsPrivateBytes {
    type Bytes = PrivateBytes;

    fn on_disk(&self, payload: &mut dyn Payload, request: &PayloadRequest) -> Result<PrivateBytes> {
        payload.private_bytes(request)
    }

    fn of_opened(&self, mut opened: Opened, path: &Path) -> Result<PrivateBytes> {
        opened.private_bytes(path)
    }

    fn in_memory(&self, bytes: Vec<u8>) -> PrivateBytes {
        PrivateBytes::Owned(bytes)
    }
}
