//! Lineage, and what takes the space.

use persistable_catalogue::{Direction, Lineage, Query};

use crate::lab::{Lab, fields};

fn names(lineage: &Lineage) -> String {
    let next: Vec<String> = lineage.next.iter().map(names).collect();
    let mark = if lineage.is_repeated { "*" } else { "" };
    match next.is_empty() {
        true => format!("{}{mark}", lineage.artifact.name),
        false => format!("{}{mark}[{}]", lineage.artifact.name, next.join(" ")),
    }
}

#[test]
fn lineage_goes_up_and_down_and_follows_each_artifact_once() {
    let lab = Lab::new();
    let raw = lab.make("raw", fields(&[]), &[], 1);
    let left = lab.make("left", fields(&[]), &[&raw], 1);
    let right = lab.make("right", fields(&[]), &[&raw], 1);
    let top = lab.make("top", fields(&[]), &[&left, &right], 1);
    let mut catalogue = lab.catalogue();
    let top = catalogue.find(&top.stem()).unwrap();
    let raw = catalogue.find(&raw.stem()).unwrap();
    let up = catalogue.lineage(&top, Direction::Dependencies, 10).unwrap();
    assert_eq!(names(&up), "top[left[raw] right[raw]]");
    let down = catalogue.lineage(&raw, Direction::Dependents, 10).unwrap();
    assert_eq!(names(&down), "raw[left[top] right[top*]]".replace("top*", "top"));
    let cut = catalogue.lineage(&top, Direction::Dependencies, 1).unwrap();
    assert_eq!(names(&cut), "top[left right]");
    assert!(cut.next[0].is_cut);
}

#[test]
fn space_is_counted_by_step_and_by_param() {
    let lab = Lab::new();
    for n in [10, 20] {
        for seed in 1..=3 {
            let points = lab.points(n, seed);
            lab.estimator(1.0, &points);
        }
    }
    let mut catalogue = lab.catalogue();
    let usage = catalogue.usage(&Query::new()).unwrap();
    let shown: Vec<_> = usage.iter().map(|usage| (usage.name.as_str(), usage.artifacts, usage.size_bytes)).collect();
    assert_eq!(shown, [("points", 6, 90), ("estimator", 6, 60)]);
    assert_eq!(usage[0].generation_seconds, 3.0);
    let usage = catalogue.usage_by(&Query::new().step("points"), Some("n")).unwrap();
    let shown: Vec<_> =
        usage.iter().map(|usage| (usage.value.as_ref().unwrap().to_string(), usage.size_bytes)).collect();
    assert_eq!(shown, [("20".to_owned(), 60), ("10".to_owned(), 30)]);
    let all = catalogue.usage_by(&Query::new(), None).unwrap();
    assert!(all.iter().any(|usage| usage.param.as_deref() == Some("points.seed")));
}
