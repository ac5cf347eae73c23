//! Secrets, which never show.

use std::fmt;

/// Shorter ones are not looked for in texts: they would turn up everywhere.
const LEAST_LENGTH: usize = 4;

/// A text that must not be shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text, to be handed to what needs it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// All secrets of a store.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets(Vec<Secret>);

impl Secrets {
    pub(crate) fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        let mut secrets: Vec<Secret> = secrets.into_iter().filter(|secret| secret.0.len() >= LEAST_LENGTH).collect();
        // The longest first: one may be a part of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.0.len()));
        Self(secrets)
    }

    /// Takes all secrets out of a text that others wrote, and shortens it.
    pub(crate) fn scrub(&self, text: &str) -> String {
        const MOST_CHARS: usize = 400;
        let mut scrubbed = text.to_owned();
        for secret in &self.0 {
            scrubbed = scrubbed.replace(secret.expose(), "***");
        }
        scrubbed = without_queries(&scrubbed);
        let line: Vec<&str> = scrubbed.split_whitespace().collect();
        line.join(" ").chars().take(MOST_CHARS).collect()
    }
}

impl IntoIterator for Secrets {
    type Item = Secret;
    type IntoIter = std::vec::IntoIter<Secret>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Takes the query out of each URL: signatures and tokens are there.
fn without_queries(text: &str) -> String {
    let shown = text.split(' ').map(|word| match word.split_once("://") {
        Some((_, rest)) if rest.contains(['?', '@']) => {
            let until = word.find('?').unwrap_or(word.len());
            let url = word.get(..until).unwrap_or_default();
            match (url.split_once("://"), url.rsplit_once('@')) {
                (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
                _ => url.to_owned(),
            }
        }
        _ => word.to_owned(),
    });
    shown.collect::<Vec<String>>().join(" ")
}
