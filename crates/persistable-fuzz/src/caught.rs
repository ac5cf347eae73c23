//! Panics that a target catches itself are no failures, so nobody is told of them.

#![allow(clippy::disallowed_types, reason = "a target of the fuzzer does not fork")]

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// What the last panic said, while something is tried.
    static SAID: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs something, and tells of a panic only when it comes out. libFuzzer's hook, which would end the program, is not run.
pub(crate) fn try_out(run: impl FnOnce()) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let otherwise = take_hook();
        set_hook(Box::new(move |panic| {
            let is_kept = SAID.try_with(|said| said.borrow_mut().as_mut().map(|said| *said = panic.to_string()));
            if !matches!(is_kept, Ok(Some(()))) {
                otherwise(panic);
            }
        }));
    });
    SAID.set(Some(String::new()));
    let result = catch_unwind(AssertUnwindSafe(run));
    let said = SAID.take();
    if let Err(panic) = result {
        eprintln!("{}", said.unwrap_or_default());
        resume_unwind(panic);
    }
}
