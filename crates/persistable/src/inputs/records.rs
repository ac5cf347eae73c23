//! What files held that params name by plain paths.
//!
//! Such a file is not part of the key. Its size and digest are recorded with the payload, and compared when the payload is
//! loaded. Regular files of up to 64 MiB are recorded, up to 256 MiB and 1000 files for a step; folders and other files are
//! not. A file that the step writes itself, or that changes meanwhile, is not recorded either. A file that is missing when the
//! payload is loaded is not a change: the payload does not need it. A relative path is taken from the current folder.

use std::path::{Path, PathBuf};

use persistable_store::{Digest, InputRecord};

use super::look::{look, regular};
use super::stamp::{Settling, stamp_of};

const MOST_FILE_BYTES: u64 = 64 << 20;
const MOST_BYTES: u64 = 256 << 20;
const MOST_FILES: usize = 1000;

/// A file that has other content now than it had when the payload was generated.
#[derive(Clone, Debug)]
pub struct InputChange {
    /// Where the path stands among the params.
    pub param: String,
    /// The path, as the param has it.
    pub path: String,
    /// The size in bytes then and now.
    pub sizes_bytes: (u64, u64),
    /// The digest now; `None` where the file has become too large to be read here.
    pub digest: Option<Digest>,
}

/// Records what files hold, before a generation. Files that can't be read are left out.
pub fn record(paths: Vec<(String, PathBuf)>) -> Vec<InputRecord> {
    record_when(paths, &Settling::REAL)
}

/// Keeps the records of those files that are the same after the generation.
pub fn unchanged_after(records: Vec<InputRecord>) -> Vec<InputRecord> {
    unchanged_when(records, &Settling::REAL)
}

/// Returns which files have other content now than a manifest records, and than somebody declared to make no difference.
///
/// A file whose stamp is the recorded one is not read, and neither is one that this process, or
/// [another](crate::remember_digests_in), has read since it changed.
pub fn changed(records: &[InputRecord]) -> Vec<InputChange> {
    changed_when(records, &Settling::REAL)
}

pub(super) fn record_when(paths: Vec<(String, PathBuf)>, settling: &Settling) -> Vec<InputRecord> {
    let mut records = Vec::new();
    let mut bytes = 0_u64;
    for (param, path) in paths {
        let Ok(metadata) = regular(&path) else { continue };
        let (size_bytes, Some(text)) = (metadata.len(), path.to_str()) else { continue };
        if size_bytes > MOST_FILE_BYTES || bytes.saturating_add(size_bytes) > MOST_BYTES || records.len() >= MOST_FILES
        {
            continue;
        }
        let Ok(look) = look(&path, settling) else { continue };
        bytes = bytes.saturating_add(look.size_bytes);
        records.push(InputRecord::new(param, text.to_owned(), look.size_bytes, look.digest, look.stamp));
    }
    records
}

pub(super) fn unchanged_when(records: Vec<InputRecord>, settling: &Settling) -> Vec<InputRecord> {
    let unchanged = |record: InputRecord| {
        let now = look_again(&record, settling)?;
        // A file that was young before the generation may be settled now.
        (now.digest == Some(record.digest)).then(|| record.with_stamp(now.stamp))
    };
    records.into_iter().filter_map(unchanged).collect()
}

pub(super) fn changed_when(records: &[InputRecord], settling: &Settling) -> Vec<InputChange> {
    let change = |record: &InputRecord| {
        let now = look_again(record, settling)?;
        let is_known = now.digest.is_some_and(|now| now == record.digest || record.accepted.contains(&now));
        (!is_known).then(|| InputChange {
            param: record.param.clone(),
            path: record.path.clone(),
            sizes_bytes: (record.size_bytes, now.size_bytes),
            digest: now.digest,
        })
    };
    records.iter().filter_map(change).collect()
}

/// What a recorded file holds now.
struct Now {
    size_bytes: u64,
    digest: Option<Digest>,
    stamp: Option<Digest>,
}

/// Looks at a recorded file as it is now; `None` where that can't be done.
fn look_again(record: &InputRecord, settling: &Settling) -> Option<Now> {
    let path = Path::new(&record.path);
    let metadata = regular(path).ok()?;
    let (size_bytes, stamp) = (metadata.len(), stamp_of(&metadata));
    if record.stamp == Some(stamp) {
        return Some(Now { size_bytes, digest: Some(record.digest), stamp: record.stamp });
    }
    if size_bytes > MOST_FILE_BYTES {
        return Some(Now { size_bytes, digest: None, stamp: None });
    }
    let look = look(path, settling).ok()?;
    Some(Now { size_bytes: look.size_bytes, digest: Some(look.digest), stamp: look.stamp })
}
