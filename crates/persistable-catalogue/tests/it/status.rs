//! What is stale, damaged, orphaned, unreferenced, and when artifacts were used.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use persistable_catalogue::{Issue, Query, RemovalRules, Status, StatusOptions};
use persistable_store::{CodeStamp, CopyOptions, Digest, InputRecord, Settings, Store, Wait};

use crate::lab::{Lab, Made, fields};

fn status(lab: &Lab) -> Status {
    lab.catalogue().status(&Query::new(), &StatusOptions::new()).unwrap()
}

/// Returns the issues of an artifact.
fn issues<'a>(status: &'a Status, stem: &str) -> &'a [Issue] {
    status.findings.iter().find(|finding| finding.artifact.stem == stem).map_or(&[], |finding| &finding.issues)
}

/// Makes an artifact by code, on a day.
fn made_by(lab: &Lab, name: &str, n: i64, day: &str, code: CodeStamp) -> Made {
    lab.make_with(name, fields(&[("n", &n)]), &[], 1, |draft| {
        draft.provenance.persisted_at = format!("2026-11-{day}T12:00:00Z");
        draft.step_type = Some(format!("python:lab.{name}"));
        draft.code = Some(code);
    })
}

fn code(text: &str) -> CodeStamp {
    CodeStamp::new(BTreeMap::from([("ast".to_owned(), Digest::of(text.as_bytes()))]))
}

#[test]
fn a_store_in_order_has_no_findings() {
    let lab = Lab::new();
    lab.estimator(1.0, &lab.points(5, 1));
    lab.points(7, 1);
    let status = status(&lab);
    assert!(status.findings.is_empty());
    let counts: Vec<_> =
        status.steps.iter().map(|step| (step.name.as_str(), step.artifacts, step.unreferenced)).collect();
    assert_eq!(counts, [("estimator", 1, 1), ("points", 2, 1)]);
    assert_eq!(status.steps[1].size_bytes, 12);
}

#[test]
fn another_payload_of_a_dependency_makes_stale() {
    let lab = Lab::new();
    let points = lab.points(5, 1);
    let estimator = lab.estimator(1.0, &points);
    lab.make("points", fields(&[("n", &5_i64), ("seed", &1_i64)]), &[], 6);
    let found = status(&lab);
    assert_eq!(issues(&found, &estimator.stem()), [Issue::DependencyChanged { dependency: points.stem() }]);
    assert_eq!(found.steps[0].stale, 1);
    let plan = lab.catalogue().plan_removal(&Query::new(), &RemovalRules::new().stale()).unwrap();
    assert_eq!(plan.removed.len(), 1);
    assert!(plan.removed[0].reason.contains("has another payload now"), "{}", plan.removed[0].reason);
}

#[test]
fn what_was_accepted_is_not_stale() {
    let lab = Lab::new();
    let points = lab.points(5, 1);
    let present = lab.make("points", fields(&[("n", &5_i64), ("seed", &1_i64)]), &[], 6).payload;
    lab.make_with("estimator", fields(&[("t", &1_i64)]), &[&points], 1, |draft| {
        draft.dependencies[0].accepted = vec![present];
    });
    assert!(status(&lab).findings.is_empty());
}

#[test]
fn a_dependency_that_is_gone_makes_an_orphan() {
    let lab = Lab::new();
    let points = lab.points(5, 1);
    let estimator = lab.estimator(1.0, &points);
    let lease = lab.store.lease(&points.id(), Wait::Forever, &mut |_| {}).unwrap();
    lab.store.remove(&lease).unwrap();
    let found = status(&lab);
    assert_eq!(issues(&found, &estimator.stem()), [Issue::DependencyGone { dependency: points.stem() }]);
    assert_eq!((found.steps[0].orphaned, found.steps[0].stale), (1, 0));
    let orphans = lab.catalogue().table(&Query::new().filter(".orphaned".parse().unwrap())).unwrap();
    assert_eq!(orphans.rows[0].stem(), estimator.stem());
}

