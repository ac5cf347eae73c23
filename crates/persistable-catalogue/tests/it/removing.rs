//! What is removed, what never is, and what is left of it.

use std::fs;
use std::time::Duration;

use persistable_catalogue::{Answer, Catalogue, ErrorKind, Labels, Query, RemovalRules, Verified};
use persistable_store::Wait;

use crate::lab::{Lab, Made, fields};

fn made(lab: &Lab, n: i64, size: usize, seconds: f64) -> Made {
    lab.make_with("data", fields(&[("n", &n)]), &[], size, |draft| draft.provenance.generation_seconds = Some(seconds))
}

fn stems(catalogue: &mut Catalogue) -> Vec<String> {
    catalogue.table(&Query::new()).unwrap().rows.iter().map(|row| row.stem()).collect()
}

#[test]
fn a_plan_changes_nothing_and_its_execution_leaves_records() {
    let lab = Lab::new();
    let (one, two) = (made(&lab, 1, 10, 1.0), made(&lab, 2, 10, 1.0));
    let mut catalogue = lab.catalogue();
    let query = Query::new().filter("n == 1".parse().unwrap());
    let plan = catalogue.plan_removal(&query, &RemovalRules::new().all()).unwrap();
    assert_eq!((plan.removed.len(), plan.freed_bytes, plan.kept), (1, 10, 0));
    assert_eq!(stems(&mut catalogue).len(), 2);
    let mut told = 0;
    let removals = catalogue.remove(&plan, &mut |_| told += 1).unwrap();
    assert_eq!((removals.removed, removals.freed_bytes, told), (vec![one.stem()], 10, 1));
    assert_eq!(stems(&mut catalogue), [two.stem()]);
    assert_eq!(lab.store.removed(&one.stem()).unwrap().unwrap().reason, "it was selected");
    let files = fs::read_dir(lab.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(&one.stem()));
    assert_eq!(files.count(), 0);
}

#[test]
fn a_plan_counts_what_stays_but_was_made_from_what_goes() {
    let lab = Lab::new();
    let points = lab.points(5, 1);
    lab.estimator(1.0, &points);
    lab.estimator(2.0, &points);
    let mut catalogue = lab.catalogue();
    let plan = catalogue.plan_removal(&Query::new().step("points"), &RemovalRules::new().all()).unwrap();
    assert_eq!((plan.removed.len(), plan.orphaned), (1, 2));
    assert_eq!(catalogue.plan_removal(&Query::new(), &RemovalRules::new().all()).unwrap().orphaned, 0);
}

#[test]
fn what_was_put_into_quarantine_leaves_a_record() {
    let lab = Lab::new();
    let (points, other) = (lab.points(5, 1), lab.points(6, 1));
    let mut catalogue = lab.catalogue();
    fs::write(lab.path().join(format!("{}.txt", points.stem())), "wrong").unwrap();
    let address = catalogue.find(&points.stem()).unwrap();
    let row = catalogue.table(&Query::new().filter("n == 5".parse().unwrap())).unwrap().rows.remove(0);
    assert!(matches!(catalogue.verify(&row, true).unwrap(), Verified::Damaged { is_repaired: true, .. }));
    catalogue.refresh().unwrap();
    assert_eq!(stems(&mut catalogue), [other.stem()]);
    let is_told = |answers: &[Answer]| {
        answers.iter().any(|answer| matches!(answer, Answer::Removed { reason, .. } if reason.contains("quarantine")))
    };
    let by_params = catalogue.why_params("points", &"n == 5".parse().unwrap()).unwrap();
    assert!(is_told(&by_params.answers), "{:?}", by_params.answers);
    let by_key = catalogue.why_artifact(&address).unwrap();
    assert!(is_told(&by_key.answers), "{:?}", by_key.answers);
}

#[test]
fn a_tag_or_a_note_without_a_text_is_refused() {
    let lab = Lab::new();
    let points = lab.points(5, 1);
    let mut catalogue = lab.catalogue();
    let address = catalogue.find(&points.stem()).unwrap();
    let tagging = |labels: &mut Labels| labels.tags.extend([" ".to_owned()]);
    assert_eq!(catalogue.label(&address, tagging).unwrap_err().kind(), ErrorKind::Filter);
    let noting = |labels: &mut Labels| labels.note = Some(String::new());
    assert_eq!(catalogue.label(&address, noting).unwrap_err().kind(), ErrorKind::Filter);
    assert_eq!(lab.store.labels(&points.stem()).unwrap(), Labels::default());
}

