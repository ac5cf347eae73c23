//! Steps that depend on others, and steps that changed.

use std::collections::BTreeMap;

use persistable::{Persistable, PersistableParams, Run, Step, StepResult, Store, io};
use persistable_examples::{GaussianDistributedPoints, OutlierEstimator};

use crate::call::{Call, Outcome, text_step};

pub(crate) fn call(call: &Call) -> Option<Outcome<()>> {
    match call.step.as_str() {
        "gaussian_distributed_points" => call.with(|_| Ok(points())),
        "outlier_estimator" => call.with_shown(
            |store| Ok(OutlierEstimator { z_threshold: 1.5, points: Persistable::open(store, points())? }),
            // NumPy adds numbers up in another order.
            |detector| format!("{:.12} {:.12}", detector.mean, detector.standard_deviation),
        ),
        "numbers" => call.with(|_| Ok(Numbers { n: 3 })),
        "total" => call.with(|store| Ok(Total { numbers: numbers(store, 3)?, scale: 2 })),
        "between" => call.with(|store| {
            Ok(Between { second: vec![numbers(store, 2)?, numbers(store, 3)?], first: numbers(store, 1)? })
        }),
        "between_few" => call.with(|store| Ok(Between { second: vec![numbers(store, 3)?], first: numbers(store, 1)? })),
        "of_two_types" => call
            .with(|store| Ok(OfTwoTypes { numbers: numbers(store, 3)?, label: Persistable::open(store, Label {})? })),
        "maybe_labelled" => call.with(|store| Ok(MaybeLabelled { label: None, numbers: numbers(store, 3)? })),
        "by_name" => call.with(|store| {
            let second = vec![numbers(store, 2)?, numbers(store, 3)?];
            let parts = [("second".to_owned(), second), ("first".to_owned(), vec![numbers(store, 1)?])];
            Ok(ByName { parts: parts.into() })
        }),
        "several" => call.with(|store| Ok(Several { parts: vec![numbers(store, 2)?, numbers(store, 1)?] })),
        "versioned" => call.with(|_| Ok(Versioned { n: 1 })),
        "evolved" => call.with(|_| Ok(Evolved { most_epochs: 10, momentum: 0.5, _threads: 3 })),
        "evolved_further" => call.with(|_| Ok(Evolved { most_epochs: 10, momentum: 0.25, _threads: 3 })),
        "named" => call.with(|_| Ok(CustomName { n: 1 })),
        _ => None,
    }
}

fn points() -> GaussianDistributedPoints {
    GaussianDistributedPoints { n: 100, random_state: 10 }
}

pub(crate) fn numbers(store: &Store, n: u64) -> persistable::Result<Persistable<Numbers>> {
    Persistable::open(store, Numbers { n })
}

#[derive(PersistableParams)]
pub(crate) struct Numbers {
    n: u64,
}

impl Step for Numbers {
    type Payload = Vec<u64>;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u64>> {
        Ok((0..self.n).collect())
    }
}

#[derive(PersistableParams)]
struct Total {
    scale: u64,
    #[param(dependency)]
    numbers: Persistable<Numbers>,
}

impl Step for Total {
    type Payload = u64;
    type Io = io::Json;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        Ok(self.scale * self.numbers.payload()?.iter().sum::<u64>())
    }

    fn version(&self) -> Option<String> {
        Some("2, of sums".into())
    }
}

/// Two places for steps of one type.
#[derive(PersistableParams)]
struct Between {
    #[param(dependency)]
    second: Vec<Persistable<Numbers>>,
    #[param(dependency)]
    first: Persistable<Numbers>,
}

impl Step for Between {
    type Payload = Vec<Vec<u64>>;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<Vec<u64>>> {
        let mut all = vec![self.first.payload()?.to_vec()];
        for numbers in &self.second {
            all.push(numbers.payload()?.to_vec());
        }
        Ok(all)
    }
}

#[derive(PersistableParams)]
struct Label {}

text_step!(Label, "label");

/// Two places that can't be taken for each other.
#[derive(PersistableParams)]
struct OfTwoTypes {
    #[param(dependency)]
    numbers: Persistable<Numbers>,
    #[param(dependency)]
    label: Persistable<Label>,
}

text_step!(OfTwoTypes, "of two types");

#[derive(PersistableParams)]
struct MaybeLabelled {
    #[param(dependency)]
    label: Option<Persistable<Label>>,
    #[param(dependency)]
    numbers: Persistable<Numbers>,
}

text_step!(MaybeLabelled, "maybe labelled");

#[derive(PersistableParams)]
struct ByName {
    #[param(dependency)]
    parts: BTreeMap<String, Vec<Persistable<Numbers>>>,
}

text_step!(ByName, "by name");

#[derive(PersistableParams)]
struct Several {
    #[param(dependency)]
    parts: Vec<Persistable<Numbers>>,
}

text_step!(Several, "several");

#[derive(PersistableParams)]
struct Versioned {
    n: u8,
}

text_step!(
    Versioned,
    "versioned",
    fn version(&self) -> Option<String> {
        Some(String::new())
    }
);

#[derive(PersistableParams)]
struct Evolved {
    #[param(renamed_from = "epochs")]
    most_epochs: u32,
    #[param(added_with_default = 0.5)]
    momentum: f64,
    #[param(untracked)]
    _threads: usize,
}

text_step!(Evolved, "evolved");

#[derive(PersistableParams)]
struct CustomName {
    n: u8,
}

text_step!(
    CustomName,
    "a payload name",
    fn payload_name(&self) -> String {
        "näme v1.5, of us".into()
    }
);
