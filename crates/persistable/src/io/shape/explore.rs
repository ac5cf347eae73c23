//! Finds out the shape of a type by reading made-up values as it.
//!
//! One pass reads one value, and so sees one variant of each enum. A pass also ends early where a type refuses what it is
//! given. So passes are repeated until one brings nothing new. Each tries what was not tried before, and leaves out
//! what failed often.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::DeserializeOwned;

use super::ask::Ask;
use super::explorer::Explorer;
use super::tree::TypeShape;
use crate::stack::with_stack;

/// A bound for types beyond all reason. What is not known by then is `any`.
const PASSES: usize = 2_000;

/// Finds out the shape of a type.
pub(super) fn explore<P: DeserializeOwned>(is_human_readable: bool) -> TypeShape {
    let explorer = Explorer::new(is_human_readable);
    passes::<P>(&explorer).for_each(drop);
    explorer.shape()
}

/// Makes up a value of a type; `None` where the type refuses all that is tried.
#[cfg(feature = "csv")]
pub(in crate::io) fn example<P: DeserializeOwned>(is_human_readable: bool) -> Option<P> {
    passes(&Explorer::new(is_human_readable)).flatten().next()
}

/// Reads made-up values as the type, as long as that brings something new.
fn passes<P: DeserializeOwned>(explorer: &Explorer) -> impl Iterator<Item = Option<P>> {
    let mut is_done = false;
    (0..PASSES).map_while(move |_| {
        if is_done {
            return None;
        }
        let before = explorer.news();
        let ask = Ask::root(explorer);
        // A type that panics about a value that it would never be given must not end the program.
        let value = catch_unwind(AssertUnwindSafe(|| with_stack(|| P::deserialize(ask).ok()))).ok()?;
        if value.is_none() {
            explorer.failed(0, before);
        }
        is_done = explorer.news() == before || explorer.has_asked_enough();
        Some(value)
    })
}
