use persistable::{PersistableParams, Run, Step, StepResult, io, track_code};

/// As `anyhow::Error` is: not an error itself.
#[derive(Debug)]
struct Report;

#[derive(PersistableParams)]
struct Points {
    n: usize,
}

impl Step for Points {
    type Payload = Vec<u8>;
    type Io = io::Bytes;

    fn generate_payload(&self, _: &Run<'_>) -> Result<Vec<u8>, Report> {
        Ok(vec![0; self.n])
    }
}

#[derive(PersistableParams)]
struct Lines {
    n: usize,
}

impl Step for Lines {
    type Payload = Vec<u8>;
    type Io = io::Bytes;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u8>> {
        Err(Report)?
    }
}

#[derive(PersistableParams)]
struct Tracked {
    n: usize,
}

#[track_code]
impl Step for Tracked {
    type Payload = Vec<u8>;
    type Io = io::Bytes;

    fn generate_payload(&self, _: &Run<'_>) -> anyhow::Result<Vec<u8>> {
        Ok(vec![0; self.n])
    }
}

fn main() {}
