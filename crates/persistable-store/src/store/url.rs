//! Locations of stores: which are URLs, and what stands in them.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use persistable_base::percent;

use super::meant::url_meant_by;
use crate::error::{Error, ErrorKind, Result};

/// Where a store is said to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// A folder.
    Folder(PathBuf),
    /// `memory://name`.
    Memory(String),
    /// Any other URL. It may hold secrets.
    Url(String),
}

/// Returns whether a location is a URL, and not a path: it begins with a word and `://`.
#[must_use]
pub fn is_url(location: &Path) -> bool {
    scheme_of(location).is_some()
}

/// Returns the path that a `file://` URL names; `None` for anything else.
///
/// # Errors
///
/// [`ErrorKind::InvalidOption`] for a `file://` URL that names no path, and for a path that was meant as a URL.
pub fn path_in_url(location: PathBuf) -> Result<Option<PathBuf>> {
    let is_url = is_url(&location);
    Ok(if let (true, Destination::Folder(path)) = (is_url, Destination::of(location)?) { Some(path) } else { None })
}

fn scheme_of(location: &Path) -> Option<&str> {
    let (scheme, _) = location.to_str()?.split_once("://")?;
    let is_word = scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.'));
    is_word.then_some(scheme)
}

impl Destination {
    pub(super) fn of(location: PathBuf) -> Result<Self> {
        let Some(scheme) = scheme_of(&location).map(str::to_ascii_lowercase) else {
            return match url_meant_by(&location) {
                Some(url) => Err(wrong("this is the path of a folder, and was perhaps meant as a URL")
                    .advise(format!("If so, pass the text {url:?}. If it is a folder, write its whole path"))),
                None => Ok(Self::Folder(location)),
            };
        };
        let text = location.into_os_string().into_string().unwrap_or_default();
        let (_, rest) = text.split_once("://").unwrap_or_default();
        match scheme.as_str() {
            "file" => path_of(rest).map(Self::Folder),
            "memory" if rest.contains(['?', '#']) => Err(wrong("a store in memory has a name and no options")),
            "memory" => Ok(Self::Memory(rest.trim_matches('/').to_owned())),
            _ => Ok(Self::Url(text)),
        }
    }
}

/// Takes pairs with these names out of a URL's query.
pub(super) fn take_from_query(url: &str, names: &[&str]) -> Result<(String, Vec<(String, String)>)> {
    let Some((place, query)) = url.split_once('?') else { return Ok((url.to_owned(), Vec::new())) };
    let (mut kept, mut taken) = (Vec::new(), Vec::new());
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if names.contains(&name) {
            let value = String::from_utf8(decoded(value)?).map_err(|_| wrong("an option in the URL is not UTF-8"))?;
            taken.push((name.to_owned(), value));
        } else {
            kept.push(pair);
        }
    }
    let mark = if kept.is_empty() { "" } else { "?" };
    Ok((format!("{place}{mark}{}", kept.join("&")), taken))
}

/// Returns the path in a `file://` URL.
fn path_of(rest: &str) -> Result<PathBuf> {
    if rest.contains(['?', '#']) {
        let error = wrong("a file:// URL has no options");
        return Err(error.advise("In a name, write %3F for \"?\" and %23 for \"#\""));
    }
    let path = rest.strip_prefix("localhost").filter(|path| path.starts_with('/')).unwrap_or(rest);
    if !path.starts_with('/') {
        return Err(wrong("a file:// URL has an absolute path, with three slashes: file:///data"));
    }
    Ok(PathBuf::from(OsString::from_vec(decoded(path)?)))
}

fn decoded(text: &str) -> Result<Vec<u8>> {
    percent::decoded(text).ok_or_else(|| wrong("the URL has a \"%\" that is not followed by two hex digits"))
}

/// The message does not repeat the URL: there may be a secret in it.
pub(super) fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOption, message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

    use super::*;

    fn folder(path: &str) -> Destination {
        Destination::Folder(path.into())
    }

    #[test]
    fn what_has_a_scheme_is_a_url_and_all_else_is_a_path() {
        for path in ["data", "/data", "./s3://bucket", "a b://c", "://x", "c:/data", "a:b", "1s3://x"] {
            assert_eq!(Destination::of(path.into()).unwrap(), folder(path));
        }
        assert_eq!(Destination::of("S3://Bucket/x".into()).unwrap(), Destination::Url("S3://Bucket/x".into()));
        assert_eq!(Destination::of("memory://a/b/".into()).unwrap(), Destination::Memory("a/b".into()));
        assert_eq!(Destination::of("file:///a%20b".into()).unwrap(), folder("/a b"));
        assert_eq!(Destination::of("file://localhost/a".into()).unwrap(), folder("/a"));
        for wrong in ["file://host/a", "file://data", "file:///a?b=c", "memory://a?b=c", "file:///a%2"] {
            assert_eq!(Destination::of(wrong.into()).unwrap_err().kind(), ErrorKind::InvalidOption, "{wrong}");
        }
    }

    #[test]
    fn the_cache_is_taken_out_of_the_query() {
        let (url, taken) =
            take_from_query("s3://b/c?cache=%2Ftmp&region=x&cache_size=1GB", &["cache", "cache_size"]).unwrap();
        assert_eq!(url, "s3://b/c?region=x");
        assert_eq!(taken, [("cache".into(), "/tmp".into()), ("cache_size".into(), "1GB".into())]);
        assert_eq!(take_from_query("s3://b?cache=a", &["cache"]).unwrap().0, "s3://b");
    }
}
