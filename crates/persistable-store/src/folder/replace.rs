//! Exchanging a payload for the one that replaces it.

use std::io;
use std::path::Path;

use super::publishing::Publishing;
use crate::error::{Context, Error, ErrorKind, Result};
use crate::medium::Medium;
use crate::publication::Publication;

/// Replaces the payload under a manifest that names both, which is in staging as the one that is committed later; returns the
/// latter, which may be another by now.
pub(super) fn replace_payload(
    publishing: &Publishing<'_>,
    payload: &Path,
    publication: &mut Publication<'_>,
    sealed: Vec<u8>,
) -> Result<Vec<u8>> {
    let (root, area) = (publishing.root, publishing.area);
    let manifest_path = root.manifest_path(publication.stem());
    publishing.rename(&area.both(), &manifest_path)?;
    publishing.sync_folder()?;
    let target = root.join(&publication.record().file);
    let sealed = match swap_in(root.medium(), payload, &target) {
        Err(error) if cannot_exchange(&error) => {
            // Without an exchange a folder can't be replaced in one step. So it gets another name.
            let name = free_name(publishing, publication)?;
            publication.rename_payload(name);
            let (both, sealed) = (publication.seal_both()?, publication.seal()?);
            let _ = root.medium().remove_file(&area.manifest());
            publishing.write_synced(&[(&area.both(), &both), (&area.manifest(), &sealed)], None)?;
            publishing.rename(&area.both(), &manifest_path)?;
            publishing.sync_folder()?;
            publishing.rename(payload, &root.join(&publication.record().file))?;
            sealed
        }
        swapped => swapped.context("move the payload to", &target).map(|()| sealed)?,
    };
    // What was replaced may be in staging now. A power cut can put it back as long as that is not synced.
    publishing.sync_folder().inspect_err(|_| area.leave())?;
    Ok(sealed)
}

fn swap_in(medium: &dyn Medium, payload: &Path, target: &Path) -> io::Result<()> {
    let is_folder = |path: &Path| medium.metadata(path).map(|metadata| metadata.is_dir());
    match is_folder(target) {
        Ok(false) if !is_folder(payload)? => medium.rename(payload, target),
        // What was there is in staging after this, and is removed with it.
        Ok(_) => medium.exchange(payload, target),
        Err(error) if error.kind() == io::ErrorKind::NotFound => medium.rename(payload, target),
        Err(error) => Err(error),
    }
}

/// Returns a name for the payload that nothing has yet.
pub(super) fn free_name(publishing: &Publishing<'_>, publication: &Publication<'_>) -> Result<String> {
    let (root, stem, file) = (publishing.root, publication.stem(), &publication.record().file);
    // The name may have a number already.
    let suffix =
        file.strip_prefix(stem).and_then(|rest| rest.find('.').and_then(|dot| rest.get(dot..))).unwrap_or_default();
    (2..1000_u32)
        .map(|number| format!("{stem}~{number}{suffix}"))
        .find(|name| root.medium().metadata(&root.join(name)).is_err())
        .ok_or_else(|| Error::new(ErrorKind::Full, format!("{file} was left behind 1,000 times")).advise("Remove some"))
}

/// Whether two names could not be exchanged because the file system can't do that: at all, or as overlayfs with a folder of
/// a lower layer.
fn cannot_exchange(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, InvalidInput, Unsupported};
    matches!(error.kind(), InvalidInput | Unsupported | CrossesDevices)
}
