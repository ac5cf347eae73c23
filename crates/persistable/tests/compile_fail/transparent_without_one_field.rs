use persistable::PersistableParams;

#[derive(PersistableParams)]
#[param(transparent)]
struct Two(u8, u8);

#[derive(PersistableParams)]
#[param(transparent)]
struct None;

#[derive(PersistableParams)]
#[param(transparent)]
struct Renamed {
    #[param(renamed_from = "old")]
    value: u8,
}

#[derive(PersistableParams)]
#[param(transparent)]
struct Untracked(#[param(untracked)] u8);

fn main() {}
