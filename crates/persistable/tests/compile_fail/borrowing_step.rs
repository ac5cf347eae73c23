use persistable::{Persistable, PersistableParams, Run, Step, StepResult, io};

#[derive(PersistableParams)]
struct Words<'a> {
    text: &'a str,
}

impl Step for Words<'_> {
    type Payload = String;
    type Io = io::Text;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<String> {
        Ok(self.text.to_uppercase())
    }
}

#[derive(PersistableParams)]
struct Count<'a> {
    #[param(dependency)]
    words: Persistable<Words<'static>>,
    separator: &'a str,
}

fn main() {}
