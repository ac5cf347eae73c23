//! Text and bytes.

use persistable::{PersistableParams, Run, Step, StepResult, io};

use crate::call::{Call, Outcome, text_step};

pub(crate) fn call(call: &Call) -> Option<Outcome<()>> {
    match call.step.as_str() {
        "lines" => call.with(|_| Ok(Lines {})),
        "raw" => call.with(|_| Ok(Raw {})),
        _ => None,
    }
}

#[derive(PersistableParams)]
struct Lines {}

text_step!(Lines, "naïve 𝄞\r\nsecond\n\nlast \0");

#[derive(PersistableParams)]
struct Raw {}

impl Step for Raw {
    type Payload = Vec<u8>;
    type Io = io::Bytes;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u8>> {
        Ok((0..=u8::MAX).collect())
    }
}
