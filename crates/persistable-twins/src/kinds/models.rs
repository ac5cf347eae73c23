//! Structs and enums.

use std::collections::HashMap;

use persistable::PersistableParams;

use crate::call::text_step;

#[derive(PersistableParams)]
enum Kernel {
    Linear,
    #[param(name = "Cubic")]
    OfThirdDegree,
}

#[derive(PersistableParams)]
enum Shape {
    Circle { radius: f64 },
    Segment(i32, i32),
}

#[derive(PersistableParams)]
struct Layer {
    size: u32,
    dropout: Option<f64>,
}

#[derive(PersistableParams)]
struct Pair<A, B> {
    left: A,
    right: B,
}

#[derive(PersistableParams)]
struct Point(f64, f64);

#[derive(PersistableParams)]
#[param(transparent)]
struct Seconds(f64);

#[derive(PersistableParams)]
#[param(name = "Earlier")]
struct Later {
    #[param(renamed_from = "epochs")]
    most_epochs: u32,
    #[param(added_with_default = 0.5)]
    momentum: f64,
    #[param(untracked)]
    _threads: usize,
}

#[derive(PersistableParams)]
pub(super) struct Models {
    kernel: Kernel,
    kernels: HashMap<String, Kernel>,
    circle: Shape,
    segment: Shape,
    layers: Vec<Layer>,
    pair: Pair<u8, String>,
    point: Point,
    seconds: Seconds,
    later: Later,
    changed: Later,
}

impl Models {
    pub(super) fn example() -> Self {
        Self {
            kernel: Kernel::Linear,
            kernels: [("third".into(), Kernel::OfThirdDegree)].into(),
            circle: Shape::Circle { radius: 1.5 },
            segment: Shape::Segment(-1, 2),
            layers: vec![Layer { size: 64, dropout: None }, Layer { size: 8, dropout: Some(0.25) }],
            pair: Pair { left: 1, right: "r".into() },
            point: Point(0.0, 1.0),
            seconds: Seconds(2.5),
            later: Later { most_epochs: 10, momentum: 0.5, _threads: 4 },
            changed: Later { most_epochs: 10, momentum: 0.9, _threads: 8 },
        }
    }
}

text_step!(Models, "models");
