//! What a step's handle does.

use std::error::Error as _;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use persistable::{ErrorKind, Origin, Persistable, PersistableParams, Run, Step, StepResult, Store, Untracked, io};

use crate::support::{Counter, Doing, Squares, artifact_files, open, open_elsewhere};

#[test]
fn a_payload_is_generated_once_and_loaded_by_a_new_object() {
    let folder = tempfile::tempdir().unwrap();
    let first = Squares::new(4);
    let generations = first.generations.clone();
    let first = Persistable::open(folder.path(), first).unwrap();
    assert_eq!(*first.generate().unwrap(), [0, 1, 4, 9]);
    assert_eq!(first.origin(), Some(Origin::Generated));

    let second = Persistable::open(folder.path(), Squares { n: 4, generations: generations.clone() }).unwrap();
    assert_eq!(*second.load().unwrap(), [0, 1, 4, 9]);
    assert_eq!(second.origin(), Some(Origin::Loaded));
    assert_eq!(generations.count(), 1);

    let third = Persistable::open(folder.path(), Squares { n: 5, generations: generations.clone() }).unwrap();
    assert_eq!(third.load_generate().unwrap().len(), 5);
    assert_eq!(generations.count(), 2);
}

#[test]
fn an_artifact_has_the_three_files_of_its_name_and_key() {
    let folder = tempfile::tempdir().unwrap();
    let squares = Persistable::open(folder.path(), Squares::new(4)).unwrap();
    squares.generate().unwrap();
    let stem = format!("squares({})", squares.key().short());
    assert_eq!(squares.to_string(), stem);
    let suffixes = [".manifest.json", ".msgpack", ".params.json"];
    assert_eq!(artifact_files(folder.path()), suffixes.map(|suffix| stem.clone() + suffix));
    let params = std::fs::read_to_string(folder.path().join(stem + ".params.json")).unwrap();
    assert_eq!(params, "{\n  \"n\": 4\n}\n");
}

#[test]
fn loading_what_was_never_persisted_is_an_error_that_says_so() {
    let squares = open(&Store::memory(), Squares::new(4));
    let error = squares.load().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Missing);
    assert!(error.to_string().contains("nothing is persisted"), "{error}");
    assert!(error.step().starts_with("squares("), "{}", error.step());
    assert_eq!(squares.manifest().unwrap().map(|manifest| manifest.key), None);
}

#[test]
fn the_payload_is_lazy_shared_by_clones_and_forgotten_on_request() {
    let squares = open(&Store::memory(), Squares::new(4));
    let clone = squares.clone();
    assert_eq!(squares.origin(), None);
    let payload = squares.payload().unwrap();
    assert!(std::sync::Arc::ptr_eq(&payload, &clone.payload().unwrap()));
    clone.reset_payload();
    assert_eq!(squares.origin(), None);
    assert_eq!(*squares.payload().unwrap(), *payload);
    assert_eq!(squares.origin(), Some(Origin::Loaded));
    assert_eq!(squares.step().generations.count(), 1);
}

#[derive(Debug)]
struct Trouble(u32);

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "trouble {}", self.0)
    }
}

impl std::error::Error for Trouble {}

#[test]
fn a_failing_generator_leaves_nothing_behind_and_its_error_comes_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let step = Persistable::open(folder.path(), Doing::new(|_| Err(Trouble(7).into()))).unwrap();
    let error = step.load_generate().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Generation);
    assert_eq!(error.source().and_then(|source| source.downcast_ref::<Trouble>()).map(|trouble| trouble.0), Some(7));
    let source = error.into_source().unwrap();
    assert_eq!(source.downcast::<Trouble>().unwrap().0, 7);
    assert_eq!(step.origin(), None);
    assert_eq!(artifact_files(folder.path()), [""; 0]);
}

