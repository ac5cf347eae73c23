use persistable::{Persistable, PersistableParams, Run, Step, StepResult, io};

#[derive(PersistableParams)]
struct Points {
    n: usize,
}

impl Step for Points {
    type Payload = Vec<u8>;
    type Io = io::Bytes;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u8>> {
        Ok(vec![0; self.n])
    }
}

#[derive(PersistableParams)]
struct Folds {
    #[param(dependency)]
    folds: Vec<Vec<Persistable<Points>>>,
}

fn main() {}
