//! Text as it is.

use crate::StepResult;
use crate::io::bytes::owned;
use crate::io::support::problem::unreadable;
use crate::io::{PayloadIo, Source, Target};

/// Stores a `String` in a `.txt` file of UTF-8.
#[derive(Clone, Copy, Debug, Default)]
pub struct Text;

impl PayloadIo<String> for Text {
    fn name(&self) -> String {
        "text".into()
    }

    fn suffix(&self) -> String {
        ".txt".into()
    }

    fn save(&self, payload: &String, target: &mut Target<'_>) -> StepResult<()> {
        Ok(target.writer()?.write_all(payload.as_bytes())?)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<String> {
        String::from_utf8(owned(source.bytes()?)).map_err(|error| unreadable::<String>("UTF-8 text", error))
    }
}
