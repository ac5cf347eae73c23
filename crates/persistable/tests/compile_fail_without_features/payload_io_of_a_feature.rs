use persistable::{PersistableParams, Run, Step, StepResult, io};

#[derive(PersistableParams)]
struct Points {
    n: usize,
}

impl Step for Points {
    type Payload = Vec<f64>;
    type Io = io::Npy;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<f64>> {
        Ok(vec![0.0; self.n])
    }
}

#[derive(PersistableParams)]
struct Lines {
    n: usize,
}

impl Step for Lines {
    type Payload = Vec<u64>;
    type Io = io::Json;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u64>> {
        Ok(vec![])
    }
}

fn main() {}
