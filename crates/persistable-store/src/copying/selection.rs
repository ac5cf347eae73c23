//! Which artifacts are copied.

use crate::format::ArtifactId;

/// Which artifacts of a store are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    All,
    /// These.
    Only(Vec<ArtifactId>),
}

impl From<Vec<ArtifactId>> for Selection {
    fn from(ids: Vec<ArtifactId>) -> Self {
        Self::Only(ids)
    }
}

impl From<&[ArtifactId]> for Selection {
    fn from(ids: &[ArtifactId]) -> Self {
        Self::Only(ids.to_vec())
    }
}

impl<const N: usize> From<[ArtifactId; N]> for Selection {
    fn from(ids: [ArtifactId; N]) -> Self {
        Self::Only(ids.into())
    }
}

impl From<&ArtifactId> for Selection {
    fn from(id: &ArtifactId) -> Self {
        Self::Only(vec![id.clone()])
    }
}
