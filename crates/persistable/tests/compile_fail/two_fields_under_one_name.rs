use persistable::PersistableParams;

#[derive(PersistableParams)]
struct Fields {
    seed: u32,
    #[param(renamed_from = "seed")]
    random_state: u32,
}

#[derive(PersistableParams)]
struct BothRenamed {
    #[param(renamed_from = "size")]
    width: u32,
    #[param(renamed_from = "size")]
    height: u32,
}

#[derive(PersistableParams)]
struct TheOther {
    #[param(renamed_from = "seed")]
    random_state: u32,
    seed: u32,
}

#[derive(PersistableParams)]
enum Variants {
    Old,
    #[param(name = "Old")]
    New,
}

fn main() {}
