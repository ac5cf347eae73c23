//! The index is right whatever happens to the store, to its file, and in other processes.

use std::fs;

use persistable_catalogue::{Answer, Catalogue, Query, RemovalRules, State, StatusOptions};
use persistable_store::{Store, Wait};

use crate::lab::Lab;

fn names(catalogue: &mut Catalogue) -> Vec<String> {
    let mut stems: Vec<String> = catalogue.table(&Query::new()).unwrap().rows.iter().map(|row| row.stem()).collect();
    stems.sort();
    stems
}

#[test]
fn additions_replacements_and_removals_are_seen() {
    let lab = Lab::new();
    let mut catalogue = lab.catalogue();
    assert!(names(&mut catalogue).is_empty());
    let one = lab.points(1, 1);
    let two = lab.points(2, 1);
    assert_eq!(catalogue.refresh().unwrap().read, 2);
    assert_eq!(names(&mut catalogue).len(), 2);
    lab.make("points", crate::lab::fields(&[("n", &1_i64), ("seed", &1_i64)]), &[], 77);
    catalogue.refresh().unwrap();
    let filter = Query::new().filter(".size == 77".parse().unwrap());
    assert_eq!(catalogue.table(&filter).unwrap().rows[0].stem(), one.stem());
    let lease = lab.store.lease(&two.id(), Wait::Forever, &mut |_| {}).unwrap();
    assert!(lab.store.remove(&lease).unwrap());
    assert_eq!(catalogue.refresh().unwrap().removed, 1);
    assert_eq!(names(&mut catalogue), [one.stem()]);
    drop(lease);
    lab.points(2, 1);
    catalogue.refresh().unwrap();
    assert_eq!(names(&mut catalogue).len(), 2);
}

#[test]
fn a_folder_that_did_not_change_is_not_read_again() {
    let lab = Lab::new();
    lab.points(1, 1);
    let mut catalogue = lab.catalogue();
    settle();
    catalogue.refresh().unwrap();
    assert_eq!(catalogue.refresh().unwrap().read, 0);
    assert_eq!(lab.catalogue().refresh().unwrap().read, 0);
}

#[test]
fn files_copied_into_the_folder_are_seen() {
    let lab = Lab::new();
    let other = Lab::new();
    let made = other.points(5, 5);
    let mut catalogue = lab.catalogue();
    for entry in fs::read_dir(other.path()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), lab.path().join(entry.file_name())).unwrap();
        }
    }
    catalogue.refresh().unwrap();
    assert_eq!(names(&mut catalogue), [made.stem()]);
}

#[test]
fn another_folder_at_the_same_path_is_another_store() {
    let lab = Lab::new();
    lab.points(1, 1);
    assert_eq!(names(&mut lab.catalogue()).len(), 1);
    for entry in fs::read_dir(lab.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }
    assert!(names(&mut lab.catalogue()).is_empty());
}

#[test]
fn a_damaged_index_is_built_anew() {
    let lab = Lab::new();
    for n in 0..200 {
        lab.points(n, 1);
    }
    let file = lab.catalogue().index_file().unwrap().to_owned();
    let expected = names(&mut lab.catalogue());
    let whole = fs::read(&file).unwrap();
    let mut damages: Vec<Vec<u8>> = vec![Vec::new(), b"not a database".to_vec(), whole[..whole.len() / 2].to_vec()];
    for page in 0..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..(page + 1) * 4096].fill(0x5a);
        damages.push(bytes);
    }
    for (number, damage) in damages.into_iter().enumerate() {
        fs::write(&file, damage).unwrap();
        let _ = fs::remove_file(format!("{}-wal", file.display()));
        let _ = fs::remove_file(format!("{}-shm", file.display()));
        let mut catalogue = Catalogue::open(&lab.store, lab.cache.path()).unwrap_or_else(|e| panic!("{number}: {e}"));
        assert_eq!(names(&mut catalogue), expected, "{number}");
    }
}

#[test]
fn an_index_in_memory_says_the_same() {
    let lab = Lab::new();
    lab.estimator(1.0, &lab.points(1, 1));
    assert_eq!(names(&mut Catalogue::in_memory(&lab.store).unwrap()), names(&mut lab.catalogue()));
    assert!(names(&mut Catalogue::in_memory(&Store::memory()).unwrap()).is_empty());
}

#[test]
fn manifests_that_cannot_be_used_are_listed_as_what_they_are() {
    let lab = Lab::new();
    let made = lab.points(1, 1);
    let path = lab.path().join(format!("{}.manifest.json", made.stem()));
    let text = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    fs::write(&path, text.replace("\"n\"", "\"m\"")).unwrap();
    let table = lab.catalogue().table(&Query::new()).unwrap();
    assert_eq!(table.rows[0].state, State::Damaged);
    assert!(table.rows[0].problem.as_ref().unwrap().contains("damaged"));
    fs::remove_file(&path).unwrap();
    fs::write(&path, text).unwrap();
    let table = lab.catalogue().table(&Query::new()).unwrap();
    assert_eq!(table.rows[0].state, State::Whole);
}

#[test]
fn many_processes_at_once_agree() {
    let lab = Lab::new();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let lab = &lab;
            scope.spawn(move || {
                for n in 0..25 {
                    lab.points(n, writer);
                    // Each opening is like one of another process.
                    lab.catalogue();
                }
            });
        }
    });
    let mut catalogue = lab.catalogue();
    assert_eq!(names(&mut catalogue).len(), 100);
    assert_eq!(catalogue.table(&Query::new().filter("seed == 3".parse().unwrap())).unwrap().selected, 25);
}

/// Waits until every later change shows in the times of the store's folder and of its files.
fn settle() {
    std::thread::sleep(std::time::Duration::from_millis(120));
}

