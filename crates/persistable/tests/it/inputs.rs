//! Files and folders as params: they count by their content.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use persistable::{
    ErrorKind, InputFile, InputFolder, Key, Param, Persistable, PersistableParams, Run, Step, StepResult, Store, io,
};
use tempfile::TempDir;

#[derive(PersistableParams)]
struct Lines {
    text: InputFile,
}

impl Step for Lines {
    type Payload = String;
    type Io = io::Text;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<String> {
        Ok(fs::read_to_string(&self.text)?)
    }
}

/// Changes its own input.
#[derive(PersistableParams)]
struct Careless {
    text: InputFile,
}

impl Step for Careless {
    type Payload = String;
    type Io = io::Text;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<String> {
        fs::write(&self.text, "other")?;
        Ok(String::new())
    }
}

#[derive(PersistableParams)]
struct Nested {
    files: Vec<InputFile>,
    folder: Option<InputFolder>,
}

impl Step for Nested {
    type Payload = String;
    type Io = io::Text;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<String> {
        Ok(String::new())
    }
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }
}

fn bytes(param: &impl Param) -> Vec<u8> {
    param.to_value().unwrap().canonical_bytes().unwrap()
}

fn file(path: &Path) -> Vec<u8> {
    bytes(&InputFile::open(path).unwrap())
}

fn folder(path: &Path, pattern: &str) -> Vec<u8> {
    bytes(&InputFolder::matching(path, pattern).unwrap())
}

fn key(path: &Path) -> Key {
    Persistable::open(Store::memory(), Lines { text: InputFile::open(path).unwrap() }).unwrap().key()
}

