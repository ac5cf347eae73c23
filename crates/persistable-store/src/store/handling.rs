//! How a store's artifacts are handled, whatever kind of store it is.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use persistable_base::fork::Once;

use crate::format::Digest;
use crate::interrupt::Interrupt;
use crate::keys::Keys;
use crate::location::Location;

/// How a store's artifacts are handled.
#[derive(Clone, Debug, Default)]
pub(super) struct Handling {
    pub(super) is_trusted: bool,
    pub(super) keys: Keys,
    pub(super) interrupt: Interrupt,
    logs: Option<Arc<Logs>>,
}

/// Where the logs of the steps of a store go that is not a folder.
#[derive(Debug)]
struct Logs {
    folder: PathBuf,
    is_made: Once<()>,
}

impl Handling {
    pub(super) fn new(
        is_trusted: bool,
        keys: Keys,
        interrupt: Interrupt,
        logs: Option<&Path>,
        location: &Location,
    ) -> Self {
        let logs = logs.filter(|_| location.path().is_none()).map(|logs| {
            // A process may change its current folder later.
            let logs = std::path::absolute(logs).unwrap_or_else(|_| logs.to_owned());
            Arc::new(Logs { folder: logs.join(folder_name(location)), is_made: Once::new() })
        });
        Self { is_trusted, keys, interrupt, logs }
    }

    /// Handles several stores as one: what one of them does not trust, all don't.
    pub(super) fn of_layers<'a>(layers: impl Iterator<Item = (&'a Self, &'a Location)> + Clone) -> Self {
        let is_trusted = layers.clone().all(|(layer, _)| layer.is_trusted);
        let keys = layers.clone().fold(Keys::none(), |keys, (layer, _)| keys.or(&layer.keys));
        let interrupt = Interrupt::any(layers.clone().map(|(layer, _)| &layer.interrupt));
        let logs = layers.clone().find_map(|(layer, location)| match location.path() {
            Some(folder) => Some(Arc::new(Logs { folder: folder.to_owned(), is_made: Once::new() })),
            None => layer.logs.clone(),
        });
        Self { is_trusted, keys, interrupt, logs }
    }

    /// Returns where the logs go. The folder is made when it is asked for.
    pub(super) fn logs(&self) -> Option<&Path> {
        let logs = self.logs.as_ref()?;
        logs.is_made.get_or_make(|| {
            // Without it, no log is written, which is no reason to fail.
            let _ = DirBuilder::new().recursive(true).mode(0o700).create(&logs.folder);
        });
        Some(&logs.folder)
    }
}

/// Returns a name that people recognise, and that no other location has.
fn folder_name(location: &Location) -> String {
    const MOST_LETTERS: usize = 80;
    let text = location.to_string();
    let digest = Digest::of(text.as_bytes()).to_hex();
    let letters = text.chars().map(|letter| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' });
    let mut name = String::new();
    for letter in letters.take(MOST_LETTERS) {
        if letter != '-' || !name.ends_with('-') {
            name.push(letter);
        }
    }
    format!("{}-{}", name.trim_matches(['-', '.']), digest.get(..12).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_store_has_a_log_folder_of_its_own_that_people_recognise() {
        let name = |text: &str| folder_name(&Location::Name(text.to_owned()));
        assert!(name("s3://team-bucket/experiments").starts_with("s3-team-bucket-experiments-"));
        assert_ne!(name("s3://a/b"), name("s3://a-b"));
        assert!(!name("s3://../..").starts_with('.') && !name("s3://a/../b").contains('/'));
    }
}
