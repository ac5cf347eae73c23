//! What errors say of themselves.

use nix::errno::Errno;
use persistable::io::{PayloadIo, Source, Target};
use persistable::{ErrorKind, Persistable, PersistableParams, Run, Step, StepResult, io};

#[test]
fn every_kind_has_a_name_that_is_its_own_in_snake_case() {
    for kind in ErrorKind::ALL {
        let camel_case: String = kind.as_str().split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        assert_eq!(camel_case, format!("{kind:?}"));
        assert_eq!(ErrorKind::ALL.iter().filter(|other| *other == kind).count(), 1);
    }
}

#[test]
fn what_the_system_refuses_is_told_by_what_one_would_do_about_it() {
    let kinds = [
        (Errno::ENOSPC, Some(ErrorKind::Full)),
        (Errno::EDQUOT, Some(ErrorKind::Full)),
        (Errno::EACCES, Some(ErrorKind::Denied)),
        (Errno::EPERM, Some(ErrorKind::Denied)),
        (Errno::EROFS, Some(ErrorKind::Denied)),
        (Errno::EIO, Some(ErrorKind::Unavailable)),
        (Errno::ESTALE, Some(ErrorKind::Unavailable)),
        (Errno::EFBIG, Some(ErrorKind::Unavailable)),
        (Errno::ENOENT, None),
        (Errno::EINVAL, None),
    ];
    for (number, kind) in kinds {
        assert_eq!(ErrorKind::of_io(&number.into()), kind, "{number}");
    }
}

#[derive(PersistableParams)]
struct Text {}

impl Step for Text {
    type Payload = String;
    type Io = io::Text;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<String> {
        Ok("text".into())
    }
}

#[derive(PersistableParams)]
struct Failing {
    depth: i64,
    name: String,
}

impl Step for Failing {
    type Payload = String;
    type Io = io::Text;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<String> {
        Err("it does not work".into())
    }
}

#[test]
fn an_error_that_main_returns_names_the_params() {
    let store = persistable::Store::memory();
    let step = Persistable::open(&store, Failing { depth: 3, name: "a".into() }).unwrap();
    let shown = format!("{:?}", step.payload().unwrap_err());
    let (first, rest) = shown.split_once("\n\n").unwrap();
    assert!(first.starts_with("could not generate failing("), "{shown}");
    assert_eq!(rest, "Params:\n    depth: 3, name: \"a\"\n\nCaused by:\n    it does not work");
}

#[test]
fn an_error_shows_large_params_by_their_size() {
    let store = persistable::Store::memory();
    let step = Persistable::open(&store, Failing { depth: 3, name: "a".repeat(1 << 20) }).unwrap();
    let shown = format!("{:?}", step.payload().unwrap_err());
    assert!(shown.contains("elided") && shown.len() < 1000, "{shown}");
}

/// Begins to write, and meets an error of the disk.
struct OnBrokenDisk {
    is_by_path: bool,
}

impl PayloadIo<String> for OnBrokenDisk {
    fn name(&self) -> String {
        "broken".into()
    }
    fn suffix(&self) -> String {
        ".txt".into()
    }
    fn save(&self, payload: &String, target: &mut Target<'_>) -> StepResult<()> {
        if self.is_by_path {
            std::fs::write(target.path()?, payload)?;
        } else {
            target.writer()?.write_all(payload.as_bytes())?;
        }
        const EIO: i32 = 5;
        Err(std::io::Error::from_raw_os_error(EIO).into())
    }
    fn load(&self, source: &mut Source<'_>) -> StepResult<String> {
        io::Text.load(source)
    }
}

#[test]
fn a_payload_that_cannot_be_written_is_an_error_that_names_the_file_and_blames_the_disk() {
    for is_by_path in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let text = Persistable::builder(Text {}).payload_io(OnBrokenDisk { is_by_path }).open(folder.path()).unwrap();
        let error = text.generate().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        let staging = folder.path().join(".persistable/staging");
        assert!(error.to_string().contains(staging.to_str().unwrap()), "{error}");
    }
}

/// Returns an error with all its causes, as error reporters show it.
fn with_causes(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(|error| format!("{error}\n")).collect()
}

/// Writes what is no text, and says that it is.
struct NoText;

impl PayloadIo<String> for NoText {
    fn name(&self) -> String {
        PayloadIo::<String>::name(&io::Text)
    }
    fn suffix(&self) -> String {
        ".txt".into()
    }
    fn save(&self, _: &String, target: &mut Target<'_>) -> StepResult<()> {
        Ok(target.writer()?.write_all(&[0xff])?)
    }
    fn load(&self, source: &mut Source<'_>) -> StepResult<String> {
        io::Text.load(source)
    }
}

#[test]
fn an_error_gives_its_advice_once() {
    let store = persistable::Store::memory();
    let text = Persistable::builder(Text {}).payload_io(NoText).open(&store).unwrap();
    text.generate().unwrap();
    for error in [text.load().unwrap_err(), Persistable::open(&store, Text {}).unwrap().load().unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Incompatible);
        let text = with_causes(&error);
        for advice in ["another version", "generate()", "replace"] {
            assert_eq!(text.matches(advice).count(), 1, "{text}");
        }
    }
}
