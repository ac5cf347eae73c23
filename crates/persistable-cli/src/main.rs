//! The program `persistable`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(persistable_cli::run(std::env::args_os()))
}
