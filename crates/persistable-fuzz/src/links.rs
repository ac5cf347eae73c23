//! Links, pipes and the like at each place of a store. An input is a list of pairs: what lies where.

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use persistable_store::{Artifact, Digest, Draft, Keys, Lease, Result, SigningKey, Store, StoredPayload, Trust, Wait};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;

use crate::place::{QUICK, all_below, id, new_folder};

/// With `*` for the stem, and `@` for what tells machines apart.
const PLACES: [&str; 18] = [
    "*.manifest.json",
    "*.params.json",
    "*.bin",
    "*.d",
    "*.d/part",
    "*.d/inner",
    "*.d/inner/deep",
    "*.d/more",
    "*~2.bin",
    ".persistable",
    ".persistable/lock",
    ".persistable/staging",
    ".persistable/staging/*~0",
    ".persistable/staging/*~0.params",
    ".persistable/quarantine",
    ".persistable/quarantine/*~0",
    ".persistable/verified",
    ".persistable/verified/*~@",
];
/// How many kinds of things [`Stage::put`] knows.
const THINGS: u8 = 9;
const MOST_CHANGES: usize = 8;

/// Each thing at each place, before each thing that is done to a file or a folder.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let changes = (0..THINGS).flat_map(|thing| (0..PLACES.len() as u8).map(move |place| [place, thing]));
    changes.flat_map(|[place, thing]| [2, 4, 8, 3, 5, 9].map(|mode| vec![mode, place, thing])).collect()
}

thread_local! {
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
}

/// A place for a data folder, beside a folder that looks like one and is to stay as it is.
struct Stage {
    root: TempDir,
    outside: Vec<(String, Option<Vec<u8>>)>,
    machine: String,
}

/// Nothing beside the data folder is read, made, changed or removed, and nothing waits for a pipe.
pub(crate) fn run(input: &[u8]) {
    STAGE.with_borrow_mut(|stage| stage.get_or_insert_with(Stage::new).play(input));
}

impl Stage {
    fn new() -> Self {
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let machine = Digest::of(host.trim_end().as_bytes()).to_string()[..16].to_owned();
        let mut stage = Self { root: new_folder(), outside: Vec::new(), machine };
        let outside = stage.outside();
        // Whatever a link leads to is what would be looked for there.
        drop(published(&outside, true));
        let file = outside.join(format!("{}.bin", id().stem()));
        fs::write(file, b"hello").expect("written");
        for place in PLACES.iter().rev() {
            let path = outside.join(stage.name(place));
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            if !path.exists() {
                fs::write(&path, b"hello").expect("written");
            }
        }
        stage.outside = all_below(&outside);
        stage
    }

    fn outside(&self) -> PathBuf {
        self.root.path().join("outside")
    }

    fn name(&self, place: &str) -> String {
        place.replace('*', id().stem()).replace('@', &self.machine)
    }

    fn play(&self, input: &[u8]) {
        let data = self.root.path().join("data");
        let _ = fs::remove_dir_all(&data);
        let mode = input.first().copied().unwrap_or_default();
        let is_folder = mode & 1 == 1;
        let store = published(&data, is_folder);
        for change in input.get(1..).unwrap_or_default().chunks_exact(2).take(MOST_CHANGES) {
            let place = self.name(PLACES[usize::from(change[0]) % PLACES.len()]);
            // A parent may be a link by now, and then this is no business of the store.
            if is_inside(&data, Path::new(&place)) {
                let _ = self.put(change[1], &data, &place);
            }
        }
        look(&store, &data);
        let lease = store.lease(&id(), Wait::NOT_AT_ALL, &mut |_| {});
        if let Ok(lease) = lease {
            for (bit, act) in [(2, quarantine as fn(&Store, &Lease)), (4, publish_anew), (8, remove)] {
                if mode & bit != 0 {
                    act(&store, &lease);
                    look(&store, &data);
                }
            }
        }
        assert!(all_below(&self.outside()) == self.outside, "something beside the data folder changed");
        assert_eq!(fs::read_dir(self.root.path()).expect("listed").count(), 2, "something came out of the data folder");
    }

