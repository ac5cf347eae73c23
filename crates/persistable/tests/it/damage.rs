//! Artifacts whose files are not what was committed.

use std::fs;
use std::path::{Path, PathBuf};

use persistable::{Durability, ErrorKind, Persistable};

use crate::support::{Squares, artifact_files};

fn squares(folder: &Path) -> Persistable<Squares> {
    Persistable::builder(Squares::new(4)).durability(Durability::Fast).log_file(false).open(folder).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    artifact_files(folder).into_iter().map(|name| folder.join(name)).collect()
}

/// Checks what loads after something was done to `file`, and mends it.
fn check(folder: &Path, file: &Path, what: &str) {
    let is_for_people = file.to_string_lossy().ends_with(".params.json");
    let loaded = squares(folder).load();
    let context = || format!("{what} of {}", file.display());
    match &loaded {
        Ok(payload) => {
            assert_eq!(**payload, [0, 1, 4, 9], "{}", context());
            assert!(is_for_people, "unnoticed: {}", context());
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Damaged, "{}: {error}", context());
            assert!(!is_for_people, "{}: {error}", context());
            // It is in quarantine now, and not met again.
            assert_eq!(squares(folder).load().unwrap_err().kind(), ErrorKind::Missing, "{}", context());
        }
    }
    assert_eq!(*squares(folder).load_generate().unwrap(), [0, 1, 4, 9], "{}", context());
    assert_eq!(*squares(folder).load().unwrap(), [0, 1, 4, 9], "{}", context());
}

/// Every bit of the payload, and one bit of every byte of the others; the store's own tests flip the rest.
#[test]
fn any_single_bit_flipped_is_noticed_and_healed() {
    let folder = tempfile::tempdir().unwrap();
    squares(folder.path()).generate().unwrap();
    for index in 0..3 {
        let length = fs::read(&files(folder.path())[index]).unwrap().len();
        for bit in (0..length * 8).filter(|bit| length < 50 || bit % 9 == 0) {
            // A healed manifest may be a few bytes shorter than the first one.
            let file = &files(folder.path())[index];
            let mut bytes = fs::read(file).unwrap();
            if let Some(byte) = bytes.get_mut(bit / 8) {
                *byte ^= 1 << (bit % 8);
                fs::write(file, bytes).unwrap();
                check(folder.path(), file, &format!("bit {bit}"));
            }
        }
    }
}

#[test]
fn load_generate_heals_in_one_call_and_keeps_the_damaged_bytes() {
    let folder = tempfile::tempdir().unwrap();
    squares(folder.path()).generate().unwrap();
    let payload =
        files(folder.path()).into_iter().find(|file| file.extension().is_some_and(|e| e == "msgpack")).unwrap();
    fs::write(&payload, b"other").unwrap();
    assert_eq!(*squares(folder.path()).load_generate().unwrap(), [0, 1, 4, 9]);

    let quarantine = folder.path().join(".persistable/quarantine");
    let aside = fs::read_dir(quarantine).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::read(aside.join(payload.file_name().unwrap())).unwrap(), b"other");
    assert!(fs::read_to_string(aside.join("reason.txt")).unwrap().contains("digest"));
}

#[test]
fn another_steps_files_in_place_of_its_own_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let others = tempfile::tempdir().unwrap();
    let other = Persistable::builder(Squares::new(5)).log_file(false).open(others.path()).unwrap();
    other.generate().unwrap();
    for index in 0..3 {
        squares(folder.path()).generate().unwrap();
        let file = &files(folder.path())[index];
        fs::copy(&files(others.path())[index], file).unwrap();
        check(folder.path(), file, "a swap");
    }
}

#[test]
fn files_that_are_gone_or_something_else_are_noticed() {
    for index in [0, 1] {
        let folder = tempfile::tempdir().unwrap();
        squares(folder.path()).generate().unwrap();
        let file = files(folder.path()).remove(index);
        fs::remove_file(&file).unwrap();
        if index == 1 {
            check(folder.path(), &file, "a loss");
        } else {
            assert_eq!(squares(folder.path()).load().unwrap_err().kind(), ErrorKind::Missing);
        }
        assert_eq!(*squares(folder.path()).load_generate().unwrap(), [0, 1, 4, 9]);

        let outside = tempfile::NamedTempFile::new().unwrap();
        fs::copy(&file, outside.path()).unwrap();
        fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink(outside.path(), &file).unwrap();
        assert_eq!(
            *squares(folder.path()).load().unwrap(),
            [0, 1, 4, 9],
            "a link in place is read as what it leads to"
        );
        fs::write(outside.path(), "something else").unwrap();
        check(folder.path(), &file, "a link to something else in place");

        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        check(folder.path(), &file, "a folder in place");
    }
}

#[test]
fn what_another_payload_io_wrote_is_a_clear_error_and_is_kept() {
    use persistable::io;
    let folder = tempfile::tempdir().unwrap();
    squares(folder.path()).generate().unwrap();

    #[derive(Default)]
    struct Lines;
    impl io::PayloadIo<Vec<u64>> for Lines {
        fn name(&self) -> String {
            "lines".into()
        }
        fn suffix(&self) -> String {
            ".txt".into()
        }
        fn save(&self, payload: &Vec<u64>, target: &mut io::Target<'_>) -> persistable::StepResult<()> {
            for number in payload {
                writeln!(target.writer()?, "{number}")?;
            }
            Ok(())
        }
        fn load(&self, source: &mut io::Source<'_>) -> persistable::StepResult<Vec<u64>> {
            std::str::from_utf8(&source.bytes()?)?.lines().map(|line| Ok(line.parse()?)).collect()
        }
    }

    let lines = Persistable::builder(Squares::new(4)).payload_io(Lines).open(folder.path()).unwrap();
    let error = lines.load_generate().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incompatible);
    assert!(error.to_string().contains("msgpack") && error.to_string().contains("lines"), "{error}");
    assert_eq!(*squares(folder.path()).load().unwrap(), [0, 1, 4, 9]);

    lines.generate().unwrap();
    assert_eq!(*lines.load().unwrap(), [0, 1, 4, 9]);
    assert_eq!(squares(folder.path()).load().unwrap_err().kind(), ErrorKind::Incompatible);
    assert_eq!(artifact_files(folder.path()).len(), 3, "the replaced payload is gone");
}