fn set_modified(path: &Path, time: SystemTime) {
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn other_content_is_another_artifact_and_the_first_content_finds_its_own_again() {
    let folder = Folder::new();
    let store = Store::create(folder.at("store")).unwrap();
    let payload = |content| {
        let text = InputFile::open(folder.write("a.txt", content)).unwrap();
        let lines = Persistable::open(&store, Lines { text }).unwrap();
        let payload = lines.payload().unwrap().to_string();
        (payload, format!("{:?}", lines.origin().unwrap()))
    };
    assert_eq!(payload("one"), ("one".into(), "Generated".into()));
    assert_eq!(payload("three"), ("three".into(), "Generated".into()));
    assert_eq!(payload("one"), ("one".into(), "Loaded".into()));
}

#[test]
fn content_and_name_count_and_the_folder_does_not() {
    let folder = Folder::new();
    let a = file(&folder.write("x/a.csv", "one"));
    assert_eq!(a, file(&folder.write("y/a.csv", "one")));
    assert_ne!(a, file(&folder.write("z/a.csv", "two")));
    assert_ne!(a, file(&folder.write("z/b.csv", "one")));
}

#[test]
fn a_name_can_be_left_out_or_replaced() {
    let folder = Folder::new();
    let open = |name| InputFile::open(folder.write(name, "one")).unwrap();
    assert_eq!(bytes(&open("a").without_name()), bytes(&open("b").without_name()));
    assert_eq!(bytes(&open("a")), bytes(&open("b").with_name("a")));
    assert_ne!(bytes(&open("a")), bytes(&open("a").without_name()));
}

#[test]
fn a_file_that_was_touched_is_the_same() {
    let folder = Folder::new();
    let path = folder.write("a", "one");
    let before = key(&path);
    set_modified(&path, SystemTime::now() - Duration::from_secs(999_999));
    assert_eq!(key(&path), before);
}

#[test]
fn other_content_of_the_same_size_and_time_is_noticed() {
    let folder = Folder::new();
    let path = folder.write("a", "one");
    let long_ago = SystemTime::now() - Duration::from_secs(999_999);
    set_modified(&path, long_ago);
    let before = key(&path);
    fs::write(&path, "two").unwrap();
    set_modified(&path, long_ago);
    assert_ne!(key(&path), before);
}

#[test]
fn a_link_counts_by_its_own_name_and_what_it_leads_to() {
    let folder = Folder::new();
    let target = folder.write("target", "one");
    symlink(&target, folder.at("link")).unwrap();
    let link = InputFile::open(folder.at("link")).unwrap();
    assert_eq!((link.name(), link.path()), (Some("link"), &*folder.at("link")));
    assert_eq!(link.digest(), InputFile::open(&target).unwrap().digest());
}

#[test]
fn what_is_not_a_file_is_refused_with_what_to_do() {
    let folder = Folder::new();
    for (path, kind, expected) in [
        (folder.at("missing"), ErrorKind::MissingInput, "missing: it does not exist: correct the path"),
        (folder.0.path().to_owned(), ErrorKind::Input, "it is a folder: use InputFolder"),
        (PathBuf::from("/dev/null"), ErrorKind::Input, "/dev/null: it is neither a file nor a folder"),
    ] {
        let error = InputFile::open(&path).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_pinned_file_need_not_be_there_to_load() {
    let folder = Folder::new();
    let store = Store::create(folder.at("store")).unwrap();
    let path = folder.write("a.txt", "one");
    let text = InputFile::open(&path).unwrap();
    let pin = text.digest().to_string();
    Persistable::open(&store, Lines { text }).unwrap().generate().unwrap();
    fs::remove_file(&path).unwrap();
    let pinned = InputFile::pinned(&path, &pin).unwrap();
    assert_eq!(pinned.size_bytes(), None);
    let lines = Persistable::open(&store, Lines { text: pinned }).unwrap();
    assert_eq!(*lines.load().unwrap(), "one");
}

#[test]
fn a_file_that_is_not_the_pinned_one_is_refused() {
    let folder = Folder::new();
    let path = folder.write("a.txt", "one");
    let pin = InputFile::open(&path).unwrap().digest().to_string();
    assert!(InputFile::pinned(&path, &pin.to_uppercase()).is_ok());
    folder.write("a.txt", "three");
    let error = InputFile::pinned(&path, &pin).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(error.to_string().contains(&format!("a.txt: it is pinned to the digest {pin}, but has")), "{error}");
    let error = InputFile::pinned(&path, "abc").unwrap_err();
    assert!(error.to_string().contains("\"abc\" can't be a digest: a digest is 64 hex digits"), "{error}");
}

#[test]
fn a_relative_path_leads_to_the_same_file_whichever_folder_becomes_the_current_one() {
    let current = std::env::current_dir().unwrap();
    let (file, folder) = (InputFile::open("Cargo.toml").unwrap(), InputFolder::matching("src", "lib.rs").unwrap());
    assert_eq!((file.path(), folder.path()), (Path::new("Cargo.toml"), Path::new("src")));
    assert_eq!(file.as_ref() as &Path, current.join("Cargo.toml"));
    assert_eq!(folder.as_ref() as &Path, current.join("src"));
    assert_eq!(folder.files().unwrap(), [current.join("src/lib.rs")]);
    let error = InputFile::open("missing.csv").unwrap_err();
    let expected = format!(
        "could not open {}: it does not exist: correct the path, or create it",
        current.join("missing.csv").display()
    );
    assert_eq!((error.to_string(), error.into_source().is_err()), (expected, true));
}

#[test]
fn a_pinned_file_has_to_be_there_to_generate() {
    let folder = Folder::new();
    let path = folder.at("missing.txt");
    let pinned = InputFile::pinned(&path, &"ab".repeat(32)).unwrap();
    let error = Persistable::open(Store::memory(), Lines { text: pinned }).unwrap().payload().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingInput);
    let expected = format!("{} does not exist: correct the path, or create it", path.display());
    assert!(error.to_string().contains(&expected), "{error}");
}

#[test]
fn a_file_that_changed_since_its_step_was_opened_is_not_taken_for_what_it_was() {
    let folder = Folder::new();
    let path = folder.write("a.txt", "one");
    let lines = Persistable::open(Store::memory(), Lines { text: InputFile::open(&path).unwrap() }).unwrap();
    folder.write("a.txt", "three");
    let error = lines.payload().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Outdated);
    assert!(error.to_string().contains("a.txt has changed since the step's key was made"), "{error}");
    folder.write("a.txt", "one");
    assert_eq!(*lines.payload().unwrap(), "one");
}

#[test]
fn a_payload_is_not_reproduced_from_another_file_than_it_was_made_from() {
    let folder = Folder::new();
    let path = folder.write("a.txt", "one");
    let lines = Persistable::open(Store::memory(), Lines { text: InputFile::open(&path).unwrap() }).unwrap();
    lines.payload().unwrap();
    assert!(lines.reproduce().unwrap().is_same());
    folder.write("a.txt", "three");
    assert_eq!(lines.reproduce().unwrap_err().kind(), ErrorKind::Outdated);
}

#[test]
fn nothing_is_persisted_from_a_file_that_changes_meanwhile() {
    let folder = Folder::new();
    let store = Store::create(folder.at("store")).unwrap();
    let text = InputFile::open(folder.write("a.txt", "one")).unwrap();
    let careless = Persistable::open(&store, Careless { text }).unwrap();
    let error = careless.payload().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Outdated);
    assert!(error.to_string().contains("a.txt changed while the payload was generated from it"), "{error}");
    assert!(careless.manifest().unwrap().is_none());
    assert!(careless.payload_in_memory().is_none());
}

#[test]
fn a_folder_counts_by_its_files_and_their_paths() {
    let place = Folder::new();
    place.write("x/2024/a.csv", "1");
    place.write("x/2024/b/c.csv", "2");
    let all = folder(&place.at("x/2024"), "**/*");
    fs::rename(place.at("x"), place.at("y")).unwrap();
    assert_eq!(all, folder(&place.at("y/2024"), "**/*"));
    // Another pattern that matches the same files.
    assert_eq!(all, folder(&place.at("y/2024"), "**/*.csv"));
    assert_ne!(all, folder(&place.at("y/2024"), "*.csv"));
    fs::rename(place.at("y/2024"), place.at("y/2025")).unwrap();
    assert_ne!(all, folder(&place.at("y/2025"), "**/*"));
    fs::rename(place.at("y/2025/a.csv"), place.at("y/2025/d.csv")).unwrap();
    fs::rename(place.at("y/2025"), place.at("y/2024")).unwrap();
    assert_ne!(all, folder(&place.at("y/2024"), "**/*"));
}

