//! What the library of another language builds on: identities and payloads that are known only when it runs.

use std::sync::Arc;

use persistable::__private::{self, LentLeases, LoadOutcome, Made, Memory, Ways};
use persistable::store::objects::{self, Objects, Only, Trouble, Verb};
use persistable::{ErrorKind, Fields, Origin, Param, Persistable, Store, StoreOptions, Untracked};

use crate::remote::objects_of;
use crate::support::{Squares, Sum, open};

fn fields(name: &'static str, value: u64) -> Fields {
    let mut fields = Fields::new();
    fields.push(name, value.to_value().unwrap());
    fields
}

#[test]
fn an_identity_that_is_made_at_run_time_is_the_one_that_is_derived() {
    let store = Store::memory();
    let squares = open(&store, Squares::new(4));
    let sum = open(&store, Sum::new(2, &squares));
    let tree = __private::params_tree("squares", None, fields("n", 4), vec![]).unwrap();
    assert_eq!(tree.key(), squares.key());
    let tree = __private::params_tree("sum", None, fields("factor", 2), vec![tree]).unwrap();
    assert_eq!(tree.key(), sum.key());
    assert_eq!(tree.for_people(), sum.params_tree().for_people());
    let tree = __private::params_tree("sum", Some("2".into()), fields("factor", 2), vec![]).unwrap();
    assert_ne!(tree.key(), sum.key());
    let refused = __private::params_tree("a/b", None, Fields::new(), vec![]).unwrap_err();
    assert_eq!((refused.kind(), refused.operation()), (ErrorKind::InvalidName, "open"));
}

#[test]
fn a_step_opens_under_the_identity_it_is_given() {
    let store = Store::memory();
    let tree = __private::params_tree("anything", None, fields("m", 7), vec![]).unwrap();
    let builder = Persistable::builder(Squares::new(4)).library("a library of another language");
    let handle =
        __private::open_tree(builder, tree.clone(), store.clone(), Vec::new(), Vec::new(), Vec::new(), Memory::new());
    assert_eq!((handle.payload_name(), handle.key()), ("anything", tree.key()));
    assert_eq!(*handle.load_generate().unwrap(), [0, 1, 4, 9]);
    assert_eq!(handle.manifest().unwrap().unwrap().provenance.library.unwrap(), "a library of another language");
    let library = open(&store, Squares::new(3));
    library.generate().unwrap();
    let library = library.manifest().unwrap().unwrap().provenance.library.unwrap();
    assert!(library.starts_with("persistable ") && library.ends_with(" (Rust)"), "{library}");
}

#[test]
fn a_payload_that_is_put_in_memory_is_the_one_that_is_persisted() {
    let store = Store::memory();
    let open_over = |memory: &Memory<Squares>| {
        let tree = open(&store, Squares::new(4)).params_tree().clone();
        let (none, builder) = (Vec::new, Persistable::builder(Squares::new(4)));
        __private::open_tree(builder, tree, store.clone(), none(), none(), Vec::new(), memory.clone())
    };
    let memory = Memory::holding(LentLeases::new(), vec![1, 2, 3, 4], Made::that_took(Some(0.5)).into(), false);
    let handle = open_over(&memory);
    assert_eq!(handle.origin(), Some(Origin::Generated));
    assert_eq!(*handle.payload().unwrap(), [1, 2, 3, 4]);
    assert!(handle.manifest().unwrap().is_none(), "nothing is persisted until one says so");
    open_over(&memory).persist().unwrap();
    assert_eq!(handle.manifest().unwrap().unwrap().provenance.generation_seconds, Some(0.5));
    assert!(memory.get().unwrap().made.payload_digest.is_some());
    assert_eq!(*open(&store, Squares::new(4)).load().unwrap(), [1, 2, 3, 4]);

    let invalid = open_over(&Memory::holding(LentLeases::new(), vec![1], Made::that_took(None).into(), false));
    assert_eq!(invalid.persist().unwrap_err().kind(), ErrorKind::InvalidPayload);
    __private::persist_even_if_invalid(&invalid).unwrap();
    assert_eq!(*open(&store, Squares::new(4)).load_even_if_invalid().unwrap(), [1]);
}

/// Methods of another language, which call those of the core in the end.
struct Methods<'a> {
    handle: &'a Persistable<Squares>,
    calls: Vec<&'static str>,
}

impl Ways for Methods<'_> {
    type Got = ();
    type Error = persistable::Error;

    fn load(&mut self) -> persistable::Result<LoadOutcome<()>> {
        self.calls.push("load");
        match __private::load_to_heal(self.handle, false) {
            Ok(()) => Ok(LoadOutcome::Loaded(())),
            Err(error) if error.kind() == ErrorKind::Damaged => Ok(LoadOutcome::Damaged(None)),
            Err(error) if error.kind() == ErrorKind::Missing => Ok(LoadOutcome::Nothing),
            Err(error) => Err(error),
        }
    }

    fn persist(&mut self) -> persistable::Result<()> {
        self.calls.push("persist");
        self.handle.persist()
    }
}

#[test]
fn methods_that_override_those_of_the_core_are_called_in_its_order_and_work_under_its_lease() {
    let store = Store::memory();
    let handle = open(&store, Squares::new(4));
    let mut methods = Methods { handle: &handle, calls: Vec::new() };
    let generate = |methods: &mut Methods<'_>| {
        methods.calls.push("generate");
        // Also on another thread.
        std::thread::scope(|scope| scope.spawn(|| methods.handle.generate().map(drop)).join().unwrap())
    };
    __private::load_generate_by(&handle, &mut methods, generate).unwrap();
    assert_eq!(methods.calls, ["load", "generate"]);
    __private::load_generate_by(&handle, &mut methods, generate).unwrap();
    assert_eq!(methods.calls, ["load", "generate", "load"]);
    assert_eq!(*open(&store, Squares::new(4)).load().unwrap(), [0, 1, 4, 9]);
}

#[test]
fn who_may_only_read_is_told_of_damage_that_a_method_found() {
    let objects = objects::Memory::new();
    let store = StoreOptions::new().without_cache().over(Arc::new(objects.clone())).unwrap();
    let handle = open(&store, Squares::new(4));
    handle.generate().unwrap();
    let names = objects_of(&objects);
    let payload = names.iter().find(|name| name.starts_with("squares") && name.contains('~')).unwrap();
    objects.put(payload, b"bad", &Only::Always).unwrap();
    objects.trouble(Verb::Put, Trouble::Deny, 2); // The lease to put it into quarantine, and that to generate it.
    let handle = open(&store, Squares::new(4));
    let mut methods = Methods { handle: &handle, calls: Vec::new() };
    let denied = __private::load_generate_by(&handle, &mut methods, |_| Ok(())).unwrap_err();
    assert_eq!(denied.kind(), ErrorKind::Denied);
    assert!(format!("{denied:#}").contains("A result is there, but it is damaged"), "{denied:#}");
}

#[test]
fn what_persists_in_place_of_the_core_works_under_its_lease() {
    let store = Store::memory();
    let handle = open(&store, Squares::new(4));
    let refused = __private::generate_by(&handle, &Untracked::new(), || -> persistable::Result<()> {
        assert_eq!(handle.payload_in_memory().as_deref(), Some(&vec![0, 1, 4, 9]));
        handle.persist()?;
        open(&store, Squares::new(9)).load().map(drop)
    });
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Missing);
    assert_eq!(*open(&store, Squares::new(4)).load().unwrap(), [0, 1, 4, 9]);
    handle.generate().unwrap(); // The lease is free again.
}
