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

/// Lacks the derive.
struct Plain {
    train: Persistable<Points>,
}

/// Lacks `#[param(dependency)]`.
#[derive(PersistableParams)]
struct Unmarked {
    train: Persistable<Points>,
}

#[derive(PersistableParams)]
struct Fit {
    #[param(dependency)]
    plain: Plain,
    #[param(dependency)]
    unmarked: Unmarked,
    #[param(dependency)]
    number: u8,
}

fn main() {}
