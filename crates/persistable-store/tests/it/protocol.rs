//! Leases and commits in stores of objects: holders that sleep, die and lose answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use persistable_objects::{Can, Memory, Objects as _, Replace, Trouble, Verb};
use persistable_store::{
    Clock, Draft, ErrorKind, Lease, Remote, RemoteSettings, Result, Settings, Store, Suspended, Wait,
};

use crate::kinds::listed;
use crate::stores::{Content, FAST, file, folder, id, lease, load, publish, publish_as, write};

/// Several machines that share objects, and a clock that stands still unless it is moved.
pub(crate) struct World {
    pub(crate) objects: Memory,
    now_ms: Arc<AtomicU64>,
}

/// One of them.
pub(crate) struct Machine {
    pub(crate) remote: Remote,
    pub(crate) store: Store,
}

impl World {
    pub(crate) fn new(objects: Memory) -> Self {
        Self { objects, now_ms: Arc::new(AtomicU64::new(0)) }
    }

    pub(crate) fn machine(&self) -> Machine {
        self.machine_over(self.objects.clone())
    }

    /// A machine that sees the objects in a way of its own.
    pub(crate) fn machine_over(&self, objects: impl persistable_objects::Objects + 'static) -> Machine {
        let now_ms = Arc::clone(&self.now_ms);
        Self::machine_with(objects, Clock::new(move || Duration::from_millis(now_ms.load(Ordering::Relaxed))))
    }

    /// A machine that is suspended from now on: its clock goes on only where that time counts.
    fn suspended_machine(&self) -> Machine {
        let now_ms = Arc::clone(&self.now_ms);
        let begin_ms = now_ms.load(Ordering::Relaxed);
        let clock = Clock::of_machine(move |suspended| match suspended {
            Suspended::Counts => Duration::from_millis(now_ms.load(Ordering::Relaxed)),
            Suspended::LeftOut => Duration::from_millis(begin_ms),
        });
        Self::machine_with(self.objects.clone(), clock)
    }

    fn machine_with(objects: impl persistable_objects::Objects + 'static, clock: Clock) -> Machine {
        let mut settings = RemoteSettings::default();
        settings.clock = clock;
        settings.has_renewal_thread = false;
        let remote = Remote::new(Arc::new(objects), settings);
        Machine { store: Store::over(remote.clone()), remote }
    }

