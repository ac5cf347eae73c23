//! Filters choose what they say, and point at what is wrong with them.

use persistable_catalogue::{Catalogue, ErrorKind, Query, age_in_seconds, size_in_bytes};

use crate::lab::{Lab, fields};

fn sweep() -> Lab {
    let lab = Lab::new();
    for n in [10, 100, 1000] {
        for seed in 1..=2 {
            let points = lab.points(n, seed);
            lab.estimator(1.5, &points);
            lab.estimator(2.0, &points);
        }
    }
    lab
}

fn count(catalogue: &mut Catalogue, filter: &str) -> usize {
    let query = Query::new().filter(filter.parse().unwrap());
    catalogue.table(&query).unwrap_or_else(|error| panic!("{error}")).selected
}

#[test]
fn comparisons_choose_what_they_say() {
    let lab = sweep();
    let mut catalogue = lab.catalogue();
    for (filter, expected) in [
        ("n > 100", 2),
        ("n >= 100", 4),
        ("n = 100", 2),
        ("n == 100.0", 2),
        ("n != 100", 4),
        ("100 <= n < 1000", 2),
        ("1000 > n", 4),
        ("n in [10, 1000]", 4),
        ("n not in (10, 1000)", 2),
        ("n > 10 and seed == 1", 2),
        ("n > 10 & seed == 1", 2),
        ("n > 100 or seed == 1", 4),
        ("not n > 100 and .name == 'points'", 4),
        ("(n > 100 or n < 100) and seed == 2", 2),
        ("points.n == 100", 4),
        ("points.n == 100 and z_threshold < 2", 2),
        ("points.n == 100 and points.seed == 1 and z_threshold == 2", 1),
        ("z_threshold is missing", 6),
        ("z_threshold is not missing", 12),
        ("`n` > 100", 2),
        ("points[0].n > 100", 4),
        ("points[1].n > 100", 0),
        ("n == seed", 0),
        ("n > seed", 6),
        (".size > 1kB", 0),
        (".size >= 1kB", 2),
        (".size > 0.1KiB and .size < 1MB", 2),
        ("points..size >= 1000", 4),
        (".io == 'text'", 18),
        (".seconds < 1s", 18),
        (".age > 1d", 18),
        (".age < 1min", 0),
        (".persisted < 2026-11-02", 18),
        (".persisted > '2026-11-02'", 0),
        (".persisted >= 2026-11-01T11:00Z", 18),
        (".name contains 'oint'", 6),
        ("n == '100'", 0),
        (".state == 'whole'", 18),
        (".pinned", 0),
    ] {
        assert_eq!(count(&mut catalogue, filter), expected, "{filter}");
    }
}

#[test]
fn kinds_of_values_compare_as_people_expect() {
    let lab = Lab::new();
    let none: Option<i64> = None;
    let big = 10_i128.pow(30);
    lab.make("a", fields(&[("x", &none), ("t", &"fast"), ("b", &true), ("f", &f64::NAN)]), &[], 1);
    lab.make("a", fields(&[("x", &3), ("t", &"slow"), ("b", &false), ("f", &-0.0)]), &[], 1);
    lab.make("a", fields(&[("x", &2.5), ("t", &vec![1, 2]), ("b", &true), ("f", &big)]), &[], 1);
    let wait = std::time::Duration::from_secs(90);
    lab.make("b", fields(&[("learning rate", &0.1), ("wait", &wait), ("weights", &vec![0.5, 1.0])]), &[], 1);
    let mut catalogue = lab.catalogue();
    for (filter, expected) in [
        ("x is none", 1),
        ("x == none", 1),
        ("x is not none", 2),
        ("x != 3", 2),
        ("x > 2", 2),
        ("x >= 2.5 and x < 3", 1),
        ("t == 'fast'", 1),
        ("t in ['fast', \"slow\"]", 2),
        ("t > 'g'", 1),
        ("t contains '1,2'", 1),
        ("b", 2),
        ("not b and x is not missing", 1),
        ("b == false", 1),
        ("b is true", 2),
        ("f == nan", 1),
        ("f == 0", 1),
        ("f > 1e29", 1),
        ("`learning rate` == 0.1", 1),
        ("wait > 1m", 1),
        ("wait == 90s", 1),
        ("weights == '[0.5,1.0]'", 1),
    ] {
        assert_eq!(count(&mut catalogue, filter), expected, "{filter}");
    }
}

