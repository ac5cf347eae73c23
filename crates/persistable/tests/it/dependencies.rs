//! Steps that depend on steps.

use persistable::{Persistable, PersistableParams, Run, Step, StepResult, Store, io};

use crate::support::{Squares, Sum, open};

#[test]
fn another_parameter_of_a_dependency_gives_another_artifact_and_the_same_one_is_loaded() {
    let store = Store::memory();
    let squares = open(&store, Squares::new(4));
    let sum = open(&store, Sum::new(1, &squares));
    assert_eq!(*sum.payload().unwrap(), 14);

    let others = open(&store, Squares::new(5));
    let other = open(&store, Sum::new(1, &others));
    assert_ne!(other.key(), sum.key());
    assert_eq!(*other.payload().unwrap(), 30);

    let again = open(&store, Sum::new(1, &open(&store, Squares::new(4))));
    assert_eq!(again.key(), sum.key());
    assert_eq!(*again.payload().unwrap(), 14);
    assert_eq!(again.step().generations.count(), 0);
    assert_eq!(again.step().squares.origin(), None, "a hit needs nothing of its dependencies");
}

#[test]
fn a_dependency_of_many_is_generated_once_and_held_once() {
    let store = Store::memory();
    let squares = open(&store, Squares::new(4));
    for factor in 0..10 {
        assert_eq!(*open(&store, Sum::new(factor, &squares)).payload().unwrap(), 14 * factor);
    }
    assert_eq!(squares.step().generations.count(), 1);
}

#[derive(PersistableParams)]
struct Gathered {
    #[param(dependency)]
    first: Vec<Persistable<Squares>>,
    #[param(dependency)]
    second: Option<Persistable<Squares>>,
}

impl Step for Gathered {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        let mut sum = 0;
        for squares in self.first.iter().chain(&self.second) {
            sum += squares.payload()?.iter().sum::<u64>();
        }
        Ok(sum)
    }
}

#[test]
fn the_same_dependencies_in_other_places_are_another_step() {
    let store = Store::memory();
    let (three, four) = (open(&store, Squares::new(3)), open(&store, Squares::new(4)));
    let both = open(&store, Gathered { first: vec![three.clone(), four.clone()], second: None });
    let apart = open(&store, Gathered { first: vec![three.clone()], second: Some(four.clone()) });
    let swapped = open(&store, Gathered { first: vec![four], second: Some(three) });
    assert_ne!(both.key(), apart.key());
    assert_ne!(swapped.key(), apart.key());
    assert_eq!(*both.payload().unwrap(), *swapped.payload().unwrap());
}

