//! What the program is called for.

use std::error::Error;
use std::fmt::Debug;
use std::path::PathBuf;

use persistable::{Persistable, Step, Store};

/// What a call comes to.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

pub(crate) struct Call {
    command: String,
    data_dir: PathBuf,
    pub step: String,
}

impl Call {
    pub(crate) fn from_arguments() -> Outcome<Self> {
        let mut arguments = std::env::args().skip(1);
        let mut next = |what: &str| arguments.next().ok_or_else(|| format!("give a {what}"));
        Ok(Self { command: next("command")?, data_dir: next("data folder")?.into(), step: next("step")? })
    }

    /// Does what is asked for with a step. Payloads are the same if they show the same.
    pub(crate) fn with<S>(&self, step: impl Fn(&Store) -> persistable::Result<S>) -> Option<Outcome<()>>
    where
        S: Step,
        S::Payload: Debug,
    {
        // `#` keeps `ndarray` from leaving elements out.
        self.with_shown(step, |payload| format!("{payload:#?}"))
    }

    /// Like `with`, for payloads that don't show all that there is to compare.
    pub(crate) fn with_shown<S: Step>(
        &self,
        step: impl Fn(&Store) -> persistable::Result<S>,
        shown: impl Fn(&S::Payload) -> String,
    ) -> Option<Outcome<()>> {
        Some(self.run(step, shown))
    }

    fn run<S: Step>(
        &self,
        step: impl Fn(&Store) -> persistable::Result<S>,
        shown: impl Fn(&S::Payload) -> String,
    ) -> Outcome<()> {
        let opened = |store: Store| Persistable::open(&store, step(&store)?);
        let handle = opened(Store::create(&self.data_dir)?)?;
        match self.command.as_str() {
            "key" => {}
            "persist" => {
                handle.generate()?;
            }
            "load" => {
                let found = shown(&*handle.load()?);
                let expected = shown(&*opened(Store::memory())?.payload()?);
                if found != expected {
                    return Err(format!("loaded was\n{found}\nand expected was\n{expected}").into());
                }
            }
            "load-generate" => {
                let payload = handle.load_generate()?;
                println!("{:?} {}", handle.origin(), shown(&payload));
            }
            other => return Err(format!("there is no command {other:?}").into()),
        }
        println!("{}", handle.key());
        Ok(())
    }
}

/// Makes a step without anything but its params and a text for a payload.
macro_rules! text_step {
    ($step:ident, $text:literal $(, $method:item)*) => {
        impl persistable::Step for $step {
            type Payload = String;
            type Io = persistable::io::Text;

            fn generate_payload(&self, _: &persistable::Run<'_>) -> persistable::StepResult<String> {
                Ok($text.to_owned())
            }

            $($method)*
        }
    };
}

pub(crate) use text_step;
