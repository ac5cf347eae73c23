use persistable::PersistableParams;

#[derive(PersistableParams)]
union Number {
    int: u64,
    float: f64,
}

fn main() {}
