//! What the library says.
#![allow(clippy::print_stderr, reason = "a program says what is wrong")]

use std::process::ExitCode;

fn main() -> ExitCode {
    match persistable_twins::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            let mut cause = problem.source();
            while let Some(problem) = cause {
                eprintln!("because {problem}");
                cause = problem.source();
            }
            ExitCode::FAILURE
        }
    }
}
