use persistable::PersistableParams;

#[derive(PersistableParams)]
#[param(nmae = "Points")]
struct Container {
    n: usize,
}

#[derive(PersistableParams)]
struct Fields {
    #[param(defualt = 100)]
    random_state: u32,
    #[param(skip)]
    threads: usize,
}

#[derive(PersistableParams)]
enum Variants {
    #[param(rename = "Old")]
    New,
    Data {
        #[param(ignored)]
        value: u8,
    },
}

fn main() {}
