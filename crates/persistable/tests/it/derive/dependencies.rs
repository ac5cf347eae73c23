//! `dependency`: fields that hold other steps.

use persistable::PersistableParams;
use serde_json::json;

use super::keyed;
use handles::{Handle, held, points};

/// What of the library these tests use: the handle of a step, told apart by its `n`, and which handles a step holds.
pub(super) mod handles {
    use persistable::{Dependencies, Persistable, PersistableParams, Run, Step, StepResult, Store, io};

    pub(crate) type Handle = Persistable<Points>;

    #[derive(PersistableParams)]
    pub(crate) struct Points {
        n: u64,
    }

    impl Step for Points {
        type Payload = String;
        type Io = io::Text;

        fn generate_payload(&self, _: &Run<'_>) -> StepResult<String> {
            Ok(self.n.to_string())
        }
    }

    pub(crate) fn points(n: u64) -> Handle {
        Persistable::open(Store::memory(), Points { n }).unwrap()
    }

    pub(crate) fn held(dependencies: &Dependencies) -> Vec<u64> {
        let n = |params: &persistable::Fields| params.get("n").and_then(|n| n.for_people().as_u64()).unwrap();
        dependencies.params_trees().map(|tree| n(tree.params())).collect()
    }
}

#[test]
fn a_dependency_is_no_param() {
    #[derive(PersistableParams)]
    struct Outliers {
        #[param(dependency)]
        points: Handle,
        z_threshold: f64,
    }
    let outliers = Outliers { points: points(100), z_threshold: 1.5 };
    assert_eq!(keyed(&outliers), json!({"z_threshold": {"float": 1.5}}));
    assert_eq!(held(&outliers.tracked_persistable_dependencies()), [100]);
}

#[test]
fn a_struct_without_dependencies_says_so() {
    #[derive(PersistableParams)]
    struct Alone {
        n: usize,
    }
    assert!(held(&Alone { n: 1 }.tracked_persistable_dependencies()).is_empty());
}

#[test]
fn dependencies_are_in_the_order_of_their_fields() {
    #[derive(PersistableParams)]
    struct Several {
        #[param(dependency)]
        first: Handle,
        n: usize,
        #[param(dependency)]
        second: [Handle; 1],
    }
    let several = Several { first: points(2), n: 0, second: [points(1)] };
    assert_eq!(held(&several.tracked_persistable_dependencies()), [2, 1]);
}

#[test]
fn a_dependency_can_have_a_default() {
    #[derive(PersistableParams)]
    struct Outliers {
        #[param(dependency)]
        points: Handle,
        #[param(dependency, default = None)]
        prior: Option<Handle>,
    }
    assert_eq!(held(&Outliers::with_defaults(points(3)).tracked_persistable_dependencies()), [3]);
}

#[test]
fn a_step_can_be_generic_over_what_it_depends_on() {
    #[derive(PersistableParams)]
    struct Outliers<D> {
        #[param(dependency)]
        points: D,
        z_threshold: f64,
    }
    assert_eq!(held(&Outliers { points: points(1), z_threshold: 1.5 }.tracked_persistable_dependencies()), [1]);
    assert_eq!(
        held(&Outliers { points: vec![points(1), points(2)], z_threshold: 1.5 }.tracked_persistable_dependencies()),
        [1, 2]
    );
}
