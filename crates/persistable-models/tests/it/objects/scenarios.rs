//! What has to hold, whoever runs when, and the mutants that must not.

use std::panic::{catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::actors::{Actor, Facts, Seen, id};
use super::turns::{Act, Pace, Turns};
use super::world::{LEASE_TIME, Mutant, Weather, World, names_below};

/// What happens in a run.
#[derive(Clone, Copy)]
struct Scenario {
    pace: Pace,
    weather: Weather,
    machines: usize,
    act: fn(&Actor, usize),
    /// What holds at the end.
    check: fn(&Facts),
    runs: u64,
}

const CALM: Weather = Weather { loses_answers: false, dying: 0, is_unfenced: false };
const STORM: Weather = Weather { loses_answers: true, dying: 2, is_unfenced: false };

/// Nobody dies and nobody is late. Then one generates.
const ONCE: Scenario =
    Scenario { pace: Pace::Even, weather: CALM, machines: 4, act: ask, check: generated_once, runs: 300 };
const ASKING: Scenario = Scenario { pace: Pace::Uneven, weather: STORM, machines: 4, act: ask, check: all, runs: 1500 };
const REPLACING: Scenario =
    Scenario { pace: Pace::Uneven, weather: CALM, machines: 4, act: replace_or_read, check: all, runs: 1500 };
const MIXED: Scenario =
    Scenario { pace: Pace::Uneven, weather: STORM, machines: 5, act: anything, check: all, runs: 2500 };

/// Over SFTP, nobody fences what replaces a manifest. One thing remains: a holder wakes and commits just when its successor is about to
/// delete, and then the successor sleeps for longer than the holder waits for it. In some ten thousand runs that may happen.
const UNFENCED: Scenario = Scenario {
    pace: Pace::Uneven,
    weather: Weather { is_unfenced: true, ..CALM },
    machines: 4,
    act: replace_or_read,
    check: all,
    runs: 400,
};

fn ask(actor: &Actor, _: usize) {
    actor.attempt(|| actor.ask());
}

fn replace_or_read(actor: &Actor, number: usize) {
    actor.attempt(|| if number == 0 { actor.read().map(drop) } else { actor.replace().map(drop) });
    actor.attempt(|| if number < 2 { actor.read().map(drop) } else { actor.replace().map(drop) });
}

fn anything(actor: &Actor, number: usize) {
    for round in 0..2 {
        actor.attempt(|| match (number + round) % 4 {
            0 => actor.ask().map(drop),
            1 => actor.replace().map(drop),
            2 => actor.remove(),
            _ => actor.read().map(drop),
        });
    }
}

fn generated_once(facts: &Facts) {
    assert_eq!(facts.begun.load(Ordering::Relaxed), 1);
}

fn all(_: &Facts) {}

impl Scenario {
    fn run(self, seed: u64, mutant: Option<Mutant>) {
        let turns = Turns::new(seed, self.pace);
        let world = World::new(Arc::clone(&turns), self.weather, mutant);
        let facts = Arc::new(Facts::default());
        let actors: Vec<Actor> = (0..self.machines).map(|number| Actor::new(&world, &facts, number)).collect();
        let acts =
            actors.iter().enumerate().map(|(number, actor)| Box::new(move || (self.act)(actor, number)) as Act<'_>);
        turns.run(acts.collect());
        (self.check)(&facts);
        settle(&world, &facts);
    }

    /// Runs many interleavings, and tells how to repeat the one that failed.
    #[allow(clippy::print_stderr, reason = "it is for who reads the failure")]
    fn check(self) {
        let seed = std::env::var("PERSISTABLE_MODELS_SEED").map_or(0, |seed| seed.parse().unwrap());
        let runs = std::env::var("PERSISTABLE_MODELS_ITERATIONS").map_or(self.runs, |runs| runs.parse().unwrap());
        for seed in seed..seed + runs {
            if let Err(panic) = catch_unwind(|| self.run(seed, None)) {
                let test = std::thread::current().name().unwrap_or_default().to_owned();
                eprintln!(
                    "To repeat it: PERSISTABLE_MODELS_SEED={seed} PERSISTABLE_MODELS_ITERATIONS=1 cargo test -p \
                     persistable-models {test}"
                );
                resume_unwind(panic);
            }
        }
    }

    fn notices(self, mutant: Mutant) {
        let is_noticed = (0..20 * self.runs).any(|seed| catch_unwind(|| self.run(seed, Some(mutant))).is_err());
        assert!(is_noticed, "nobody noticed {mutant:?}");
    }
}

/// All are gone. Whoever comes next finds what was published last. When it publishes, nothing else is left.
fn settle(world: &Arc<World>, facts: &Arc<Facts>) {
    world.turns.advance(10 * LEASE_TIME);
    let weather = Weather { is_unfenced: world.weather.is_unfenced, ..CALM };
    let calm = World::after(world, weather);
    let last = Actor::new(&calm, facts, 50);
    last.attempt(|| {
        let last_commit = world.history().last().and_then(|commit| commit.commit_id.clone());
        assert_eq!(last.read()? != Seen::Nothing, last_commit.is_some());
        let number = last.replace()?;
        assert_eq!(last.read()?, Seen::Payload(number));
        Ok(())
    })
    .unwrap();
    let mut names = names_below(&world.memory, id().stem());
    names.retain(|name| !world.is_late(name));
    assert_eq!(names.len(), 2, "a manifest and a payload of one object: {names:?}");
    assert_eq!(world.memory.uploads(), 0, "uploads are left");
}

#[test]
fn of_those_who_ask_one_generates() {
    ONCE.check();
}

#[test]
fn those_who_ask_get_a_whole_payload_although_holders_die_and_pause() {
    ASKING.check();
}

#[test]
fn a_replaced_payload_is_never_mixed_and_never_lost() {
    REPLACING.check();
}

#[test]
fn removing_and_replacing_beside_each_other_are_safe() {
    MIXED.check();
}

#[test]
fn without_a_fence_a_payload_is_never_mixed_and_never_lost() {
    UNFENCED.check();
}

macro_rules! noticed {
    ($($test:ident: $mutant:ident by $scenario:ident;)*) => {$(
        #[test]
        fn $test() {
            $scenario.notices(Mutant::$mutant);
        }
    )*};
}

noticed! {
    a_commit_without_its_condition_is_noticed: UnconditionalCommit by REPLACING;
    a_lease_without_its_condition_is_noticed: UnconditionalLease by ONCE;
    a_payload_that_is_deleted_before_the_commit_is_noticed: DeleteBeforeCommit by REPLACING;
    a_payload_name_that_is_used_again_is_noticed: OneName by REPLACING;
    ages_by_the_clock_of_another_machine_are_noticed: ComparedClocks by ONCE;
    litter_that_nobody_deletes_is_noticed: KeptLitter by ASKING;
    a_manifest_that_is_deleted_is_noticed: DeletedManifest by MIXED;
}