#[test]
fn the_largest_for_the_least_work_goes_first() {
    let lab = Lab::new();
    let cheap = made(&lab, 1, 1000, 0.1);
    made(&lab, 2, 1000, 100.0);
    made(&lab, 3, 10, 5.0);
    let mut catalogue = lab.catalogue();
    let plan = catalogue.plan_removal(&Query::new(), &RemovalRules::new().most_bytes(1500)).unwrap();
    let planned: Vec<String> = plan.removed.iter().map(|planned| planned.row.stem()).collect();
    assert_eq!(planned, [cheap.stem()]);
    assert_eq!((plan.kept, plan.kept_bytes, plan.freed_bytes), (2, 1010, 1000));
}

#[test]
fn what_is_older_than_a_limit_goes() {
    let lab = Lab::new();
    let old = made(&lab, 1, 1, 1.0);
    lab.make_with("data", fields(&[("n", &2)]), &[], 1, |draft| {
        draft.provenance.persisted_at = jiff_now();
    });
    let mut catalogue = lab.catalogue();
    let rules = RemovalRules::new().longest_age(Duration::from_secs(3600));
    let plan = catalogue.plan_removal(&Query::new(), &rules).unwrap();
    assert_eq!(plan.removed.len(), 1);
    assert_eq!(plan.removed[0].row.stem(), old.stem());
    assert_eq!(plan.removed[0].reason, "it is older than the limit");
}

fn jiff_now() -> String {
    jiff::Timestamp::now().to_string()
}

#[test]
fn what_was_removed_meanwhile_is_not_labelled() {
    let lab = Lab::new();
    let made = made(&lab, 1, 100, 0.0);
    let mut catalogue = lab.catalogue();
    let address = catalogue.find(&made.stem()).unwrap();
    let lease = lab.store.lease(&made.id(), Wait::Forever, &mut |_| {}).unwrap();
    assert!(lab.store.remove_because(&lease, "space").unwrap());
    drop(lease);
    let error = catalogue.label(&address, |labels| labels.pinned = Some(String::new())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(lab.store.labels(&made.stem()).unwrap().pinned.is_none());
}

#[test]
fn what_is_pinned_is_never_removed() {
    let lab = Lab::new();
    let (pinned, other) = (made(&lab, 1, 100, 0.0), made(&lab, 2, 100, 0.0));
    let mut catalogue = lab.catalogue();
    let address = catalogue.find(&pinned.stem()).unwrap();
    let before = catalogue.plan_removal(&Query::new(), &RemovalRules::new().all()).unwrap();
    catalogue.label(&address, |labels| labels.pinned = Some("for the paper".to_owned())).unwrap();
    catalogue.refresh().unwrap();
    let plan = catalogue.plan_removal(&Query::new(), &RemovalRules::new().most_bytes(0)).unwrap();
    assert_eq!((plan.removed.len(), plan.pinned.len()), (1, 1));
    // A plan from before the pin removes it neither.
    let removals = catalogue.remove(&before, &mut |_| {}).unwrap();
    assert_eq!(removals.removed, [other.stem()]);
    assert!(removals.kept[0].1.contains("pinned"), "{:?}", removals.kept);
    assert_eq!(stems(&mut catalogue), [pinned.stem()]);
}

#[test]
fn what_a_process_works_on_is_not_removed() {
    let lab = Lab::new();
    let made = made(&lab, 1, 100, 0.0);
    let mut catalogue = lab.catalogue();
    let plan = catalogue.plan_removal(&Query::new(), &RemovalRules::new().all()).unwrap();
    let store = lab.store.clone();
    let id = made.id();
    let (ready, go) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _lease = store.lease(&id, Wait::Forever, &mut |_| {}).unwrap();
            ready.wait();
            go.wait();
        });
        ready.wait();
        let removals = catalogue.remove(&plan, &mut |_| {}).unwrap();
        assert!(removals.removed.is_empty());
        assert_eq!(removals.kept, [(made.stem(), "a process uses it".to_owned())]);
        // Nor is it put into quarantine, and that is no reason to end looking at others.
        fs::write(lab.path().join(format!("{}.txt", made.stem())), "wrong").unwrap();
        let row = catalogue.table(&Query::new()).unwrap().rows.remove(0);
        let verified = catalogue.verify(&row, true).unwrap();
        assert!(matches!(verified, Verified::Damaged { is_repaired: false, .. }), "{verified:?}");
        go.wait();
    });
}

