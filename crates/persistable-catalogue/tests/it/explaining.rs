//! `why` and `diff` name exactly what differs.

use persistable_catalogue::{Answer, Catalogue, DifferenceKind, Wanted, Why};
use persistable_key::Fields;
use persistable_store::Wait;

use crate::lab::{AnyParam, Lab, fields};

fn differences(why: &Why) -> Vec<(String, Option<String>, Option<String>)> {
    let nearest = &why.nearest[0].differences;
    nearest.iter().map(|found| (found.path.clone(), found.before.clone(), found.after.clone())).collect()
}

fn told(path: &str, before: &str, after: &str) -> (String, Option<String>, Option<String>) {
    (path.to_owned(), Some(before.to_owned()), Some(after.to_owned()))
}

fn points(n: i64, seed: i64) -> Wanted {
    Wanted::new("points", None, &fields(&[("n", &n), ("seed", &seed)]), Vec::new()).unwrap()
}

fn estimator(threshold: &dyn AnyParam, points: Wanted) -> Wanted {
    Wanted::new("estimator", None, &fields(&[("z_threshold", threshold)]), vec![points]).unwrap()
}

fn lab() -> Lab {
    let lab = Lab::new();
    for n in [100, 1000] {
        let points = lab.points(n, 1);
        for threshold in [1.0, 2.0] {
            lab.estimator(threshold, &points);
        }
    }
    lab
}

#[test]
fn the_nearest_is_named_with_what_differs_anywhere_in_the_tree() {
    let lab = lab();
    let mut catalogue = lab.catalogue();
    let why = catalogue.why(&estimator(&2.5, points(1000, 1))).unwrap();
    assert_eq!(why.compared, 4);
    assert_eq!(differences(&why), [told("z_threshold", "2.0", "2.5")]);
    let why = catalogue.why(&estimator(&2.0, points(1000, 7))).unwrap();
    assert_eq!(differences(&why), [told("points.seed", "1", "7")]);
    let why = catalogue.why(&estimator(&2.5, points(900, 1))).unwrap();
    assert_eq!(differences(&why), [told("z_threshold", "2.0", "2.5"), told("points.n", "1000", "900")]);
    assert!(why.answers.is_empty());
}

#[test]
fn what_is_here_is_said_to_be_here() {
    let lab = lab();
    let why = lab.catalogue().why(&points(100, 1)).unwrap();
    assert!(matches!(&why.answers[0], Answer::Here { artifact } if artifact.stem == points(100, 1).stem()));
}

#[test]
fn a_look_alike_is_recognised() {
    let lab = lab();
    let why = lab.catalogue().why(&estimator(&2, points(100, 1))).unwrap();
    assert!(matches!(&why.answers[0], Answer::LookAlike { .. }));
    assert_eq!(differences(&why), [told("z_threshold", "2.0 (a float)", "2 (an int)")]);
    let why = lab.catalogue().why(&estimator(&"2.0", points(100, 1))).unwrap();
    assert!(matches!(&why.answers[0], Answer::LookAlike { .. }));
}

#[test]
fn another_version_is_recognised() {
    let lab = lab();
    let wanted = Wanted::new("points", Some("2"), &fields(&[("n", &100), ("seed", &1)]), Vec::new()).unwrap();
    let why = lab.catalogue().why(&wanted).unwrap();
    assert!(matches!(&why.answers[0], Answer::OtherVersion { .. }));
    assert_eq!(differences(&why), [(".version".to_owned(), None, Some("2".to_owned()))]);
}

#[test]
fn params_that_were_added_or_renamed_are_recognised() {
    let lab = lab();
    let mut catalogue = lab.catalogue();
    let params = fields(&[("n", &100), ("seed", &1), ("noise", &0.0)]);
    let why = catalogue.why(&Wanted::new("points", None, &params, Vec::new()).unwrap()).unwrap();
    assert!(matches!(&why.answers[0], Answer::ParamAdded { params, .. } if params == &["noise"]), "{why:?}");
    let params = fields(&[("n", &100), ("random_state", &1)]);
    let why = catalogue.why(&Wanted::new("points", None, &params, Vec::new()).unwrap()).unwrap();
    let renamed =
        matches!(&why.answers[0], Answer::ParamRenamed { from, to, .. } if from == "seed" && to == "random_state");
    assert!(renamed, "{why:?}");
}

