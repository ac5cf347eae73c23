use persistable::{AsDependencies, Dependencies, PersistableParams};

struct Handle;

impl AsDependencies for Handle {
    const IS_FIXED: bool = true;

    fn add_to(&self, _: &mut Dependencies) {}
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
