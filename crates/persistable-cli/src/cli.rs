//! The arguments of the command, and what runs each.

use std::ffi::OsString;

use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::{
    adopt, completions, copying, diff, du, exchange, gc, labels, log, ls, man, rm, show, status, tree, trust, verify,
    why,
};
use crate::console::{Colour, Console};
use crate::failure::{EXIT_CODES, Exit, Failure, Result};
use crate::named_store::without_secrets;
use crate::people::quoted;

const ABOUT: &str = "See, find, explain, compare, copy and remove what is persisted";
const EXAMPLES: &str = "\
Examples:
  persistable ls data                                 what is there
  persistable ls data points 'n > 100 and seed == 1'  a part of it
  persistable why data points                         why the newest points were generated
  persistable du data                                 what takes the space
  persistable gc data --max-size 10GB                 what to remove, to have 10 GB";

#[derive(Parser)]
#[command(name = "persistable", version, about = ABOUT, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = false,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Write JSON, for programs
    #[arg(long, global = true)]
    json: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    color: Colour,
}

#[derive(Subcommand)]
enum Command {
    Ls(ls::Ls),
    Show(show::Show),
    Diff(diff::Diff),
    Why(why::Why),
    Status(status::Status),
    Log(log::Log),
    Tree(tree::Tree),
    Du(du::Du),
    Verify(verify::Verify),
    Rm(rm::Rm),
    Gc(gc::Gc),
    Tag(labels::Tag),
    Pin(labels::Pin),
    Note(labels::Note),
    Cp(copying::Cp),
    Push(copying::Push),
    Pull(copying::Pull),
    Trust(trust::Trust),
    Export(exchange::Export),
    Import(exchange::Import),
    Adopt(adopt::Adopt),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    fn run(self, console: &mut Console) -> Result<Exit> {
        match self {
            Self::Ls(ls) => ls.run(console),
            Self::Show(show) => show.run(console),
            Self::Diff(diff) => diff.run(console),
            Self::Why(why) => why.run(console),
            Self::Status(status) => status.run(console),
            Self::Log(log) => log.run(console),
            Self::Tree(tree) => tree.run(console),
            Self::Du(du) => du.run(console),
            Self::Verify(verify) => verify.run(console),
            Self::Rm(rm) => rm.run(console),
            Self::Gc(gc) => gc.run(console),
            Self::Tag(tag) => tag.run(console),
            Self::Pin(pin) => pin.run(console),
            Self::Note(note) => note.run(console),
            Self::Cp(cp) => cp.run(console),
            Self::Push(push) => push.run(console),
            Self::Pull(pull) => pull.run(console),
            Self::Trust(trust) => trust.run(console),
            Self::Export(export) => export.run(console),
            Self::Import(import) => import.run(console),
            Self::Adopt(adopt) => adopt.run(console),
            Self::Completions(completions) => completions.run(&mut command(), console),
            Self::Man(man) => man.run(command(), console),
        }
    }
}

/// Returns the description of the arguments.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command with these arguments, of which the first is the name of the program. Returns the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    // In Python, the program is the interpreter.
    persistable_store::name_program("persistable");
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let words = arguments.iter().skip(1).map(|word| quoted(&without_secrets(&word.to_string_lossy())));
    let written = format!("persistable {}", words.collect::<Vec<_>>().join(" "));
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // A pipe that is closed is no reason to complain.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8);
        }
    };
    let mut console = Console::new(cli.color, cli.json, written);
    let done = cli.command.run(&mut console).and_then(|exit| console.flush().map(|()| exit));
    let exit = done.unwrap_or_else(|failure: Failure| {
        console.fail(&failure);
        failure.exit()
    });
    exit as u8
}
