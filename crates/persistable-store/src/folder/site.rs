//! The data folder as the site of its payloads.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use super::root::Root;
use crate::format::PayloadRecord;
use crate::format::name::stem_of_payload;
use crate::medium::Medium;
use crate::on_disk::author::author_of_payload;
use crate::on_disk::{Site, Stamps};
use crate::tree::Links;
use crate::trust::Author;

/// Where verifications are remembered, below the store's own folder.
const VERIFIED: &str = "verified";

impl Site for Root {
    fn medium(&self) -> &dyn Medium {
        Self::medium(self)
    }

    fn links(&self) -> Links {
        Links::Followed
    }

    fn author(&self, metadata: &Metadata, record: &PayloadRecord) -> Author {
        author_of_payload(metadata, record.written.as_ref())
    }

    fn stamps(&self) -> &'static Stamps {
        &self.process.stamps
    }

    fn verified_name<'a>(&self, record: &'a PayloadRecord) -> &'a str {
        stem_of_payload(&record.file)
    }

    fn verified_folder(&self) -> PathBuf {
        self.own_folder(VERIFIED)
    }

    fn may_remember(&self) -> bool {
        self.is_own_folder_inside(VERIFIED)
    }

    fn share(&self, path: &Path) {
        Self::share(self, path);
    }

    fn create_verified_folder(&self) -> io::Result<()> {
        self.create_own_folder(&self.own_folder(VERIFIED))
    }
}
