//! Artifacts that other code made.

use std::sync::{Arc, Mutex};

use persistable::{
    CodeChange, CodeItem, CodeRecord, ErrorKind, Persistable, PersistableParams, Run, StaleKind, StaleWarning, Step,
    StepResult, Store, io, track_code,
};

/// A step whose code is that of a revision: in one process a type can have no other.
#[derive(PersistableParams)]
struct Answer {
    question: String,
    #[param(untracked)]
    revision: u32,
}

impl Step for Answer {
    type Payload = u32;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
        Ok(self.revision)
    }

    fn code(&self) -> CodeRecord {
        let mut record = CodeRecord::new();
        record.add(CodeItem::new("helpers::clean", "tokens", "same").at("helpers.rs", 3));
        record.add(CodeItem::new("answers::answer", "tokens", format!("{:032x}", self.revision)).at("answers.rs", 12));
        record
    }
}

fn answer(revision: u32) -> Answer {
    Answer { question: "?".to_owned(), revision }
}

/// What was told of warnings.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<StaleWarning>>>);

impl Told {
    fn open(&self, store: &Store, revision: u32, code_change: CodeChange) -> Persistable<Answer> {
        let told = Arc::clone(&self.0);
        let listen = move |warning: &StaleWarning| {
            told.lock().unwrap().push(warning.clone());
            Ok(())
        };
        Persistable::builder(answer(revision)).code_change(code_change).on_stale(listen).open(store).unwrap()
    }

    fn take(&self) -> Vec<StaleWarning> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[test]
fn it_is_loaded_with_one_warning_that_names_what_changed() {
    let (store, told) = (Store::memory(), Told::default());
    told.open(&store, 41, CodeChange::Warn).generate().unwrap();
    assert_eq!(*told.open(&store, 42, CodeChange::Warn).load_generate().unwrap(), 41);
    let [warning] = &told.take()[..] else { panic!("one warning") };
    assert_eq!(warning.kind, StaleKind::CodeChanged);
    assert!(warning.message.contains("answers::answer (answers.rs:12)"), "{warning}");
    assert!(!warning.message.contains("clean"), "{warning}");
    // The same change again says nothing, and another one does.
    told.open(&store, 42, CodeChange::Warn).load().unwrap();
    assert!(told.take().is_empty());
    told.open(&store, 43, CodeChange::Warn).load().unwrap();
    assert_eq!(told.take().len(), 1);
    told.open(&store, 44, CodeChange::Ignore).load().unwrap();
    assert!(told.take().is_empty());
}

#[test]
fn a_listener_can_make_an_error_of_the_warning_again_and_again() {
    let store = Store::memory();
    Told::default().open(&store, 1, CodeChange::Warn).generate().unwrap();
    let strict = Persistable::builder(answer(2)).on_stale(|_| Err("no".into())).open(&store).unwrap();
    for _ in 0..2 {
        assert_eq!(strict.load_generate().unwrap_err().kind(), ErrorKind::Outdated);
    }
}

#[test]
fn it_is_refused_on_request_and_replaced_by_generate() {
    let (store, told) = (Store::memory(), Told::default());
    told.open(&store, 41, CodeChange::Warn).generate().unwrap();
    let strict = told.open(&store, 42, CodeChange::Refuse);
    assert_eq!(strict.load().unwrap_err().kind(), ErrorKind::Outdated);
    assert_eq!(strict.load_generate().unwrap_err().kind(), ErrorKind::Outdated);
    assert_eq!(*strict.generate().unwrap(), 42);
    assert_eq!(*told.open(&store, 42, CodeChange::Refuse).load().unwrap(), 42);
}

#[test]
fn code_in_the_key_keeps_an_artifact_for_each_code() {
    let (store, told) = (Store::memory(), Told::default());
    let [first, second] = [1, 2].map(|revision| told.open(&store, revision, CodeChange::Key));
    assert_ne!(first.key(), second.key());
    assert_eq!((*first.payload().unwrap(), *second.payload().unwrap()), (1, 2));
    let again = told.open(&store, 1, CodeChange::Key);
    assert_eq!((again.key(), *again.load().unwrap()), (first.key(), 1));
    assert!(told.take().is_empty());
    assert!(first.params_tree().version().unwrap().starts_with("code-v1:"));
}

#[test]
fn accepted_code_is_silent_and_so_is_the_code_that_made_it() {
    let (store, told) = (Store::memory(), Told::default());
    told.open(&store, 1, CodeChange::Warn).generate().unwrap();
    told.open(&store, 2, CodeChange::Warn).accept_code().unwrap();
    for revision in [1, 2] {
        assert_eq!(*told.open(&store, revision, CodeChange::Refuse).load().unwrap(), 1);
    }
    assert_eq!(told.open(&store, 3, CodeChange::Refuse).load().unwrap_err().kind(), ErrorKind::Outdated);
    assert!(told.take().is_empty());
    let nothing = told.open(&Store::memory(), 3, CodeChange::Warn).accept_code();
    assert_eq!(nothing.unwrap_err().kind(), ErrorKind::Missing);
}

#[test]
fn what_was_loaded_and_persisted_anew_is_still_what_the_earlier_code_made() {
    let (store, told) = (Store::memory(), Told::default());
    told.open(&store, 1, CodeChange::Warn).generate().unwrap();
    let laundered = told.open(&store, 2, CodeChange::Warn);
    laundered.load().unwrap();
    laundered.persist().unwrap();
    assert_eq!(told.open(&store, 2, CodeChange::Refuse).load().unwrap_err().kind(), ErrorKind::Outdated);
}

#[test]
fn a_lost_record_costs_only_the_names() {
    let folder = tempfile::tempdir().unwrap();
    let (store, told) = (Store::create(folder.path()).unwrap(), Told::default());
    told.open(&store, 1, CodeChange::Warn).generate().unwrap();
    std::fs::remove_dir_all(folder.path().join(".persistable")).unwrap();
    assert_eq!(*told.open(&store, 2, CodeChange::Warn).load().unwrap(), 1);
    let [warning] = &told.take()[..] else { panic!("one warning") };
    assert!(warning.differences.is_empty() && warning.message.starts_with("other code made it."), "{warning}");
}

mod v1 {
    use super::*;