#[test]
fn code_is_compared_with_that_of_the_newest_artifact() {
    let lab = Lab::new();
    let made = |n: i64, day: &str, stamp: CodeStamp| made_by(&lab, "points", n, day, stamp);
    let old = made(1, "01", code("old"));
    let mut accepted = code("older");
    accepted.accepted = vec![code("new")];
    made(2, "02", accepted);
    let newest = made(3, "03", code("new"));
    made(4, "02", CodeStamp::new(BTreeMap::from([("tokens".to_owned(), Digest::of(b"rust"))])));
    let found = status(&lab);
    assert_eq!(issues(&found, &old.stem()), [Issue::CodeChanged { newest: newest.stem() }]);
    assert_eq!(found.steps[0].stale, 1);
}

#[test]
fn what_was_made_from_what_is_stale_is_stale_and_goes_with_it() {
    let lab = Lab::new();
    let made = |n: i64, day: &str, stamp: &str| made_by(&lab, "a", n, day, code(stamp));
    let above = |below: &Made, name: &str| lab.make(name, fields(&[]), &[below], 1);
    let old = made(1, "01", "old");
    let new = made(2, "02", "new");
    let middle = above(&old, "b");
    let top = above(&middle, "c");
    above(&above(&new, "b"), "c");
    let found = status(&lab);
    assert_eq!(issues(&found, &middle.stem()), [Issue::DependencyStale { dependency: old.stem() }]);
    assert_eq!(issues(&found, &top.stem()), [Issue::DependencyStale { dependency: middle.stem() }]);
    assert_eq!(found.steps.iter().map(|step| step.stale).collect::<Vec<_>>(), [1, 1, 1]);
    // Without what is stale, nothing would show that what was made from it is wrong.
    let mut catalogue = lab.catalogue();
    let plan = catalogue.plan_removal(&Query::new(), &RemovalRules::new().stale()).unwrap();
    let mut going: Vec<String> = plan.removed.iter().map(|planned| planned.row.stem()).collect();
    going.sort();
    assert_eq!(going, [old.stem(), middle.stem(), top.stem()]);
    let only_top = catalogue.plan_removal(&Query::new().step("c"), &RemovalRules::new().stale()).unwrap();
    assert_eq!(only_top.removed.len(), 1);
}

#[test]
fn what_was_made_from_something_stale_that_is_gone_is_stale() {
    for is_index_new in [false, true] {
        let lab = Lab::new();
        let made = |n: i64, day: &str, stamp: &str| made_by(&lab, "a", n, day, code(stamp));
        let (old, new) = (made(1, "01", "old"), made(2, "02", "new"));
        let middle = lab.make("b", fields(&[]), &[&old], 1);
        let top = lab.make("c", fields(&[]), &[&middle], 1);
        let fresh = lab.make("b", fields(&[]), &[&new], 1);
        if !is_index_new {
            lab.catalogue();
        }
        for gone in [&old, &middle, &new] {
            let lease = lab.store.lease(&gone.id(), Wait::Forever, &mut |_| {}).unwrap();
            lab.store.remove_because(&lease, "a test").unwrap();
        }
        made(3, "03", "new");
        let found = status(&lab);
        let gone = Issue::DependencyGone { dependency: middle.stem() };
        assert_eq!(issues(&found, &top.stem()), [gone, Issue::DependencyStale { dependency: middle.stem() }]);
        assert_eq!(issues(&found, &fresh.stem()), [Issue::DependencyGone { dependency: new.stem() }]);
        let plan = lab.catalogue().plan_removal(&Query::new(), &RemovalRules::new().stale()).unwrap();
        assert_eq!(plan.removed.iter().map(|planned| planned.row.stem()).collect::<Vec<_>>(), [top.stem()]);
    }
}

#[test]
fn what_was_made_from_an_earlier_payload_of_something_that_is_gone_is_stale() {
    let lab = Lab::new();
    let first = lab.make("a", fields(&[]), &[], 1);
    let above = lab.make("b", fields(&[]), &[&first], 1);
    let second = lab.make("a", fields(&[]), &[], 2);
    let lease = lab.store.lease(&second.id(), Wait::Forever, &mut |_| {}).unwrap();
    lab.store.remove_because(&lease, "a test").unwrap();
    let found = status(&lab);
    let (gone, changed) =
        (Issue::DependencyGone { dependency: first.stem() }, Issue::DependencyChanged { dependency: first.stem() });
    assert_eq!(issues(&found, &above.stem()), [gone, changed]);
}

