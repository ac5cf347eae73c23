//! URLs of stores.

use persistable_base::percent;

use crate::error::{Error, Result};

/// A URL, taken apart. Its parts are decoded. There may be secrets among them, so it can't be shown.
pub(crate) struct Url {
    pub scheme: String,
    pub user: Option<String>,
    pub password: Option<crate::secret::Secret>,
    /// The host, with its port; or the bucket.
    pub host: String,
    /// Without the `/` at both ends.
    pub path: String,
    pub query: Vec<(String, String)>,
}

impl Url {
    /// Takes a URL apart. An error does not repeat it: there may be a secret in it.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let wrong = |why: &str| Error::invalid(format!("the URL of the store is wrong: {why}"));
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("it has no \"://\""))?;
        if rest.contains('#') {
            return Err(wrong("it has a \"#\". In a name, write %23"));
        }
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = place.split_once('/').unwrap_or((place, ""));
        let (who, host) = match authority.rsplit_once('@') {
            Some((who, host)) => (Some(who), host),
            None => (None, authority),
        };
        let (user, password) = match who.map(|who| who.split_once(':').unwrap_or((who, ""))) {
            Some((user, "")) => (Some(decoded(user)?), None),
            Some((user, password)) => (Some(decoded(user)?), Some(crate::secret::Secret::new(decoded(password)?))),
            None => (None, None),
        };
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(name)?, decoded(value)?))
        });
        Ok(Self {
            scheme: scheme.to_ascii_lowercase(),
            user,
            password,
            host: decoded(host)?,
            path: decoded(path.trim_matches('/'))?,
            query: query.collect::<Result<_>>()?,
        })
    }

    /// Returns the path as what stands before each name: nothing, or a folder with its `/`.
    pub(crate) fn prefix(&self) -> Result<String> {
        if self.path.is_empty() {
            return Ok(String::new());
        }
        crate::name::check(&self.path)?;
        Ok(format!("{}/", self.path))
    }
}

/// Returns a URL with the values of its query changed. What stays the same keeps its form.
pub(crate) fn with_query(text: &str, change: impl Fn(&str, &str) -> Option<String>) -> String {
    let Some((place, query)) = text.split_once('?') else { return text.to_owned() };
    let pairs = query.split('&').map(|pair| {
        let changed = pair.split_once('=').and_then(|(name, value)| {
            let changed = change(&decoded(name).ok()?, &decoded(value).ok()?)?;
            Some(format!("{name}={}", encoded(&changed)))
        });
        changed.unwrap_or_else(|| pair.to_owned())
    });
    format!("{place}?{}", pairs.collect::<Vec<_>>().join("&"))
}

fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match is_plain(byte) {
            true => encoded.push(char::from(byte)),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Decodes `%2F` and the like. A `+` stays what it is: keys and tokens have some.
fn decoded(text: &str) -> Result<String> {
    let bytes = percent::decoded(text).ok_or_else(|| {
        Error::invalid(
            "the URL of the store is wrong: after a \"%\" there must be two hex digits. For a \"%\" in a name, write %25",
        )
    })?;
    String::from_utf8(bytes).map_err(|_| Error::invalid("the URL of the store is wrong: it is not UTF-8"))
}
