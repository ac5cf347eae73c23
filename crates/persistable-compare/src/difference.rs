//! Something that two steps do not share.

use serde::Serialize;

/// Something that two artifacts do not share.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Where: `n`, `points.n`, `model.depth`, or a fact such as `.code`.
    pub path: String,
    /// What the first one has there; `None` if it has nothing.
    pub before: Option<String>,
    /// What the second one has there.
    pub after: Option<String>,
    /// What it is.
    pub kind: DifferenceKind,
    /// How far two numbers are apart.
    #[serde(skip)]
    #[doc(hidden)]
    pub gap: f64,
}

/// What kind of difference it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DifferenceKind {
    /// A param has another value.
    Value,
    /// A param has a value of another kind, which looks the same or nearly so: `1` and `1.0`, a text and a path.
    KindOfValue,
    /// A param is there only before, or only after.
    Param,
    /// The step declares another version.
    Version,
    /// The payload name is another.
    Name,
    /// There are other dependencies, or more or fewer of them.
    Dependencies,
    /// A dependency is another one, and its params are not known.
    UnknownDependency,
    /// Not part of the key: code, environment, input files, the payload itself.
    Fact,
}

impl DifferenceKind {
    /// All kinds.
    #[doc(hidden)]
    pub const ALL: &'static [Self] = &[
        Self::Value,
        Self::KindOfValue,
        Self::Param,
        Self::Version,
        Self::Name,
        Self::Dependencies,
        Self::UnknownDependency,
        Self::Fact,
    ];

    /// Returns what people read beside the difference, where it does not explain itself.
    #[must_use]
    pub fn remark(self) -> Option<&'static str> {
        match self {
            Self::Value | Self::Param => None,
            Self::KindOfValue => Some("another kind of value"),
            Self::Version => Some("the version of the step"),
            Self::Name => Some("the payload name"),
            Self::Dependencies => Some("what it depends on"),
            Self::UnknownDependency => Some("a dependency that is not there"),
            Self::Fact => Some("not part of the key"),
        }
    }

    /// Whether the key depends on it.
    #[must_use]
    pub fn is_in_key(self) -> bool {
        self != Self::Fact
    }
}

/// A kind that is added after the last one has to be added to the list as well.
const _: () = assert!(DifferenceKind::ALL.len() == DifferenceKind::Fact as usize + 1);
