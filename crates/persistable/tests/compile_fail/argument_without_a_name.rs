use persistable::{Param, PersistableParams};

struct Foreign;

#[derive(PersistableParams)]
struct Marked<T> {
    marker: std::marker::PhantomData<T>,
}

fn is_param(_: impl Param) {}

fn main() {
    is_param(Marked::<Foreign> { marker: std::marker::PhantomData });
}
