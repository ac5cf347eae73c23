use std::fs;

use crate::StepResult;
use crate::io::testing::{comes_back, not_saved};
use crate::io::{PayloadIo, Source, Target};

/// A format whose library insists on a path.
struct ByPath(fn(&std::path::Path) -> StepResult<()>);

impl PayloadIo<String> for ByPath {
    fn name(&self) -> String {
        "by-path".into()
    }

    fn suffix(&self) -> String {
        ".by".into()
    }

    fn save(&self, payload: &String, target: &mut Target<'_>) -> StepResult<()> {
        let path = target.path()?;
        assert!(path.to_string_lossy().ends_with(".by"));
        fs::write(path, payload)?;
        (self.0)(path)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<String> {
        let first = fs::read_to_string(source.path()?)?;
        assert_eq!(fs::read_to_string(source.path()?)?, first);
        Ok(first)
    }
}

#[test]
fn a_payload_written_by_its_path_comes_back() {
    comes_back(&ByPath(|_| Ok(())), "by path".to_owned());
    #[cfg(feature = "zstd")]
    comes_back(&crate::io::Zstd::new(ByPath(|_| Ok(()))), "by path, compressed".to_owned());
}

#[test]
fn only_one_file_fits_within_another() {
    let folder = ByPath(|path| {
        fs::remove_file(path)?;
        Ok(fs::create_dir(path)?)
    });
    let error = not_saved(&folder, &String::new());
    assert!(error.contains("wrote a folder, which can't be kept within one file"), "{error}");
    let two = ByPath(|path| Ok(fs::write(path.with_file_name("other"), "")?));
    assert!(not_saved(&two, &String::new()).contains("more than the one file"));
    let none = ByPath(|path| Ok(fs::remove_file(path)?));
    assert!(not_saved(&none, &String::new()).contains("wrote nothing"));
}

#[test]
fn nothing_written_is_an_error() {
    let mut bytes = Vec::new();
    assert!(Target::within(&mut bytes, ".bin").finish().is_err());
}

#[test]
fn a_target_takes_a_writer_or_a_path_and_not_both() {
    let mut bytes = Vec::new();
    let mut target = Target::within(&mut bytes, ".bin");
    target.writer().unwrap();
    assert!(target.path().is_err());
    let mut target = Target::within(&mut bytes, ".bin");
    target.path().unwrap();
    assert!(target.writer().is_err());
}

#[test]
fn scratch_files_are_gone_afterwards() {
    let mut bytes = Vec::new();
    let mut target = Target::within(&mut bytes, ".bin");
    let path = target.path().unwrap().to_owned();
    fs::write(&path, "x").unwrap();
    target.finish().unwrap();
    assert!(!path.parent().unwrap().exists());
    assert_eq!(bytes, b"x");
}
