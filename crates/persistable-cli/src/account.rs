//! What this account has outside of stores: folders, and its signing key. The Python package asks here, too.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use persistable_store::{Keys, Need, SigningKey};

const KEY_VARIABLE: &str = "PERSISTABLE_ACCOUNT_KEY";
const SECRET_VARIABLE: &str = "PERSISTABLE_SIGNING_KEY";
const OFF: [&str; 4] = ["off", "0", "no", "false"];

/// Returns the folder for payloads that were downloaded; `None` if this account has no home.
#[must_use]
pub fn cache_folder() -> Option<PathBuf> {
    Some(base("XDG_CACHE_HOME", ".cache")?.join("persistable"))
}

/// Returns the folder for indexes of stores.
#[must_use]
pub fn index_folder() -> Option<PathBuf> {
    Some(cache_folder()?.join("catalogue"))
}

/// Returns the folder for logs of steps in stores that are not folders.
#[must_use]
pub fn log_folder() -> Option<PathBuf> {
    Some(base("XDG_STATE_HOME", ".local/state")?.join("persistable/logs"))
}

/// Returns the file of the signing key; `None` if it is switched off, or if this account has no home.
#[must_use]
pub fn key_file() -> Option<PathBuf> {
    let is_off = std::env::var(KEY_VARIABLE).is_ok_and(|value| OFF.contains(&value.trim().to_lowercase().as_str()));
    if is_off { None } else { Some(base("XDG_DATA_HOME", ".local/share")?.join("persistable/signing-key")) }
}

fn base(variable: &str, in_home: &str) -> Option<PathBuf> {
    // Relative paths are to be ignored, says the specification of these variables.
    if let Some(given) = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute()) {
        return Some(given);
    }
    let home = std::env::home_dir().filter(|home| home.is_absolute())?;
    // After `sudo`, the home may be that of the account which called it.
    is_own(&home).then(|| home.join(in_home))
}

fn is_own(folder: &Path) -> bool {
    std::fs::metadata(folder).is_ok_and(|found| found.uid() == rustix::process::geteuid().as_raw())
}

/// Returns the keys with which this account signs, and those that it accepts.
pub(crate) fn keys() -> Keys {
    match secret() {
        Some(secret) => Keys::signing(SigningKey::from_secret(&secret)).asking(|need| key(need).ok().flatten()),
        None => Keys::asking_to_sign(|need| key(need).ok().flatten()),
    }
}

/// Returns the key of the account; without one, that of the secret in the environment.
///
/// # Errors
///
/// Why there is none, for people.
pub(crate) fn key_to_sign() -> Result<SigningKey, String> {
    let none = "this account has no signing key. Set XDG_DATA_HOME to a folder that only this account can use, or set \
                PERSISTABLE_SIGNING_KEY";
    match key(Need::ToSign) {
        Ok(Some(key)) => Ok(key),
        Ok(None) => secret().map(|secret| SigningKey::from_secret(&secret)).ok_or_else(|| none.to_owned()),
        Err(problem) => Err(problem),
    }
}

fn key(need: Need) -> Result<Option<SigningKey>, String> {
    let Some(file) = key_file() else { return Ok(None) };
    SigningKey::of_account(&file, need).map_err(|error| format!("{error:#}"))
}

/// The secret of a team.
fn secret() -> Option<String> {
    std::env::var(SECRET_VARIABLE).ok().filter(|secret| !secret.is_empty())
}
