//! A survey of the whole folder: every manifest and every text beside an artifact, with stamps.

use super::companions::{stamp_of, surveyed};
use super::root::Root;
use crate::error::{Context, Result};
use crate::survey::Surveyed;

/// Tells of every manifest and of every text with labels. A stamp is made of what the file system says of the file, unless that
/// may not show the next change.
pub(super) fn survey(root: &Root, tell: &mut dyn FnMut(Surveyed)) -> Result<()> {
    root.metadata()?;
    let mut path = root.path().to_owned();
    for entry in root.medium().entries(root.path()).context("list", root.path())? {
        let name = entry.context("list", root.path())?.name;
        let Some((stem, companion)) = name.to_str().and_then(surveyed) else { continue };
        path.push(&name);
        let stamp = root.medium().metadata(&path).ok().and_then(|metadata| stamp_of(&metadata));
        path.pop();
        tell(Surveyed { stem: stem.to_owned(), companion, stamp });
    }
    Ok(())
}
