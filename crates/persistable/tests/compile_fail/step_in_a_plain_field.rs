use persistable::{AsDependencies, ParamsTree, PersistableParams};

struct Handle;

impl AsDependencies for Handle {
    type Step = ();
    const IS_FIXED: bool = true;

    fn params_trees(&self) -> Vec<ParamsTree> {
        Vec::new()
    }
}

#[derive(PersistableParams)]
struct Outliers {
    #[param(dependency)]
    points: Handle,
}

#[derive(PersistableParams)]
struct Report {
    handle: Handle,
    step: Outliers,
}

fn main() {}