    /// Puts something at a place.
    fn put(&self, what: u8, data: &Path, place: &str) -> std::io::Result<()> {
        let path = data.join(place);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(&path)?,
            Ok(_) => fs::remove_file(&path)?,
            Err(_) => fs::create_dir_all(path.parent().unwrap_or(data))?,
        }
        match what % THINGS {
            0 => symlink(self.outside().join(place), &path),
            1 => symlink(self.outside(), &path),
            2 => symlink(self.outside().join("new"), &path),
            3 => symlink(&path, &path),
            4 => symlink("..", &path),
            5 => Ok(mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0)?),
            6 => fs::create_dir(&path),
            7 => fs::write(&path, b"hello"),
            _ => symlink("/dev/zero", &path),
        }
    }
}

/// Whether what is above a place in the data folder are folders, and nothing is there that leads elsewhere.
fn is_inside(data: &Path, place: &Path) -> bool {
    let above = place.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
    above.map(|above| fs::symlink_metadata(data.join(above))).all(|found| found.map_or(true, |found| found.is_dir()))
}

fn published(data: &Path, is_folder: bool) -> Store {
    let store = Store::create(data).expect("a store");
    let lease = store.lease(&id(), Wait::NOT_AT_ALL, &mut |_| {}).expect("nobody else has it");
    publish(&store, &lease, is_folder).expect("published");
    drop(lease);
    store
}

fn publish(store: &Store, lease: &Lease, is_folder: bool) -> Result<()> {
    let mut staging = store.stage(lease, if is_folder { ".d" } else { ".bin" }, &QUICK)?;
    if is_folder {
        let path = staging.path()?;
        fs::create_dir_all(path.join("inner")).expect("made");
        fs::write(path.join("part"), b"hello").expect("written");
        fs::write(path.join("inner/deep"), b"hello").expect("written");
    } else {
        staging.writer()?.write_all(b"hello").expect("written");
    }
    store.publish(lease, staging, Draft::new("raw", 1)).map(drop)
}

fn publish_anew(store: &Store, lease: &Lease) {
    if publish(store, lease, false).is_ok() {
        let found = store.find(&id()).expect("looked up").expect("just published");
        assert_eq!(found.payload(&QUICK).expect("opened").bytes().expect("read").as_ref(), b"hello");
    }
}

fn quarantine(store: &Store, lease: &Lease) {
    let _ = store.quarantine(lease, "a test");
}

fn remove(store: &Store, lease: &Lease) {
    let _ = store.remove(lease);
}

fn look(store: &Store, data: &Path) {
    let key = Keys::signing(SigningKey::from_secret("secret"));
    for found in [store.find(&id()), store.find_trusted(&id(), Trust::Own, &key)] {
        if let Ok(Some(artifact)) = found {
            let manifest = data.join(format!("{}.manifest.json", id().stem()));
            assert!(is_file(&manifest), "the manifest was read from elsewhere");
            read(&artifact, data);
        }
    }
}

type Reading = fn(&mut StoredPayload) -> Result<Vec<u8>>;

fn read(artifact: &Artifact, data: &Path) {
    let Ok(mut payload) = artifact.payload(&QUICK) else { return };
    let path = data.join(&payload.record().file);
    let kinds: [Reading; 3] = [
        |payload| Ok(payload.bytes()?.to_vec()),
        |payload| Ok(payload.map()?.to_vec()),
        |payload| Ok(payload.map_private()?.to_vec()),
    ];
    for bytes in kinds.into_iter().filter_map(|read| read(&mut payload).ok()) {
        assert_eq!(bytes, b"hello");
        assert!(is_file(&path), "the payload was read from elsewhere");
    }
    if let Ok(handed_out) = payload.path() {
        assert_eq!(handed_out, path);
        if fs::symlink_metadata(&path).expect("looked at").is_dir() {
            let files: Vec<_> = all_below(&path).into_iter().filter(|(name, _)| !name.ends_with('/')).collect();
            let committed = ["inner/deep", "part"].map(|name| (name.to_owned(), Some(b"hello".to_vec())));
            assert_eq!(files, committed, "what was handed out leads elsewhere");
        } else {
            assert!(is_file(&path), "what was handed out leads elsewhere");
        }
    }
    let _ = artifact.may_have_changed();
}

fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
}
