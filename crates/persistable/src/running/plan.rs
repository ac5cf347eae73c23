//! A dry run: what is there, what is missing, and how long it will take.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use persistable_key::Key;
use persistable_store::Manifest;

use super::durations::or_unknown;
use super::machine::{Machine, RunRules, Unit};
use crate::maker::Upstream;
use crate::params_tree::ParamsTree;

/// What a run would do: which steps are there, which are missing, and how long these will take by past durations.
///
/// It has the steps that were asked for, and those below them that are needed. If a step is there, no step below it is needed.
///
/// ```
/// # use persistable::{Persistable, PersistableParams, Run, Runner, Step, StepResult, Store, io};
/// # #[derive(PersistableParams)]
/// # struct Squares { n: u64 }
/// # impl Step for Squares {
/// #     type Payload = Vec<u64>; type Io = io::MessagePack;
/// #     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u64>> { Ok((0..self.n).map(|i| i * i).collect()) }
/// # }
/// # fn main() -> persistable::Result<()> {
/// let store = Store::memory();
/// let grid = (0..3).map(|n| Persistable::open(&store, Squares { n })).collect::<Result<Vec<_>, _>>()?;
/// grid[0].load_generate()?;
///
/// let plan = Runner::new().plan_all(&grid)?;
/// assert_eq!((plan.present(), plan.missing(), plan.ready()), (1, 2, 2));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) nodes: Vec<PlanNode>,
}

/// A step of a plan.
#[derive(Clone, Debug)]
pub(super) struct PlanNode {
    pub step: Upstream,
    pub is_target: bool,
    /// The manifest, if the step is there.
    pub manifest: Option<Arc<Manifest>>,
    /// Why what is persisted is stale. A run that generates it again counts it as missing.
    pub stale: Option<String>,
    /// The steps that have to be there first, by position.
    pub below: Vec<usize>,
    /// How long it took, or takes by past durations, if that is known.
    pub seconds: Option<f64>,
    /// The longest path from here to the end of the run, in seconds.
    pub priority: f64,
}

impl PlanNode {
    pub(super) fn new(step: Upstream) -> Self {
        Self { step, is_target: false, manifest: None, stale: None, below: Vec::new(), seconds: None, priority: 0.0 }
    }
}

/// What a step of a plan is at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PlannedState {
    /// It is persisted.
    Present,
    /// It is missing, and all steps that it needs are there.
    Ready,
    /// It is missing, and so is a step that it needs.
    Waiting,
}

impl PlannedState {
    /// Returns the state's name in snake case, the same in every language and every version.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Ready => "ready",
            Self::Waiting => "waiting",
        }
    }
}

/// A step of a plan.
#[derive(Clone, Copy, Debug)]
pub struct PlannedStep<'a> {
    plan: &'a Plan,
    node: &'a PlanNode,
}