#[test]
fn a_removal_is_known_even_if_the_index_is_new() {
    let lab = lab();
    let made = lab.points(5, 5);
    let lease = lab.store.lease(&made.id(), Wait::Forever, &mut |_| {}).unwrap();
    assert!(lab.store.remove_because(&lease, "it was too old").unwrap());
    let mut catalogue = Catalogue::in_memory(&lab.store).unwrap();
    let why = catalogue.why(&points(5, 5)).unwrap();
    let removed =
        matches!(&why.answers[0], Answer::Removed { reason, is_there_again: false, .. } if reason == "it was too old");
    assert!(removed, "{why:?}");
    let address = catalogue.find(&made.stem()).unwrap();
    assert!(matches!(&catalogue.why_artifact(&address).unwrap().answers[0], Answer::Removed { .. }));
}

#[test]
fn a_removed_dependency_is_compared_by_its_record() {
    let lab = lab();
    let made = lab.points(100, 1);
    let lease = lab.store.lease(&made.id(), Wait::Forever, &mut |_| {}).unwrap();
    lab.store.remove_because(&lease, "space").unwrap();
    let why = lab.catalogue().why(&estimator(&2.0, points(101, 1))).unwrap();
    assert_eq!(differences(&why), [told("points.n", "100", "101")]);
}

#[test]
fn an_artifact_is_compared_with_those_before_it() {
    let lab = Lab::new();
    let at = |n: i64, time: &str| {
        lab.make_with("points", fields(&[("n", &n)]), &[], 1, |draft| draft.provenance.persisted_at = time.to_owned())
    };
    at(1, "2026-11-01T00:00:00Z");
    let second = at(10, "2026-11-02T00:00:00Z");
    at(9, "2026-11-03T00:00:00Z");
    let mut catalogue = lab.catalogue();
    let address = catalogue.find(&second.key.to_string()).unwrap();
    assert_eq!(differences(&catalogue.why_artifact(&address).unwrap()), [told("n", "1", "10")]);
    let first = catalogue.find(&lab_stem(&catalogue, 1)).unwrap();
    assert!(matches!(catalogue.why_artifact(&first).unwrap().answers.as_slice(), [Answer::Here { .. }, Answer::First]));
}

fn lab_stem(_: &Catalogue, n: i64) -> String {
    Wanted::new("points", None, &fields(&[("n", &n)]), Vec::new()).unwrap().stem()
}

#[test]
fn some_params_alone_find_the_nearest() {
    let lab = lab();
    let mut catalogue = lab.catalogue();
    let why = catalogue.why_params("estimator", &"z_threshold == 2.5 and points.n = 1000".parse().unwrap()).unwrap();
    assert_eq!(differences(&why), [told("z_threshold", "2.0", "2.5")]);
    let why = catalogue.why_params("estimator", &"z_threshold = 2".parse().unwrap()).unwrap();
    assert!(matches!(&why.answers[0], Answer::Here { .. }));
    let error = catalogue.why_params("estimator", &"z_threshold > 2".parse().unwrap()).unwrap_err();
    assert!(error.to_string().contains("say which value each param has"));
}

#[test]
fn a_name_that_is_not_there_is_said_to_be_new() {
    let lab = lab();
    let why = lab.catalogue().why(&Wanted::new("spread", None, &Fields::new(), Vec::new()).unwrap()).unwrap();
    assert!(matches!(&why.answers[0], Answer::NothingOfThisName { names } if names == &["estimator", "points"]));
}

#[test]
fn nested_values_are_told_apart_by_their_part() {
    let lab = Lab::new();
    let a = lab.make("a", fields(&[("layers", &vec![64, 64]), ("o", &("x", 1))]), &[], 1);
    let b = lab.make("a", fields(&[("layers", &vec![64, 32]), ("o", &("y", 1))]), &[], 1);
    let mut catalogue = lab.catalogue();
    let (a, b) = (catalogue.find(&a.stem()).unwrap(), catalogue.find(&b.stem()).unwrap());
    let found = catalogue.diff(&a, &b).unwrap();
    let paths: Vec<&str> = found.iter().map(|found| found.path.as_str()).collect();
    assert_eq!(paths, ["layers[1]", "o[0]"]);
    assert!(found.iter().all(|found| found.kind == DifferenceKind::Value));
}