/// Puts text into a file that is there, as `cp` does. The folder has the same names as before, and the same times.
fn write_in_place(path: &std::path::Path, text: &[u8]) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn files_that_were_copied_over_others_are_seen_by_the_next_process() {
    let lab = Lab::new();
    let made = lab.points(1, 1);
    let lease = lab.store.lease(&made.id(), Wait::Forever, &mut |_| {}).unwrap();
    lab.store.label(&lease, |labels| labels.note = Some("before".to_owned())).unwrap();
    drop(lease);
    let [manifest, labels] =
        ["manifest.json", "tags.json"].map(|end| lab.path().join(format!("{}.{end}", made.stem())));
    let (whole, before) = (fs::read(&manifest).unwrap(), fs::read_to_string(&labels).unwrap());
    let seen = || {
        settle();
        let mut catalogue = lab.catalogue();
        let table = catalogue.table(&Query::new().columns([".note".to_owned()])).unwrap();
        (table.rows[0].state, table.rows[0].values[0].to_string())
    };
    let said = |state, note: &str| (state, note.to_owned());
    assert_eq!(seen(), said(State::Whole, "before"));
    write_in_place(&labels, before.replace("before", "afterwards").as_bytes());
    assert_eq!(seen(), said(State::Whole, "afterwards"));
    write_in_place(&manifest, b"damaged");
    assert_eq!(seen().0, State::Damaged);
    write_in_place(&manifest, &whole);
    assert_eq!(seen(), said(State::Whole, "afterwards"));
}

#[test]
fn files_that_were_copied_over_others_in_a_large_store_are_seen_by_what_acts_on_them() {
    let lab = Lab::new();
    let made = lab.points(0, 0);
    let manifest = lab.path().join(format!("{}.manifest.json", made.stem()));
    let whole = fs::read(&manifest).unwrap();
    for number in 0..5000 {
        fs::write(lab.path().join(format!("points({number:032}).manifest.json")), "{}").unwrap();
    }
    let seen = |act: &dyn Fn(&mut Catalogue)| {
        settle();
        let mut catalogue = lab.catalogue();
        act(&mut catalogue);
        let table = catalogue.table(&Query::new().filter("n == 0".parse().unwrap())).unwrap();
        table.rows[0].state
    };
    assert_eq!(seen(&|_| ()), State::Whole);
    let of_the_step = Query::new().filter("n == 0".parse().unwrap());
    for act in [
        &|catalogue: &mut Catalogue| drop(catalogue.status(&of_the_step, &StatusOptions::new()).unwrap()),
        &|catalogue: &mut Catalogue| drop(catalogue.plan_removal(&of_the_step, &RemovalRules::new()).unwrap()),
        &|catalogue: &mut Catalogue| assert!(catalogue.refresh().unwrap().read > 0),
    ] as [&dyn Fn(&mut Catalogue); 3]
    {
        write_in_place(&manifest, b"damaged");
        assert_eq!(seen(act), State::Damaged);
        write_in_place(&manifest, &whole);
        assert_eq!(seen(act), State::Whole);
    }
}

#[test]
fn a_survey_of_many_files_sees_each_of_them() {
    let lab = Lab::new();
    let made = lab.points(0, 0);
    let manifest = fs::read(lab.path().join(format!("{}.manifest.json", made.stem()))).unwrap();
    // Several threads look at so many. These manifests are not those of their names, so they are damaged.
    let others = 3000;
    for number in 0..others {
        fs::write(lab.path().join(format!("points({number:032}).manifest.json")), &manifest).unwrap();
    }
    settle();
    let mut catalogue = lab.catalogue();
    assert_eq!(names(&mut catalogue).len(), others + 1);
    assert_eq!(lab.catalogue().refresh().unwrap().read, 0);
    for number in (0..others).step_by(7) {
        fs::remove_file(lab.path().join(format!("points({number:032}).manifest.json"))).unwrap();
    }
    assert_eq!(catalogue.refresh().unwrap().removed, others.div_ceil(7));
}

#[test]
fn what_was_generated_and_removed_between_two_looks_is_known() {
    let lab = Lab::new();
    let mut open = lab.catalogue();
    lab.points(0, 0);
    // From its second look on, it is told of changes.
    open.refresh().unwrap();
    let remove = |n| {
        let made = lab.points(n, 1);
        let lease = lab.store.lease(&made.id(), Wait::Forever, &mut |_| {}).unwrap();
        assert!(lab.store.remove_because(&lease, "it is too large").unwrap());
    };
    let is_known = |catalogue: &mut Catalogue, n: i64| {
        let why = catalogue.why_params("points", &format!("n == {n}").parse().unwrap()).unwrap();
        why.answers.iter().any(|answer| matches!(answer, Answer::Removed { .. }))
    };
    for n in 1..4 {
        remove(n);
        assert!(is_known(&mut lab.catalogue(), n), "the next process, {n}");
        open.refresh().unwrap();
        assert!(is_known(&mut open, n), "the one that stays open, {n}");
        settle();
    }
}

#[test]
fn one_that_reads_the_index_for_long_stops_nobody() {
    let lab = Lab::new();
    lab.points(1, 1);
    let file = lab.catalogue().index_file().unwrap().to_owned();
    let reader = rusqlite::Connection::open(file).unwrap();
    reader.execute_batch("begin; select count(*) from node").unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let (store, cache) = (lab.store.clone(), lab.cache.path().to_owned());
    lab.points(2, 1);
    std::thread::spawn(move || sender.send(names(&mut Catalogue::open(&store, cache).unwrap()).len()));
    // Waiting for the reader would take up to five minutes.
    assert_eq!(receiver.recv_timeout(std::time::Duration::from_secs(100)), Ok(2));
    drop(reader);
}