#[test]
fn a_panicking_generator_leaves_nothing_behind_and_blocks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let panics = std::sync::atomic::AtomicBool::new(true);
    let action = move |_: &Run<'_>| match panics.swap(false, std::sync::atomic::Ordering::SeqCst) {
        true => panic!("out of luck"),
        false => Ok("luck".to_owned()),
    };
    let step = Persistable::open(folder.path(), Doing::new(action)).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| step.payload())).is_err());
    assert_eq!(artifact_files(folder.path()), [""; 0]);
    assert_eq!(*step.payload().unwrap(), "luck");
}

#[test]
fn a_step_that_asks_for_its_own_payload_gets_an_error_and_no_deadlock() {
    let store = Store::memory();
    let again = store.clone();
    let step =
        open(&store, Doing::new(move |_| Ok(open(&again, Doing::new(|_| Ok("inner".into()))).payload()?.to_string())));
    let error = step.payload().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Generation);
    let cause = error.source().and_then(|source| source.downcast_ref::<persistable::Error>()).unwrap();
    assert_eq!(cause.kind(), ErrorKind::Busy);
    assert_eq!(cause.key(), Some(step.key()));
}

#[test]
fn clones_wait_for_each_other_no_longer_than_they_may() {
    let (begin, begun) = std::sync::mpsc::channel();
    let (finish, finished) = std::sync::mpsc::channel::<()>();
    let finished = std::sync::Mutex::new(finished);
    let step = Doing::new(move |_| {
        begin.send(())?;
        finished.lock().unwrap().recv()?;
        Ok("done".to_owned())
    });
    let wait = persistable::Wait::AtMost(std::time::Duration::from_millis(20));
    let step = Persistable::builder(step).wait(wait).open(Store::memory()).unwrap();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| step.payload());
        begun.recv().unwrap();
        assert_eq!(step.payload().unwrap_err().kind(), ErrorKind::Busy);
        finish.send(()).unwrap();
        assert_eq!(*first.join().unwrap().unwrap(), "done");
    });
}

#[test]
fn what_the_validator_refuses_is_not_persisted() {
    #[derive(PersistableParams)]
    struct Odd {
        n: u64,
    }
    impl Step for Odd {
        type Payload = u64;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
            Ok(self.n)
        }
        fn validate_payload(&self, payload: &u64) -> StepResult<()> {
            if payload % 2 == 1 { Ok(()) } else { Err("it is even".into()) }
        }
    }
    let store = Store::memory();
    assert_eq!(open(&store, Odd { n: 2 }).generate().unwrap_err().kind(), ErrorKind::InvalidPayload);
    assert_eq!(open(&store, Odd { n: 2 }).load().unwrap_err().kind(), ErrorKind::Missing);
    let three = open(&store, Odd { n: 3 });
    assert_eq!(three.validate_payload().unwrap_err().kind(), ErrorKind::NoPayload);
    three.generate().unwrap();
    three.validate_payload().unwrap();
}

/// Squares of the same key, with a validator that has become stricter.
#[derive(PersistableParams)]
struct StricterSquares {
    n: u64,
}

impl Step for StricterSquares {
    type Payload = Vec<u64>;
    type Io = io::MessagePack;
    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u64>> {
        Ok(vec![1])
    }
    fn validate_payload(&self, _: &Vec<u64>) -> StepResult<()> {
        Err("nothing is good enough".into())
    }
    fn payload_name(&self) -> String {
        "squares".into()
    }
}

#[test]
fn a_loaded_payload_is_validated_and_kept_in_spite_of_it_only_on_request() {
    let store = Store::memory();
    open(&store, Squares::new(3)).generate().unwrap();
    let strict = open_elsewhere(&store, StricterSquares { n: 3 });
    assert_eq!(strict.load().unwrap_err().kind(), ErrorKind::InvalidPayload);
    assert_eq!(strict.load_generate().unwrap_err().kind(), ErrorKind::InvalidPayload);
    assert_eq!(*strict.load_even_if_invalid().unwrap(), [0, 1, 4]);
}

