//! What is told of a payload that is missing: why, and what is nearest.

use persistable::{CodeChange, CodeItem, CodeRecord, Persistable, PersistableParams, Run, Step, StepResult, Store, io};

use crate::support::{Squares, Sum, open};

/// What an error says of a step that is missing.
fn told<S: Step>(step: &Persistable<S>) -> String {
    step.load().err().unwrap().to_string()
}

fn stores() -> [(Option<tempfile::TempDir>, Store); 2] {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path()).unwrap();
    [(Some(folder), store), (None, Store::memory())]
}

#[test]
fn the_error_of_a_miss_names_the_nearest_artifact_and_what_differs_anywhere_in_the_tree() {
    for (_folder, store) in stores() {
        let squares = open(&store, Squares::new(4));
        assert!(!told(&squares).contains("Why"), "nothing is known yet");
        open(&store, Sum::new(1, &squares)).load_generate().unwrap();
        assert!(told(&open(&store, Squares::new(5))).contains("the nearest is squares("));
        assert!(told(&open(&store, Squares::new(5))).contains("n is 4 there and 5 here"));
        let other = open(&store, Sum::new(2, &open(&store, Squares::new(5))));
        let message = told(&other);
        assert!(message.contains("factor is 1 there and 2 here, squares.n is 4 there and 5 here"), "{message}");
    }
}

#[test]
fn the_nearest_is_the_one_that_differs_least() {
    let store = Store::memory();
    for n in [1, 90, 1000] {
        open(&store, Squares::new(n)).generate().unwrap();
    }
    let message = told(&open(&store, Squares::new(100)));
    assert!(message.contains("the nearest of 3") && message.contains("n is 90 there and 100 here"), "{message}");
}

#[test]
fn the_error_of_a_miss_tells_of_a_removal() {
    for (_folder, store) in stores() {
        let squares = open(&store, Squares::new(4));
        squares.generate().unwrap();
        squares.remove().unwrap();
        let message = told(&squares);
        assert!(
            message.contains("it was removed at 20") && message.contains("remove() of its step was called"),
            "{message}"
        );
    }
}

/// The params of `Squares`, as they may evolve.
#[derive(PersistableParams)]
#[param(name = "Squares")]
struct Evolved {
    n: u64,
    offset: u64,
}

#[derive(PersistableParams)]
#[param(name = "Squares")]
struct Renamed {
    count: u64,
}

macro_rules! squares {
    ($step:ty) => {
        impl Step for $step {
            type Payload = Vec<u64>;
            type Io = io::MessagePack;

            fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u64>> {
                Ok(Vec::new())
            }

            fn payload_name(&self) -> String {
                "squares".to_owned()
            }
        }
    };
}

squares!(Evolved);
squares!(Renamed);

#[test]
fn params_that_evolved_are_recognised_and_the_line_to_add_is_told() {
    let store = Store::memory();
    Persistable::builder(Squares::new(4)).code_change(CodeChange::Ignore).open(&store).unwrap().generate().unwrap();
    let evolved =
        Persistable::builder(Evolved { n: 4, offset: 0 }).code_change(CodeChange::Ignore).open(&store).unwrap();
    let message = told(&evolved);
    assert!(message.contains("is the same, but lacks offset"), "{message}");
    assert!(message.contains("#[param(added_with_default = 0)]"), "{message}");
    let renamed = Persistable::builder(Renamed { count: 4 }).code_change(CodeChange::Ignore).open(&store).unwrap();
    let message = told(&renamed);
    assert!(message.contains("has n in place of count"), "{message}");
    assert!(message.contains("#[param(renamed_from = \"n\")]"), "{message}");
}

#[derive(PersistableParams)]
#[param(name = "Both")]
struct Both {
    #[param(dependency)]
    squares: Persistable<Squares>,
    #[param(dependency)]
    coded: Persistable<Coded>,
}

/// The same with its fields in another order.
#[derive(PersistableParams)]
#[param(name = "Both")]
struct Reordered {
    #[param(dependency)]
    coded: Persistable<Coded>,
    #[param(dependency)]
    squares: Persistable<Squares>,
}

macro_rules! both {
    ($step:ty) => {
        impl Step for $step {
            type Payload = u64;
            type Io = io::MessagePack;

            fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
                Ok(0)
            }

            fn payload_name(&self) -> String {
                "both".to_owned()
            }
        }
    };
}

both!(Both);
both!(Reordered);

