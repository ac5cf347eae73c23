use persistable::PersistableParams;

#[derive(PersistableParams)]
struct Fields {
    #[param]
    bare: u8,
    #[param()]
    empty: u8,
    #[param = "untracked"]
    assigned: u8,
    #[param(default)]
    without_a_value: u8,
    #[param(untracked = true)]
    with_a_value: u8,
    #[param(renamed_from = old)]
    not_text: u8,
    #[param(renamed_from = "")]
    without_a_name: u8,
    #[param(renamed_from = "same")]
    same: u8,
    #[param(encode_with = "encoders::colour")]
    quoted: u8,
    #[param(encode_with = |n: &u8| *n)]
    closure: u8,
    #[param(default = 1, default = 2)]
    twice: u8,
}

#[derive(PersistableParams)]
#[param(name = 5)]
struct Numbered;

fn main() {}
