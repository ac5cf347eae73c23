//! Symbolic links in place of files, as git-annex and DVC put them.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use persistable_store::{
    CopyOptions, Draft, ErrorKind, Keys, Listed, Selection, Settings, SigningKey, Store, Trust, Verification,
};
use tempfile::TempDir;

use crate::stores::{Content, FAST, file, folder, folder_store, id, lease, load, own_entries, publish, tree, write};

/// What a tool did with an artifact.
struct Scene {
    root: TempDir,
    store: Store,
    contents: Vec<PathBuf>,
}

impl Scene {
    /// Publishes an artifact, and moves those of its files elsewhere whose names end so, with links in their places.
    fn new(content: &Content, key: Option<SigningKey>, endings: &[&str], objects: &str) -> Self {
        let (root, store) = folder_store();
        let held = lease(&store, &id("step", 1)).unwrap();
        let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
        write(&mut staging, content).unwrap();
        let mut draft = Draft::new("raw", 1);
        draft.signing_key = key;
        store.publish(&held, staging, draft).unwrap();
        let folder = root.path().join(objects);
        fs::create_dir_all(&folder).unwrap();
        let mut contents = Vec::new();
        for name in tree(root.path()) {
            let path = root.path().join(&name);
            if name.starts_with(".persistable") || name.starts_with(objects) || !path.is_file() {
                continue;
            }
            if endings.iter().any(|ending| name.ends_with(ending)) {
                let object = folder.join(format!("object{}", contents.len()));
                fs::rename(&path, &object).unwrap();
                fs::set_permissions(&object, Permissions::from_mode(0o444)).unwrap();
                symlink(&object, &path).unwrap();
                contents.push(object);
            }
        }
        assert!(!contents.is_empty());
        Self { root, store, contents }
    }

    fn find(&self, keys: &Keys) -> persistable_store::Result<PathBuf> {
        let found = self.store.find_trusted(&id("step", 1), Trust::Own, keys)?.unwrap();
        let mut payload = found.payload(&FAST)?;
        Ok(payload.path()?.to_owned())
    }

    fn quarantine(&self) -> PathBuf {
        self.root.path().join(".persistable/quarantine")
    }
}

fn contents() -> [(Content, Vec<&'static str>); 4] {
    [
        (file("the payload"), vec![".bin"]),
        (file("the payload"), vec![".bin", ".manifest.json"]),
        (folder(&[("a", "the payload"), ("sub/b", "in two files")]), vec!["/a", "/b"]),
        (folder(&[("a", "the payload"), ("sub/b", "in two files")]), vec!["/a", "/b", ".manifest.json"]),
    ]
}

#[test]
fn a_link_is_read_as_what_it_leads_to() {
    for (content, endings) in contents() {
        let scene = Scene::new(&content, None, &endings, "objects");
        for verification in [Verification::Always, Verification::OncePerFile, Verification::Never] {
            let settings = Settings { verification, ..FAST };
            assert_eq!(load(&scene.store, &id("step", 1), &settings).unwrap(), Some(content.clone()));
        }
        assert!(!scene.quarantine().exists());
    }
}

#[test]
fn what_may_run_code_is_read_through_a_link_only_where_what_it_leads_to_is_trusted() {
    for (content, endings) in contents() {
        let scene = Scene::new(&content, None, &endings, "objects");
        let read_at = scene.find(&Keys::none()).unwrap();
        assert!(!read_at.starts_with(scene.root.path()), "what is behind a link may be exchanged: a copy is read");
        for object in &scene.contents {
            fs::set_permissions(object, Permissions::from_mode(0o664)).unwrap();
            assert_eq!(scene.find(&Keys::none()).unwrap_err().kind(), ErrorKind::Untrusted);
            fs::set_permissions(object, Permissions::from_mode(0o444)).unwrap();
        }
        let key = SigningKey::from_secret("known to few");
        let scene = Scene::new(&content, Some(key.clone()), &endings, "objects");
        for object in &scene.contents {
            fs::set_permissions(object, Permissions::from_mode(0o666)).unwrap();
        }
        assert_eq!(scene.find(&Keys::none()).unwrap_err().kind(), ErrorKind::Untrusted);
        scene.find(&Keys::signing(key)).unwrap();
    }
}

#[test]
fn content_that_was_not_fetched_is_an_error_of_its_own_which_names_the_tool() {
    let tools = [
        (".git/annex/objects/aa", "git annex get 'step("),
        (".dvc/cache/files/md5/ab", "dvc pull"),
        ("cache/files/md5/ab", "dvc pull"),
        ("elsewhere", "`git annex get` or `dvc pull`"),
    ];
    for (objects, advice) in tools {
        for (content, endings) in contents() {
            let scene = Scene::new(&content, None, &endings, objects);
            let kept: Vec<_> = scene.contents.iter().map(|object| fs::read(object).unwrap()).collect();
            for object in &scene.contents {
                fs::remove_file(object).unwrap();
            }
            let error = load(&scene.store, &id("step", 1), &FAST).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFetched, "{error}");
            let is_in_a_folder = endings == ["/a", "/b"];
            let advised = error.advice().unwrap();
            assert!(is_in_a_folder || advised.contains(advice), "{error}");
            assert!(error.to_string().contains("was not fetched") && advised.contains("generate()"), "{error}");
            assert_eq!(scene.find(&Keys::none()).unwrap_err().kind(), ErrorKind::NotFetched);
            for (object, content) in scene.contents.iter().zip(kept) {
                fs::write(object, content).unwrap();
            }
            assert_eq!(load(&scene.store, &id("step", 1), &FAST).unwrap(), Some(content));
            assert!(!scene.quarantine().exists());
        }
    }
}

