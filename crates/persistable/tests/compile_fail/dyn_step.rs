//! A field that holds steps of any type, as trait objects.

use persistable::{PersistableParams, Step};

#[derive(PersistableParams)]
struct Sum {
    n: u32,
    steps: Vec<Box<dyn Step + Send>>,
}

#[derive(PersistableParams)]
struct Sums {
    #[param(dependency)]
    steps: Vec<Box<dyn persistable::Step>>,
}

fn main() {}
