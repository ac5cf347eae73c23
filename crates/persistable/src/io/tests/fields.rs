//! What types changed, and what payloads can't be kept, for the formats with field names.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

#[cfg(feature = "json")]
use crate::io::Json;
#[cfg(feature = "msgpack")]
use crate::io::MessagePack;
use crate::io::testing::{
    comes_back, load, not_loaded, not_saved, saved, says_when_the_disk_is_full, survives_damage, try_save,
};

macro_rules! formats {
    ($($(#[$attribute:meta])* fn $name:ident($io:ident) $body:block)*) => {
        #[cfg(feature = "msgpack")]
        mod message_pack {
            use super::*;
            $(#[test] fn $name() { let $io = MessagePack; $body })*
        }
        #[cfg(feature = "json")]
        mod json {
            use super::*;
            $(#[test] fn $name() { let $io = Json; $body })*
        }
    };
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Point,
    Circle(f64),
    Line(i32, i32),
    Box { width: u8, label: Option<String> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    small: (i8, i16, i32, i64, i128),
    large: (u8, u16, u32, u64, u128),
    single: Vec<f32>,
    double: Vec<f64>,
    text: String,
    letter: char,
    bytes: Vec<u8>,
    some: Option<u8>,
    none: Option<u8>,
    unit: (),
    shapes: Vec<Shape>,
    by_name: BTreeMap<String, Vec<Option<bool>>>,
    by_number: HashMap<i32, String>,
}

fn everything() -> Everything {
    Everything {
        small: (i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN),
        large: (u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX),
        single: vec![0.1, -0.0, f32::MIN_POSITIVE, f32::from_bits(1), f32::MAX, 16_777_217.0],
        double: vec![0.1 + 0.2, -0.0, f64::MIN_POSITIVE, f64::from_bits(1), f64::MAX, 9.007_199_254_740_993e15, 5e-324],
        text: "\0 \u{feff}\"quoted\" \\ \u{2028} 𝄞".into(),
        letter: '𝄞',
        bytes: vec![0, 127, 255],
        some: Some(0),
        none: None,
        unit: (),
        shapes: vec![
            Shape::Point,
            Shape::Circle(-0.0),
            Shape::Line(1, -1),
            Shape::Box { width: 3, label: None },
            Shape::Box { width: 3, label: Some(String::new()) },
        ],
        by_name: [(String::new(), vec![None, Some(true)]), ("b".into(), vec![])].into(),
        by_number: [(-1, "minus one".into()), (i32::MAX, String::new())].into(),
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Grown {
    x: f64,
    y: f64,
    z: f64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct GrownWithOption {
    x: f64,
    y: f64,
    z: Option<f64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Shrunk {
    x: f64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Renamed {
    x: f64,
    height: f64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Retyped {
    x: f64,
    y: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Reordered {
    y: f64,
    x: f64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Plot {
    name: String,
    points: Vec<Point>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct ShrunkPlot {
    name: String,
    points: Vec<Shrunk>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Tree(Vec<Tree>);

/// A tree of one branch: so many lists within each other, the innermost empty.
fn nested(depth: usize) -> Tree {
    let mut tree = Tree(vec![]);
    for _ in 1..depth {
        tree = Tree(vec![tree]);
    }
    tree
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Chain {
    End,
    Link(Option<Box<Chain>>),
    Named { next: Box<Chain> },
}

fn chained(depth: usize) -> Chain {
    let mut chain = Chain::End;
    for link in 0..depth {
        chain = match link % 2 {
            0 => Chain::Link(Some(Box::new(chain))),
            _ => Chain::Named { next: Box::new(chain) },
        };
    }
    chain
}

formats! {
    fn any_value_comes_back(io) {
        comes_back(&io, everything());
        comes_back(&io, Vec::<Point>::new());
        comes_back(&io, ());
        comes_back(&io, vec![Some(1), None]);
    }

    fn fields_may_change_their_order(io) {
        let bytes = saved(&io, &Point { x: 1.0, y: 2.0 });
        assert_eq!(load::<Reordered, _>(&io, &bytes).unwrap(), Reordered { y: 2.0, x: 1.0 });
    }

    fn a_field_that_is_missing_is_an_error_that_names_it(io) {
        let bytes = saved(&io, &Point { x: 1.0, y: 2.0 });
        let error = not_loaded::<Grown, _>(&io, &bytes);
        assert!(error.contains("missing field `z`") && error.contains("Grown"), "{error}");
    }

    fn a_missing_option_is_none(io) {
        let bytes = saved(&io, &Point { x: 1.0, y: 2.0 });
        assert_eq!(load::<GrownWithOption, _>(&io, &bytes).unwrap().z, None);
    }

    fn a_field_that_is_unknown_is_an_error_that_names_it(io) {
        let bytes = saved(&io, &Point { x: 1.0, y: 2.0 });
        let error = not_loaded::<Shrunk, _>(&io, &bytes);
        assert!(error.contains("there is an unknown field `y`"), "{error}");
        let plot = Plot { name: "p".into(), points: (0..9).map(|_| Point { x: 1.0, y: 2.0 }).collect() };
        let error = not_loaded::<ShrunkPlot, _>(&io, &saved(&io, &plot));
        assert!(error.contains("unknown fields `points.0.y`, `points.1.y`") && error.contains("and 4 more"), "{error}");
    }

    fn a_field_that_was_renamed_is_an_error_with_both_names(io) {
        let bytes = saved(&io, &Point { x: 1.0, y: 2.0 });
        let error = not_loaded::<Renamed, _>(&io, &bytes);
        assert!(error.contains("missing field `height`") && error.contains("unknown field `y`"), "{error}");
    }

    fn a_field_of_another_type_is_an_error(io) {
        let bytes = saved(&io, &Point { x: 1.0, y: 2.0 });
        let error = not_loaded::<Retyped, _>(&io, &bytes);
        assert!(error.contains("expected a string"), "{error}");
        assert!(load::<Vec<Point>, _>(&io, &bytes).is_err());
        assert!(load::<Shape, _>(&io, &bytes).is_err());
        assert!(load::<u8, _>(&io, &saved(&io, &256)).is_err());
        assert!(load::<i32, _>(&io, &saved(&io, &1.5)).is_err());
        assert!(load::<(i32, i32), _>(&io, &saved(&io, &(1, 2, 3))).is_err());
    }

    fn bytes_left_over_are_an_error(io) {
        let mut bytes = saved(&io, &Point { x: 1.0, y: 2.0 });
        bytes.extend(saved(&io, &Point { x: 1.0, y: 2.0 }));
        not_loaded::<Point, _>(&io, &bytes);
    }

    fn some_of_nothing_is_refused_with_its_place(io) {
        #[derive(Serialize, Deserialize)]
        struct Deep { answers: HashMap<String, Vec<Option<Option<bool>>>> }
        let payload = Deep { answers: [("a".into(), vec![Some(Some(true)), Some(None)])].into() };
        let error = not_saved(&io, &payload);
        assert!(error.contains(r#"at answers["a"][1]: it is Some of an empty value"#), "{error}");
        not_saved(&io, &Some(()));
        comes_back(&io, vec![Some(Some(1)), None]);
        comes_back(&io, Some(Shape::Point));
        comes_back(&io, Some(String::new()));
    }

    fn what_is_nested_too_deeply_is_refused_before_it_is_written(io) {
        let mut deepest = 0;
        for depth in 1..400 {
            let Ok(bytes) = try_save(&io, &nested(depth)) else { break };
            assert!(load::<Tree, _>(&io, &bytes).is_ok(), "{depth}");
            deepest = depth;
        }
        assert!((100..=128).contains(&deepest), "{deepest}");
        for depth in 1..400 {
            let Ok(bytes) = try_save(&io, &chained(depth)) else { break };
            assert!(load::<Chain, _>(&io, &bytes).is_ok(), "{depth}");
        }
        assert!(not_saved(&io, &nested(400)).contains("nested in more than"));
    }

    fn damage_is_never_a_panic(io) {
        let bytes = saved(&io, &everything());
        survives_damage::<Everything, _>(&io, &bytes);
        survives_damage::<Plot, _>(&io, &bytes);
        assert!(load::<Everything, _>(&io, b"").is_err());
    }

    fn a_full_disk_is_an_io_error(io) {
        says_when_the_disk_is_full(&io, &everything());
    }
}
