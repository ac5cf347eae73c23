use std::collections::HashMap;

use persistable::{AnyPersistable, Persistable, PersistableParams, Run, Step, StepResult, io};

#[derive(PersistableParams)]
struct Points {
    n: usize,
}

impl Step for Points {
    type Payload = ();
    type Io = io::MessagePack;
    fn generate_payload(&self, _: &Run<'_>) -> StepResult<()> {
        Ok(())
    }
}

type Handle = Persistable<Points>;

#[derive(PersistableParams)]
struct Outliers<S: Step> {
    #[param(untracked)]
    points: Persistable<Points>,
    #[param(untracked)]
    alias: Option<Handle>,
    #[param(untracked)]
    lists: Vec<Vec<Handle>>,
    #[param(untracked)]
    array: [Box<Handle>; 2],
    #[param(untracked)]
    pair: (u8, Handle),
    #[param(untracked)]
    by_name: HashMap<String, Handle>,
    #[param(untracked)]
    any: Persistable<S>,
    #[param(untracked)]
    of_any_type: AnyPersistable<S>,
    #[param(untracked)]
    nested: Source,
}

#[derive(PersistableParams)]
enum Source {
    Points(#[param(untracked)] Handle),
    Step(#[param(dependency)] Handle),
}

fn main() {}
