//! What a journal says against the product.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::journal::Event;

/// One generation of a key. Moments are places in the journal.
struct Generation<'a> {
    tag: &'a str,
    process: u32,
    begin: usize,
    /// When its code ended, which is under the lease.
    end: Option<usize>,
    /// When somebody had its payload that was not making it.
    acknowledged: Option<usize>,
}

/// What may make one further generation necessary: a removal, a damage, or a replacement, which is that generation.
struct Cause {
    begin: usize,
    end: usize,
    is_spent: bool,
}

/// What a journal shows.
#[derive(Default)]
pub(crate) struct Verdict {
    pub(crate) generations: usize,
    pub(crate) wrong: Vec<String>,
    /// Microseconds, sorted: how long each that asked waited.
    pub(crate) waits: Vec<u64>,
}

pub(crate) fn judge(events: &[Event]) -> Verdict {
    let mut verdict = Verdict::default();
    let deaths = Deaths::of(events);
    let made: HashSet<&str> =
        events.iter().filter(|event| event.what == "made").map(|event| event.rest.as_str()).collect();
    for event in events {
        match event.what.as_str() {
            "failed" => verdict.wrong.push(format!("process {}, key {}: {}", event.process, event.key, event.rest)),
            "got" => {
                let (tag, microseconds) = event.rest.split_once(' ').unwrap_or((&event.rest, "0"));
                verdict.waits.push(microseconds.parse().unwrap_or_default());
                if !made.contains(tag) {
                    verdict.wrong.push(format!("key {}: a payload of {tag}, which nobody made", event.key));
                }
            }
            _ => {}
        }
    }
    let keys: BTreeSet<usize> = events.iter().map(|event| event.key).filter(|key| *key != usize::MAX).collect();
    for key in keys {
        let of_key: Vec<(usize, &Event)> = events.iter().enumerate().filter(|(_, event)| event.key == key).collect();
        let generations = generations(&of_key);
        verdict.generations += generations.len();
        let mut causes = causes(&of_key, &deaths, events.len());
        for pair in generations.windows(2) {
            if let [before, next] = pair {
                verdict.wrong.extend(clash(key, before, next, &deaths));
                verdict.wrong.extend(needless(key, before, next, &deaths, &mut causes));
            }
        }
    }
    verdict.waits.sort_unstable();
    verdict
}

/// When processes were killed: the moment before it was done, and the one after.
struct Deaths(HashMap<u32, (usize, usize)>);

impl Deaths {
    fn of(events: &[Event]) -> Self {
        let mut deaths = HashMap::new();
        for (moment, event) in events.iter().enumerate() {
            let process = event.rest.parse().unwrap_or_default();
            match event.what.as_str() {
                "kills" => drop(deaths.insert(process, (moment, events.len()))),
                "killed" => deaths.entry(process).and_modify(|(_, after)| *after = moment).or_default().1 = moment,
                _ => {}
            }
        }
        Self(deaths)
    }

    fn may_be_dead(&self, process: u32, moment: usize) -> bool {
        self.0.get(&process).is_some_and(|(before, _)| *before < moment)
    }

    fn surely_dead(&self, process: u32) -> Option<usize> {
        self.0.get(&process).map(|(_, after)| *after)
    }
}

fn generations<'a>(events: &[(usize, &'a Event)]) -> Vec<Generation<'a>> {
    let mut generations: Vec<Generation<'a>> = Vec::new();
    for (moment, event) in events {
        let tag = event.rest.split(' ').next().unwrap_or_default();
        if event.what == "begins" {
            let begun = Generation { tag, process: event.process, begin: *moment, end: None, acknowledged: None };
            generations.push(begun);
            continue;
        }
        let Some(generation) = generations.iter_mut().rev().find(|generation| generation.tag == tag) else { continue };
        match event.what.as_str() {
            "made" => generation.end = Some(*moment),
            // The hook that tells of it runs after the lease.
            "got" | "persisted" => drop(generation.acknowledged.get_or_insert(*moment)),
            _ => {}
        }
    }
    generations
}

fn causes(events: &[(usize, &Event)], deaths: &Deaths, never: usize) -> Vec<Cause> {
    let mut causes = Vec::new();
    for (index, (moment, event)) in events.iter().enumerate() {
        let ends = match event.what.as_str() {
            "removes" => "removed",
            "damages" => "damaged",
            "replaces" => "replaced",
            _ => continue,
        };
        let said =
            |what: &str| events.iter().skip(index).find(|(_, other)| other.what == what && other.rest == event.rest);
        if said("spared").is_some() {
            continue;
        }
        let ended = said(ends);
        let end = ended.map(|(end, _)| *end).or(deaths.surely_dead(event.process)).unwrap_or(never);
        causes.push(Cause { begin: *moment, end, is_spent: false });
    }
    causes.sort_by_key(|cause| cause.end);
    causes
}

/// Two generations of one key at the same time.
fn clash(key: usize, before: &Generation<'_>, next: &Generation<'_>, deaths: &Deaths) -> Option<String> {
    let is_over = before.end.is_some_and(|end| end < next.begin);
    let may_be_dead = deaths.may_be_dead(before.process, next.begin);
    (!is_over && !may_be_dead)
        .then(|| format!("key {key}: {} began while {} was generating and alive", next.tag, before.tag))
}

/// A generation of what was there already.
fn needless(
    key: usize,
    before: &Generation<'_>,
    next: &Generation<'_>,
    deaths: &Deaths,
    causes: &mut [Cause],
) -> Option<String> {
    let was_acknowledged = before.acknowledged.is_some_and(|moment| moment < next.begin);
    if !was_acknowledged && deaths.may_be_dead(before.process, next.begin) {
        return None;
    }
    // Of all that may be the cause, the one that ends first is of least use to later generations.
    let is_cause = |cause: &&mut Cause| !cause.is_spent && cause.begin < next.begin && cause.end > before.begin;
    match causes.iter_mut().find(is_cause) {
        Some(cause) => {
            cause.is_spent = true;
            None
        }
        None => Some(format!("key {key}: {} generated what {} had made and nobody had spoiled", next.tag, before.tag)),
    }
}
