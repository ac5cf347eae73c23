//! Whether an artifact, and what it was made from, is what the present code would make of the present inputs.

use persistable_store::{DependencyRecord, Digest, Manifest};

use crate::changes::{self, Change};
use crate::error::{ErrorKind, Result};
use crate::inner::Inner;
use crate::maker::{Maker, Policies};
use crate::options::{CodeChange, Policy};
use crate::params_tree::ParamsTree;
use crate::stale::StaleWarning;
use crate::step::Step;
use crate::warn::warn_or_refuse;

impl<S: Step> Inner<S> {
    /// Compares what manifests say with the present code, inputs and dependencies: of this step's artifact, and of those below
    /// it. Does what the policies say.
    pub(crate) fn check_fresh(&self, manifest: &Manifest) -> Result<()> {
        let policies = self.policies();
        let is_ignoring = policies.input_change == Policy::Ignore && policies.dependency_change == Policy::Ignore;
        if self.tree.dependencies().is_empty() || (is_ignoring && policies.code_change == CodeChange::Ignore) {
            return self.check(self, policies, manifest, |_| None);
        }
        let below = self.sources.look_up();
        let own = |index: usize| {
            let (tree, store) =
                (self.tree.dependencies().get(index)?, self.sources.store_of(index).unwrap_or(&self.store));
            let known = below.payload_digest_in(store, tree.key());
            known.unwrap_or_else(|| store.payload_digest(tree.id()))
        };
        self.check(self, policies, manifest, own)?;
        for (maker, manifest) in below.persisted() {
            let tree = maker.tree();
            let present = |index: usize| below.payload_digest(tree.dependencies().get(index)?.key());
            self.check(maker, both(policies, maker.policies()), manifest, present)?;
        }
        self.checked.note();
        Ok(())
    }

    fn check(
        &self,
        maker: &dyn Maker,
        policies: Policies,
        manifest: &Manifest,
        present: impl Fn(usize) -> Option<Digest>,
    ) -> Result<()> {
        let code = match policies.code_change {
            // Under `Key`, other code has another artifact.
            CodeChange::Ignore | CodeChange::Key => Policy::Ignore,
            CodeChange::Refuse => Policy::Refuse,
            CodeChange::Warn => Policy::Warn,
        };
        if code != Policy::Ignore {
            self.tell_change(maker, code, changes::of_code(maker, manifest, code == Policy::Refuse))?;
        }
        if policies.dependency_change != Policy::Ignore {
            self.tell_change(maker, policies.dependency_change, changes::of_dependencies(maker, manifest, present))?;
        }
        if policies.input_change != Policy::Ignore {
            self.tell_change(maker, policies.input_change, changes::of_inputs(maker, manifest))?;
        }
        Ok(())
    }

    fn tell_change(&self, maker: &dyn Maker, policy: Policy, change: Option<Change>) -> Result<()> {
        let Some(Change { kind, what, advice, accepts, differences, digest }) = change else { return Ok(()) };
        let of = maker.tree();
        let is_own = of.key() == self.tree.key();
        let made_from = if is_own { String::new() } else { format!("{} was made from it. ", self.tree.id()) };
        // To generate this one alone would make it again from what is stale.
        let advice = match is_own {
            true => advice.to_owned(),
            false => format!(
                "To make both again, run this step with regenerate_stale. If {} is the same as before, call its {accepts}",
                of.payload_name()
            ),
        };
        let loaded = if policy == Policy::Refuse { "Not loaded" } else { "Loaded" };
        let message = format!("{what}. {made_from}{loaded}. {advice}");
        let warning =
            StaleWarning { kind, step: of.id().to_string(), key: of.key(), message, differences, change: digest };
        warn_or_refuse(&self.tree, &self.options, self.log_folder(), policy, warning, ErrorKind::Outdated, "load")
    }

    /// Returns what a manifest says of each direct dependency, with the digest of that one's present payload.
    pub(crate) fn dependencies_now<'a>(
        &'a self,
        manifest: &'a Manifest,
    ) -> impl Iterator<Item = (&'a DependencyRecord, &'a ParamsTree, Option<Digest>)> {
        // Both lists are those that the key was made of.
        manifest.dependencies.iter().zip(self.tree.dependencies()).enumerate().map(|(index, (record, tree))| {
            let is_recorded = record.payload_digest.is_some() && record.key == tree.key().to_string();
            let present = if is_recorded { self.payload_digest_of_dependency(index) } else { None };
            (record, tree, present)
        })
    }

    /// Returns the digests of the payloads that are persisted of the direct dependencies.
    pub(crate) fn payload_digests_of_dependencies(&self) -> impl Iterator<Item = Option<Digest>> {
        (0..self.tree.dependencies().len()).map(|index| self.payload_digest_of_dependency(index))
    }

    /// Returns the digest of the payload that is persisted of a direct dependency.
    pub(crate) fn payload_digest_of_dependency(&self, index: usize) -> Option<Digest> {
        let tree = self.tree.dependencies().get(index)?;
        self.sources.store_of(index).unwrap_or(&self.store).payload_digest(tree.id())
    }
}

/// Returns what is done about a step below another: what the one above does, unless that below ignores it.
fn both(above: Policies, below: Policies) -> Policies {
    let code_change = match (above.code_change, below.code_change) {
        (CodeChange::Ignore, _) | (_, CodeChange::Ignore | CodeChange::Key) => CodeChange::Ignore,
        (CodeChange::Refuse, _) => CodeChange::Refuse,
        (CodeChange::Warn | CodeChange::Key, _) => CodeChange::Warn,
    };
    let either = |above: Policy, below: Policy| if below == Policy::Ignore { Policy::Ignore } else { above };
    Policies {
        code_change,
        input_change: either(above.input_change, below.input_change),
        dependency_change: either(above.dependency_change, below.dependency_change),
    }
}