#[test]
fn errors_point_at_the_place() {
    for (filter, message) in [
        ("n > and m == 1", "the filter needs a param or a value here\n  n > and m == 1\n      ^^^"),
        ("", "the filter needs a condition, such as `n > 100` here\n  \n  ^"),
        ("n > 1 m", "the filter needs `and` or `or` here\n  n > 1 m\n        ^"),
        (
            "n > 10XB",
            "`10XB` is not a number. Units are B kB KB MB GB TB PB KiB MiB GiB TiB ms s min m h d w y\n  n > 10XB\n      ^^^^",
        ),
        ("a == 'x", "the closing ' is missing\n  a == 'x\n       ^^"),
        ("(n > 1", "the filter needs `)` here\n  (n > 1\n        ^"),
        ("n in 3", "the filter needs a list, such as `[1, 2]` here\n  n in 3\n       ^"),
        ("n $ 3", "`$` has no meaning here. Put odd names in backticks\n  n $ 3\n    ^"),
        ("5", "the filter needs a comparison, such as `== 1` here\n  5\n   ^"),
    ] {
        let error = filter.parse::<persistable_catalogue::Filter>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Filter);
        assert_eq!(error.to_string(), message, "{filter}");
    }
}

#[test]
fn a_param_that_nothing_has_is_an_error_with_the_one_that_may_be_meant() {
    let lab = sweep();
    let mut catalogue = lab.catalogue();
    let mut message = |step: Option<&str>, filter: &str| {
        let mut query = Query::new().filter(filter.parse().unwrap());
        if let Some(step) = step {
            query = query.step(step);
        }
        catalogue.table(&query).unwrap_err().to_string()
    };
    assert_eq!(message(None, "sed == 1"), "no artifact has a param sed. Did you mean seed?\n  sed == 1\n  ^^^");
    assert_eq!(
        message(Some("estimator"), "z_threshold > 1 and seed == 1"),
        "no artifact has a param seed. Did you mean points.seed?\n  z_threshold > 1 and seed == 1\n                      ^^^^"
    );
    assert_eq!(message(Some("point"), "n > 1"), "there is no point. Did you mean points?");
    let error = lab.catalogue().table(&Query::new().step("point")).unwrap_err();
    assert_eq!(format!("{error:-}"), "there is no point", "the rest is advice");
    assert_eq!(message(None, ".sise > 1"), "no artifact has a param .sise. Did you mean .size?\n  .sise > 1\n  ^^^^^");
}

#[test]
fn a_comparison_that_can_never_hold_is_remarked() {
    let lab = Lab::new();
    lab.points(10, 1);
    let table = lab.catalogue().table(&Query::new().filter("n == '100'".parse().unwrap())).unwrap();
    assert_eq!(table.selected, 0);
    assert_eq!(table.hints, ["n is an int, such as 10, and the filter compares it with a text"]);
    let table = lab.catalogue().table(&Query::new().filter("n".parse().unwrap())).unwrap();
    assert_eq!(table.hints, ["n is an int, such as 10, and the filter takes it as a truth value"]);
}

#[test]
fn columns_are_the_params_that_vary() {
    let lab = sweep();
    let mut catalogue = lab.catalogue();
    let columns = |catalogue: &mut Catalogue, query: &Query| catalogue.table(query).unwrap().columns;
    assert_eq!(columns(&mut catalogue, &Query::new().step("points")), ["n", "seed"]);
    let fixed = Query::new().step("points").filter("n == 10".parse().unwrap());
    assert_eq!(columns(&mut catalogue, &fixed), ["seed"]);
    assert_eq!(columns(&mut catalogue, &Query::new().step("estimator")), ["z_threshold", "points.n", "points.seed"]);
    let one = Query::new().step("points").filter("n == 10 and seed == 1".parse().unwrap());
    assert_eq!(columns(&mut catalogue, &one), ["n", "seed"]);
}

