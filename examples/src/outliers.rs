//! An estimator that is fitted on a dataset.

use std::fmt;

use ndarray::Array1;
use persistable::{Persistable, PersistableParams, Run, Step, StepResult, io, track_code};

use crate::GaussianDistributedPoints;

/// Fits an [`OutlierDetector`] on the points it depends on.
#[derive(Clone, Debug, PersistableParams)]
pub struct OutlierEstimator {
    /// Farther than this many standard deviations from the mean is out.
    pub z_threshold: f64,
    /// The points to fit on.
    #[param(dependency)]
    pub points: Persistable<GaussianDistributedPoints>,
}

#[track_code]
impl Step for OutlierEstimator {
    type Payload = OutlierDetector;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<OutlierDetector> {
        let points = self.points.payload()?;
        let mean = points.mean().ok_or("there are no points to fit on")?;
        let variance = points.mapv(|point| (point - mean).powi(2)).mean().unwrap_or_default();
        Ok(OutlierDetector { mean, standard_deviation: variance.sqrt(), z_threshold: self.z_threshold })
    }
}

/// Says of numbers whether they are outliers.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct OutlierDetector {
    /// The mean of the points.
    pub mean: f64,
    /// The population standard deviation of the points.
    pub standard_deviation: f64,
    z_threshold: f64,
}

impl OutlierDetector {
    /// Tells for each number whether it is an outlier.
    #[must_use]
    pub fn is_outlier(&self, numbers: &Array1<f64>) -> Array1<bool> {
        numbers.mapv(|number| (number - self.mean).abs() > self.z_threshold * self.standard_deviation)
    }
}

impl fmt::Display for OutlierDetector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mean {}, standard deviation {}", self.mean, self.standard_deviation)
    }
}
