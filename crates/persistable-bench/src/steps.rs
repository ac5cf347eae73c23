//! The steps that are measured.

use std::thread;
use std::time::Duration;

use ndarray::{Array1, Ix1};
use persistable::io::{MappedArray, MessagePack, Npy};
use persistable::{Persistable, PersistableParams, Run, Step, StepResult};

/// Numbers, kept as MessagePack.
#[derive(PersistableParams)]
pub(crate) struct Numbers {
    pub(crate) n: usize,
    pub(crate) random_state: u32,
}

/// Numbers, kept as an NPY file and read into memory.
#[derive(PersistableParams)]
pub(crate) struct ArrayOfNumbers {
    pub(crate) n: usize,
    pub(crate) random_state: u32,
}

/// Numbers, kept as an NPY file and mapped.
#[derive(PersistableParams)]
pub(crate) struct LargeArray {
    pub(crate) n: usize,
}

/// A step of a graph; its payload is how many steps there are on the longest way down.
#[derive(PersistableParams)]
pub(crate) struct Node {
    pub(crate) level: usize,
    pub(crate) place: usize,
    #[param(dependency)]
    pub(crate) below: Vec<Persistable<Node>>,
}

/// A step that waits.
#[derive(PersistableParams)]
pub(crate) struct Pause {
    pub(crate) number: u32,
    pub(crate) milliseconds: u64,
}

impl Step for Numbers {
    type Payload = Vec<f64>;
    type Io = MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<f64>> {
        Ok(numbers(self.n, self.random_state).collect())
    }
}

impl Step for ArrayOfNumbers {
    type Payload = Array1<f64>;
    type Io = Npy;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Array1<f64>> {
        Ok(numbers(self.n, self.random_state).collect())
    }
}

impl Step for LargeArray {
    type Payload = MappedArray<f64, Ix1>;
    type Io = Npy;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Self::Payload> {
        Ok(numbers(self.n, 0).collect::<Array1<f64>>().into())
    }
}

impl Step for Pause {
    type Payload = u32;
    type Io = MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
        thread::sleep(Duration::from_millis(self.milliseconds));
        Ok(self.number)
    }
}

impl Step for Node {
    type Payload = usize;
    type Io = MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<usize> {
        let mut longest = 0;
        for step in &self.below {
            longest = longest.max(*step.payload()?);
        }
        Ok(longest + 1)
    }
}

/// Numbers between 0 and 1 that use all their bits.
fn numbers(n: usize, random_state: u32) -> impl Iterator<Item = f64> {
    let mut state = u64::from(random_state).wrapping_add(0x9E37_79B9_7F4A_7C15);
    (0..n).map(move |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    })
}
