//! Telling a warning, or refusing what it is about.

use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::log::{Event, tell};
use crate::options::{Options, Policy};
use crate::params_tree::ParamsTree;
use crate::stale::{StaleWarning, is_told, note_told};

/// Tells a warning once, or makes an error of it.
pub(crate) fn warn_or_refuse(
    tree: &ParamsTree,
    options: &Options,
    log_folder: Option<&Path>,
    policy: Policy,
    warning: StaleWarning,
    kind: ErrorKind,
    operation: &'static str,
) -> Result<()> {
    if policy == Policy::Refuse {
        return Err(Error::new(kind, operation, &warning.step, warning.message).of_key(warning.key));
    }
    if is_told(warning.change) {
        return Ok(());
    }
    tell(&Event::Stale { warning: &warning, is_below: warning.key != tree.key() }, tree, log_folder);
    let refused = |source| {
        Error::new(kind, operation, &warning.step, warning.message.clone()).of_key(warning.key).caused_by(source)
    };
    options.on_stale.tell(&warning).map_err(refused)?;
    note_told(warning.change);
    Ok(())
}
