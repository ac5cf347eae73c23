//! A Python step, as the catalogue looks for it.

use persistable::ParamsTree;
use persistable_catalogue::{Result, Wanted};

/// A tree may unfold without end. What is deeper, or further on, is compared by what the store knows of it.
const MOST_LEVELS: usize = 12;
const MOST_STEPS: usize = 300;

/// Returns what identifies a step.
pub(super) fn of_tree(tree: &ParamsTree) -> Result<Wanted> {
    let mut steps = MOST_STEPS;
    unfolded(tree, MOST_LEVELS, &mut steps)
}

fn unfolded(tree: &ParamsTree, levels: usize, steps: &mut usize) -> Result<Wanted> {
    let mut below = Vec::with_capacity(tree.dependencies().len());
    for dependency in tree.dependencies() {
        *steps = steps.saturating_sub(1);
        below.push(match (levels.checked_sub(1), *steps) {
            (None, _) | (_, 0) => Wanted::of_key(dependency.payload_name(), &dependency.key()),
            (Some(levels), _) => unfolded(dependency, levels, steps)?,
        });
    }
    Wanted::new(tree.payload_name(), tree.version(), tree.params(), below)
}
