use persistable::track_code;

fn helper() {}

struct Model;

impl Model {
    fn fit(&self) {}
}

#[track_code(uses(helper))]
fn uses_a_function() {
    helper()
}

#[track_code(uses(Model))]
fn uses_a_type() {
    Model.fit()
}

fn main() {}
