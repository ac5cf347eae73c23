//! A dataset: random numbers, defined by how many there are and by a seed.

use ndarray::Array1;
use persistable::{PersistableParams, Run, Step, StepResult, io, track_code};
use rand_mt::Mt;

/// Generates `n` uniform random numbers, the ones that NumPy gives after `np.random.seed(random_state)`.
#[derive(Clone, Debug, PersistableParams)]
pub struct GaussianDistributedPoints {
    /// How many numbers.
    pub n: usize,
    /// The seed.
    #[param(default = 100)]
    pub random_state: u32,
}

#[track_code]
impl Step for GaussianDistributedPoints {
    type Payload = Array1<f64>;
    type Io = io::Npy;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Array1<f64>> {
        let mut generator = Mt::new(self.random_state);
        Ok(Array1::from_shape_simple_fn(self.n, || uniform(&mut generator)))
    }

    fn validate_payload(&self, payload: &Array1<f64>) -> StepResult<()> {
        if payload.len() == self.n {
            return Ok(());
        }
        Err(format!("there are {} numbers, and n is {}", payload.len(), self.n).into())
    }
}

/// Draws a number from [0, 1) with the 53 random bits that a double can hold.
fn uniform(generator: &mut Mt) -> f64 {
    let (high, low) = (generator.next_u32() >> 5, generator.next_u32() >> 6);
    (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
}
