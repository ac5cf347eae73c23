//! `why` and `diff` are right on every pair of vectors of the specification that must differ.

use std::collections::BTreeMap;
use std::fs;

use persistable_catalogue::{Answer, Catalogue, Difference, DifferenceKind, Wanted};
use persistable_compare::{Below, Comparison, Identified, params_in};
use persistable_key::Value;
use persistable_store::{ArtifactId, DependencyRecord, Digest, Draft, PayloadName, Settings, Store, Wait};
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// A step of the vectors. A value is the param `value` of a step.
#[derive(Debug)]
struct Case {
    name: String,
    step: Json,
    key: String,
    differs_from: Vec<String>,
}

/// Reads the cases of each file, but those that no key can be made of.
fn files() -> Vec<Vec<Case>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/vectors");
    let read = |path| {
        let text = fs::read_to_string(path).unwrap();
        // Values nest deeper than JSON usually does.
        let mut deserializer = serde_json::Deserializer::from_str(&text);
        deserializer.disable_recursion_limit();
        let vectors = Json::deserialize(&mut deserializer).unwrap();
        let cases = vectors["cases"].as_array().unwrap().iter();
        cases.filter(|case| case.get("error").is_none()).filter_map(case).collect()
    };
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(read).collect()
}

fn case(case: &Json) -> Option<Case> {
    let step = match (case.get("step"), case.get("value")) {
        (Some(step), _) => step.clone(),
        (None, Some(value)) => {
            json!({"payload_name": "step", "version": null, "params": {"value": value}, "dependencies": []})
        }
        // What makes a digest of files has no typed JSON.
        (None, None) => return None,
    };
    let key = Wanted::of(identified(&step)).unwrap().key().to_owned();
    assert!(case["key"].as_str().is_none_or(|told| told == key));
    let others = case.get("differs_from").and_then(Json::as_array).into_iter().flatten();
    let differs_from = others.map(|other| other.as_str().unwrap().to_owned()).collect();
    Some(Case { name: case["name"].as_str()?.to_owned(), step, key, differs_from })
}

fn identified(step: &Json) -> Identified {
    let below = |below: &Json| Below { name: text(&below["payload_name"]), key: text(&below["key"]), known: None };
    Identified {
        name: text(&step["payload_name"]),
        version: step["version"].as_str().map(str::to_owned),
        params: params_in(&step["params"].to_string()).unwrap(),
        dependencies: step["dependencies"].as_array().unwrap().iter().map(below).collect(),
    }
}

fn text(json: &Json) -> String {
    json.as_str().unwrap().to_owned()
}

/// The canonical bytes of params.
fn canonical(params: &Json) -> BTreeMap<String, Vec<u8>> {
    let bytes = |(name, value): (&String, &Json)| (name.clone(), bytes(value));
    params.as_object().unwrap().iter().map(bytes).collect()
}

fn bytes(value: &Json) -> Vec<u8> {
    Value::from_json(value).unwrap().canonical_bytes().unwrap()
}

/// The words of a path: `a.b[1]` has three.
fn words(path: &str) -> Vec<String> {
    let (mut words, mut rest) = (Vec::new(), path);
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        let mut end =
            rest.char_indices().skip(1).find(|(_, c)| matches!(c, '.' | '[')).map_or(rest.len(), |(at, _)| at);
        let mut word = rest[..end].to_owned();
        if let Some(quoted) = rest.strip_prefix('`') {
            word = String::new();
            let mut inner = quoted.char_indices().peekable();
            while let Some((at, c)) = inner.next() {
                if c == '`' && inner.next_if(|(_, c)| *c == '`').is_none() {
                    end = at + 2;
                    break;
                }
                word.push(c);
            }
        } else if let Some(index) = word.strip_suffix(']') {
            word = index.trim_start_matches('[').to_owned();
        }
        words.push(word);
        rest = &rest[end..];
    }
    words
}

/// Returns what holds the parts of a value, and by which name or number it holds one.
fn part<'a>(value: &'a mut Json, word: &str) -> Part<'a> {
    let (kind, content) = value.as_object_mut().unwrap().iter_mut().next().unwrap();
    match kind.as_str() {
        "record" => Part::Named(content["fields"].as_object_mut().unwrap(), word.to_owned()),
        "enum" if word == "data" && content["data"]["record"]["fields"].get("data").is_none() => {
            Part::Named(content.as_object_mut().unwrap(), word.to_owned())
        }
        "enum" => Part::Named(content["data"]["record"]["fields"].as_object_mut().unwrap(), word.to_owned()),
        "list" | "tuple" => Part::Numbered(content.as_array_mut().unwrap(), word.parse().unwrap()),
        "map" => Part::Keyed(content.as_array_mut().unwrap(), json!({"text": word})),
        other => panic!("a value of kind {other} has no part {word}"),
    }
}

