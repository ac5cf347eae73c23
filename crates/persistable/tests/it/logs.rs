//! The log file of a payload name.

use persistable::{ErrorKind, Persistable};

use crate::support::{Squares, Sum};

fn log(folder: &std::path::Path, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn each_event_of_a_payload_name_is_one_line_of_its_log_file() {
    let folder = tempfile::tempdir().unwrap();
    let squares = Persistable::open(folder.path(), Squares::new(4)).unwrap();
    squares.load_generate().unwrap();
    squares.load().unwrap();
    let lines = log(folder.path(), "squares.log");
    let expected = ["not persisted yet", "generating", "generated in", "persisted 5 bytes", "loaded 5 bytes"];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, event) in lines.iter().zip(expected) {
        assert!(line.contains(event) && line.contains(&squares.to_string()), "{line}");
    }
    Persistable::open(folder.path(), Sum::new(1, &squares)).unwrap().generate().unwrap();
    assert!(!log(folder.path(), "sum.log").is_empty());
}

#[test]
fn a_removed_log_file_is_begun_anew_and_none_is_written_where_it_is_not_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let squares = Persistable::open(folder.path(), Squares::new(4)).unwrap();
    squares.generate().unwrap();
    std::fs::remove_file(folder.path().join("squares.log")).unwrap();
    squares.load().unwrap();
    assert_eq!(log(folder.path(), "squares.log").len(), 1);

    let silent = tempfile::tempdir().unwrap();
    let squares = Persistable::builder(Squares::new(4)).log_file(false).open(silent.path()).unwrap();
    squares.generate().unwrap();
    assert!(!silent.path().join("squares.log").exists());
}

#[test]
fn a_log_file_that_was_renamed_gets_the_lines_and_one_in_a_folder_that_was_moved_does_not() {
    let around = tempfile::tempdir().unwrap();
    let (folder, moved) = (around.path().join("data"), around.path().join("moved"));
    let squares = Persistable::open(&folder, Squares::new(4)).unwrap();
    squares.load_generate().unwrap();
    let before = log(&folder, "squares.log").len();
    std::fs::rename(folder.join("squares.log"), folder.join("rotated.log")).unwrap();
    squares.load().unwrap();
    assert_eq!(log(&folder, "rotated.log").len(), before + 1);

    std::fs::rename(&folder, &moved).unwrap();
    std::fs::create_dir(&folder).unwrap();
    Persistable::open(&folder, Squares::new(4)).unwrap().load_generate().unwrap();
    assert_eq!(log(&moved, "rotated.log").len(), before + 1);
    assert!(!log(&folder, "squares.log").is_empty());
}

#[test]
fn an_error_of_many_lines_stays_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let step = crate::support::Doing::new(|_| Err("one\ntwo".into()));
    let step = Persistable::open(folder.path(), step).unwrap();
    assert_eq!(step.generate().unwrap_err().kind(), ErrorKind::Generation);
    let lines = log(folder.path(), "doing.log");
    assert!(
        lines.last().is_some_and(|line| line.ends_with("could not generate: the step's code failed: one | two")),
        "{lines:?}"
    );
}

#[test]
fn whatever_fails_is_told_with_its_causes() {
    let folder = tempfile::tempdir().unwrap();
    let failing = Persistable::open(folder.path(), Sum::new(1, &broken(folder.path()))).unwrap();
    failing.payload().unwrap_err();
    let lines = log(folder.path(), "sum.log");
    let last = lines.last().map(String::as_str).unwrap_or_default();
    assert!(last.contains("ERROR") && last.contains("there is not one square for each number"), "{lines:?}");

    let panicking = Persistable::open(folder.path(), crate::support::Doing::new(|_| panic!("out of luck"))).unwrap();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| panicking.generate())).is_err());
    assert!(log(folder.path(), "doing.log").iter().any(|line| line.ends_with("the generation panicked")));
}

#[test]
fn bytes_that_are_a_list_of_numbers_are_told_of_once() {
    #[derive(persistable::PersistableParams)]
    struct OfBytes {
        slow: Vec<u8>,
        #[param(bytes)]
        fast: Vec<u8>,
        numbers: Vec<u32>,
    }
    impl persistable::Step for OfBytes {
        type Payload = usize;
        type Io = persistable::io::MessagePack;
        fn generate_payload(&self, _: &persistable::Run<'_>) -> persistable::StepResult<usize> {
            Ok(self.slow.len() + self.fast.len() + self.numbers.len())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let open = |count| {
        let step = OfBytes { slow: vec![7; count], fast: vec![7; count], numbers: vec![1000; count] };
        Persistable::open(folder.path(), step).unwrap()
    };
    open(1000);
    assert!(log(folder.path(), "of_bytes.log").is_empty());
    open(100_000);
    open(100_001);
    let lines = log(folder.path(), "of_bytes.log");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("WARN") && lines[0].contains("slow") && lines[0].contains("#[param(bytes)]"));
}

/// Squares whose persisted payload the validator refuses.
fn broken(folder: &std::path::Path) -> Persistable<Squares> {
    #[derive(persistable::PersistableParams)]
    struct Other {
        n: u64,
    }
    impl persistable::Step for Other {
        type Payload = Vec<u64>;
        type Io = persistable::io::MessagePack;
        fn generate_payload(&self, _: &persistable::Run<'_>) -> persistable::StepResult<Vec<u64>> {
            Ok(vec![])
        }
        fn payload_name(&self) -> String {
            "squares".into()
        }
    }
    Persistable::open(folder, Other { n: 3 }).unwrap().generate().unwrap();
    crate::support::open_elsewhere(&persistable::Store::create(folder).unwrap(), Squares::new(3))
}
