//! A catalogue that stays open is told what changes. Its index says what an index says that was just built.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use persistable_catalogue::{Catalogue, Query, State};
use persistable_store::Wait;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_oneof, proptest};

use crate::lab::{Lab, Made, fields};

/// Returns what can be seen of each artifact.
fn seen(catalogue: &mut Catalogue) -> Vec<String> {
    let columns = ["n", "seed", ".persisted", ".io", ".note"].map(str::to_owned);
    let table = catalogue.table(&Query::new().columns(columns)).unwrap();
    let mut seen: Vec<String> = table
        .rows
        .iter()
        .map(|row| match row.state {
            State::Whole => format!("{} {:?} {} {:?}", row.stem(), row.size_bytes, row.pinned, row.values),
            // An index may know from earlier what a manifest said that can't be read any more.
            state => format!("{} {state:?} {}", row.stem(), row.pinned),
        })
        .collect();
    seen.sort();
    seen
}

/// A store, and a catalogue of it that surveyed twice. From then on it watches.
struct Open {
    lab: Lab,
    catalogue: Catalogue,
    /// Another store, from which files are copied.
    other: Lab,
}

impl Open {
    fn new() -> Self {
        let lab = Lab::new();
        let mut catalogue = lab.catalogue();
        lab.points(1000, 1000);
        catalogue.refresh().unwrap();
        Self { lab, catalogue, other: Lab::new() }
    }

    fn check(&mut self, what: &str) {
        self.catalogue.refresh().unwrap();
        assert_eq!(seen(&mut self.catalogue), seen(&mut Catalogue::in_memory(&self.lab.store).unwrap()), "{what}");
    }

    fn manifest(&self, made: &Made) -> PathBuf {
        self.lab.path().join(format!("{}.manifest.json", made.stem()))
    }

    fn act(&mut self, act: Act, n: i64) {
        let id = fields(&[("n", &n), ("seed", &1_i64)]);
        let made = |lab: &Lab, size| lab.make("points", id.clone(), &[], size);
        let path = || {
            let key =
                persistable_key::Identity { payload_name: "points", version: None, params: &id, dependencies: &[] };
            self.lab.path().join(format!("points({}).manifest.json", &key.key().unwrap().to_string()[..32]))
        };
        match act {
            Act::Persist(size) => drop(made(&self.lab, usize::from(size))),
            Act::Remove => {
                let made = made(&self.lab, 1);
                let lease = self.lab.store.lease(&made.id(), Wait::Forever, &mut |_| {}).unwrap();
                self.lab.store.remove(&lease).unwrap();
            }
            Act::Delete => drop(fs::remove_file(path())),
            Act::MoveAway => drop(fs::rename(path(), self.other.path().join("aside"))),
            Act::MoveBack => drop(fs::rename(self.other.path().join("aside"), path())),
            Act::Overwrite => {
                if let Ok(text) = fs::read(path()) {
                    // By its mode nobody may write to it, but root may, and a copy.
                    let _ = fs::remove_file(path());
                    fs::write(path(), &text).unwrap();
                    let mut file = fs::OpenOptions::new().write(true).open(path()).unwrap();
                    file.write_all(b"damaged").unwrap();
                }
            }
            Act::WriteInPlace(is_whole) => {
                // A copy that does not replace the file, but writes to it.
                let stem = made(&self.other, 7).stem();
                let text = fs::read(self.other.path().join(format!("{stem}.manifest.json"))).unwrap();
                if fs::metadata(path()).is_ok() {
                    fs::set_permissions(path(), fs::Permissions::from_mode(0o644)).unwrap();
                    fs::write(path(), if is_whole { &text[..] } else { b"damaged" }).unwrap();
                }
            }
            Act::Copy(is_dated) => {
                made(&self.other, 7);
                for entry in fs::read_dir(self.other.path()).unwrap().map(Result::unwrap) {
                    let (name, is_file) = (entry.file_name(), entry.file_type().unwrap().is_file());
                    if is_file && name != "aside" {
                        let target = self.lab.path().join(name);
                        let _ = fs::remove_file(&target);
                        fs::copy(entry.path(), &target).unwrap();
                        if is_dated {
                            let time = entry.metadata().unwrap().modified().unwrap() - Duration::from_secs(9999);
                            fs::File::open(&target).unwrap().set_modified(time).unwrap();
                        }
                    }
                }
            }
            Act::Pin(is_pinned) => {
                let made = made(&self.lab, 1);
                let lease = self.lab.store.lease(&made.id(), Wait::Forever, &mut |_| {}).unwrap();
                let pinned = is_pinned.then(|| "kept".to_owned());
                self.lab.store.label(&lease, |labels| labels.pinned = pinned).unwrap();
            }
            Act::OtherProcess => drop(self.lab.catalogue()),
            Act::Refresh => self.check("in between"),
            Act::RemoveIndex => {
                let _ = fs::remove_file(self.catalogue.index_file().unwrap());
            }
        }
    }
}

