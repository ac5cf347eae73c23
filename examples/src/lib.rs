//! The steps that the examples are made of.

mod outliers;
mod points;

pub use outliers::{OutlierDetector, OutlierEstimator};
pub use points::GaussianDistributedPoints;
