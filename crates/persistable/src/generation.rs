//! The generations that this thread is in: which steps ask for which payloads.
//!
//! A generation asks for the payloads of other steps, which may be generated inside of it. Each has a frame here. Threads that a
//! step starts have none of its frames, so that what they ask for is not seen.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use persistable_key::Key;
use persistable_store::Digest;

use crate::error::{ErrorKind, Result};
use crate::made::UsedPayload;
use crate::options::{Options, Policy};
use crate::params_tree::ParamsTree;
use crate::stale::{StaleKind, StaleWarning, change_of};
use crate::warn::warn_or_refuse;

struct Frame {
    asker: Asker,
    /// The keys of the direct dependencies, once something was asked for.
    direct: OnceCell<HashSet<Key>>,
    /// The keys of all steps below, once something was asked for that is no direct dependency: a pipeline may be deep.
    below: OnceCell<HashSet<Key>>,
    used: BTreeMap<String, UsedPayload>,
}

/// The step that is being generated, and what it is set to.
#[derive(Clone)]
pub(crate) struct Asker {
    pub tree: ParamsTree,
    pub options: Options,
    pub log_folder: Option<PathBuf>,
}

impl Frame {
    fn is_direct(&self, key: Key) -> bool {
        let keys = || self.asker.tree.dependencies().iter().map(ParamsTree::key).collect();
        self.direct.get_or_init(keys).contains(&key)
    }

    fn is_below(&self, key: Key) -> bool {
        self.is_direct(key) || self.below.get_or_init(|| keys_below(&self.asker.tree)).contains(&key)
    }
}

thread_local! {
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

/// A generation, from its begin to its end.
pub(crate) struct Generation(());

impl Generation {
    pub(crate) fn begin(asker: Asker) -> Self {
        let frame = Frame { asker, direct: OnceCell::new(), below: OnceCell::new(), used: BTreeMap::new() };
        FRAMES.with_borrow_mut(|frames| frames.push(frame));
        Self(())
    }

    /// Returns the payloads that were used, by key.
    pub(crate) fn used(&self) -> BTreeMap<String, UsedPayload> {
        FRAMES.with_borrow_mut(|frames| {
            frames.last_mut().map(|frame| std::mem::take(&mut frame.used)).unwrap_or_default()
        })
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        let _frame = FRAMES.try_with(|frames| frames.borrow_mut().pop());
    }
}

/// Returns the step that is being generated here, where it did not declare that it uses this one.
fn undeclared_use(of: &ParamsTree) -> Option<Asker> {
    FRAMES.with_borrow(|frames| {
        let frame = frames.last()?;
        let is_declared = of.key() == frame.asker.tree.key() || frame.is_below(of.key());
        (!is_declared && frame.asker.options.undeclared != Policy::Ignore).then(|| frame.asker.clone())
    })
}

/// Warns that the step that is generated here uses another without having declared it, or refuses that.
pub(crate) fn check_declared(used: &ParamsTree) -> Result<()> {
    let Some(asker) = undeclared_use(used) else { return Ok(()) };
    let Asker { tree, options, log_folder } = &asker;
    let message = format!(
        "it asks for the payload of {}, which is not among its dependencies: its key does not change when that one does. \
         Declare it as a dependency",
        used.id()
    );
    let (key, used_key) = (tree.payload_name().to_owned(), used.payload_name().to_owned());
    let change = change_of(StaleKind::UndeclaredDependency, [key.as_str(), used_key.as_str()]);
    let warning = StaleWarning {
        kind: StaleKind::UndeclaredDependency,
        step: tree.id().to_string(),
        key: tree.key(),
        message,
        differences: Vec::new(),
        change,
    };
    warn_or_refuse(tree, options, log_folder.as_deref(), options.undeclared, warning, ErrorKind::Undeclared, "generate")
}

/// Notes that the generation that is under way here uses a payload.
pub(crate) fn note_use(of: &ParamsTree, payload: Option<Digest>) {
    FRAMES.with_borrow_mut(|frames| {
        if let Some(frame) = frames.last_mut()
            && frame.is_direct(of.key())
        {
            frame.used.insert(of.key().to_string(), UsedPayload { digest: payload, accepted: Vec::new() });
        }
    });
}

fn keys_below(tree: &ParamsTree) -> HashSet<Key> {
    let mut keys = HashSet::new();
    let mut pending: Vec<&ParamsTree> = tree.dependencies().iter().collect();
    while let Some(tree) = pending.pop() {
        if keys.insert(tree.key()) {
            pending.extend(tree.dependencies());
        }
    }
    keys
}
