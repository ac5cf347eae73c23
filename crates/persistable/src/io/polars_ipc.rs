use persistable::StepResult;
use persistable::io::{PayloadIo, Source, Target};
use polars::prelude::{DataFrame, IpcReader, IpcWriter, SerReader, SerWriter};

#[derive(Default)]
pub struct PolarsIpc;

impl PayloadIo<DataFrame> for PolarsIpc {
    fn name(&self) -> String {
        "arrow-ipc".into()
    }
    fn suffix(&self) -> String {
        ".arrow".into()
    }
    fn save(&self, payload: &DataFrame, target: &mut Target<'_>) -> StepResult<()> {
        Ok(IpcWriter::new(target.writer()?).finish(&mut payload.clone())?)
    }
    fn load(&self, source: &mut Source<'_>) -> StepResult<DataFrame> {
        Ok(IpcReader::new(std::io::Cursor::new(source.bytes()?)).finish()?)
    }
}
