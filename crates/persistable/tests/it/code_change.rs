//! Artifacts that other code made.

use persistable::{
    CodeChange, ErrorKind, Persistable, PersistableParams, Run, Step, StepResult, Store, io, track_code,
};

mod earlier {
    use super::*;

    #[derive(PersistableParams)]
    pub struct Answer {
        pub question: String,
    }

    #[track_code]
    impl Step for Answer {
        type Payload = u32;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
            Ok(41)
        }
    }
}

mod present {
    use super::*;

    #[derive(PersistableParams)]
    pub struct Answer {
        pub question: String,
    }

    #[track_code]
    impl Step for Answer {
        type Payload = u32;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
            Ok(42)
        }
    }
}

#[test]
fn it_is_loaded_by_default_and_generated_anew_on_request() {
    let store = Store::memory();
    let question = || "?".to_owned();
    Persistable::open(&store, earlier::Answer { question: question() }).unwrap().generate().unwrap();
    let open = |code_change| {
        let step = present::Answer { question: question() };
        Persistable::builder(step).code_change(code_change).open(&store).unwrap()
    };
    assert_eq!(*open(CodeChange::Warn).load_generate().unwrap(), 41);
    assert_eq!(*open(CodeChange::Ignore).load_generate().unwrap(), 41);
    assert_eq!(open(CodeChange::Regenerate).load().unwrap_err().kind(), ErrorKind::Outdated);
    assert_eq!(*open(CodeChange::Regenerate).load_generate().unwrap(), 42);
    assert_eq!(*open(CodeChange::Regenerate).load().unwrap(), 42);

    // What was loaded and persisted anew is still what the earlier code made.
    let store = Store::memory();
    Persistable::open(&store, earlier::Answer { question: question() }).unwrap().generate().unwrap();
    let laundered = Persistable::open(&store, present::Answer { question: question() }).unwrap();
    laundered.load().unwrap();
    laundered.persist().unwrap();
    let strict = Persistable::builder(present::Answer { question: question() }).code_change(CodeChange::Regenerate);
    assert_eq!(strict.open(&store).unwrap().load().unwrap_err().kind(), ErrorKind::Outdated);
}