    #[derive(PersistableParams)]
    pub struct Fit {
        pub n: u32,
    }

    #[track_code]
    impl Step for Fit {
        type Payload = u32;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
            Ok(1)
        }
    }

    /// A step whose code is not tracked.
    #[derive(PersistableParams)]
    pub struct Other {
        pub n: u32,
    }

    impl Step for Other {
        type Payload = u32;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
            Ok(1)
        }
    }
}

mod v2 {
    use super::*;

    #[derive(PersistableParams)]
    pub struct Fit {
        pub n: u32,
    }

    impl Step for Fit {
        type Payload = u32;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
            Ok(2)
        }
    }

    /// A step whose code is not tracked.
    #[derive(PersistableParams)]
    pub struct Other {
        pub n: u32,
    }

    impl Step for Other {
        type Payload = u32;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
            Ok(2)
        }
    }
}

#[test]
fn two_types_that_would_share_an_artifact_are_an_error_that_names_both() {
    let store = Store::memory();
    let first = Persistable::open(&store, v1::Fit { n: 1 }).unwrap();
    let error = Persistable::open(&store, v2::Fit { n: 1 }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let message = error.to_string();
    assert!(message.contains("v1::Fit") && message.contains("v2::Fit"), "{message}");
    // With other params, in another store, or under another name they are two.
    Persistable::open(&store, v2::Fit { n: 2 }).unwrap();
    Persistable::open(Store::memory(), v2::Fit { n: 1 }).unwrap();
    Persistable::builder(v2::Fit { n: 1 }).payload_name("second_fit").open(&store).unwrap();
    assert_eq!(*first.payload().unwrap(), 1);
}

#[test]
fn two_types_would_share_an_artifact_of_one_folder_under_two_spellings() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    std::fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    Persistable::open(&real, v1::Fit { n: 1 }).unwrap();
    assert_eq!(Persistable::open(&link, v2::Fit { n: 1 }).unwrap_err().kind(), ErrorKind::Conflict);
    // A folder that was moved can't be told from a new one that got the number of a removed one.
    let moved = folder.path().join("moved");
    std::fs::rename(&real, &moved).unwrap();
    Persistable::open(&moved, v2::Fit { n: 1 }).unwrap();
    assert_eq!(Persistable::open(&moved, v1::Fit { n: 1 }).unwrap_err().kind(), ErrorKind::Conflict);
}

