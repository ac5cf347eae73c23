use persistable::PersistableParams;

fn encode(_: &Vec<u8>) -> u8 {
    0
}

#[derive(PersistableParams)]
struct Fields {
    #[param(untracked, dependency)]
    neither: u8,
    #[param(untracked)]
    #[param(added_with_default = 1)]
    nowhere: u8,
    #[param(renamed_from = "old", untracked)]
    nameless: u8,
    #[param(bytes, encode_with = encode)]
    twofold: Vec<u8>,
    #[param(dependency, encode_with = encode)]
    encoded: Vec<u8>,
}

#[derive(PersistableParams)]
#[param(name = "Old", transparent)]
struct Wrapper(u8);

fn main() {}
