//! The signing key of this account, which is read at most once in a process.

use std::path::PathBuf;

use persistable::Keys;
use persistable::store::fork::Table;
use persistable::store::{Need, SigningKey};
use persistable_cli::account;
use pyo3::prelude::*;

use crate::once::intern;

/// What is known of the key of the account that this process acts for.
#[derive(Clone)]
enum AccountKey {
    Key(SigningKey),
    /// It was looked for, and was not there yet.
    Missing,
    /// There is none: it is switched off, there is no home, or the file can't be used.
    No,
}

/// By the process and its account: a forked child may act for another one.
type Of = (u32, u32);

static ACCOUNT_KEY: Table<Option<(Of, AccountKey)>> = Table::new(None);

/// Returns the key of the account; `None` where there is none, and where none is needed yet.
pub(crate) fn key(need: Need) -> Option<SigningKey> {
    let of = (std::process::id(), rustix::process::geteuid().as_raw());
    let known = ACCOUNT_KEY.lock().as_ref().filter(|(known_of, _)| *known_of == of).map(|(_, known)| known.clone());
    let known = match known {
        // Another process of this account may have made it in the meantime.
        None | Some(AccountKey::Missing) => find(need),
        Some(known) => known,
    };
    let key = if let AccountKey::Key(key) = &known { Some(key.clone()) } else { None };
    *ACCOUNT_KEY.lock() = Some((of, known));
    key
}

/// Returns where the key is, or would be; `None` if it is switched off, or if there is no home.
pub(crate) fn file() -> Option<PathBuf> {
    // Python may change the environment of the process, and only a thread that holds the interpreter's lock.
    Python::attach(|_| account::key_file())
}

/// Finds the file, and reads or makes it. A key that can't be had is never a reason to fail: then all is as without it.
fn find(need: Need) -> AccountKey {
    let Some(file) = file() else { return AccountKey::No };
    match SigningKey::of_account(&file, need) {
        Ok(Some(key)) => AccountKey::Key(key),
        Ok(None) => AccountKey::Missing,
        Err(error) => {
            let is_refused = error.kind() == persistable::store::ErrorKind::Untrusted;
            let mut message = error.to_string();
            if let Some(source) = error.into_source() {
                message = format!("{message}: {source}");
            }
            Python::attach(|py| {
                let told = py
                    .import(intern!(py, "persistable._account_key"))
                    .and_then(|module| module.call_method1(intern!(py, "tell"), (message, is_refused)));
                if let Err(error) = told {
                    error.write_unraisable(py, None);
                }
            });
            AccountKey::No
        }
    }
}

/// Returns the keys of a payload IO: its secret signs, if there is one. Else the key of the account does. Both are accepted.
pub(crate) fn keys(secret: Option<&str>) -> Keys {
    match secret {
        Some(secret) => Keys::signing(SigningKey::from_secret(secret)).asking(key),
        None => Keys::asking_to_sign(key),
    }
}

/// Returns the file of the signing key of this account; `None` if it is switched off, or if there is no home.
#[pyfunction]
pub(crate) fn account_key_file() -> Option<PathBuf> {
    account::key_file()
}

/// Returns the folder of this account for payloads that were downloaded; `None` if it has no home.
#[pyfunction]
pub(crate) fn cache_folder() -> Option<PathBuf> {
    account::cache_folder()
}

/// Returns the folder of this account for indexes of stores; `None` if it has no home.
#[pyfunction]
pub(crate) fn index_folder() -> Option<PathBuf> {
    account::index_folder()
}

/// Returns the folder of this account for logs of steps in stores that are not folders; `None` if it has no home.
#[pyfunction]
pub(crate) fn log_folder() -> Option<PathBuf> {
    account::log_folder()
}

/// Forgets the key: for tests, which change where it is.
#[pyfunction]
pub(crate) fn forget_account_key() {
    *ACCOUNT_KEY.lock() = None;
}
