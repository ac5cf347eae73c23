//! A step as what makes an artifact: what has to be known of it to tell whether the artifact is fresh.

use std::sync::Arc;

use persistable_store::{Digest, Store};

use crate::code::CodeRecord;
use crate::options::{CodeChange, Policy};
use crate::params_tree::ParamsTree;

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

/// A step that another one depends on.
#[derive(Clone)]
pub struct Upstream(pub Arc<dyn Maker>);

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upstream({})", self.0.tree().id())
    }
}