enum Part<'a> {
    Named(&'a mut serde_json::Map<String, Json>, String),
    Numbered(&'a mut Vec<Json>, usize),
    Keyed(&'a mut Vec<Json>, Json),
}

impl<'a> Part<'a> {
    fn get(self) -> Option<&'a mut Json> {
        match self {
            Self::Named(members, name) => members.get_mut(&name),
            Self::Numbered(items, index) => items.get_mut(index),
            Self::Keyed(entries, key) => {
                entries.iter_mut().find(|entry| entry[0] == key).and_then(|entry| entry.get_mut(1))
            }
        }
    }

    fn set(self, value: Option<Json>) {
        match (self, value) {
            (Self::Named(members, name), Some(value)) => drop(members.insert(name, value)),
            (Self::Named(members, name), None) => drop(members.remove(&name)),
            (Self::Numbered(items, index), value) => items[index] = value.unwrap(),
            (Self::Keyed(entries, key), value) => {
                entries.retain(|entry| entry[0] != key);
                entries.extend(value.map(|value| json!([key, value])));
            }
        }
    }
}

/// Finds a part of params by its path.
fn find<'a>(params: &'a mut Json, words: &[String]) -> Option<Part<'a>> {
    let (first, rest) = words.split_first()?;
    let mut found = Part::Named(params.as_object_mut()?, first.clone());
    for word in rest {
        found = part(found.get()?, word);
    }
    Some(found)
}

/// Whether a value has parts by which it could be compared with another one: both are shown whole only if they have not.
fn could_go_deeper(a: &Json, b: &Json) -> bool {
    let kind =
        |value: &Json| value.as_object().unwrap().iter().next().map(|(kind, of)| (kind.clone(), of.clone())).unwrap();
    let ((kind, a), (other, b)) = (kind(a), kind(b));
    let is_text = |entries: &Json| entries.as_array().unwrap().iter().all(|entry| entry[0].get("text").is_some());
    kind == other
        && match kind.as_str() {
            "record" => a["type"] == b["type"],
            "list" | "tuple" => a.as_array().unwrap().len() == b.as_array().unwrap().len(),
            "map" => is_text(&a) && is_text(&b),
            "enum" => {
                a["type"] == b["type"]
                    && a["member"] == b["member"]
                    && a.get("data").is_some()
                    && b.get("data").is_some()
            }
            _ => false,
        }
}

/// Says what is wrong with the differences of two steps.
///
/// Each must be at a place that differs and that has no smaller places. And if all those places get what the other step has
/// there, the two steps must be the same.
fn wrong(a: &Json, b: &Json, found: &[Difference]) -> Option<String> {
    let mut patched = a["params"].clone();
    let (mut before, mut after) = (a["params"].clone(), b["params"].clone());
    let mut facts: Vec<&str> = Vec::new();
    for difference in found {
        if difference.path.is_empty() || difference.before == difference.after {
            return Some(format!("it says nothing: {difference:?}"));
        }
        let words = words(&difference.path);
        let is_fact = difference.path.starts_with('.') || difference.path == "dependencies";
        // Dependencies are not in the store, so that nothing more can be said of them.
        if is_fact || difference.kind == DifferenceKind::UnknownDependency {
            facts.push(if is_fact { &difference.path } else { "below" });
            continue;
        }
        let Some(place) = find(&mut patched, &words) else { return Some(format!("no such place: {difference:?}")) };
        let theirs = find(&mut after, &words).and_then(Part::get).cloned();
        let ours = find(&mut before, &words).and_then(Part::get).cloned();
        match (&ours, &theirs) {
            (None, None) => return Some(format!("neither has it: {difference:?}")),
            (Some(ours), Some(theirs)) if bytes(ours) == bytes(theirs) => {
                return Some(format!("both have the same there: {difference:?}"));
            }
            (Some(ours), Some(theirs)) if could_go_deeper(ours, theirs) => {
                return Some(format!("only a part of it differs: {difference:?}"));
            }
            _ => {}
        }
        place.set(theirs);
    }
    if canonical(&patched) != canonical(&b["params"]) {
        return Some(format!("more differs than {found:?}"));
    }
    let must = |path: &str, differs: bool| {
        (differs != facts.contains(&path)).then(|| format!("{path} differs: {differs}, and it says {found:?}"))
    };
    let names = |step: &Json| {
        let all = step["dependencies"].as_array().unwrap();
        all.iter().map(|below| below["payload_name"].clone()).collect::<Vec<_>>()
    };
    must(".name", a["payload_name"] != b["payload_name"])
        .or_else(|| must(".version", a["version"] != b["version"]))
        .or_else(|| must("dependencies", names(a) != names(b)))
        .or_else(|| {
            must("below", names(a) == names(b) && a["dependencies"] != b["dependencies"])
                .filter(|_| names(a) == names(b))
        })
}

