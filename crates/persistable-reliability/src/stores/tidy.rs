//! What is left in a store once everybody is gone.

use persistable::store::{Listed, Store};
use persistable_objects::{Got, Objects};

use super::served_store::{LEASE_TIME, ServedStore, names};
use crate::child::Actor;
use crate::contention::handover::Reaped;
use crate::contention::role::Arena;
use crate::contention::step::KEYS;
use crate::problem::Result;

/// Checks that everything can be had, and that nothing is left behind that the next generation does not clean up. Returns what is
/// wrong.
pub(crate) fn check(arena: &Arena, served: &ServedStore, objects: &dyn Objects) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    std::thread::sleep(LEASE_TIME);
    // What a holder left that was taken for dead stays noted for one more holder.
    for verb in ["heal", "renew", "renew"] {
        let mut healer = Reaped::start(arena, &Actor::rust(), verb)?;
        if !healer.wait()?.success() {
            wrong.push(format!("afterwards not every payload can be had: {}", arena.last_error()));
        }
    }
    let mut known: Vec<String> = Vec::new();
    let store = Store::open(&arena.folder)?;
    for listed in store.artifacts() {
        match listed? {
            Listed::Whole(artifact) => {
                let manifest = artifact.manifest();
                known.push(format!("{}.manifest.json", manifest.id()?));
                known.push(manifest.payload.file.clone());
            }
            Listed::Unusable { stem, error } => wrong.push(format!("{stem} can't be used: {error}")),
        }
    }
    if known.len() != 2 * KEYS {
        wrong.push(format!("not all keys are there: {known:?}"));
    }
    for name in names(objects)? {
        if name.starts_with(".persistable/leases/") {
            wrong.extend(held(objects, &name)?);
        } else if !is_known_to_stay(&name) && !known.contains(&name) {
            wrong.push(format!("{name} belongs to no artifact"));
        }
    }
    wrong.extend(served.uploads(objects)?.into_iter().map(|name| format!("an upload of {name} is left")));
    Ok(wrong)
}

/// Records may be needed. A process that is killed while it finds out what the store can do leaves an object of a few bytes.
fn is_known_to_stay(name: &str) -> bool {
    [".persistable/records/", ".persistable/probe-"].iter().any(|begin| name.starts_with(begin))
}

/// Says what is wrong with a lease that nobody should have.
fn held(objects: &dyn Objects, name: &str) -> Result<Option<String>> {
    let Got::Found(found) = objects.get(name, None)? else { return Ok(None) };
    let lease: serde_json::Value = serde_json::from_slice(&found.bytes)?;
    let is_free = lease.get("state").is_some_and(|state| state == "free");
    let litter = lease.get("litter").and_then(|litter| litter.as_array()).map_or(0, Vec::len);
    Ok((!is_free || litter > 0).then(|| format!("the lease {name} is not free, or tells of litter: {lease}")))
}
