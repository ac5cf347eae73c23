//! Another account, and rights that are given and taken away.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;

use crate::agent::Setting;
use crate::problem::Result;
use crate::run::Run;

/// The account without rights. The administrator would be denied nothing.
pub(crate) const NOBODY: u32 = 65_534;

/// Runs an agent as nobody.
pub(crate) fn as_nobody() -> Setting {
    Setting::within(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
}

/// Says why nobody can't act here, where that is so.
pub(crate) fn obstacle(run: &Run) -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("only the administrator can act for other accounts".to_owned());
    }
    for actor in run.actors() {
        let Ok(scratch) = run.folder() else { return Some("there is no scratch folder".to_owned()) };
        let _ = open_to_others(scratch.path());
        let _ = chown(scratch.path(), Some(NOBODY), None);
        let mut command = match as_nobody().command(&actor, &["load", "file", "1", "data"]) {
            Ok(command) => command,
            Err(error) => return Some(error.to_string()),
        };
        let found = command.current_dir(scratch.path()).output();
        if !found.is_ok_and(|output| output.status.success()) {
            return Some(format!(
                "the account nobody can't run {} here, or can't reach the scratch folder",
                actor.name()
            ));
        }
    }
    None
}

/// Lets others reach what is below a folder of the scratch.
pub(crate) fn open_to_others(folder: &Path) -> Result<()> {
    for folder in folder.ancestors().take(2) {
        fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    }
    Ok(())
}

pub(crate) fn without_rights(path: &Path, mode: u32, act: impl FnOnce() -> Result<()>) -> Result<()> {
    let before = fs::metadata(path)?.permissions();
    fs::set_permissions(path, Permissions::from_mode(mode))?;
    let acted = act();
    fs::set_permissions(path, before)?;
    acted
}
