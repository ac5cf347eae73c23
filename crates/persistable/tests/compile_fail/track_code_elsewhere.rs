use persistable::track_code;

struct Points;

trait Step {
    fn code_digest(&self) -> Option<&'static str> {
        None
    }
}

#[track_code]
impl Points {
    fn generate(&self) {}
}

#[track_code]
fn generate() {}

#[track_code(always)]
impl Step for Points {}

struct Written;

#[track_code]
impl Step for Written {
    fn code_digest(&self) -> Option<&'static str> {
        Some("mine")
    }
}

fn main() {}
