//! The files of profiles, as the library for credentials understands them.
//!
//! It knows SSO as it was written until 2022: all in the profile. Today's `aws configure sso` writes a `[sso-session]` of its
//! own, and names the file of the token after it. Such files are shown to the library in the old form.

use std::io;
use std::path::Path;

use reqsign_core::{Error as SignError, FileRead, Result as SignResult};

/// Reads small files. They are local, so that waiting for them in a future does no harm.
#[derive(Debug)]
pub(super) struct Files;

impl FileRead for Files {
    async fn file_read(&self, path: &str) -> SignResult<Vec<u8>> {
        read(Path::new(path))
            .map_err(|error| SignError::unexpected(format!("could not read {path}")).with_source(error))
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    match std::fs::read_to_string(path) {
        Ok(text) if text.contains("sso_session") => Ok(with_sessions(&text).into_bytes()),
        Ok(text) => Ok(text.into_bytes()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => token_of_session(path).ok_or(error),
        Err(error) => Err(error),
    }
}

/// Writes into each profile what its session says.
fn with_sessions(text: &str) -> String {
    let mut shown = String::new();
    for line in text.lines() {
        shown.push_str(line);
        shown.push('\n');
        let Some(("sso_session", name)) = line.split_once('=').map(|(key, value)| (key.trim(), value.trim())) else {
            continue;
        };
        let session = format!("sso-session {name}");
        let mut is_here = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with('[') {
                is_here = line.trim_matches(['[', ']']).split_whitespace().eq(session.split_whitespace());
            } else if is_here && (line.starts_with("sso_start_url") || line.starts_with("sso_region")) {
                shown.push_str(line);
                shown.push('\n');
            }
        }
    }
    shown
}

/// Finds a token that is named after its session. The library looks for one that is named after its URL.
fn token_of_session(path: &Path) -> Option<Vec<u8>> {
    let folder = path.parent().filter(|folder| folder.ends_with("sso/cache"))?;
    let wanted = path.file_stem()?.to_str()?;
    let files = std::fs::read_dir(folder).ok()?.flatten();
    let mut texts = files.filter_map(|file| std::fs::read(file.path()).ok());
    texts.find(|text| url_of(text).is_some_and(|url| hex_sha1(url.as_bytes()) == wanted))
}

/// Returns the text after `"startUrl":`.
fn url_of(json: &[u8]) -> Option<&str> {
    let (_, rest) = str::from_utf8(json).ok()?.split_once("\"startUrl\"")?;
    rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?.split('"').next()
}

fn hex_sha1(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
