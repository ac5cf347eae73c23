//! Fits an outlier estimator on a dataset: two steps, one depending on the other.
#![allow(clippy::print_stdout, clippy::indexing_slicing, reason = "examples print, and know what they index")]

use persistable::{Persistable, Result, Step};
use persistable_examples::{GaussianDistributedPoints, OutlierEstimator};

fn main() -> Result<()> {
    let points = Persistable::open("example-data", GaussianDistributedPoints { n: 100, random_state: 10 })?;
    let estimator = OutlierEstimator { z_threshold: 1.5, points: points.clone() };
    let estimator = Persistable::open("example-data", estimator)?;

    let numbers = points.payload()?;
    let detector = estimator.payload()?;
    let outliers = detector.is_outlier(&numbers).iter().filter(|outlier| **outlier).count();

    report(&points);
    println!("  first number {}", numbers[0]);
    report(&estimator);
    println!("  {detector}");
    println!("{outliers} of {} numbers are outliers", numbers.len());
    Ok(())
}

fn report<S: Step>(step: &Persistable<S>) {
    if let Some(origin) = step.origin() {
        println!("{step}: {}", format!("{origin:?}").to_lowercase());
    }
}