/// Declares steps with two places, and returns how each generates from its dependencies.
macro_rules! difference {
    ($($(#[$attribute:meta])* $field:ident),*) => {{
        #[derive(PersistableParams)]
        struct Difference {
            $($(#[$attribute])* #[param(dependency)] $field: Persistable<Squares>,)*
        }
        impl Step for Difference {
            type Payload = u64;
            type Io = io::MessagePack;
            fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
                Ok(0)
            }
        }
        |store: &Store, [$($field),*]: [&Persistable<Squares>; 2]| {
            crate::support::open_elsewhere(store, Difference { $($field: $field.clone()),* }).key()
        }
    }};
}

#[test]
fn which_of_two_equal_places_a_dependency_stands_in_counts_by_name_and_not_by_position() {
    let store = Store::memory();
    let (three, four) = (open(&store, Squares::new(3)), open(&store, Squares::new(4)));
    let plain = difference!(minuend, subtrahend);
    let reordered = difference!(subtrahend, minuend);
    let renamed = difference!(subtrahend, whole);
    let kept = difference!(
        #[param(renamed_from = "minuend")]
        whole,
        subtrahend
    );

    let key = plain(&store, [&three, &four]);
    assert_ne!(plain(&store, [&four, &three]), key);
    assert_eq!(reordered(&store, [&four, &three]), key, "the order of fields does not matter");
    assert_eq!(kept(&store, [&three, &four]), key, "a renamed place keeps its name in the key");
    let others = [plain(&store, [&three, &four]), plain(&store, [&four, &three])];
    assert!(!others.contains(&renamed(&store, [&three, &four])), "another name is another place");
    assert!(!others.contains(&renamed(&store, [&four, &three])));
}

#[test]
fn a_single_place_and_places_of_different_steps_need_nothing_but_the_list() {
    #[derive(PersistableParams)]
    struct Mixed {
        #[param(dependency)]
        squares: Persistable<Squares>,
        #[param(dependency)]
        sums: [Persistable<Sum>; 1],
    }
    impl Step for Mixed {
        type Payload = u64;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
            Ok(0)
        }
    }
    let store = Store::memory();
    let squares = open(&store, Squares::new(3));
    let sum = open(&store, Sum::new(1, &squares));
    let mixed = open(&store, Mixed { squares: squares.clone(), sums: [sum.clone()] });
    let named = |tree: &persistable::ParamsTree| (tree.payload_name().to_owned(), tree.key());
    assert!(mixed.params_tree().params().is_empty());
    assert_eq!(
        mixed.tracked_persistable_dependencies().iter().map(named).collect::<Vec<_>>(),
        [("squares".to_owned(), squares.key()), ("sum".to_owned(), sum.key())]
    );
}

#[test]
fn a_generic_step_has_to_be_named() {
    #[derive(PersistableParams)]
    struct Shift<const BY: i64> {
        n: i64,
    }
    impl<const BY: i64> Step for Shift<BY> {
        type Payload = i64;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<i64> {
            Ok(self.n + BY)
        }
    }
    let error = Persistable::open(Store::memory(), Shift::<-1> { n: 5 }).unwrap_err();
    assert_eq!(error.kind(), persistable::ErrorKind::InvalidName);
    let line = r#"fn payload_name(&self) -> String { "shift_1".to_owned() }"#;
    assert!(error.to_string().contains("Shift<-1>") && error.to_string().contains(line), "{error}");
    let named = Persistable::builder(Shift::<-1> { n: 5 }).payload_name("one_less").open(Store::memory()).unwrap();
    assert_eq!(*named.payload().unwrap(), 4);
}

#[test]
fn dependencies_of_one_name_stay_distinct_in_the_tree() {
    let store = Store::memory();
    let (three, four) = (open(&store, Squares::new(3)), open(&store, Squares::new(4)));
    let both = open(&store, Gathered { first: vec![three.clone(), four, three.clone()], second: None });
    let tree = both.params_tree().for_people();
    let tree = tree.as_object().unwrap();
    assert_eq!(tree[&three.to_string()]["n"], 3);
    assert_eq!(tree.len(), 3);
}

/// A chain of diamonds: both steps of a level depend on both below.
#[derive(PersistableParams)]
struct Level {
    side: u8,
    #[param(dependency)]
    below: Vec<Persistable<Level>>,
}

impl Step for Level {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        self.below.iter().try_fold(1_u64, |sum, level| Ok((sum + *level.payload()?) % 1_000_007))
    }
}

fn diamonds(store: &Store, levels: usize) -> Persistable<Level> {
    let mut below: Vec<Persistable<Level>> = Vec::new();
    for _ in 0..levels {
        below = [0, 1].map(|side| open(store, Level { side, below: below.clone() })).into();
    }
    below.remove(0)
}

#[test]
fn a_chain_of_diamonds_a_thousand_levels_deep_is_generated_from_its_top() {
    let store = Store::memory();
    let top = diamonds(&store, 1_000);
    let payload = *top.payload().unwrap();
    assert_eq!(*diamonds(&store, 1_000).load().unwrap(), payload);
}

#[test]
fn the_tree_for_people_of_a_large_graph_stays_small_and_that_of_a_small_one_is_whole() {
    let store = Store::memory();
    let small = diamonds(&store, 4).params_tree().for_people();
    assert_eq!(count_steps(&small), (1 + 2 + 4 + 8, 0));
    let large = diamonds(&store, 300).params_tree().for_people();
    let (written_out, by_key) = count_steps(&large);
    assert_eq!(written_out, 50);
    assert!(by_key > 0 && by_key <= 2 * 50, "{by_key}");
}

/// How many steps a tree writes out, and how many it has by name and key.
fn count_steps(tree: &serde_json::Value) -> (usize, usize) {
    if tree.get("key").is_some() {
        return (0, 1);
    }
    let below = tree.as_object().unwrap().values().filter(|value| value.is_object()).map(count_steps);
    below.fold((1, 0), |(written_out, by_key), (more, more_by_key)| (written_out + more, by_key + more_by_key))
}