/// What may happen to a store, or to its index.
#[derive(Clone, Copy, Debug)]
enum Act {
    Persist(u8),
    Remove,
    /// Only the manifest is deleted.
    Delete,
    MoveAway,
    MoveBack,
    /// Another file takes the place of the manifest, and is written to.
    Overwrite,
    /// The manifest is written to, with the text of another one or with what is damaged.
    WriteInPlace(bool),
    /// Files are copied, with a time of their own or without.
    Copy(bool),
    Pin(bool),
    /// Another process opens the catalogue.
    OtherProcess,
    Refresh,
    RemoveIndex,
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => any::<u8>().prop_map(Act::Persist),
        2 => proptest::strategy::Just(Act::Remove),
        1 => proptest::strategy::Just(Act::Delete),
        1 => proptest::strategy::Just(Act::MoveAway),
        1 => proptest::strategy::Just(Act::MoveBack),
        1 => proptest::strategy::Just(Act::Overwrite),
        1 => any::<bool>().prop_map(Act::WriteInPlace),
        1 => any::<bool>().prop_map(Act::Copy),
        2 => any::<bool>().prop_map(Act::Pin),
        1 => proptest::strategy::Just(Act::OtherProcess),
        3 => proptest::strategy::Just(Act::Refresh),
        1 => proptest::strategy::Just(Act::RemoveIndex),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_to_the_store_the_open_catalogue_says_what_a_new_one_says(
        acts in proptest::collection::vec((acts(), 0_i64..4), 1..16)
    ) {
        let mut open = Open::new();
        for (act, n) in &acts {
            open.act(*act, *n);
        }
        open.check("at the end");
        let said = seen(&mut open.lab.catalogue());
        assert_eq!(said, seen(&mut open.catalogue), "the next process");
    }
}

#[test]
fn a_manifest_that_is_written_to_in_its_place_is_seen() {
    let mut open = Open::new();
    if open.lab.store.watch().is_none() {
        return; // The system can't tell that here, and the folder's times do not show it.
    }
    let made = open.lab.points(1, 1);
    // From now on the next change would show in the folder's times.
    thread::sleep(Duration::from_millis(120));
    open.check("before");
    fs::OpenOptions::new().write(true).open(open.manifest(&made)).unwrap().write_all(b"damaged").unwrap();
    open.check("after");
    let table = open.catalogue.table(&Query::new().step("points")).unwrap();
    assert!(table.rows.iter().any(|row| row.stem() == made.stem() && row.state == State::Damaged));
}

#[test]
fn more_changes_than_the_system_keeps_in_mind_are_seen() {
    let mut open = Open::new();
    open.lab.points(1, 1);
    let kept =
        fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").ok().and_then(|text| text.trim().parse().ok());
    for number in 0..kept.unwrap_or(0).min(20_000) / 2 + 10 {
        let path = open.lab.path().join(format!("other {number}"));
        fs::write(&path, "").unwrap();
        fs::remove_file(&path).unwrap();
    }
    open.lab.points(2, 1);
    open.check("after more changes");
    open.lab.points(3, 1);
    open.check("after the watch began anew");
}

#[test]
fn another_folder_at_the_path_is_seen() {
    let mut open = Open::new();
    open.other.points(5, 5);
    let (path, aside) = (open.lab.path().to_owned(), open.other.path().with_extension("aside"));
    fs::rename(&path, &aside).unwrap();
    fs::rename(open.other.path(), &path).unwrap();
    open.check("the other folder");
    open.lab.points(6, 6);
    open.check("what was added to it");
    fs::remove_dir_all(aside).unwrap();
}

#[test]
fn what_others_add_and_remove_meanwhile_is_seen() {
    let mut open = Open::new();
    let has_ended = AtomicBool::new(false);
    let lab = &open.lab;
    let catalogue = &mut open.catalogue;
    thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|seed| {
                scope.spawn(move || {
                    for n in 0..60 {
                        let made = lab.points(n, seed);
                        if n % 3 == 0 {
                            let lease = lab.store.lease(&made.id(), Wait::Forever, &mut |_| {}).unwrap();
                            lab.store.remove(&lease).unwrap();
                        }
                    }
                })
            })
            .collect();
        let has_ended = &has_ended;
        scope.spawn(move || {
            while !has_ended.load(Ordering::Relaxed) {
                lab.catalogue();
            }
        });
        while writers.iter().any(|writer| !writer.is_finished()) {
            catalogue.refresh().unwrap();
        }
        has_ended.store(true, Ordering::Relaxed);
    });
    open.check("at the end");
    assert_eq!(open.catalogue.table(&Query::new()).unwrap().selected, 81);
}
