//! Random numbers that the key determines.

use persistable::{Key, Persistable, PersistableParams, Run, Step, StepResult, Store, io};

#[derive(PersistableParams)]
struct Seeded {
    n: u32,
}

impl Step for Seeded {
    type Payload = [u8; 32];
    type Io = io::MessagePack;
    fn generate_payload(&self, run: &Run<'_>) -> StepResult<[u8; 32]> {
        Ok(run.seed())
    }
}

#[test]
fn the_seed_is_the_same_for_one_key_and_another_for_another() {
    let seed = |n| {
        let step = Persistable::open(Store::memory(), Seeded { n }).unwrap();
        assert_eq!(*step.payload().unwrap(), step.key().seed());
        *step.payload().unwrap()
    };
    assert_eq!(seed(1), seed(1));
    assert_ne!(seed(1), seed(2));
}

#[test]
fn the_seed_of_a_key_never_changes() {
    let seed = Key::from_bytes([7; 32]).seed();
    assert_eq!(Key::from_bytes(seed).to_string(), "f4f202b26f04dd997491f18aaee689ef7424b978ba7253e0e7c5028c085f7d12");
}

#[cfg(feature = "rand")]
mod generator {
    use rand::RngExt as _;

    use super::*;

    #[derive(PersistableParams)]
    struct Noise {
        n: u32,
    }

    impl Step for Noise {
        type Payload = Vec<u64>;
        type Io = io::MessagePack;
        fn generate_payload(&self, run: &Run<'_>) -> StepResult<Vec<u64>> {
            let mut rng = run.rng();
            Ok((0..self.n).map(|_| rng.random()).collect())
        }
    }

    #[test]
    fn generating_again_gives_the_same_numbers() {
        let generate = || (*Persistable::open(Store::memory(), Noise { n: 3 }).unwrap().payload().unwrap()).clone();
        assert_eq!(generate(), generate());
    }

    #[test]
    fn the_numbers_of_a_key_never_change() {
        let noise = Persistable::open(Store::memory(), Noise { n: 3 }).unwrap();
        assert_eq!(noise.key().to_string(), "24fb357de31d8a7bf630f4c0837c44c21735e05980e8056fc7870847b92cfcc8");
        assert_eq!(
            *noise.payload().unwrap(),
            [10_931_380_685_223_058_645, 678_973_097_803_527_662, 6_995_655_090_755_881_639]
        );
    }
}
