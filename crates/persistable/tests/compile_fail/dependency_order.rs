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
#[param(dependency_order = [train, n])]
struct Fit {
    #[param(dependency)]
    train: Persistable<Points>,
    #[param(dependency)]
    test: Persistable<Points>,
    n: u8,
}

#[derive(PersistableParams)]
#[param(dependency_order = "train")]
struct Quoted {
    #[param(dependency)]
    train: Persistable<Points>,
}

fn main() {}