#[test]
fn what_was_generated_again_since_the_plan_stays() {
    let lab = Lab::new();
    made(&lab, 1, 100, 0.0);
    let mut catalogue = lab.catalogue();
    let plan = catalogue.plan_removal(&Query::new(), &RemovalRules::new().all()).unwrap();
    lab.make_with("data", fields(&[("n", &1_i64)]), &[], 7, |draft| draft.provenance.persisted_at = jiff_now());
    let removals = catalogue.remove(&plan, &mut |_| {}).unwrap();
    assert_eq!(removals.kept[0].1, "it was generated again meanwhile");
    assert_eq!(stems(&mut catalogue).len(), 1);
}

#[test]
fn labels_travel_with_the_files_and_survive_a_replacement() {
    let lab = Lab::new();
    let first = made(&lab, 1, 10, 0.0);
    let mut catalogue = lab.catalogue();
    let address = catalogue.find(&first.stem()).unwrap();
    let labels = catalogue
        .label(&address, |labels| {
            labels.tags.extend(["best".to_owned(), "paper".to_owned()]);
            labels.note = Some("figure 3".to_owned());
        })
        .unwrap();
    assert_eq!(labels.tags.len(), 2);
    made(&lab, 1, 20, 0.0);
    let copy = Lab::new();
    for entry in fs::read_dir(lab.path()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
    }
    for filter in [".tag == 'best'", ".tag == 'paper'", ".note contains '3'", ".tag is not missing"] {
        let table = copy.catalogue().table(&Query::new().filter(filter.parse().unwrap())).unwrap();
        assert_eq!(table.rows.len(), 1, "{filter}");
        assert_eq!(table.rows[0].tags, ["best", "paper"]);
    }
    catalogue.label(&address, |labels| *labels = Default::default()).unwrap();
    assert!(!lab.path().join(format!("{}.tags.json", first.stem())).exists());
}

#[test]
fn damage_is_found_and_repaired() {
    let lab = Lab::new();
    let made = made(&lab, 1, 100, 0.0);
    let mut catalogue = lab.catalogue();
    let row = catalogue.table(&Query::new()).unwrap().rows.remove(0);
    assert_eq!(catalogue.verify(&row, false).unwrap(), Verified::Whole);
    let payload = lab.path().join(format!("{}.txt", made.stem()));
    fs::remove_file(&payload).unwrap();
    fs::write(&payload, vec![b'y'; 100]).unwrap();
    assert!(matches!(catalogue.verify(&row, false).unwrap(), Verified::Damaged { is_repaired: false, .. }));
    assert!(matches!(catalogue.verify(&row, true).unwrap(), Verified::Damaged { is_repaired: true, .. }));
    assert_eq!(catalogue.verify(&row, true).unwrap(), Verified::Gone);
}

#[test]
fn addresses_are_prefixes_names_and_files() {
    let lab = Lab::new();
    let one = made(&lab, 1, 1, 0.0);
    let mut catalogue = lab.catalogue();
    let key = one.key.to_string();
    for text in [
        key.clone(),
        key[..4].to_owned(),
        key[..5].to_uppercase(),
        one.stem(),
        format!("{}.txt", one.stem()),
        format!("{}.manifest.json", one.stem()),
        format!("some/folder/{}.txt", one.stem()),
        format!("data({})", &key[..6]),
    ] {
        assert_eq!(catalogue.find(&text).unwrap().stem, one.stem(), "{text}");
    }
    for text in ["", "zzz", "other(00)", "data()"] {
        assert_eq!(catalogue.find(text).unwrap_err().kind(), ErrorKind::NotFound, "{text}");
    }
    for n in 2..40 {
        made(&lab, n, 1, 0.0);
    }
    catalogue.refresh().unwrap();
    let ambiguous = (0..16).map(|digit| format!("{digit:x}")).find_map(|digit| catalogue.find(&digit).err());
    let error = ambiguous.unwrap();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert!(error.to_string().contains("several artifacts begin with"), "{error}");
}