#[test]
fn rows_are_sorted_and_limited() {
    let lab = sweep();
    let query = Query::new().step("points").columns(["n".into(), ".size".into()]).sort("n", true).limit(2);
    let table = lab.catalogue().table(&query).unwrap();
    assert_eq!((table.selected, table.rows.len(), table.size_bytes), (6, 2, 2220));
    let values: Vec<String> = table.rows.iter().map(|row| row.values[0].to_string()).collect();
    assert_eq!(values, ["1000", "1000"]);
    assert_eq!(table.rows[0].size_bytes, Some(1000));
}

#[test]
fn large_ints_are_compared_exactly() {
    let lab = Lab::new();
    let base = u64::MAX - 5;
    for seed in base..base + 3 {
        lab.make("points", fields(&[("seed", &seed)]), &[], 1);
    }
    let mut catalogue = lab.catalogue();
    for (operator, expected) in [("==", 1), ("!=", 2), ("<", 1), ("<=", 2), (">", 1)] {
        assert_eq!(count(&mut catalogue, &format!("seed {operator} {}", base + 1)), expected, "{operator}");
    }
    // Also where one side is a float.
    let first = 1_i64 << 53;
    for n in [first, first + 1] {
        lab.make("ints", fields(&[("n", &n)]), &[], 1);
    }
    lab.make("floats", fields(&[("x", &(first as f64))]), &[], 1);
    catalogue.refresh().unwrap();
    for (filter, expected) in [
        ("n == 9007199254740992.0", 1),
        ("n > 9007199254740992.0", 1),
        ("n == 9007199254740993", 1),
        ("x == 9007199254740992", 1),
        ("x == 9007199254740993", 0),
        ("x < 9007199254740993", 1),
    ] {
        assert_eq!(count(&mut catalogue, filter), expected, "{filter}");
    }
}

#[test]
fn sizes_and_ages_are_read_in_one_way() {
    for (text, bytes) in [("10GB", 10_000_000_000), ("10gb", 10_000_000_000), ("2G", 2 << 30), ("1e9", 1_000_000_000)] {
        assert_eq!(size_in_bytes(text).unwrap(), bytes);
        let filter = format!(".size < {text} and .size > -1");
        assert!(filter.parse::<persistable_catalogue::Filter>().is_ok(), "{filter}");
    }
    assert!(size_in_bytes("-1").is_err());
    for (text, seconds) in [("30m", 1800.0), ("1.5h", 5400.0), ("1h 30m", 5400.0), ("2 days", 172_800.0)] {
        assert!((age_in_seconds(text).unwrap() - seconds).abs() < 1e-6, "{text}");
    }
    assert!(age_in_seconds("10GB").is_err());
}

#[test]
fn if_nothing_varies_the_values_are_shown_and_not_what_holds_them() {
    let lab = Lab::new();
    let depths = std::collections::BTreeMap::from([("depth".to_owned(), 3_i64)]);
    lab.make("fit", fields(&[("model", &depths), ("seed", &1_i64)]), &[], 1);
    let table = lab.catalogue().table(&Query::new()).unwrap();
    assert!(table.columns.contains(&"model.depth".to_owned()), "{:?}", table.columns);
    assert!(!table.columns.contains(&"model".to_owned()), "{:?}", table.columns);
}

#[test]
fn what_nothing_is_selected_of_has_the_columns_of_its_step() {
    let query = Query::new().step("points").filter("n > 5000".parse().unwrap()).all_columns();
    assert_eq!(sweep().catalogue().table(&query).unwrap().columns, ["n", "seed"]);
}
