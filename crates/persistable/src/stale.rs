//! Warnings about payloads that may not be what the present code would make of the present inputs.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use persistable_base::fork::Table;
use persistable_key::Key;
use persistable_store::Digest;

use crate::code::CodeDifference;
use crate::step_result::StepResult;

/// The subject of a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum StaleKind {
    /// Other code made the persisted payload.
    CodeChanged,
    /// A file that a param names has changed since the payload was generated.
    InputChanged,
    /// A dependency has another payload now. The persisted payload was made from an earlier one.
    DependencyChanged,
    /// A step asked for the payload of a step that is not among its dependencies.
    UndeclaredDependency,
}

impl StaleKind {
    /// Returns the kind's name in snake case, the same in every language and every version.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CodeChanged => "code_changed",
            Self::InputChanged => "input_changed",
            Self::DependencyChanged => "dependency_changed",
            Self::UndeclaredDependency => "undeclared_dependency",
        }
    }
}

/// A warning that a payload may be stale.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StaleWarning {
    /// The subject.
    pub kind: StaleKind,
    /// The step, as errors show it: its payload name and the first half of its key.
    pub step: String,
    /// The step's key.
    pub key: Key,
    /// What changed, and what you can do.
    pub message: String,
    /// For changed code: the items that differ, if they are known.
    pub differences: Vec<CodeDifference>,
    /// What tells this change from others, so that each is told once.
    pub(crate) change: Digest,
}

/// `points(2c29…): made by other code: …`.
impl fmt::Display for StaleWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.message)
    }
}

/// What is told of warnings.
#[derive(Clone, Default)]
pub(crate) struct OnStale(Option<Arc<WarningListener>>);

type WarningListener = dyn Fn(&StaleWarning) -> StepResult<()> + Send + Sync;

impl OnStale {
    pub(crate) fn new(listen: impl Fn(&StaleWarning) -> StepResult<()> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(listen)))
    }

    pub(crate) fn tell(&self, warning: &StaleWarning) -> StepResult<()> {
        self.0.as_ref().map_or(Ok(()), |listen| listen(warning))
    }
}

impl fmt::Debug for OnStale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "OnStale(set)" } else { "OnStale(none)" })
    }
}

/// What was told in this process.
static TOLD: Table<BTreeSet<Digest>> = Table::new(BTreeSet::new());
const MOST_TOLD: usize = 1 << 16;

/// Returns whether a change was told already.
pub(crate) fn is_told(change: Digest) -> bool {
    TOLD.lock().contains(&change)
}

/// Notes that a change was told.
pub(crate) fn note_told(change: Digest) {
    let mut told = TOLD.lock();
    if told.len() >= MOST_TOLD {
        told.clear();
    }
    told.insert(change);
}

/// Returns what tells a change from others, of what it consists of.
pub(crate) fn change_of<'a>(kind: StaleKind, parts: impl IntoIterator<Item = &'a str>) -> Digest {
    let mut text = kind.as_str().as_bytes().to_vec();
    for part in parts {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part.as_bytes());
    }
    Digest::of(&text)
}
