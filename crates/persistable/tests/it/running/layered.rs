//! One step in a data folder and in layers over that folder: two steps of a plan, which share a lease.

use persistable::{Persistable, PersistableParams, PlannedState, Run, Runner, Step, StepResult, StepState, Store, io};
use tempfile::TempDir;

use super::plans::Coded;
use super::shared::{Graph, Journal};

/// A folder, a store above it, and both as layers.
struct Stores {
    folder: Store,
    above: Store,
    layers: Store,
    _root: TempDir,
}

impl Stores {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let (folder, above) = (Store::open(root.path()).unwrap(), Store::memory());
        let layers = Store::layers([above.clone(), folder.clone()]).unwrap();
        Self { folder, above, layers, _root: root }
    }
}

/// Returns two steps in this order or in the other one.
fn in_order<T>(is_turned: bool, [a, b]: [T; 2]) -> [T; 2] {
    if is_turned { [b, a] } else { [a, b] }
}

#[test]
fn each_is_looked_for_in_its_own_store() {
    for is_turned in [false, true] {
        for (is_above, is_in_folder) in [(false, false), (true, false), (false, true), (true, true)] {
            let stores = Stores::new();
            let journal = Journal::default();
            let step = |store: &Store| Graph { store: store.clone(), journal: journal.clone() }.step("a", &[]);
            for (store, is_there) in [(&stores.above, is_above), (&stores.folder, is_in_folder)] {
                if is_there {
                    step(store).load_generate().unwrap();
                }
            }
            let before = journal.generated().len();
            let what = format!("turned: {is_turned}, above: {is_above}, in the folder: {is_in_folder}");

            let [in_folder, in_layers] = [step(&stores.folder), step(&stores.layers)];
            let steps = in_order(is_turned, [&in_folder, &in_layers]);
            let plan = Runner::new().plan_all(steps).unwrap();
            let states: Vec<bool> = plan.steps().map(|step| step.state() == PlannedState::Present).collect();
            assert_eq!(states, in_order(is_turned, [is_in_folder, is_above || is_in_folder]), "{what}");

            let report = Runner::new().threads(2).run_all(steps).unwrap();
            assert_eq!(report.count(StepState::Generated), usize::from(!is_in_folder), "{what}");
            assert_eq!(journal.generated().len() - before, usize::from(!is_in_folder), "{what}");
            assert!(in_folder.manifest().unwrap().is_some(), "{what}");
            assert_eq!(*step(&stores.layers).load().unwrap(), "a()", "{what}");
        }
    }
}

#[test]
fn each_is_compared_with_what_made_its_own_artifact() {
    let step = |store: &Store, code: &str| Persistable::open(store, Coded { version: code.to_owned() }).unwrap();
    for is_turned in [false, true] {
        let stores = Stores::new();
        step(&stores.above, "before").load_generate().unwrap();
        step(&stores.folder, "now").load_generate().unwrap();
        let (in_folder, in_layers) = (step(&stores.folder, "now"), step(&stores.layers, "now"));
        let plan = Runner::new().plan_all(in_order(is_turned, [&in_folder, &in_layers])).unwrap();
        let stale: Vec<bool> = plan.steps().map(|step| step.stale().is_some()).collect();
        assert_eq!(stale, in_order(is_turned, [false, true]), "turned: {is_turned}");
    }
}

/// A step over two handles of one step, each in a store of its own.
#[derive(PersistableParams)]
struct OverBoth {
    #[param(dependency)]
    below: Vec<Persistable<Coded>>,
}

impl Step for OverBoth {
    type Payload = u8;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u8> {
        self.below.iter().try_fold(0, |sum, below| Ok(sum + *below.payload()?))
    }
}

#[test]
fn a_step_may_depend_on_both() {
    for is_turned in [false, true] {
        let stores = Stores::new();
        let coded = |store: &Store| Persistable::open(store, Coded { version: "one".to_owned() }).unwrap();
        let below = in_order(is_turned, [coded(&stores.folder), coded(&stores.layers)]).to_vec();
        let top = Persistable::open(&stores.folder, OverBoth { below: below.clone() }).unwrap();
        let report = Runner::new().threads(4).run([&top]).unwrap();
        assert_eq!((report.count(StepState::Generated), report.count(StepState::Found)), (2, 1));
        assert_eq!(*top.payload().unwrap(), 2);
        assert!(below.iter().all(|below| below.manifest().unwrap().is_some()));
    }
}
