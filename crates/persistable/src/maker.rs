//! A step as what makes an artifact: what has to be known of it to tell whether the artifact is fresh.

use std::sync::Arc;

use persistable_key::Key;
use persistable_store::{Digest, Manifest, Store, StoreId};

use crate::code::CodeRecord;
use crate::copies::Copies;
use crate::ensured::Ensured;
use crate::error::Result;
use crate::options::{CodeChange, Policy};
use crate::params_tree::ParamsTree;
use crate::resources::Resources;
use crate::stale::StaleKind;

/// A step of any type, as what makes an artifact.
pub trait Maker: Send + Sync {
    /// Returns what identifies it.
    fn tree(&self) -> &ParamsTree;

    /// Returns where its artifact lives.
    fn store(&self) -> &Store;

    /// Returns what it is set to.
    fn policies(&self) -> Policies;

    /// Returns its code; empty where nothing is known of it.
    fn code(&self) -> CodeRecord;

    /// Returns the digest of the code without some items, under a tag under which it is quickly had.
    fn quick_code(&self, without: &[String]) -> Option<(String, Digest)>;

    /// Returns the digest of the block that implements it, in Rust.
    fn code_digest(&self) -> Option<&'static str>;

    /// Returns the language and the path of its type.
    fn step_type(&self) -> Option<String>;

    /// Returns the steps that it directly depends on, where it knows them.
    fn below(&self) -> Vec<Upstream>;

    /// Returns whether all steps below it were looked at a moment ago. Whoever loads every step of a deep pipeline looks at each
    /// once then, and not at all below it each time.
    fn was_checked_lately(&self) -> bool {
        false
    }

    /// Returns the step that is meant, if the step above generates it only when its code asks for it.
    fn lazy(&self) -> Option<Upstream> {
        None
    }

    /// Returns what a run has to give it.
    fn resources(&self) -> Resources {
        Resources::new()
    }

    /// Returns whether it can be persisted without the steps below it, since its payload is known already.
    fn is_known(&self) -> bool {
        false
    }

    /// Returns how a run works with it, where this library can run it.
    fn runs(&self) -> Option<&dyn Runs> {
        None
    }
}

/// A step of any type, as what a run generates.
pub trait Runs: Send + Sync {
    /// Makes sure that it is persisted, without loading what is there and without waiting for others.
    ///
    /// # Errors
    ///
    /// Those of generating and persisting.
    fn ensure(&self, how: How<'_>) -> Result<Ensured>;

    /// Does what the step says about changes since its artifact was made.
    ///
    /// # Errors
    ///
    /// [`Outdated`](crate::ErrorKind::Outdated), where the step refuses what changed.
    fn check(&self, manifest: &Manifest) -> Result<()>;

    /// Returns whether its payload is in memory.
    fn has_in_memory(&self) -> bool;

    /// Forgets the payload in memory, unless only memory has it.
    fn forget(&self);
}

/// How a run makes sure that a step is persisted.
#[derive(Clone, Copy, Default)]
pub struct How<'a> {
    /// The caller makes durable what was written.
    pub is_synced_later: bool,
    /// What is there is generated again if it is stale.
    pub regenerates_stale: bool,
    /// The copies of this program that share the run, if there are such.
    pub copies: Option<&'a Copies>,
}

/// What a step does about changes.
#[derive(Clone, Copy, Debug)]
pub struct Policies {
    /// About code.
    pub code_change: CodeChange,
    /// About files that paths among the params name.
    pub input_change: Policy,
    /// About payloads of dependencies.
    pub dependency_change: Policy,
}

impl Policies {
    /// Returns whether a step ignores a change. Under [`CodeChange::Key`], other code has another artifact.
    #[must_use]
    pub fn ignore(&self, kind: StaleKind) -> bool {
        match kind {
            StaleKind::CodeChanged => matches!(self.code_change, CodeChange::Ignore | CodeChange::Key),
            StaleKind::InputChanged => self.input_change == Policy::Ignore,
            StaleKind::DependencyChanged => self.dependency_change == Policy::Ignore,
            StaleKind::UndeclaredDependency => true,
        }
    }

    /// Returns whether a step ignores a change of the steps below it. [`CodeChange::Key`] is about its own code.
    #[must_use]
    pub fn ignore_below(&self, kind: StaleKind) -> bool {
        self.ignore(kind) && !(kind == StaleKind::CodeChanged && self.code_change == CodeChange::Key)
    }
}

/// A step that another one depends on.
#[derive(Clone)]
pub struct Upstream(pub Arc<dyn Maker>);

/// What tells the steps of a graph apart. Steps of one key in two stores are two steps: one may be there, and the other not.
pub(crate) type NodeId = (StoreId, Key);

impl Upstream {
    pub(crate) fn node_id(&self) -> NodeId {
        (self.0.store().id(), self.0.tree().key())
    }
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upstream({})", self.0.tree().id())
    }
}