#[test]
fn an_input_with_other_content_makes_stale_and_a_missing_one_does_not() {
    let lab = Lab::new();
    let file = lab.cache.path().join("in.csv");
    fs::write(&file, "new").unwrap();
    let input = |path: &str| InputRecord::new("path".to_owned(), path.to_owned(), 3, Digest::of(b"old"), None);
    let path = file.to_str().unwrap().to_owned();
    let made = lab.make_with("points", fields(&[("n", &1_i64)]), &[], 1, |draft| {
        draft.inputs = vec![input(&path), input("/nowhere/in.csv")];
        draft.provenance.host = Some(persistable_store::host().to_owned());
    });
    assert_eq!(issues(&status(&lab), &made.stem()), [Issue::InputChanged { param: "path".to_owned(), path }]);
    let ignoring = StatusOptions::new().ignore_inputs();
    assert!(lab.catalogue().status(&Query::new(), &ignoring).unwrap().findings.is_empty());
}

#[test]
fn an_input_with_a_relative_path_may_be_another_file_and_nothing_is_removed_for_it() {
    let lab = Lab::new();
    // Tests run in the folder of this crate.
    let path = "Cargo.toml".to_owned();
    let made = lab.make_with("points", fields(&[("n", &1_i64)]), &[], 1, |draft| {
        draft.inputs = vec![InputRecord::new("path".to_owned(), path.clone(), 3, Digest::of(b"old"), None)];
    });
    let found = status(&lab);
    assert_eq!(issues(&found, &made.stem()), [Issue::InputMayHaveChanged { param: "path".to_owned(), path }]);
    assert_eq!(found.steps[0].stale, 0);
    let plan = lab.catalogue().plan_removal(&Query::new(), &RemovalRules::new().stale()).unwrap();
    assert!(plan.removed.is_empty());
}

#[test]
fn damage_and_distrust_are_found() {
    let lab = Lab::new();
    let made = lab.points(1, 1);
    let pickle = lab.make_with("model", fields(&[]), &[], 1, |draft| draft.io = "pickle".to_owned());
    assert!(status(&lab).findings.is_empty(), "it is one's own");
    // A copy is not one's own.
    let folder = lab.path();
    for name in [format!("{}.txt", pickle.stem()), format!("{}.manifest.json", pickle.stem())] {
        fs::copy(folder.join(&name), folder.join("copy")).unwrap();
        fs::rename(folder.join("copy"), folder.join(&name)).unwrap();
    }
    let manifest = folder.join(format!("{}.manifest.json", made.stem()));
    let text = fs::read_to_string(&manifest).unwrap();
    fs::remove_file(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"n\"", "\"m\"")).unwrap();
    let found = status(&lab);
    assert!(matches!(issues(&found, &made.stem()), [Issue::Unusable { .. }]));
    assert!(matches!(issues(&found, &pickle.stem()), [Issue::Untrusted { .. }]));
    assert_eq!(found.steps.iter().map(|step| (step.untrusted, step.damaged)).collect::<Vec<_>>(), [(1, 0), (0, 1)]);
}

#[test]
fn a_load_in_the_log_and_a_copy_are_uses() {
    let lab = Lab::new();
    let (old, used, copied) = (lab.points(1, 1), lab.points(2, 1), lab.points(3, 1));
    for made in [&old, &used] {
        let manifest = lab.path().join(format!("{}.manifest.json", made.stem()));
        let manifest = fs::File::options().write(true).open(manifest).unwrap();
        manifest.set_modified(std::time::SystemTime::now() - Duration::from_secs(7200)).unwrap();
    }
    let now = jiff::Timestamp::now();
    let line = format!("{now:.3} INFO  {} [7] loaded 2 bytes in 0.1 s\n", used.stem());
    fs::write(lab.path().join("points.log"), line).unwrap();
    let rules = RemovalRules::new().longest_unused(Duration::from_secs(3600));
    let plan = lab.catalogue().plan_removal(&Query::new(), &rules).unwrap();
    let stems: Vec<String> = plan.removed.iter().map(|planned| planned.row.stem()).collect();
    assert_eq!(stems, [old.stem()], "{} was persisted long ago, but came just now", copied.stem());
    let recent = Query::new().filter(".used > 2026-11-20".parse().unwrap());
    assert_eq!(lab.catalogue().table(&recent).unwrap().rows[0].stem(), used.stem());
}

