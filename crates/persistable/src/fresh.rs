//! Whether an artifact, and what it was made from, is what the present code would make of the present inputs.

use persistable_store::{Digest, Manifest};

use crate::changes::{self, Change, LastPayload};
use crate::error::{ErrorKind, Result};
use crate::inner::Inner;
use crate::maker::{Maker, Policies};
use crate::options::{CodeChange, Policy};
use crate::params_tree::ParamsTree;
use crate::stale::StaleWarning;
use crate::step::Step;
use crate::upstream::{Above, Below};
use crate::warn::warn_or_refuse;

impl<S: Step> Inner<S> {
    /// Compares what manifests say with the present code, inputs and dependencies: of this step's artifact, and of those below
    /// it. Does what the policies say.
    pub(crate) fn check_fresh(&self, manifest: &Manifest) -> Result<()> {
        let policies = self.policies();
        let is_ignoring = policies.input_change == Policy::Ignore && policies.dependency_change == Policy::Ignore;
        if self.tree.dependencies().is_empty() || (is_ignoring && policies.code_change == CodeChange::Ignore) {
            return self.check(self, policies, (manifest, None), |_| None);
        }
        let below = self.look_below(manifest);
        self.check(self, policies, (manifest, None), |index| self.last_payload_of_dependency(&below, index))?;
        for made in below.made() {
            let (maker, state) = (made.maker, (made.manifest, made.removed_at));
            let last = |index: usize| below.last_payload_below(&made, index);
            self.check(maker, both(policies, maker.policies()), state, last)?;
        }
        self.checked.note();
        Ok(())
    }

    /// Looks up the steps below, if this one is there with this manifest.
    pub(crate) fn look_below<'a>(&'a self, manifest: &'a Manifest) -> Below<'a> {
        self.sources.look_up(Above { tree: &self.tree, store: &self.store, manifest })
    }

    /// Checks a step with a manifest. If the step is gone, the manifest comes with the time of its removal.
    fn check(
        &self,
        maker: &dyn Maker,
        policies: Policies,
        (manifest, removed_at): (&Manifest, Option<&str>),
        last: impl Fn(usize) -> Option<LastPayload>,
    ) -> Result<()> {
        let code = match policies.code_change {
            // Under `Key`, other code has another artifact.
            CodeChange::Ignore | CodeChange::Key => Policy::Ignore,
            CodeChange::Refuse => Policy::Refuse,
            CodeChange::Warn => Policy::Warn,
        };
        if code != Policy::Ignore {
            self.tell_change(maker, removed_at, code, changes::of_code(maker, manifest, code == Policy::Refuse))?;
        }
        if policies.dependency_change != Policy::Ignore {
            let change = changes::of_dependencies(maker, manifest, last);
            self.tell_change(maker, removed_at, policies.dependency_change, change)?;
        }
        if policies.input_change != Policy::Ignore {
            self.tell_change(maker, removed_at, policies.input_change, changes::of_inputs(maker, manifest))?;
        }
        Ok(())
    }

    fn tell_change(
        &self,
        maker: &dyn Maker,
        removed_at: Option<&str>,
        policy: Policy,
        change: Option<Change>,
    ) -> Result<()> {
        let Some(Change { kind, what, advice, accepts, differences, digest }) = change else { return Ok(()) };
        let of = maker.tree();
        let is_own = of.key() == self.tree.key();
        let removed = removed_at.map(|at| format!("It was removed at {at}. ")).unwrap_or_default();
        let made_from = if is_own { String::new() } else { format!("{} was made from it. ", self.tree.id()) };
        let name = of.payload_name();
        // To generate this one alone would make it again from what is stale.
        let advice = match (is_own, removed_at) {
            (true, _) => advice,
            (false, None) => format!(
                "To make both again, run this step with regenerate_stale. If {name} is the same as before, call its {accepts}"
            ),
            (false, Some(_)) => format!(
                "To make both again, run this step with regenerate_stale. If {name} is the same as before, call its generate()"
            ),
        };
        let loaded = if policy == Policy::Refuse { "Not loaded" } else { "Loaded" };
        let message = format!("{what}. {removed}{made_from}{loaded}. {advice}");
        let warning =
            StaleWarning { kind, step: of.id().to_string(), key: of.key(), message, differences, change: digest };
        warn_or_refuse(&self.tree, &self.options, self.log_folder(), policy, warning, ErrorKind::Outdated, "load")
    }

    /// Returns the last payload of a direct dependency, for what is known of those below.
    fn last_payload_of_dependency(&self, below: &Below<'_>, index: usize) -> Option<LastPayload> {
        let store = self.sources.store_of(index).unwrap_or(&self.store);
        let present = || self.payload_digest_of_dependency(index).map(LastPayload::present);
        below.last_payload_in(store, index).unwrap_or_else(present)
    }

    /// Returns the step and the last payload of each direct dependency whose payload was used, in the order of the manifest. For the
    /// others, there is none.
    pub(crate) fn last_payloads(&self, manifest: &Manifest) -> Vec<(&ParamsTree, Option<LastPayload>)> {
        let below = self.look_below(manifest);
        // Both lists are those that the key was made of.
        let both = manifest.dependencies.iter().zip(self.tree.dependencies()).enumerate();
        both.map(|(index, (record, tree))| {
            let is_recorded = record.payload_digest.is_some() && record.key == tree.key().to_string();
            (tree, if is_recorded { self.last_payload_of_dependency(&below, index) } else { None })
        })
        .collect()
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