mod generic {
    use std::marker::PhantomData;

    use persistable::TypeName;

    use super::*;

    #[derive(PersistableParams)]
    pub struct Fast;
    #[derive(PersistableParams)]
    pub struct Exact;

    #[derive(PersistableParams)]
    pub struct Simulation<Method> {
        #[param(untracked)]
        pub method: PhantomData<Method>,
    }

    #[track_code]
    impl<Method: TypeName + Send + Sync + 'static> Step for Simulation<Method> {
        type Payload = String;
        type Io = io::MessagePack;

        fn payload_name(&self) -> String {
            "simulation".to_owned()
        }

        fn generate_payload(&self, _: &Run<'_>) -> StepResult<String> {
            Ok(Method::type_name().into_owned())
        }
    }

    pub fn open<Method: TypeName + Send + Sync + 'static>(store: &Store) -> persistable::Result<String> {
        // As another process would.
        persistable::__private::forget_definitions(store);
        let step = Simulation { method: PhantomData::<Method> };
        let step = Persistable::builder(step).code_change(CodeChange::Refuse).open(store)?;
        step.load_generate().map(|payload| payload.as_str().to_owned())
    }
}

#[test]
fn another_process_notices_another_form_of_a_generic_step_though_the_source_is_the_same() {
    let store = Store::memory();
    assert_eq!(generic::open::<generic::Fast>(&store).unwrap(), "Fast");
    assert_eq!(generic::open::<generic::Fast>(&store).unwrap(), "Fast");
    let error = generic::open::<generic::Exact>(&store).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Outdated);
    assert!(error.to_string().contains("Simulation<") && error.to_string().contains("generic::Fast>"), "{error}");
}

#[test]
fn two_types_that_were_accepted_as_one_step_are_both_silent() {
    let store = Store::memory();
    let first = Persistable::builder(v1::Other { n: 1 }).code_change(CodeChange::Refuse).open(&store).unwrap();
    first.generate().unwrap();
    persistable::__private::forget_definitions(&store);
    let second = Persistable::builder(v2::Other { n: 1 }).code_change(CodeChange::Refuse).open(&store).unwrap();
    assert_eq!(second.load().unwrap_err().kind(), ErrorKind::Outdated);
    second.accept_code().unwrap();
    second.load().unwrap();
    first.load().unwrap();
}

/// The replacement is interrupted before the new payload takes the place of the old one.
#[test]
fn what_an_interrupted_replacement_left_in_place_is_known_to_be_of_the_earlier_code() {
    let (folder, told) = (tempfile::tempdir().unwrap(), Told::default());
    let store = Store::create(folder.path()).unwrap();
    told.open(&store, 41, CodeChange::Warn).generate().unwrap();
    let part = |end: &str| {
        let mut paths = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        paths.find(|path| path.to_str().unwrap().ends_with(end)).unwrap()
    };
    let (payload, params, kept) = (part(".msgpack"), part(".params.json"), folder.path().join("kept"));
    std::fs::hard_link(&payload, &kept).unwrap();
    // What is in the way of the params can't be put aside.
    std::fs::create_dir_all(folder.path().join(".persistable")).unwrap();
    std::fs::write(folder.path().join(".persistable/quarantine"), "").unwrap();
    std::fs::remove_file(&params).unwrap();
    std::fs::create_dir(&params).unwrap();
    told.open(&store, 42, CodeChange::Warn).generate().unwrap_err();
    assert_eq!(*told.open(&store, 42, CodeChange::Refuse).load().unwrap(), 42);
    std::fs::rename(&kept, &payload).unwrap();

    let error = told.open(&store, 42, CodeChange::Refuse).load().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Outdated);
    assert_eq!(*told.open(&store, 41, CodeChange::Refuse).load().unwrap(), 41);
    let refused = told.open(&store, 42, CodeChange::Warn).accept_code().unwrap_err();
    assert!(refused.to_string().contains("interrupted"), "{refused}");
}
