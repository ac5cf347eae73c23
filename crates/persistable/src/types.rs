//! Which type of steps has which artifact: two different ones must not share one.

use std::any::{TypeId, type_name};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use persistable_base::fork::Table;

use crate::definitions;
use crate::error::{Error, ErrorKind, Result};
use crate::persistable::Persistable;
use crate::step::Step;

/// The names of the types, by the numbers under which they are registered.
static NAMES: Table<BTreeMap<u64, &'static str>> = Table::new(BTreeMap::new());

/// Registers the type of a step as the one that has its artifact.
pub(crate) fn register<S: Step>(step: &Persistable<S>) -> Result<()> {
    let number = number_of(TypeId::of::<S>());
    let earlier = definitions::register(step.store(), step.key(), number, false);
    let mut names = NAMES.lock();
    names.entry(number).or_insert_with(type_name::<S>);
    let Some(earlier) = earlier else { return Ok(()) };
    let other = names.get(&earlier).copied().unwrap_or("a step of another language");
    let message = format!(
        "{} and {other} are two types of steps, and would share this artifact, since their payload names and params are equal",
        type_name::<S>()
    );
    drop(names);
    let error = Error::new(ErrorKind::Conflict, "open", step, message).of_key(step.key());
    Err(error.advise("Give one of them another payload name"))
}

fn number_of(id: TypeId) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