#[test]
fn persisting_needs_a_payload_and_can_come_later() {
    let store = Store::memory();
    let squares = open(&store, Squares::new(3));
    assert_eq!(squares.persist().unwrap_err().kind(), ErrorKind::NoPayload);
    squares.generate_unpersisted(&Untracked::new()).unwrap();
    assert_eq!(open(&store, Squares::new(3)).load().unwrap_err().kind(), ErrorKind::Missing);
    squares.persist().unwrap();
    assert_eq!(*open(&store, Squares::new(3)).load().unwrap(), [0, 1, 4]);
}

#[test]
fn untracked_parameters_reach_the_generation_and_leave_the_key_alone() {
    struct Threads(usize);
    let store = Store::memory();
    let step = open(&store, Doing::new(|run| Ok(format!("{:?}", run.untracked::<Threads>().map(|threads| threads.0)))));
    assert_eq!(*step.with(Untracked::new().with(Threads(3))).generate().unwrap(), "Some(3)");
    assert_eq!(*step.generate().unwrap(), "None");
    let same = open(&store, Squares { n: 1, generations: Counter::default() });
    assert_eq!(same.key(), open(&store, Squares::new(1)).key());
}

#[test]
fn hooks_run_after_generating_and_after_loading() {
    #[derive(PersistableParams)]
    struct Hooked {
        #[param(untracked)]
        generated: Counter,
        #[param(untracked)]
        loaded: Counter,
    }
    impl Step for Hooked {
        type Payload = u8;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u8> {
            Ok(1)
        }
        fn post_generate(&self, payload: &u8, _: &Run<'_>) -> StepResult<()> {
            assert_eq!(*payload, 1);
            self.generated.add();
            Ok(())
        }
        fn post_load(&self, _: &u8, _: &Run<'_>) -> StepResult<()> {
            self.loaded.add();
            Ok(())
        }
    }
    let store = Store::memory();
    let hooked = open(&store, Hooked { generated: Counter::default(), loaded: Counter::default() });
    hooked.load_generate().unwrap();
    assert_eq!((hooked.step().generated.count(), hooked.step().loaded.count()), (1, 0));
    hooked.load_generate().unwrap();
    assert_eq!((hooked.step().generated.count(), hooked.step().loaded.count()), (1, 1));
}

#[test]
fn the_payload_name_can_be_set_and_has_to_be_fit_for_files() {
    let store = Store::memory();
    let named = Persistable::builder(Squares::new(1)).payload_name("my.squares").open(&store).unwrap();
    assert_eq!(named.payload_name(), "my.squares");
    assert_ne!(named.key(), open(&store, Squares::new(1)).key());
    let long = "x".repeat(300);
    for name in ["", ".", "..", "a/b", "a\\b", "a\nb", &long] {
        let error = Persistable::builder(Squares::new(1)).payload_name(name).open(&store).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidName, "{name:?}");
    }
}

#[test]
fn a_refused_name_leaves_no_folder_behind() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert!(Persistable::builder(Squares::new(1)).payload_name("a/b").open(&data).is_err());
    assert!(!data.exists());
}

#[test]
fn an_unsupported_parameter_is_refused_with_its_path() {
    #[derive(PersistableParams)]
    struct Reading {
        files: Vec<std::path::PathBuf>,
    }
    impl Step for Reading {
        type Payload = u8;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u8> {
            Ok(1)
        }
    }
    let bad = std::os::unix::ffi::OsStringExt::from_vec(vec![0xff]);
    let bad: std::ffi::OsString = bad;
    let step = Reading { files: vec!["fine".into(), bad.into()] };
    let error = Persistable::open(Store::memory(), step).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnsupportedParameter);
    assert!(error.to_string().contains("files[1]"), "{error}");
}

/// Squares whose first persisting fails, as on a full disk.
#[derive(Default)]
struct FullAtFirst(std::sync::atomic::AtomicBool);

