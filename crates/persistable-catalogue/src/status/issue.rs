//! Why an artifact needs a look.

use std::fmt;

use serde::Serialize;

use crate::state::State;

/// Why an artifact needs a look.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "issue", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Issue {
    /// Its manifest can't be used.
    Unusable {
        /// How it is.
        state: State,
        /// What is wrong.
        problem: String,
    },
    /// Loading it may run code, and it is not trusted.
    Untrusted {
        /// Why not.
        reason: String,
    },
    /// What people said of it can't be read. Since that may have been a pin, it counts as pinned.
    UnreadableLabels {
        /// What is wrong.
        problem: String,
    },
    /// Other code made it than the newest artifact of the same step. Nobody said that the code makes the same payload.
    CodeChanged {
        /// What the names of the newest artifact's files begin with.
        newest: String,
    },
    /// An input file has other content now.
    InputChanged {
        /// Where its path stands among the params.
        param: String,
        /// The path, as the param has it.
        path: String,
    },
    /// An input file whose path is relative has other content in the working folder. It may be another file of that name.
    InputMayHaveChanged {
        /// Where its path stands among the params.
        param: String,
        /// The path, as the param has it.
        path: String,
    },
    /// It was made from another payload than the one that the dependency has now, or had when it was removed.
    DependencyChanged {
        /// What the names of the dependency's files begin with.
        dependency: String,
    },
    /// It was made from an artifact that is stale itself.
    DependencyStale {
        /// What the names of the dependency's files begin with.
        dependency: String,
    },
    /// It was made from an artifact that is gone.
    DependencyGone {
        /// What the names of the dependency's files began with.
        dependency: String,
    },
}

impl Issue {
    /// Whether it says that the artifact is stale.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        match self {
            Self::CodeChanged { .. }
            | Self::InputChanged { .. }
            | Self::DependencyChanged { .. }
            | Self::DependencyStale { .. } => true,
            Self::Unusable { .. }
            | Self::Untrusted { .. }
            | Self::UnreadableLabels { .. }
            | Self::InputMayHaveChanged { .. }
            | Self::DependencyGone { .. } => false,
        }
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable { state, problem } if problem.is_empty() => f.write_str(state.as_str()),
            Self::Unusable { problem, .. } => f.write_str(problem),
            Self::Untrusted { reason } => write!(f, "it is not trusted: {reason}"),
            Self::UnreadableLabels { problem } => write!(f, "it counts as pinned: {problem}"),
            Self::CodeChanged { newest } => write!(f, "other code made it than {newest}, which is the newest one"),
            Self::InputChanged { param, path } => write!(f, "{path} ({param}) has other content now"),
            Self::InputMayHaveChanged { param, path } => write!(
                f,
                "{path} ({param}) has other content here. It may be another file: {}",
                match path.starts_with('/') {
                    true => "the artifact was made under another host name",
                    false => "the path is relative",
                }
            ),
            Self::DependencyChanged { dependency } => write!(f, "{dependency} has another payload now"),
            Self::DependencyStale { dependency } => write!(f, "it was made from {dependency}, which is stale"),
            Self::DependencyGone { dependency } => write!(f, "it was made from {dependency}, which is gone"),
        }
    }
}
