//! What the protocol promises, in each of the worlds; and that breaking any of its rules breaks a promise.

use super::actors::{Actor, Broken};
use super::disk::Disk;
use super::explore::World;

/// The last one that was acknowledged, or one that was begun after it.
fn new_or_newer(disk: &Disk) {
    let loads = disk.loads();
    assert!(loads.is_some_and(|content| content >= disk.acknowledged && content <= disk.begun), "{loads:?}: {disk:?}");
}

/// The same of a first publishing, which may leave damage that nobody was told to rely on.
fn acknowledged(disk: &Disk) {
    if disk.acknowledged > 0 {
        new_or_newer(disk);
    } else {
        assert!(disk.loads().is_none_or(|content| content <= disk.begun));
    }
}

/// What was healed is not lost; until then, nothing loads or what was healed and nobody was told of.
fn healed(disk: &Disk) {
    if disk.acknowledged > 1 {
        new_or_newer(disk);
    } else {
        assert!(disk.loads().is_none_or(|content| content <= disk.begun));
    }
}

/// What is gone does not come back; until then, it loads or does not.
fn removed(disk: &Disk) {
    assert!(disk.loads().is_some_and(|content| content <= u8::from(!disk.is_gone)), "{disk:?}");
}

fn worlds() -> Vec<(&'static str, World)> {
    let world = |actors: Vec<Actor>| World {
        disk: Disk::with_one(),
        actors,
        mortal: Some(0),
        at_rest: new_or_newer,
        after_a_cut: new_or_newer,
        afterwards: vec![Actor::publisher(0), Actor::reader()],
    };
    vec![
        ("replacing", world(vec![Actor::publisher(0), Actor::publisher(0), Actor::reader()])),
        ("replacing under another name", world(vec![Actor::publisher(1), Actor::publisher(0), Actor::reader()])),
        ("two readers", world(vec![Actor::publisher(1), Actor::reader(), Actor::reader()])),
        (
            "a first publishing",
            World {
                disk: Disk::empty(),
                at_rest: acknowledged,
                after_a_cut: acknowledged,
                ..world(vec![Actor::publisher(0), Actor::publisher(0), Actor::reader()])
            },
        ),
        (
            "damage",
            World {
                disk: Disk::with_damage(),
                at_rest: healed,
                after_a_cut: healed,
                afterwards: vec![Actor::healer(), Actor::reader()],
                ..world(vec![Actor::healer(), Actor::healer(), Actor::reader()])
            },
        ),
        (
            "removing",
            World {
                at_rest: removed,
                after_a_cut: removed,
                afterwards: vec![Actor::remover(), Actor::reader()],
                ..world(vec![Actor::remover(), Actor::reader(), Actor::reader()])
            },
        ),
    ]
}

#[test]
fn every_interleaving_keeps_the_promises() {
    for (name, world) in worlds() {
        match world.explore(Broken::Nothing) {
            Ok(states) => assert!(states > 1000, "{name} has {states} states only"),
            Err(wrong) => panic!("{name}: {wrong}"),
        }
    }
}

/// Each rule is there for something.
#[test]
fn breaking_a_rule_breaks_a_promise() {
    let ways = [
        Broken::NoLease,
        Broken::NoManifestOfBoth,
        Broken::NoSyncOfManifestOfBoth,
        Broken::ForgottenAlternatives,
        Broken::NoSyncOfPayload,
        Broken::NoLastSync,
        Broken::SweepWithoutSync,
        Broken::ManifestBeforePayload,
        Broken::NoSecondRound,
        Broken::NoLookAgain,
        Broken::NoLookAtTheRecordAgain,
        Broken::OldIsRemovedFirst,
        Broken::QuarantineWithoutLook,
        Broken::RemovalOfPayloadFirst,
        Broken::RemovalWithoutSync,
    ];
    let unnoticed: Vec<_> =
        ways.into_iter().filter(|broken| worlds().iter().all(|(_, world)| world.explore(*broken).is_ok())).collect();
    assert!(unnoticed.is_empty(), "nobody noticed {unnoticed:?}");
}