impl io::PayloadIo<Vec<u64>> for FullAtFirst {
    fn name(&self) -> String {
        "msgpack".into()
    }
    fn suffix(&self) -> String {
        ".msgpack".into()
    }
    fn save(&self, payload: &Vec<u64>, target: &mut io::Target<'_>) -> StepResult<()> {
        if !self.0.swap(true, std::sync::atomic::Ordering::SeqCst) {
            return Err(std::io::Error::from(std::io::ErrorKind::StorageFull).into());
        }
        io::MessagePack.save(payload, target)
    }
    fn load(&self, source: &mut io::Source<'_>) -> StepResult<Vec<u64>> {
        io::MessagePack.load(source)
    }
}

#[test]
fn a_payload_that_could_not_be_persisted_is_persisted_later_and_not_generated_again() {
    let retries: [fn(&Persistable<Squares>); 3] = [
        |squares| squares.persist().unwrap(),
        |squares| assert_eq!(squares.load_generate().unwrap().len(), 3),
        |squares| assert_eq!(squares.payload().unwrap().len(), 3),
    ];
    for retry in retries {
        let store = Store::memory();
        let squares = Persistable::builder(Squares::new(3)).payload_io(FullAtFirst::default()).open(&store).unwrap();
        assert_eq!(squares.payload().unwrap_err().kind(), ErrorKind::Full);
        assert_eq!(open(&store, Squares::new(3)).load().unwrap_err().kind(), ErrorKind::Missing);
        retry(&squares);
        assert_eq!(squares.step().generations.count(), 1);
        assert_eq!(*open(&store, Squares::new(3)).load().unwrap(), [0, 1, 4]);
    }
}

#[test]
fn an_invalid_payload_that_was_loaded_all_the_same_is_not_persisted() {
    let store = Store::memory();
    open(&store, Squares::new(3)).generate().unwrap();
    let strict = open_elsewhere(&store, StricterSquares { n: 3 });
    strict.load_even_if_invalid().unwrap();
    assert_eq!(strict.persist().unwrap_err().kind(), ErrorKind::InvalidPayload);
}

#[test]
fn a_pipeline_of_many_levels_can_be_dropped_on_a_small_stack() {
    #[derive(PersistableParams)]
    struct Level {
        #[param(dependency)]
        below: Option<Persistable<Level>>,
    }
    impl Step for Level {
        type Payload = u8;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u8> {
            Ok(0)
        }
    }
    let build_and_drop = || {
        let store = Store::memory();
        let mut top = open(&store, Level { below: None });
        for _ in 0..50_000 {
            top = open(&store, Level { below: Some(top) });
        }
        let tree = top.params_tree().clone();
        drop(top);
        drop(tree);
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(build_and_drop).unwrap().join().unwrap();
}

#[test]
fn handles_can_be_shared_between_threads() {
    fn assert_shareable<T: Send + Sync + Clone>() {}
    assert_shareable::<Persistable<Squares>>();
    assert_shareable::<Store>();
}

#[test]
fn a_handle_can_be_used_after_its_step_panicked() {
    #[derive(PersistableParams)]
    struct Panics {
        text: String,
    }
    impl Step for Panics {
        type Payload = u8;
        type Io = persistable::io::MessagePack;
        fn generate_payload(&self, run: &persistable::Run<'_>) -> persistable::StepResult<u8> {
            match run.untracked::<u8>() {
                Some(payload) => Ok(*payload),
                None => panic!("{}", self.text),
            }
        }
    }

    let handle = Persistable::open(Store::memory(), Panics { text: "as expected".to_owned() }).unwrap();
    let panic = std::panic::catch_unwind(|| handle.payload()).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "as expected");

    let payload = handle.with(persistable::Untracked::new().with(7_u8)).load_generate().unwrap();
    assert_eq!(*payload, 7);
}
