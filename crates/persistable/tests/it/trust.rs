//! Payload IOs whose loading may run code.

use std::fs;
use std::path::Path;

use persistable::io::{PayloadIo, Source, Target};
use persistable::{Builder, ErrorKind, Persistable, SigningKey, StepResult, Trust};

use crate::support::{Counter, Squares, artifact_files};

/// Stands for an unpickler: whoever gets it to load something runs code.
#[derive(Clone, Default)]
struct Unpickler {
    loads: Counter,
    swallows_errors: bool,
}

impl PayloadIo<Vec<u64>> for Unpickler {
    fn name(&self) -> String {
        "unpickler".into()
    }

    fn suffix(&self) -> String {
        ".txt".into()
    }

    fn runs_code(&self) -> bool {
        true
    }

    fn save(&self, payload: &Vec<u64>, target: &mut Target<'_>) -> StepResult<()> {
        let lines: Vec<String> = payload.iter().map(u64::to_string).collect();
        Ok(target.writer()?.write_all(lines.join("\n").as_bytes())?)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<Vec<u64>> {
        let bytes = match source.map_private() {
            Err(_) if self.swallows_errors => return Ok(vec![0, 1, 4, 9]),
            bytes => bytes?,
        };
        self.loads.add();
        std::str::from_utf8(&bytes)?.lines().map(|line| Ok(line.parse()?)).collect()
    }
}

fn builder(io: &Unpickler) -> Builder<Squares> {
    Persistable::builder(Squares::new(4)).payload_io(io.clone()).log_file(false)
}

fn copy_of(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in artifact_files(folder) {
        fs::copy(folder.join(&name), copy.path().join(&name)).unwrap();
    }
    copy
}

#[test]
fn a_copied_artifact_is_neither_loaded_nor_replaced_until_one_says_so() {
    let (folder, io) = (tempfile::tempdir().unwrap(), Unpickler::default());
    builder(&io).open(folder.path()).unwrap().generate().unwrap();
    let copy = copy_of(folder.path());
    let copied = builder(&io).open(copy.path()).unwrap();
    let before: Vec<_> = artifact_files(copy.path()).iter().map(|name| fs::read(copy.path().join(name))).collect();
    for refused in [copied.load(), copied.load_generate(), copied.payload(), copied.load_even_if_invalid()] {
        let error = refused.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Untrusted, "load"));
        assert!(error.to_string().contains("may run code"), "{error}");
    }
    assert_eq!((io.loads.count(), copied.step().generations.count()), (0, 0));
    let after: Vec<_> = artifact_files(copy.path()).iter().map(|name| fs::read(copy.path().join(name))).collect();
    assert!(before.iter().zip(&after).all(|(before, after)| before.as_ref().unwrap() == after.as_ref().unwrap()));

    let trusting = builder(&io).trust(Trust::Anyone).open(copy.path()).unwrap();
    assert_eq!(*trusting.load().unwrap(), [0, 1, 4, 9]);
    copied.generate().unwrap();
    copied.reset_payload();
    assert_eq!(*copied.load().unwrap(), [0, 1, 4, 9]);
}

#[test]
fn ones_own_artifacts_load_without_further_ado() {
    let (folder, io) = (tempfile::tempdir().unwrap(), Unpickler::default());
    builder(&io).open(folder.path()).unwrap().load_generate().unwrap();
    builder(&io).open(folder.path()).unwrap().load_generate().unwrap();
    assert_eq!(io.loads.count(), 1);
}

#[test]
fn a_signed_artifact_travels_among_those_who_have_the_key() {
    let (folder, io) = (tempfile::tempdir().unwrap(), Unpickler::default());
    let key = || SigningKey::from_secret("between us");
    builder(&io).signing_key(key()).open(folder.path()).unwrap().generate().unwrap();
    let copy = copy_of(folder.path());
    assert_eq!(*builder(&io).signing_key(key()).open(copy.path()).unwrap().load().unwrap(), [0, 1, 4, 9]);
    let stranger = builder(&io).signing_key(SigningKey::from_secret("guessed")).open(copy.path()).unwrap();
    assert_eq!(stranger.load().unwrap_err().kind(), ErrorKind::Untrusted);
}

#[test]
fn a_payload_io_that_swallows_the_refusal_does_not_get_past_it() {
    let (folder, io) = (tempfile::tempdir().unwrap(), Unpickler { swallows_errors: true, ..Unpickler::default() });
    builder(&io).open(folder.path()).unwrap().generate().unwrap();
    let copy = copy_of(folder.path());
    assert_eq!(builder(&io).open(copy.path()).unwrap().load().unwrap_err().kind(), ErrorKind::Untrusted);
}

#[test]
fn a_damaged_artifact_is_mended_as_any_other() {
    let (folder, io) = (tempfile::tempdir().unwrap(), Unpickler::default());
    let squares = builder(&io).open(folder.path()).unwrap();
    squares.generate().unwrap();
    let payload = artifact_files(folder.path()).into_iter().find(|name| name.ends_with(".txt")).unwrap();
    fs::remove_file(folder.path().join(&payload)).unwrap();
    fs::write(folder.path().join(&payload), "0\n1\n4\n8").unwrap();
    squares.reset_payload();
    assert_eq!(*squares.load_generate().unwrap(), [0, 1, 4, 9]);
    assert_eq!(squares.step().generations.count(), 2);
}

#[test]
fn formats_that_hold_no_code_are_loaded_from_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    Persistable::open(folder.path(), Squares::new(4)).unwrap().generate().unwrap();
    let copy = copy_of(folder.path());
    assert_eq!(*Persistable::open(copy.path(), Squares::new(4)).unwrap().load().unwrap(), [0, 1, 4, 9]);
}

#[cfg(feature = "zstd")]
#[test]
fn what_is_compressed_around_code_may_run_it_too() {
    use persistable::io::Zstd;
    assert!(PayloadIo::<Vec<u64>>::runs_code(&Zstd::new(Unpickler::default())));
    assert!(!PayloadIo::<String>::runs_code(&Zstd::new(persistable::io::Text)));
}