#[test]
fn an_input_of_another_machine_may_be_another_file_and_nothing_is_removed_for_it() {
    let lab = Lab::new();
    let file = lab.cache.path().join("in.csv");
    fs::write(&file, "new").unwrap();
    let path = file.to_str().unwrap().to_owned();
    let made = lab.make_with("points", fields(&[("n", &1_i64)]), &[], 1, |draft| {
        draft.inputs = vec![InputRecord::new("path".to_owned(), path.clone(), 3, Digest::of(b"old"), None)];
        draft.provenance.host = Some("another machine".to_owned());
    });
    assert_eq!(issues(&status(&lab), &made.stem()), [Issue::InputMayHaveChanged { param: "path".to_owned(), path }]);
    assert!(lab.catalogue().plan_removal(&Query::new(), &RemovalRules::new().stale()).unwrap().removed.is_empty());
}

#[test]
fn damaged_labels_are_told_count_as_a_pin_and_go_with_the_pin() {
    let lab = Lab::new();
    let made = lab.points(5, 1);
    let labels = lab.path().join(format!("{}.tags.json", made.stem()));
    fs::write(&labels, "{\"pinned\": \"").unwrap();
    assert!(matches!(issues(&status(&lab), &made.stem()), [Issue::UnreadableLabels { .. }]));
    let mut catalogue = lab.catalogue();
    assert!(catalogue.plan_removal(&Query::new(), &RemovalRules::new().all()).unwrap().removed.is_empty());
    let address = catalogue.find(&made.stem()).unwrap();
    let best = ["best".to_owned()];
    assert!(catalogue.label(&address, |labels| labels.tags.extend(best)).unwrap_err().to_string().contains("damaged"));
    // A copy does not take them along: in the other store, nobody could have changed them.
    let store = Store::memory();
    lab.store.push(&store, &made.id(), &CopyOptions::new()).unwrap();
    assert_eq!(store.labels(&made.stem()).unwrap(), persistable_catalogue::Labels::default());
    catalogue.label(&address, |labels| labels.pinned = None).unwrap();
    assert!(!labels.exists());
    assert!(status(&lab).findings.is_empty());
    let mut catalogue = lab.catalogue();
    let plan = catalogue.plan_removal(&Query::new(), &RemovalRules::new().all()).unwrap();
    assert_eq!(catalogue.remove(&plan, &mut |_| {}).unwrap().removed, [made.stem()]);
}

#[test]
fn payloads_without_a_manifest_are_told() {
    let lab = Lab::new();
    let (kept, lost) = (lab.points(5, 1), lab.points(7, 1));
    fs::write(lab.path().join("notes (draft).txt"), "no payload").unwrap();
    assert_eq!(status(&lab).strays.size_bytes, 0);
    fs::remove_file(lab.path().join(format!("{}.manifest.json", lost.stem()))).unwrap();
    let found = status(&lab).strays;
    assert_eq!(found.payloads.into_iter().collect::<Vec<_>>(), [format!("{}.txt", lost.stem())]);
    assert_eq!(found.size_bytes, 7);
    let only = lab.catalogue().status(&Query::new().only([kept.stem()]), &StatusOptions::new()).unwrap();
    assert!(only.strays.payloads.is_empty());
}

#[test]
fn what_was_accepted_since_the_index_was_brought_up_to_date_is_not_removed() {
    let lab = Lab::new();
    let first = lab.make("a", fields(&[]), &[], 1);
    let above = lab.make("b", fields(&[]), &[&first], 1);
    let second = lab.make("a", fields(&[]), &[], 2);
    let mut catalogue = lab.catalogue();
    let rules = RemovalRules::new().stale();
    assert_eq!(catalogue.plan_removal(&Query::new(), &rules).unwrap().removed.len(), 1);
    let lease = lab.store.lease(&above.id(), Wait::Forever, &mut |_| {}).unwrap();
    let accept = |manifest: &mut persistable_store::Manifest| manifest.dependencies[0].accepted.push(second.payload);
    lab.store.amend(&lease, &persistable_store::Keys::default(), &Settings::default(), accept).unwrap();
    drop(lease);
    assert!(catalogue.plan_removal(&Query::new(), &rules).unwrap().removed.is_empty());
}
