use persistable::PersistableParams;

#[derive(PersistableParams)]
enum Source {
    File(String),
    Step {
        #[param(dependency)]
        points: u8,
    },
}

fn main() {}