    /// Lets a machine take a lease and sleep until another one may take it over.
    fn outslept(&self, sleeper: &Machine, successor: &Machine) -> Lease {
        let slept = lease(&sleeper.store, &id("step", 1)).unwrap();
        assert!(is_busy(successor));
        self.pass(31);
        slept
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.now_ms.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    /// Returns the names of all objects of artifacts.
    pub(crate) fn names(&self) -> Vec<String> {
        let names = listed(&self.objects);
        names.into_iter().filter(|name| !name.starts_with(".persistable/")).collect()
    }
}

fn replaceable() -> [Memory; 3] {
    let only_create = Can { create: true, replace: Replace::No };
    [Memory::new(), Memory::which_can(only_create), Memory::which_can(Can::default())]
}

pub(crate) fn publish_under(store: &Store, lease: &Lease, content: &Content) -> Result<()> {
    let mut staging = store.stage(lease, ".bin", &FAST)?;
    write(&mut staging, content)?;
    store.publish(lease, staging, Draft::new("raw", 1)).map(drop)
}

pub(crate) fn is_busy(machine: &Machine) -> bool {
    matches!(lease(&machine.store, &id("step", 1)), Err(error) if error.kind() == ErrorKind::Busy)
}

#[test]
fn a_lease_that_is_not_renewed_is_taken_over_after_its_time() {
    for objects in replaceable() {
        let world = World::new(objects);
        let (one, other) = (world.machine(), world.machine());
        let held = lease(&one.store, &id("step", 1)).unwrap();
        assert!(is_busy(&other));
        world.pass(29);
        assert!(is_busy(&other));
        one.remote.renew().unwrap();
        world.pass(2);
        assert!(is_busy(&other), "it was renewed");
        world.pass(29);
        assert!(is_busy(&other), "the renewal was seen two seconds later");
        world.pass(2);
        lease(&other.store, &id("step", 1)).unwrap();
        drop(held);
    }
}

#[test]
fn the_server_s_clock_ends_the_wait_for_a_holder_that_died_long_ago() {
    let world = World::new(Memory::new());
    std::mem::forget(lease(&world.machine().store, &id("step", 1)).unwrap());
    world.objects.advance(Duration::from_secs(31));
    assert!(is_busy(&world.machine()), "the server tells ages to a second or two");
    world.objects.advance(Duration::from_secs(2));
    lease(&world.machine().store, &id("step", 1)).unwrap();
}

#[test]
fn a_holder_that_slept_is_refused_after_its_successor_s_commit() {
    let step = id("step", 1);
    for (objects, is_replacing) in
        replaceable().into_iter().flat_map(|objects| [(objects, false)]).chain([(Memory::new(), true)])
    {
        let world = World::new(objects);
        let (sleeper, successor) = (world.machine(), world.machine());
        if is_replacing {
            publish(&successor.store, &step, &file("before"));
        }
        let slept = world.outslept(&sleeper, &successor);
        publish(&successor.store, &step, &file("the successor's"));
        let error = publish_under(&sleeper.store, &slept, &file("the sleeper's")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LeaseLost, "{error}");
        drop(slept);
        assert_eq!(load(&successor.store, &step, &FAST).unwrap(), Some(file("the successor's")));
        assert_eq!(world.names().len(), 2, "{:?}", world.names());
        lease(&successor.store, &step).unwrap();
    }
}

#[test]
fn a_holder_that_slept_wins_before_its_successor_s_commit() {
    let step = id("step", 1);
    for is_replacing in [false, true] {
        let world = World::new(Memory::new());
        let (sleeper, successor) = (world.machine(), world.machine());
        if is_replacing {
            publish(&successor.store, &step, &file("before"));
        }
        let slept = world.outslept(&sleeper, &successor);
        let succeeding = lease(&successor.store, &step).unwrap();
        publish_under(&sleeper.store, &slept, &file("the sleeper's")).unwrap();
        let error = publish_under(&successor.store, &succeeding, &file("the successor's")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LeaseLost, "{error}");
        drop((slept, succeeding));
        assert_eq!(load(&successor.store, &step, &FAST).unwrap(), Some(file("the sleeper's")));
        assert_eq!(world.names().len(), 2, "{:?}", world.names());
    }
}

#[test]
fn a_holder_that_slept_before_it_looked_uses_a_name_that_nobody_deletes() {
    let world = World::new(Memory::new());
    uses_a_name_that_nobody_deletes(&world, &world.machine());
}

#[test]
fn a_holder_whose_machine_was_suspended_before_it_looked_does_so_too() {
    let world = World::new(Memory::new());
    uses_a_name_that_nobody_deletes(&world, &world.suspended_machine());
}

#[test]
fn who_waits_on_a_machine_that_was_suspended_takes_over_from_nobody_for_that() {
    for objects in replaceable() {
        let world = World::new(objects);
        let (holder, waiter) = (world.machine(), world.suspended_machine());
        let held = lease(&holder.store, &id("step", 1)).unwrap();
        assert!(is_busy(&waiter));
        world.pass(3600);
        assert!(is_busy(&waiter), "the holder may have been suspended too");
        assert!(!held.is_lost().unwrap());
    }
}

fn uses_a_name_that_nobody_deletes(world: &World, sleeper: &Machine) {
    let (step, successor) = (id("step", 1), world.machine());
    // Its look at the manifest fails, and it looks again much later.
    world.objects.trouble(Verb::Get, Trouble::Deny, 1);
    let slept = lease(&sleeper.store, &step).unwrap();
    assert!(is_busy(&successor));
    let noted = noted_payloads(world);
    world.pass(31);
    publish(&successor.store, &step, &file("the successor's"));
    publish_under(&sleeper.store, &slept, &file("the sleeper's")).unwrap();
    let payload = sleeper.store.find(&step).unwrap().unwrap().manifest().payload.file.clone();
    assert!(!noted.iter().any(|name| payload.starts_with(name)), "{payload} of {noted:?}");
    assert_eq!(load(&successor.store, &step, &FAST).unwrap(), Some(file("the sleeper's")));
}

/// Returns what the lease says may be left behind.
fn noted_payloads(world: &World) -> Vec<String> {
    let name = format!(".persistable/leases/{}", id("step", 1));
    let persistable_objects::Got::Found(found) = world.objects.get(&name, None).unwrap() else { panic!("no lease") };
    let body: serde_json::Value = serde_json::from_slice(&found.bytes).unwrap();
    let litter = body["litter"].as_array().unwrap();
    litter.iter().map(|litter| litter["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_a_dead_holder_uploaded_is_deleted_after_the_next_commit() {
    let step = id("step", 1);
    for objects in replaceable() {
        for content in [file("left behind"), folder(&[("a", "1"), ("b/c", "2")])] {
            let world = World::new(objects.clone());
            let dead = world.machine();
            let held = lease(&dead.store, &step).unwrap();
            let puts = match &content {
                Content::File(_) => 1,
                Content::Folder(files) => files.len(),
            };
            world.objects.trouble(Verb::Put, Trouble::Pass, puts);
            world.objects.trouble(Verb::Put, Trouble::Deny, 1);
            publish_under(&dead.store, &held, &content).unwrap_err();
            std::mem::forget(held);
            assert!(!world.names().is_empty());
            let next = world.machine();
            assert!(is_busy(&next));
            world.pass(31);
            publish(&next.store, &step, &file("payload"));
            assert_eq!(world.names().len(), 2, "{:?}", world.names());
            assert_eq!(load(&next.store, &step, &FAST).unwrap(), Some(file("payload")));
            next.store.remove(&lease(&next.store, &step).unwrap()).unwrap();
        }
    }
}

#[test]
fn what_a_holder_leaves_that_was_taken_for_dead_is_deleted_by_the_holder_after_the_next() {
    let (step, world) = (id("step", 1), World::new(Memory::new()));
    let (sleeper, successor, next) = (world.machine(), world.machine(), world.machine());
    let slept = world.outslept(&sleeper, &successor);
    publish(&successor.store, &step, &file("the successor's"));
    // Its payload comes late, and it can't take it away again.
    world.objects.trouble(Verb::Delete, Trouble::Deny, 1);
    publish_under(&sleeper.store, &slept, &file("the sleeper's")).unwrap_err();
    drop(slept);
    assert_eq!(world.names().len(), 3, "{:?}", world.names());
    assert_eq!(load(&next.store, &step, &FAST).unwrap(), Some(file("the successor's")));
    publish(&next.store, &step, &file("the next"));
    assert_eq!(world.names().len(), 2, "{:?}", world.names());
    assert_eq!(noted_payloads(&world), [""; 0]);
}

#[test]
fn an_upload_that_a_dead_holder_began_is_aborted_after_the_next_commit() {
    let (step, world) = (id("step", 1), World::new(Memory::new()));
    let (dead, large) = (world.machine(), Content::File(vec![7; 300_000]));
    let held = lease(&dead.store, &step).unwrap();
    world.objects.trouble(Verb::Part, Trouble::Deny, 1);
    world.objects.trouble(Verb::Abort, Trouble::Deny, 1);
    publish_under(&dead.store, &held, &large).unwrap_err();
    std::mem::forget(held);
    assert_eq!(world.objects.uploads(), 1);
    let next = world.machine();
    assert!(is_busy(&next));
    world.pass(31);
    publish(&next.store, &step, &large);
    assert_eq!(world.objects.uploads(), 0);
    assert_eq!(load(&next.store, &step, &FAST).unwrap(), Some(large));
}

#[test]
fn a_lost_answer_a_conflict_and_a_busy_server_change_nothing() {
    let troubles = [Trouble::LoseAnswer, Trouble::LoseRequest, Trouble::Conflict, Trouble::Busy];
    for trouble in troubles {
        for first in 0..4 {
            let world = World::new(Memory::new());
            let (one, other, step) = (world.machine(), world.machine(), id("step", 1));
            world.objects.trouble(Verb::Put, Trouble::Pass, first);
            world.objects.trouble(Verb::Put, trouble, 1);
            publish(&one.store, &step, &file("payload"));
            assert_eq!(load(&other.store, &step, &FAST).unwrap(), Some(file("payload")), "{trouble:?} {first}");
            assert_eq!(world.names().len(), 2, "{:?}", world.names());
            lease(&other.store, &step).unwrap();
        }
    }
}

#[test]
fn what_another_committed_meanwhile_is_not_removed() {
    let (step, world) = (id("step", 1), World::new(Memory::new()));
    let (sleeper, successor) = (world.machine(), world.machine());
    publish(&successor.store, &step, &file("damaged"));
    let slept = world.outslept(&sleeper, &successor);
    publish(&successor.store, &step, &file("healed"));
    let error = sleeper.store.quarantine(&slept, "it is damaged").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LeaseLost, "{error}");
    assert_eq!(load(&successor.store, &step, &FAST).unwrap(), Some(file("healed")));
}

#[test]
fn damage_leaves_a_tombstone_with_its_reason() {
    let (step, world) = (id("step", 1), World::new(Memory::new()));
    let machine = world.machine();
    publish(&machine.store, &step, &file("payload"));
    machine.store.quarantine(&lease(&machine.store, &step).unwrap(), "its digest differs").unwrap();
    let manifest = format!("{step}.manifest.json");
    assert_eq!(world.names(), std::slice::from_ref(&manifest));
    let persistable_objects::Got::Found(found) = world.objects.get(&manifest, None).unwrap() else { panic!() };
    let tombstone: serde_json::Value = serde_json::from_slice(&found.bytes).unwrap();
    assert_eq!(tombstone["reason"], "its digest differs");
    assert!(machine.store.find(&step).unwrap().is_none());
}

#[test]
fn one_who_waits_for_a_result_takes_no_lease_to_see_it() {
    let (step, world) = (id("step", 1), World::new(Memory::new()));
    let (one, other) = (world.machine(), world.machine());
    let held = lease(&one.store, &step).unwrap();
    assert!(is_busy(&other));
    publish_under(&one.store, &held, &file("payload")).unwrap();
    let wait = || other.store.lease_or_result(&step, Wait::NOT_AT_ALL, &mut |_| {}, &|| false);
    assert_eq!(wait().unwrap_err().kind(), ErrorKind::Busy, "the holder is not done");
    drop(held);
    let puts = world.objects.requests(Verb::Put);
    assert!(wait().unwrap().is_none());
    assert_eq!(world.objects.requests(Verb::Put), puts);
    // It is told once. If the result is of no use, it gets the lease.
    assert!(wait().unwrap().is_some());
}

#[test]
fn a_thread_renews_leases_as_long_as_there_are_some() {
    let objects = Memory::new();
    let mut settings = RemoteSettings::default();
    settings.lease_time = Duration::from_millis(300);
    let store = Store::over(Remote::new(Arc::new(objects.clone()), settings));
    let held = [lease(&store, &id("step", 1)).unwrap(), lease(&store, &id("step", 2)).unwrap()];
    let begin = Instant::now();
    while objects.requests(Verb::Put) < 12 {
        assert!(begin.elapsed() < Duration::from_secs(60), "nobody renews them");
        thread::sleep(Duration::from_millis(10));
    }
    drop(held);
}

#[test]
fn a_denied_request_is_not_a_miss() {
    let world = World::new(Memory::new());
    let (machine, step) = (world.machine(), id("step", 1));
    for (verb, ask) in [
        (
            Verb::Get,
            Box::new(|store: &Store| store.find(&id("step", 1)).map(drop)) as Box<dyn Fn(&Store) -> Result<()>>,
        ),
        (Verb::Put, Box::new(|store: &Store| lease(store, &id("step", 1)).map(drop))),
        (Verb::List, Box::new(|store: &Store| store.artifacts().try_for_each(|listed| listed.map(drop)))),
    ] {
        world.objects.trouble(verb, Trouble::Deny, 1);
        let error = ask(&machine.store).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert!(error.to_string().starts_with("memory:"), "{error}");
    }
    publish(&machine.store, &step, &file("payload"));
}

#[cfg(feature = "http")]
#[test]
fn a_store_that_can_only_be_read_says_so_before_a_generation() {
    // Nobody listens there: no request is sent.
    let objects = persistable_objects::open("http://127.0.0.1:1/results").unwrap();
    let store = Store::over(Remote::new(objects, RemoteSettings::default()));
    let error = lease(&store, &id("step", 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    assert!(error.to_string().contains("can only be read"), "{error}");
}

#[test]
fn artifacts_are_listed_in_order_whatever_their_names() {
    let world = World::new(Memory::new());
    let store = world.machine().store;
    let first = id("a", 1);
    let names = ["a", "b", &format!("{first}-b"), &format!("{first}!"), "(", "~", ".persistable0", "é"];
    let mut stems: Vec<String> = names.iter().map(|name| id(name, 1).to_string()).collect();
    for name in names {
        publish(&store, &id(name, 1), &file("payload"));
    }
    let parts: Vec<String> = (0..250).map(|part| format!("part-{part}")).collect();
    let parts: Vec<(&str, &str)> = parts.iter().map(|part| (part.as_str(), "x")).collect();
    publish_as(&store, &id("b", 2), ".zarr", "zarr", &folder(&parts), &Settings::default()).unwrap();
    stems.push(id("b", 2).to_string());
    stems.sort();
    let found: Vec<String> = store
        .artifacts()
        .map(|listed| match listed.unwrap() {
            persistable_store::Listed::Whole(artifact) => artifact.id().to_string(),
            persistable_store::Listed::Unusable { error, .. } => panic!("{error}"),
        })
        .collect();
    assert_eq!(found, stems);
}

/// Machines that generate, die, remove and replace, on a network that loses answers: every load gives a result that was published
/// for its step, and in the end nothing is there that nobody needs.
#[test]
fn machines_that_die_on_a_bad_network_mix_up_nothing_and_leave_nothing() {
    const MACHINES: u64 = 6;
    let objects = Memory::new();
    let mut settings = RemoteSettings::default();
    settings.lease_time = Duration::from_millis(120);
    // Leases of machines that died must not be renewed. So those of machines that live end sooner than they should, which adds to
    // the disorder.
    settings.has_renewal_thread = false;
    let machine = || Store::over(Remote::new(Arc::new(objects.clone()), settings.clone()));
    thread::scope(|scope| {
        for number in 0..MACHINES {
            let (machine, objects) = (&machine, &objects);
            scope.spawn(move || {
                let mut chance = number;
                let mut store = machine();
                for round in 0..60_u8 {
                    chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(number * 2 + 1);
                    let roll = chance >> 33;
                    let step = id("step", (roll % 3) as u8);
                    let trouble = [Trouble::LoseAnswer, Trouble::Conflict, Trouble::LoseRequest][roll as usize % 3];
                    if roll % 5 == 0 {
                        objects.trouble(Verb::Put, trouble, 1);
                    }
                    let held = store.lease(&step, Wait::AtMost(Duration::from_secs(60)), &mut |_| {}).unwrap();
                    let content = file(&format!("{step} of {number} in {round}"));
                    let published = match roll % 7 {
                        0 => store.remove(&held).map(drop),
                        _ => publish_under(&store, &held, &content),
                    };
                    match published {
                        Ok(()) => {}
                        Err(error) => assert_eq!(error.kind(), ErrorKind::LeaseLost, "{error}"),
                    }
                    if roll % 11 == 0 {
                        // It dies: nobody gives back its lease.
                        std::mem::forget(held);
                        std::mem::forget(std::mem::replace(&mut store, machine()));
                    } else {
                        drop(held);
                    }
                    if let Some(Content::File(bytes)) = load_patiently(&store, &step) {
                        assert!(String::from_utf8(bytes).unwrap().starts_with(&step.to_string()));
                    }
                }
            });
        }
    });
    let store = machine();
    for key in 0..3 {
        let step = id("step", key);
        let held = store.lease(&step, Wait::AtMost(Duration::from_secs(60)), &mut |_| {}).unwrap();
        publish_under(&store, &held, &file("the last")).unwrap();
        drop(held);
        assert_eq!(load(&store, &step, &FAST).unwrap(), Some(file("the last")));
    }
    let names: Vec<_> = listed(&objects).into_iter().filter(|name| !name.starts_with(".persistable/")).collect();
    assert_eq!(names.len(), 6, "{names:?}");
}

/// Loads as a reader does while others replace and remove.
fn load_patiently(store: &Store, step: &persistable_store::ArtifactId) -> Option<Content> {
    crate::stores::load_amid_replacements(store, step, &FAST).unwrap()
}