impl Plan {
    /// Iterates over the steps: first those that were asked for, then those that these need.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = PlannedStep<'_>> {
        self.nodes.iter().map(|node| PlannedStep { plan: self, node })
    }

    pub(super) fn step(&self, index: usize) -> Option<PlannedStep<'_>> {
        self.nodes.get(index).map(|node| PlannedStep { plan: self, node })
    }

    /// Returns how many steps are persisted.
    #[must_use]
    pub fn present(&self) -> usize {
        self.nodes.iter().filter(|node| node.manifest.is_some()).count()
    }

    /// Returns how many steps have to be generated.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.nodes.len() - self.present()
    }

    /// Returns how many of the persisted steps are [stale](PlannedStep::stale).
    #[must_use]
    pub fn stale(&self) -> usize {
        self.nodes.iter().filter(|node| node.stale.is_some()).count()
    }

    /// Returns how many of the missing steps may begin at once.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.steps().filter(|step| step.state() == PlannedState::Ready).count()
    }

    /// Returns how long the missing steps will take together on so many workers, by past durations. A step of which nothing is
    /// known counts as one second.
    #[must_use]
    pub fn expected(&self, workers: usize) -> Duration {
        let missing = || self.nodes.iter().filter(|node| node.manifest.is_none());
        let longest = missing().map(|node| node.priority).fold(0.0, f64::max);
        let work: f64 = missing().map(|node| or_unknown(node.seconds)).sum();
        #[allow(clippy::cast_precision_loss, reason = "no machine has so many")]
        let seconds = longest.max(work / workers.max(1) as f64);
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// Returns the state machine of a run of this plan.
    #[must_use]
    #[doc(hidden)]
    pub fn machine(&self, rules: RunRules) -> Machine {
        let unit = |node: &PlanNode| Unit {
            is_there: node.manifest.is_some(),
            below: node.below.clone(),
            priority: node.priority,
            seconds: or_unknown(node.seconds),
            needs: node.step.0.resources().taken(),
        };
        Machine::new(self.nodes.iter().map(unit).collect(), rules)
    }

    /// Returns a step, with its type forgotten.
    #[must_use]
    #[doc(hidden)]
    pub fn upstream(&self, index: usize) -> Option<&Upstream> {
        self.nodes.get(index).map(|node| &node.step)
    }

    /// Returns a missing step that no other process can generate, since that can't see what is written to its store, or to the store
    /// of a step that it directly depends on. Returns the step, and where that store is.
    #[must_use]
    #[doc(hidden)]
    pub fn bound_to_process(&self) -> Option<(PlannedStep<'_>, String)> {
        let missing = self.steps().filter(|step| step.node.manifest.is_none());
        missing.into_iter().find_map(|planned| {
            let step = &planned.node.step;
            let mut concerned = std::iter::once(step.clone()).chain(step.0.below());
            let bound = concerned.find(|step| step.0.store().is_of_this_process())?;
            Some((planned, bound.0.store().location().to_string()))
        })
    }

    /// Returns the longest path from a step to the end of the run, in seconds.
    #[must_use]
    #[doc(hidden)]
    pub fn priority(&self, index: usize) -> f64 {
        self.nodes.get(index).map_or(0.0, |node| node.priority)
    }

    /// Returns the positions of the steps that one needs.
    #[must_use]
    #[doc(hidden)]
    pub fn needed_by(&self, index: usize) -> &[usize] {
        self.nodes.get(index).map(|node| &*node.below).unwrap_or_default()
    }
}

impl PlannedStep<'_> {
    /// Returns the payload's name.
    #[must_use]
    pub fn payload_name(&self) -> &str {
        self.params_tree().payload_name()
    }

    /// Returns the key.
    #[must_use]
    pub fn key(&self) -> Key {
        self.params_tree().key()
    }

    /// Returns the params of the step and of everything it depends on.
    #[must_use]
    pub fn params_tree(&self) -> &ParamsTree {
        self.node.step.0.tree()
    }

    /// Returns the manifest, if the step is persisted.
    #[must_use]
    pub fn manifest(&self) -> Option<&Manifest> {
        self.node.manifest.as_deref()
    }

    /// Returns why the persisted payload is stale, in words: other code, inputs or dependencies made it, or what it was made from.
    /// `None` if it is not. In a store on a server, only what the step's own manifest says is compared, unless the run
    /// [generates stale steps again](crate::Runner::regenerate_stale).
    #[must_use]
    pub fn stale(&self) -> Option<&str> {
        self.node.stale.as_deref()
    }

    /// Returns whether the step was asked for. Others are only needed by those.
    #[must_use]
    pub fn is_target(&self) -> bool {
        self.node.is_target
    }

    /// Returns what the step is at present.
    #[must_use]
    pub fn state(&self) -> PlannedState {
        let is_there = |index: &usize| self.plan.nodes.get(*index).is_some_and(|node| node.manifest.is_some());
        match self.node.manifest {
            Some(_) => PlannedState::Present,
            None if self.node.below.iter().all(is_there) => PlannedState::Ready,
            None => PlannedState::Waiting,
        }
    }

    /// Returns how long the step took, or will take by past durations of steps with its payload name; `None` if nothing is known.
    #[must_use]
    pub fn seconds(&self) -> Option<f64> {
        self.node.seconds
    }
}

/// `60 steps: 12 are there, 48 are missing, of which 20 are ready; 3 are stale`.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (present, missing, ready) = (self.present(), self.missing(), self.ready());
        write!(
            f,
            "{} steps: {present} are there, {missing} are missing, of which {ready} are ready",
            self.nodes.len()
        )?;
        match self.stale() {
            0 => Ok(()),
            stale => write!(f, "; {stale} are stale"),
        }
    }
}
