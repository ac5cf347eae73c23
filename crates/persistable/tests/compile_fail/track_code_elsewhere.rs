use persistable::track_code;

struct Points;

trait Step {
    fn code_digest(&self) -> Option<&'static str> {
        None
    }
}

#[track_code]
struct Tracked;

#[track_code(always)]
impl Step for Points {}

#[track_code(uses = helper)]
fn assigned() {}

#[track_code(uses("helper"))]
fn quoted() {}

struct Written;

#[track_code]
impl Step for Written {
    fn code_digest(&self) -> Option<&'static str> {
        Some("mine")
    }
}

impl Written {
    #[track_code]
    fn method(&self) {}
}

fn main() {}