#[test]
fn dependencies_in_another_order_are_recognised_and_the_line_to_add_is_told() {
    let store = Store::memory();
    let squares = |n| open(&store, Squares::new(n));
    let coded = || open(&store, Coded { n: 1, revision: 1 });
    open(&store, Both { squares: squares(4), coded: coded() }).generate().unwrap();
    let message = told(&open(&store, Reordered { coded: coded(), squares: squares(4) }));
    assert!(message.contains("is the same, but for the order of the dependencies"), "{message}");
    assert!(message.contains("#[param(dependency_order = [...])] to the struct"), "{message}");
    assert!(message.contains("in the order of these steps: squares, coded"), "{message}");
    let message = told(&open(&store, Reordered { coded: coded(), squares: squares(5) }));
    assert!(!message.contains("dependency_order"), "{message}");
}

#[test]
fn an_artifact_that_lacks_only_what_is_new_is_found_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path()).unwrap();
    for n in 0..60 {
        open(&store, Squares::new(n)).generate().unwrap();
    }
    let evolved =
        |n| Persistable::builder(Evolved { n, offset: 0 }).code_change(CodeChange::Ignore).open(&store).unwrap();
    for n in [0, 30, 59] {
        let message = told(&evolved(n));
        assert!(message.contains("is the same, but lacks offset"), "{message}");
    }
    let message = told(&evolved(1000));
    assert!(message.contains("No artifact that was looked at has offset"), "{message}");
    assert!(message.contains("#[param(added_with_default = 0)]"), "{message}");
}

/// A step whose code is part of its key.
#[derive(PersistableParams)]
struct Coded {
    n: u64,
    #[param(untracked)]
    revision: u32,
}

impl Step for Coded {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        Ok(self.n)
    }

    fn code(&self) -> CodeRecord {
        let mut record = CodeRecord::new();
        record.add(CodeItem::new("coded::half", "tokens", format!("{:032x}", self.revision)).at("coded.rs", 12));
        record
    }
}

#[test]
fn code_that_changed_is_named_where_it_is_part_of_the_key() {
    let store = Store::memory();
    let step =
        |revision| Persistable::builder(Coded { n: 1, revision }).code_change(CodeChange::Key).open(&store).unwrap();
    step(1).generate().unwrap();
    let message = told(&step(2));
    assert!(message.contains("is the same, but other code made it"), "{message}");
    assert!(message.contains("coded::half"), "{message}");
}

#[test]
fn what_load_generate_had_to_generate_is_explained_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    // Only the first miss of a payload name is explained for certain.
    #[derive(PersistableParams)]
    struct OnlyHere {
        n: u64,
    }
    impl Step for OnlyHere {
        type Payload = u64;
        type Io = io::MessagePack;

        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
            Ok(self.n)
        }
    }
    Persistable::open(folder.path(), OnlyHere { n: 1 }).unwrap().generate().unwrap();
    Persistable::open(folder.path(), OnlyHere { n: 2 }).unwrap().load_generate().unwrap();
    let log = std::fs::read_to_string(folder.path().join("only_here.log")).unwrap();
    assert!(log.contains("not persisted yet: the nearest is only_here("), "{log}");
    assert!(log.contains("n is 1 there and 2 here"), "{log}");
}

#[test]
fn explain_compares_with_all_artifacts() {
    for (_folder, store) in stores() {
        for n in 0..60 {
            open(&store, Squares::new(n)).generate().unwrap();
        }
        let explained = open(&store, Squares::new(1000)).explain().unwrap().to_string();
        assert!(explained.contains("the nearest of 60 is squares("), "{explained}");
        assert!(explained.contains("n is 59 there and 1000 here"), "{explained}");
        assert!(told(&open(&store, Squares::new(1000))).contains("that were looked at"));
    }
}

#[test]
fn a_step_tells_whether_it_is_persisted() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path()).unwrap();
    let squares = open(&store, Squares::new(4));
    assert!(!squares.is_persisted().unwrap());
    squares.generate_unpersisted(&persistable::Untracked::new()).unwrap();
    assert!(!squares.is_persisted().unwrap());
    squares.persist().unwrap();
    assert!(squares.is_persisted().unwrap());
    std::fs::write(folder.path().join(format!("{squares}.manifest.json")), "{").unwrap();
    assert!(!squares.is_persisted().unwrap());
}

#[test]
fn params_that_are_large_are_not_compared() {
    #[derive(PersistableParams)]
    struct Large {
        text: String,
    }
    impl Step for Large {
        type Payload = u64;
        type Io = io::MessagePack;

        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
            Ok(0)
        }
    }
    let store = Store::memory();
    open(&store, Large { text: "short".to_owned() }).generate().unwrap();
    assert!(told(&open(&store, Large { text: "a".repeat(10) })).contains("the nearest"));
    assert!(!told(&open(&store, Large { text: "a".repeat(1 << 20) })).contains("the nearest"));
}
