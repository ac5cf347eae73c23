use persistable::PersistableParams;

#[derive(PersistableParams)]
#[param(renamed_from = "Old")]
struct Container {
    n: usize,
}

#[derive(PersistableParams)]
struct Fields {
    #[param(name = "old")]
    n: usize,
}

#[derive(PersistableParams)]
#[param(transparent)]
enum Wrapper {
    Only(u8),
}

#[derive(PersistableParams)]
enum Variants {
    Defaulted {
        #[param(default = 1)]
        value: u8,
    },
    Positional(#[param(renamed_from = "old")] u8),
    Added(u8, #[param(added_with_default = 1)] u8),
}

#[derive(PersistableParams)]
struct Generic<#[param(name = "A")] T> {
    value: T,
}

fn main() {}
