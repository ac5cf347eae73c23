//! Patterns of paths below a folder: `*.csv`, `2024/**/*.parquet`.

use glob::{MatchOptions, Pattern as Component};

use super::error::{InputError, Result};

const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };

/// A pattern of paths relative to a folder. In a component, `*` stands for any text, `?` for any character, and `[ab]` for one
/// of some. The component `**` stands for any number of folders. Names that begin with a dot match like any others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pattern {
    text: String,
    /// `None` stands for any number of components.
    components: Vec<Option<Component>>,
}

/// How much of a pattern the folders passed so far have matched: all positions in it where one may be.
#[derive(Clone, Debug)]
pub(super) struct Matched(Vec<usize>);

impl Pattern {
    /// Reads a pattern.
    pub(super) fn new(text: &str) -> Result<Self> {
        let refused = |why: &str| InputError::argument(format!("the pattern {text:?} {why}"));
        if text.starts_with('/') || text.split('/').any(|component| component == "..") {
            return Err(refused("leads out of the folder: give one that is relative to the folder, such as *.csv"));
        }
        let parts = text.split('/').filter(|component| !matches!(*component, "" | "."));
        let components = parts.map(|part| match part {
            "**" => Ok(None),
            _ => Component::new(part).map(Some).map_err(|error| refused(&format!("can't be read: {error}"))),
        });
        let components: Vec<_> = components.collect::<Result<_>>()?;
        if components.is_empty() {
            return Err(refused("is empty: give one such as **/* or *.csv"));
        }
        Ok(Self { text: text.to_owned(), components })
    }

    /// Returns the pattern as it was given.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Begins in the folder itself.
    pub(super) fn begin(&self) -> Matched {
        let mut matched = Matched(Vec::new());
        self.reach(&mut matched, 0);
        matched
    }

    /// Goes on to an entry of a folder; `None` where nothing there can match.
    pub(super) fn next(&self, matched: &Matched, name: &str) -> Option<Matched> {
        let mut next = Matched(Vec::new());
        for &position in &matched.0 {
            match self.components.get(position) {
                Some(None) => self.reach(&mut next, position),
                Some(Some(component)) if component.matches_with(name, OPTIONS) => self.reach(&mut next, position + 1),
                _ => {}
            }
        }
        (!next.0.is_empty()).then_some(next)
    }

    /// Whether a path that came this far matches as a whole.
    pub(super) fn is_complete(&self, matched: &Matched) -> bool {
        matched.0.contains(&self.components.len())
    }

    /// Adds a position, and those behind it that take no component.
    fn reach(&self, matched: &mut Matched, position: usize) {
        if !matched.0.contains(&position) {
            matched.0.push(position);
        }
        if let Some(None) = self.components.get(position) {
            self.reach(matched, position + 1);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Pattern;

    fn matches(pattern: &str, path: &str) -> bool {
        let pattern = Pattern::new(pattern).unwrap();
        let matched = path.split('/').try_fold(pattern.begin(), |matched, name| pattern.next(&matched, name));
        matched.is_some_and(|matched| pattern.is_complete(&matched))
    }

    #[test]
    fn a_pattern_matches_as_in_a_shell() {
        for (pattern, path, expected) in [
            ("**/*", "a", true),
            ("**/*", "a/b/c", true),
            ("**", "a/b", true),
            ("*.csv", "a.csv", true),
            ("*.csv", "a/a.csv", false),
            ("**/*.csv", "a.csv", true),
            ("**/*.csv", "a/b/c.csv", true),
            ("**/*.csv", "a/b/c.txt", false),
            ("./a//*", "a/b", true),
            ("a/**/b/*", "a/b/c", true),
            ("a/**/b/*", "a/x/y/b/c", true),
            ("a/**/b/*", "a/x/y/c", false),
            ("[ab]?", "b1", true),
            ("[ab]?", "c1", false),
            ("*", ".hidden", true),
            ("*.CSV", "a.csv", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_folder_where_nothing_can_match_is_left_out() {
        let pattern = Pattern::new("a/*.csv").unwrap();
        let below = pattern.next(&pattern.begin(), "a").unwrap();
        assert!(pattern.next(&pattern.begin(), "b").is_none());
        assert!(pattern.next(&below, "folder").is_none());
    }

    #[test]
    fn a_pattern_that_can_match_nothing_below_the_folder_is_refused() {
        for pattern in ["", ".", "/", "/etc/*", "../*", "a/../*", "[a"] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }
}
