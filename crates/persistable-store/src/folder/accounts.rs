//! Several accounts in one data folder: mending what keeps one of them out, and saying who can.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use super::root::Root;
use super::sharing::Sharing;
use crate::error::Error;
use crate::machine;

/// Opens what this account made to those who share the data folder: an earlier version may have made it for this account alone.
pub(super) fn mend(root: &Root, data_folder: &Metadata) {
    let (sharing, medium) = (Sharing::of(data_folder), root.medium());
    if !sharing.is_shared() {
        return;
    }
    let folders = ["quarantine", "verified", "records"].map(|name| root.own_folder(name));
    for path in [root.own(), root.staging(), root.lock_path()].into_iter().chain(folders.iter().map(|path| &**path)) {
        sharing.apply(medium, path);
    }
}

/// Adds to a refusal who could end it, and how.
pub(super) fn explain(root: &Root, error: Error) -> Error {
    let (medium, me) = (root.medium(), machine::user_id());
    if !error.is_permission_denied() {
        return error;
    }
    let Ok(data_folder) = medium.followed_metadata(root.path()) else { return error };
    let owner = |metadata: &Metadata| machine::user_name(metadata.uid());
    let (path, me_name) = (root.path().display(), machine::user_name(me));
    if medium.check_writable(root.path()).is_err() {
        if data_folder.uid() == me {
            return error.advise(format!(
                "The data folder's mode is {:03o}. To let your account write to it, run: chmod u+rwx '{path}'",
                data_folder.mode() & 0o7777
            ));
        }
        let is_open_to_group = data_folder.mode() & 0o070 == 0o070;
        let joining = if is_open_to_group { machine::joining_advice(data_folder.gid()) } else { None };
        let advice =
            joining.unwrap_or_else(|| format!("To let the group write to it, its owner runs: chmod g+rwxs '{path}'"));
        return error.advise(format!(
            "The data folder belongs to {}, its group is {}, and its mode is {:03o}; this is {me_name}. {advice}",
            owner(&data_folder),
            machine::group_name(data_folder.gid()),
            data_folder.mode() & 0o7777,
        ));
    }
    let parts = [root.own(), root.staging(), root.lock_path()];
    let Some((part, metadata)) = parts.iter().find_map(|part| {
        let metadata = medium.metadata(part).ok()?;
        let is_denied = medium.check_usable(part, metadata.is_dir()).is_err();
        is_denied.then_some((part, metadata))
    }) else {
        return error;
    };
    let own = root.own().display();
    let group = machine::group_name(data_folder.gid());
    error.advise(format!(
        "{} belongs to {}, its mode is {:03o}, and this is {me_name}. Its owner lets all who share the data folder use it with: \
         chgrp -R {group} '{own}' && chmod -R g+rwX '{own}'",
        part.display(),
        owner(&metadata),
        metadata.mode() & 0o7777,
    ))
}