#[test]
fn params_of_an_artifact_that_was_removed_tell_when_and_why() {
    let lab = Lab::new();
    let (removed, _) = (lab.points(10, 1), lab.points(20, 1));
    let mut catalogue = lab.catalogue();
    let plan = catalogue.plan_removal(&Query::new().only([removed.stem()]), &RemovalRules::new().all()).unwrap();
    assert_eq!(catalogue.remove(&plan, &mut |_| {}).unwrap().removed, [removed.stem()]);
    let why = catalogue.why_params("points", &"n == 10".parse().unwrap()).unwrap();
    assert!(
        matches!(&why.answers[..], [Answer::Removed { reason, is_there_again: false, .. }] if reason == "it was selected"),
        "{why:?}"
    );
    assert_eq!(catalogue.names().unwrap(), ["points"]);
    let plan = catalogue.plan_removal(&Query::new(), &RemovalRules::new().all()).unwrap();
    catalogue.remove(&plan, &mut |_| {}).unwrap();
    let why = catalogue.why_params("points", &"n == 10".parse().unwrap()).unwrap();
    assert!(matches!(&why.answers[..], [Answer::Removed { .. }]), "{why:?}");
    assert!(catalogue.names().unwrap().is_empty());
}

#[test]
fn what_was_damaged_and_was_generated_again_since_the_plan_stays() {
    let lab = Lab::new();
    let one = made(&lab, 1, 10, 1.0);
    let path = lab.path().join(format!("{}.manifest.json", one.stem()));
    fs::remove_file(&path).unwrap();
    fs::write(&path, "damaged").unwrap();
    let mut catalogue = lab.catalogue();
    let plan = catalogue.plan_removal(&Query::new(), &RemovalRules::new().damaged()).unwrap();
    assert_eq!(plan.removed.len(), 1);
    fs::remove_file(&path).unwrap();
    made(&lab, 1, 10, 1.0);
    let removals = catalogue.remove(&plan, &mut |_| {}).unwrap();
    assert_eq!((removals.removed.len(), removals.kept.len()), (0, 1));
    assert!(path.exists());
}

#[test]
fn a_filter_that_compares_with_another_type_removes_nothing() {
    let lab = Lab::new();
    lab.points(5, 1);
    lab.points(5, 2);
    let mut catalogue = lab.catalogue();
    for filter in ["seed != '1'", "n not in ['1', '2']"] {
        let query = Query::new().filter(filter.parse().unwrap());
        let error = catalogue.plan_removal(&query, &RemovalRules::new().all()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Filter, "{filter}");
    }
    // In another step, the comparison is possible. That must not hide that it is not in this one.
    lab.make("texts", fields(&[("seed", &"1".to_owned()), ("is_new", &true)]), &[], 1);
    catalogue.refresh().unwrap();
    for filter in ["seed != '1'", "not seed == '1'", "not is_new or not seed", "not n"] {
        let query = Query::new().filter(filter.parse().unwrap());
        let error = catalogue.plan_removal(&query, &RemovalRules::new().all()).unwrap_err();
        assert!(error.to_string().contains("So nothing is removed"), "{filter}: {error}");
    }
    let query = Query::new().filter("seed == '1' or not is_new".parse().unwrap());
    assert_eq!(catalogue.plan_removal(&query, &RemovalRules::new().all()).unwrap().removed.len(), 3);
    let query = Query::new().step("points").filter("seed != 1".parse().unwrap());
    assert_eq!(catalogue.plan_removal(&query, &RemovalRules::new().all()).unwrap().removed.len(), 1);
}

#[test]
fn what_can_not_be_read_any_more_stays() {
    let lab = Lab::new();
    let points = lab.points(5, 1);
    let mut catalogue = lab.catalogue();
    let plan = catalogue.plan_removal(&Query::new(), &RemovalRules::new().all()).unwrap();
    let manifest = lab.path().join(format!("{}.manifest.json", points.stem()));
    fs::write(&manifest, "of a newer version").unwrap();
    let removals = catalogue.remove(&plan, &mut |_| {}).unwrap();
    assert_eq!((removals.removed.len(), removals.kept.len()), (0, 1));
    assert!(manifest.is_file());
}

#[test]
fn what_is_pinned_is_not_put_into_quarantine() {
    let lab = Lab::new();
    let points = lab.points(5, 1);
    let mut catalogue = lab.catalogue();
    let address = catalogue.find(&points.stem()).unwrap();
    let row = catalogue.table(&Query::new()).unwrap().rows.remove(0);
    catalogue.label(&address, |labels| labels.pinned = Some("2026-11-01T12:00:00Z".to_owned())).unwrap();
    fs::write(lab.path().join(format!("{}.txt", points.stem())), "wrong").unwrap();
    let verified = catalogue.verify(&row, true).unwrap();
    assert!(matches!(verified, Verified::Damaged { is_repaired: false, .. }));
}
