use persistable::PersistableParams;

struct Progress;

#[derive(PersistableParams)]
struct Fields {
    n: usize,
    progress: Progress,
}

fn main() {}
