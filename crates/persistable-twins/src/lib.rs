//! Steps whose twins are classes in `python/tests/twins`: what one side persists, the other loads.
//!
//! `twins COMMAND DATA_DIR STEP`, where the command is one of
//! - `key`: prints the step's key;
//! - `persist`: generates and persists the payload, and prints the key;
//! - `load`: loads what is persisted, compares it with what the step would generate, and prints the key;
//! - `load-generate`: loads or generates, and prints which it was.

#![allow(clippy::print_stdout, reason = "a program for tests says what it does")]

mod arrays;
mod call;
mod files;
mod frames;
mod graph;
mod inputs;
mod kinds;
mod records;
mod shapes;
mod slow;
mod trees;

pub use call::Outcome;

use call::Call;

/// Does what the program was called for.
///
/// # Errors
///
/// Any, saying what is not as it should be.
pub fn run() -> Outcome<()> {
    let call = Call::from_arguments()?;
    let rooms = [
        kinds::call,
        graph::call,
        shapes::call,
        trees::call,
        files::call,
        inputs::call,
        records::call,
        frames::call,
        arrays::call,
        slow::call,
    ];
    for room in rooms {
        if let Some(outcome) = room(&call) {
            return outcome;
        }
    }
    Err(format!("there is no step {:?}", call.step).into())
}