#[test]
fn a_folder_without_a_name_of_its_own_has_that_of_the_present_one() {
    let present = std::env::current_dir().unwrap();
    let name = present.file_name().unwrap().to_str().unwrap();
    assert_eq!(InputFolder::matching(".", "*.toml").unwrap().name(), Some(name));
    assert_eq!(InputFolder::matching("src/..", "*.toml").unwrap().name(), Some(name));
}

#[test]
fn a_pinned_folder_need_not_be_there_and_must_be_whole_where_it_is() {
    let place = Folder::new();
    place.write("x/a.csv", "1");
    let pin = InputFolder::open(place.at("x")).unwrap().digest().to_string();
    symlink(place.at("nowhere"), place.at("x/b.csv")).unwrap();
    let error = InputFolder::pinned(place.at("x"), "**/*", &pin).unwrap_err();
    assert!(error.to_string().contains("b.csv: it does not exist"), "{error}");
    fs::remove_dir_all(place.at("x")).unwrap();
    assert_eq!(InputFolder::pinned(place.at("x"), "**/*", &pin).unwrap().digest().to_string(), pin);
}

#[test]
fn links_in_a_folder_are_followed_and_must_not_lead_in_circles() {
    let place = Folder::new();
    let target = place.write("elsewhere/c.csv", "2");
    place.write("x/a.csv", "1");
    symlink(&target, place.at("x/b.csv")).unwrap();
    symlink(place.at("elsewhere"), place.at("x/more")).unwrap();
    let found = InputFolder::open(place.at("x")).unwrap().files().unwrap();
    assert_eq!(found, ["x/a.csv", "x/b.csv", "x/more/c.csv"].map(|name| place.at(name)));

    symlink(place.at("x"), place.at("x/circle")).unwrap();
    let error = InputFolder::open(place.at("x")).unwrap_err();
    assert!(error.to_string().contains("circle: it is a link to a folder above it: remove it"), "{error}");
}

#[test]
fn what_is_not_a_folder_with_files_is_refused_with_what_to_do() {
    let place = Folder::new();
    let path = place.write("x/a.csv", "1");
    for (path, pattern, expected) in [
        (place.at("missing"), "*", "missing: it does not exist: correct the path"),
        (path, "*", "a.csv: it is not a folder: use InputFile"),
        (place.at("x"), "*.txt", "it has no file that matches \"*.txt\": correct the path or the pattern"),
        (place.at("x"), "../*", "leads out of the folder"),
    ] {
        let error = InputFolder::matching(&path, pattern).unwrap_err();
        let kind = if path.exists() { ErrorKind::Input } else { ErrorKind::MissingInput };
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn inputs_stand_wherever_params_do() {
    let place = Folder::new();
    let path = place.write("x/a.csv", "1");
    let key = || {
        let files = vec![InputFile::open(&path).unwrap()];
        let folder = Some(InputFolder::open(place.at("x")).unwrap());
        Persistable::open(Store::memory(), Nested { files, folder }).unwrap().key()
    };
    let before = key();
    assert_eq!(before, key());
    place.write("x/b.csv", "2");
    assert_ne!(before, key());
}

#[test]
fn people_see_name_and_digest() {
    let place = Folder::new();
    let input = InputFile::open(place.write("a.csv", "1")).unwrap();
    let shown = input.to_value().unwrap().for_people();
    assert_eq!(shown, serde_json::json!({"name": "a.csv", "content": input.digest().to_string()}));
    assert_eq!(input.to_string(), place.at("a.csv").display().to_string());
}

#[test]
fn the_vectors_of_the_specification_hold_for_files_on_the_disk() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors/inputs.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut checked = 0;
    for case in vectors["cases"].as_array().unwrap().iter().filter(|case| case.get("value").is_some()) {
        let place = Folder::new();
        let name = case["value"]["record"]["fields"]["name"]["text"].as_str();
        let path = place.at(name.filter(|name| !name.is_empty()).unwrap_or("unnamed"));
        let made = if let Some(content) = case["file"].as_str() {
            fs::write(&path, unhex(content)).unwrap();
            let input = InputFile::open(path).unwrap();
            bytes(&name.map_or(input.clone().without_name(), |name| input.with_name(name)))
        } else {
            for (relative, content) in case["files"].as_object().unwrap() {
                fs::create_dir_all(path.join(relative).parent().unwrap()).unwrap();
                fs::write(path.join(relative), unhex(content.as_str().unwrap())).unwrap();
            }
            let input = InputFolder::open(path).unwrap();
            bytes(&name.map_or(input.clone().without_name(), |name| input.with_name(name)))
        };
        assert_eq!(made, unhex(case["canonical"].as_str().unwrap()), "{}", case["name"]);
        checked += 1;
    }
    assert!(checked > 10);
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
