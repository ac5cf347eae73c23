//! What a service can do.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// What a store can do, as it was probed.
///
/// It can be kept as a text and handed to [`Options::assume`](crate::Options::assume), to save another process the probe.
///
/// ```
/// use persistable_objects::{Can, Replace};
///
/// let can = Can { create: true, replace: Replace::Unquoted };
/// assert_eq!(can.to_string(), "create,replace-unquoted");
/// assert_eq!("create,replace-unquoted".parse::<Can>()?, can);
/// # Ok::<(), persistable_objects::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Can {
    /// Whether it can put an object only if there is none: [`Only::IfAbsent`](crate::Only::IfAbsent).
    pub create: bool,
    /// How it can replace an object only if it is unchanged: [`Only::IfStill`](crate::Only::IfStill).
    pub replace: Replace,
}

/// How a service takes the condition that an object is unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replace {
    /// Not at all: it refuses or ignores such conditions.
    #[default]
    No,
    /// With the version in quotes, as HTTP wants it, or in its own way.
    Yes,
    /// With the version without quotes. (Older Ceph.)
    Unquoted,
}

impl Replace {
    /// Whether it can replace an object only if it is unchanged.
    #[must_use]
    pub fn is_possible(self) -> bool {
        self != Self::No
    }
}

impl fmt::Display for Can {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let replace = match self.replace {
            Replace::No => None,
            Replace::Yes => Some("replace"),
            Replace::Unquoted => Some("replace-unquoted"),
        };
        let words: Vec<&str> = self.create.then_some("create").into_iter().chain(replace).collect();
        f.write_str(if words.is_empty() { "nothing" } else { "" })?;
        f.write_str(&words.join(","))
    }
}

impl FromStr for Can {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut can = Self::default();
        for word in text.split(',').map(str::trim) {
            match word {
                "create" => can.create = true,
                "replace" => can.replace = Replace::Yes,
                "replace-unquoted" => can.replace = Replace::Unquoted,
                "nothing" => {}
                _ => {
                    let known = "create, replace, replace-unquoted, nothing";
                    return Err(Error::invalid(format!("{word:?} is not something that a store can do: {known}")));
                }
            }
        }
        Ok(can)
    }
}
