use std::collections::BTreeMap;

use persistable::{AnyPersistable, Persistable, PersistableParams, Run, Step, StepResult, io};

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

type Handle = Persistable<Points>;

#[derive(PersistableParams)]
struct Outliers {
    #[param(dependency)]
    points: Handle,
}

#[derive(PersistableParams)]
struct Report {
    handle: Persistable<Points>,
    alias: Option<Handle>,
    by_name: BTreeMap<String, Handle>,
    of_any_type: AnyPersistable<Vec<u8>>,
    nested: Outliers,
}

#[derive(PersistableParams)]
enum Source {
    Points(Handle),
}

fn main() {}
