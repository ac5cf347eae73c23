//! A step whose generation lasts until it is told to end.

use std::io::{BufRead, Write};

use persistable::{PersistableParams, Run, Step, StepResult, io};

use crate::call::{Call, Outcome};

pub(crate) fn call(call: &Call) -> Option<Outcome<()>> {
    if call.step == "slow" { call.with_shown(|_| Ok(Slow { n: 7 }), ToString::to_string) } else { None }
}

#[derive(PersistableParams)]
struct Slow {
    n: u32,
}

impl Step for Slow {
    type Payload = u32;
    type Io = io::Json;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
        println!("generating");
        std::io::stdout().flush()?;
        std::io::stdin().lock().read_line(&mut String::new())?;
        Ok(self.n)
    }
}