#[test]
fn the_differences_of_every_pair_are_exactly_what_differs() {
    let (mut compared, mut failures) = (0, Vec::new());
    for cases in files() {
        let all: Vec<_> = cases.iter().map(|case| (case, identified(&case.step))).collect();
        for (index, (a, known)) in all.iter().enumerate() {
            for (b, other) in all.iter().skip(index + 1).filter(|(b, _)| a.key != b.key) {
                let found = Comparison::new(|_| None).compare(known, other);
                failures
                    .extend(wrong(&a.step, &b.step, &found).map(|wrong| format!("{} and {}: {wrong}", a.name, b.name)));
                compared += 1;
            }
        }
    }
    assert!(failures.is_empty(), "{} of {compared}:\n{}", failures.len(), failures.join("\n"));
    assert!(compared > 20_000, "{compared}");
}

/// Persists a step of the vectors; returns `None` if nothing is persisted under its payload name.
fn publish(store: &Store, case: &Case) -> Option<ArtifactId> {
    let name = PayloadName::new(text(&case.step["payload_name"])).ok()?;
    let digest: Digest = case.key.parse().unwrap();
    let id = ArtifactId::new(name, *digest.as_bytes());
    let mut draft = Draft::new("text", 1);
    draft.version = case.step["version"].as_str().map(str::to_owned);
    draft.set_params(&case.step["params"]).unwrap();
    for below in case.step["dependencies"].as_array().unwrap() {
        draft.dependencies.push(DependencyRecord::new(text(&below["payload_name"]), text(&below["key"])));
    }
    let lease = store.lease(&id, Wait::Forever, &mut |_| {}).unwrap();
    let mut staging = store.stage(&lease, ".txt", &Settings::default()).unwrap();
    staging.writer().unwrap().write_all(b"x").unwrap();
    store.publish(&lease, staging, draft).unwrap();
    Some(id)
}

#[test]
fn why_and_diff_name_what_differs_in_every_pair_that_must_differ() {
    let mut asked = 0;
    for cases in files() {
        let by_name: BTreeMap<&str, &Case> = cases.iter().map(|case| (case.name.as_str(), case)).collect();
        for b in &cases {
            for a in b.differs_from.iter().filter_map(|name| by_name.get(name.as_str())) {
                let store = Store::memory();
                if publish(&store, a).is_none() {
                    continue;
                }
                let mut catalogue = Catalogue::in_memory(&store).unwrap();
                let why = catalogue.why(&Wanted::of(identified(&b.step)).unwrap()).unwrap();
                let pair = format!("{} and {}", a.name, b.name);
                asked += 1;
                if a.step["payload_name"] != b.step["payload_name"] {
                    let names = [text(&a.step["payload_name"])];
                    let is_told =
                        matches!(why.answers.as_slice(), [Answer::NothingOfThisName { names: told }] if told == &names);
                    assert!(is_told, "{pair}: {why:?}");
                    continue;
                }
                assert_eq!(why.nearest.len(), 1, "{pair}: {why:?}");
                assert_eq!(wrong(&a.step, &b.step, &why.nearest[0].differences), None, "{pair}");
                publish(&store, b).unwrap();
                catalogue.refresh().unwrap();
                let [a_there, b_there] = [a, b].map(|case| catalogue.find(&case.key).unwrap());
                let found = catalogue.diff(&a_there, &b_there).unwrap();
                let in_key: Vec<_> = found.into_iter().filter(|found| found.kind.is_in_key()).collect();
                assert_eq!(in_key, why.nearest[0].differences, "{pair}");
            }
        }
    }
    assert!(asked > 300, "{asked}");
}
