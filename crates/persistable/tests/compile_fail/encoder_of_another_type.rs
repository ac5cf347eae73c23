use persistable::PersistableParams;

fn encode(_: &u8) -> u8 {
    0
}

#[derive(PersistableParams)]
struct Fields {
    #[param(encode_with = encode)]
    text: bool,
}

fn main() {}
