//! The examples' steps give the figures that the README shows.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use persistable::{Origin, Persistable, Step};
use persistable_examples::{GaussianDistributedPoints, OutlierEstimator};

fn points(folder: &std::path::Path, random_state: u32) -> Persistable<GaussianDistributedPoints> {
    Persistable::open(folder, GaussianDistributedPoints { n: 100, random_state }).unwrap()
}

fn estimator(points: &Persistable<GaussianDistributedPoints>) -> Persistable<OutlierEstimator> {
    let store = points.store();
    Persistable::open(store, OutlierEstimator { z_threshold: 1.5, points: points.clone() }).unwrap()
}

#[test]
fn the_points_are_those_of_numpy() {
    let folder = tempfile::tempdir().unwrap();
    // The first three of np.random.seed(10); np.random.random(100).
    let expected = [0.771320643266746, 0.0207519493594015, 0.6336482349262754];
    let payload = points(folder.path(), 10).generate().unwrap();
    assert_eq!(payload.as_slice().unwrap()[..3], expected);
    assert_eq!(points(folder.path(), 10).load().unwrap(), payload);
}

#[test]
fn the_default_random_state_is_100() {
    assert_eq!(GaussianDistributedPoints::with_defaults(3).random_state, 100);
}

#[test]
fn points_of_another_number_are_refused() {
    let step = GaussianDistributedPoints { n: 100, random_state: 10 };
    assert!(step.validate_payload(&ndarray::Array1::zeros(100)).is_ok());
    assert!(step.validate_payload(&ndarray::Array1::zeros(99)).is_err());
}

#[test]
fn the_estimator_is_fitted_on_its_points_and_loaded_for_the_same_ones() {
    let folder = tempfile::tempdir().unwrap();
    let first = estimator(&points(folder.path(), 10));
    let detector = first.load_generate().unwrap();
    assert!((detector.mean - 0.485_348_791_119_739_94).abs() < 1e-12);
    assert!((detector.standard_deviation - 0.274_976_592_430_847_27).abs() < 1e-12);
    let said = detector.is_outlier(&ndarray::array![0.0, 0.5, 0.99]);
    assert_eq!(said, ndarray::array![true, false, true]);

    let same = estimator(&points(folder.path(), 10));
    assert_eq!(same.payload().unwrap(), detector);
    assert_eq!(same.origin(), Some(Origin::Loaded));

    let other = estimator(&points(folder.path(), 11));
    assert_ne!(other.key(), first.key());
    assert_ne!(*other.payload().unwrap(), *detector);
    assert_eq!(other.origin(), Some(Origin::Generated));
}
