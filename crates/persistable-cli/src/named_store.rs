//! Which store is meant.

use std::path::{Path, PathBuf};

use persistable_store::{Store, StoreOptions};

use crate::account;
use crate::failure::{Exit, Failure, Result};
use crate::people::quoted;

const VARIABLE: &str = "PERSISTABLE_STORE";
/// Every data folder that was written to has it.
const MARK: &str = ".persistable";

/// Options that are not secret.
const SHOWN: [&str; 12] = [
    "account",
    "anonymous",
    "cache",
    "cache_size",
    "concurrency",
    "connect_timeout",
    "endpoint",
    "profile",
    "region",
    "retries",
    "ssh_config",
    "timeout",
];

/// A store, and how people name it.
pub(crate) struct NamedStore {
    pub(crate) store: Store,
    /// What stands before other words in commands to try next: the store and a space, or nothing if it need not be said.
    pub(crate) prefix: String,
}

/// Takes the store off the words of a command. If the first word is not a store, the store is the default.
pub(crate) fn take(words: &[String]) -> Result<(NamedStore, &[String])> {
    match words.split_first() {
        Some((first, rest)) if is_location(first) => Ok((open(first, false)?, rest)),
        _ => match default() {
            Ok(store) => Ok((store, words)),
            Err(failure) => match words.first() {
                Some(first) => Err(missing(first)),
                None => Err(failure),
            },
        },
    }
}

/// Opens the store of this name. A folder that is missing is made if `creates` says so.
pub(crate) fn open(location: &str, creates: bool) -> Result<NamedStore> {
    let store = store_at(location, creates)?;
    Ok(NamedStore { store, prefix: format!("{} ", quoted(&without_secrets(location))) })
}

/// Opens the store that the variable or the working folder says.
pub(crate) fn default() -> Result<NamedStore> {
    if let Some(location) = std::env::var(VARIABLE).ok().filter(|location| !location.is_empty()) {
        return Ok(NamedStore { store: store_at(&location, false)?, prefix: String::new() });
    }
    if Path::new(MARK).is_dir() {
        return Ok(NamedStore { store: store_at(".", false)?, prefix: String::new() });
    }
    let found = data_folders();
    match found.as_slice() {
        [only] => Ok(NamedStore { store: store_at(only, false)?, prefix: String::new() }),
        [] => {
            let message =
                "no store is named, and there is no data folder here. Name a folder or a URL, or set PERSISTABLE_STORE";
            Err(Failure::usage(message).next("persistable ls data"))
        }
        [first, ..] => {
            let message = format!("no store is named, and there are several data folders here: {}", found.join(", "));
            Err(Failure::usage(message).next(format!("persistable ls {}", quoted(first))))
        }
    }
}

/// Lists data folders in the working folder.
fn data_folders() -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(".") else { return Vec::new() };
    let mut found: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().join(MARK).is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        // Such as what an export is working on.
        .filter(|name| !name.starts_with('.'))
        .collect();
    found.sort_unstable();
    found
}

/// Whether a word names a store: a URL, a path, or a folder that is here.
pub(crate) fn is_location(word: &str) -> bool {
    word.contains("://") || word == "~" || is_path(word) || Path::new(word).is_dir()
}

/// A payload name has no slash, but a file of an artifact may be named by its path.
fn is_path(word: &str) -> bool {
    let is_start = ["/", "./", "../", "~/"].iter().any(|start| word.starts_with(start));
    (is_start || word == "." || word == "..") && !word.contains('(')
}

/// Returns a word of a command as it may be shown: options in the query of a URL may be secret.
pub(crate) fn without_secrets(word: &str) -> String {
    let Some((kind, rest)) = word.split_once("://") else { return word.to_owned() };
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let shown = match path.split_once('@').map(|(account, host)| (account.split_once(':'), host)) {
        Some((Some((account, _)), host)) => format!("{kind}://{account}:…@{host}"),
        _ => format!("{kind}://{path}"),
    };
    let Some(query) = query else { return shown };
    let shown_pair = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if !SHOWN.contains(&name) => format!("{name}=…"),
        _ => pair.to_owned(),
    };
    format!("{shown}?{}", query.split('&').map(shown_pair).collect::<Vec<_>>().join("&"))
}

fn store_at(location: &str, creates: bool) -> Result<Store> {
    let mut options = StoreOptions::new();
    if let Some(folder) = account::cache_folder() {
        options = options.cache_by_default(folder);
    }
    if let Some(folder) = account::log_folder() {
        options = options.logs(folder);
    }
    let path = with_home(location);
    if creates {
        return Ok(options.create(path)?);
    }
    if !location.contains("://") && !path.is_dir() {
        return Err(missing(location));
    }
    Ok(options.open(path)?)
}

/// The shell has replaced `~` already, but not in the variable.
fn with_home(location: &str) -> PathBuf {
    match (location.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(location),
    }
}

fn missing(location: &str) -> Failure {
    let mut failure = Failure::new(Exit::NotFound, format!("there is no folder {}", quoted(location)));
    for folder in data_folders().iter().take(3) {
        failure = failure.next(format!("persistable ls {}", quoted(folder)));
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn commands_to_try_next_show_no_secrets() {
        let shown = without_secrets("s3://bucket/folder?region=eu&secret_access_key=hidden&new_option=hidden");
        assert_eq!(shown, "s3://bucket/folder?region=eu&secret_access_key=…&new_option=…");
        assert_eq!(without_secrets("sftp://ann:hidden@host/folder"), "sftp://ann:…@host/folder");
        let plain = ["data", "n == 1?", "sftp://ann@host/a:b@c"];
        assert_eq!(plain.map(without_secrets), plain);
    }
}