#[test]
fn content_that_a_tool_manages_and_that_is_wrong_is_not_put_aside_either() {
    for (objects, is_managed) in [(".git/annex/objects/aa", true), ("elsewhere", false)] {
        let scene = Scene::new(&file("the payload"), None, &[".bin"], objects);
        fs::set_permissions(&scene.contents[0], Permissions::from_mode(0o644)).unwrap();
        fs::write(&scene.contents[0], "the pavload").unwrap();
        let kind = load(&scene.store, &id("step", 1), &FAST).unwrap_err().kind();
        assert_eq!(kind, if is_managed { ErrorKind::NotFetched } else { ErrorKind::Damaged });
    }
}

#[test]
fn a_manifest_that_a_tool_manages_and_that_is_wrong_is_not_put_aside_either() {
    for (objects, is_managed) in [(".git/annex/objects/aa", true), ("elsewhere", false)] {
        let scene = Scene::new(&file("the payload"), None, &[".manifest.json"], objects);
        fs::set_permissions(&scene.contents[0], Permissions::from_mode(0o644)).unwrap();
        fs::write(&scene.contents[0], "no manifest").unwrap();
        let kind = if is_managed { ErrorKind::NotFetched } else { ErrorKind::Damaged };
        assert_eq!(load(&scene.store, &id("step", 1), &FAST).unwrap_err().kind(), kind);
        let Some(Ok(Listed::Unusable { error, .. })) = scene.store.artifacts().next() else {
            panic!("it is not whole")
        };
        assert_eq!(error.kind(), kind);
        let before = tree(scene.root.path());
        let put_aside = scene.store.quarantine(&lease(&scene.store, &id("step", 1)).unwrap(), "it is wrong");
        assert_eq!(put_aside.err().map(|error| error.kind()), is_managed.then_some(kind));
        let is_there = |name: &String| tree(scene.root.path()).contains(name);
        assert_eq!(before.iter().filter(|name| name.ends_with(".manifest.json")).all(is_there), is_managed);
        publish(&scene.store, &id("step", 1), &file("generated anew"));
        assert_eq!(load(&scene.store, &id("step", 1), &FAST).unwrap(), Some(file("generated anew")));
        assert_eq!(scene.quarantine().exists(), !is_managed);
        assert_eq!(fs::read(&scene.contents[0]).unwrap(), b"no manifest");
    }
}

#[test]
fn a_payload_that_a_tool_manages_stays_when_the_manifest_is_put_aside() {
    let scene = Scene::new(&file("the payload"), None, &[".bin"], ".git/annex/objects/aa");
    let path = scene.root.path().join(format!("{}.manifest.json", id("step", 1)));
    fs::remove_file(&path).unwrap();
    fs::write(&path, "no manifest").unwrap();
    scene.store.quarantine(&lease(&scene.store, &id("step", 1)).unwrap(), "it is wrong").unwrap();
    assert!(scene.quarantine().exists() && !path.exists() && links_below(scene.root.path()));
    publish(&scene.store, &id("step", 1), &file("generated anew"));
    assert_eq!(load(&scene.store, &id("step", 1), &FAST).unwrap(), Some(file("generated anew")));
    assert!(!links_below(scene.root.path()) && scene.contents[0].exists());
}

#[test]
fn generating_anew_replaces_the_links_and_leaves_what_they_lead_to() {
    for is_fetched in [true, false] {
        for (content, endings) in contents() {
            let scene = Scene::new(&content, None, &endings, "objects");
            let object = |object: &PathBuf| fs::read(object).ok();
            if !is_fetched {
                scene.contents.iter().for_each(|object| fs::remove_file(object).unwrap());
            }
            let before: Vec<_> = scene.contents.iter().map(object).collect();
            let new = file("generated anew");
            publish(&scene.store, &id("step", 1), &new);
            assert_eq!(load(&scene.store, &id("step", 1), &FAST).unwrap(), Some(new));
            assert_eq!(scene.contents.iter().map(object).collect::<Vec<_>>(), before);
            assert!(!links_below(scene.root.path()), "{:?}", tree(scene.root.path()));
        }
    }
}

fn links_below(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).any(|entry| {
        let kind = entry.file_type().unwrap();
        kind.is_symlink() && !entry.path().to_string_lossy().ends_with(".params.json")
            || kind.is_dir() && links_below(&entry.path())
    })
}

#[test]
fn a_pointer_in_place_of_a_file_is_content_that_was_not_fetched() {
    let pointers = [
        ("/annex/objects/SHA256E-s11--ab.bin\n", "git annex get"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 11\n", "git lfs pull"),
    ];
    for (pointer, command) in pointers {
        for ending in [".bin", ".manifest.json"] {
            let (root, store) = folder_store();
            publish(&store, &id("step", 1), &file("the payload"));
            let path = root.path().join(format!("{}{ending}", id("step", 1)));
            fs::remove_file(&path).unwrap();
            fs::write(&path, pointer).unwrap();
            let error = load(&store, &id("step", 1), &FAST).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFetched, "{error}");
            assert!(error.advice().unwrap().contains(command), "{error}");
            publish(&store, &id("step", 1), &file("generated anew"));
            assert_eq!(load(&store, &id("step", 1), &FAST).unwrap(), Some(file("generated anew")));
        }
    }
}

#[test]
fn copying_leaves_a_pointer_in_place_of_a_file() {
    let (_source, from) = folder_store();
    let (root, to) = folder_store();
    for store in [&from, &to] {
        publish(store, &id("step", 1), &file("the payload"));
    }
    let path = root.path().join(format!("{}.bin", id("step", 1)));
    let pointer = "/annex/objects/SHA256E-s11--ab.bin\n";
    fs::remove_file(&path).unwrap();
    fs::write(&path, pointer).unwrap();
    let report = to.pull(&from, Selection::All, &CopyOptions::new()).unwrap();
    assert_eq!((report.copied.len(), report.skipped.len()), (0, 1));
    let error = to.pull(&from, Selection::All, &CopyOptions::new().repair(true)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFetched);
    assert_eq!(fs::read_to_string(&path).unwrap(), pointer);
    assert!(fs::exists(root.path().join(format!("{}.manifest.json", id("step", 1)))).unwrap());
}

#[test]
fn removing_an_artifact_removes_nothing_that_a_link_leads_to() {
    let (_other, elsewhere) = folder_store();
    let (root, store) = folder_store();
    for store in [&elsewhere, &store] {
        publish(store, &id("step", 1), &file("payload"));
    }
    let outside = elsewhere.path().unwrap().join(".persistable/verified");
    fs::create_dir_all(&outside).unwrap();
    // The name that this machine gives to its memory of the artifact.
    std::thread::sleep(std::time::Duration::from_millis(100));
    let once = Settings { verification: Verification::OncePerFile, ..FAST };
    load(&elsewhere, &id("step", 1), &once).unwrap();
    let before = own_entries(elsewhere.path().unwrap(), "verified");
    assert_eq!(before.len(), 1);
    let verified = root.path().join(".persistable/verified");
    let _ = fs::remove_dir_all(&verified);
    symlink(&outside, &verified).unwrap();
    assert!(store.remove(&lease(&store, &id("step", 1)).unwrap()).unwrap());
    assert_eq!(own_entries(elsewhere.path().unwrap(), "verified"), before);
}
