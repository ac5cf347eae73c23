//! The vectors of the specification: every implementation gives these bytes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use persistable_key::{ArrayDigester, Fields, Identity, Key, ParamError, Value};
use serde::Deserialize;
use serde_json::Value as Json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "description")]
    _description: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default, deserialize_with = "present")]
    value: Option<Json>,
    #[serde(default, deserialize_with = "present")]
    step: Option<Json>,
    canonical: Option<String>,
    key: Option<String>,
    params_digest: Option<String>,
    error: Option<String>,
    elements: Option<String>,
    /// What an input file or folder holds; the tests of `persistable` write it to the disk.
    #[serde(rename = "file")]
    _file: Option<String>,
    #[serde(rename = "files")]
    _files: Option<Json>,
    #[serde(default)]
    differs_from: Vec<String>,
    #[serde(default)]
    agrees_with: Vec<String>,
}

/// Tells a `value` of null from none.
fn present<'de, D: serde::Deserializer<'de>>(json: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(json).map(Some)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    payload_name: String,
    version: Option<String>,
    params: Json,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dependency {
    payload_name: String,
    key: String,
}

#[test]
fn every_vector_gives_the_bytes_the_specification_states() {
    let paths = vector_paths();
    assert!(!paths.is_empty(), "there are no vectors");
    let mut cases = 0;
    let mut failures = Vec::new();
    for path in paths {
        let file = read(&path);
        assert!(!file.cases.is_empty(), "{} has no cases", path.display());
        cases += file.cases.len();
        for (case, failure) in check_file(&file) {
            failures.push(format!("{}: {case}: {failure}", path.display()));
        }
    }
    assert!(failures.is_empty(), "{} of {cases} cases fail:\n{}", failures.len(), failures.join("\n"));
}

fn vector_paths() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "json"))
        .collect();
    paths.sort();
    paths
}

/// Values nest 128 deep, their JSON up to three times as deep, and some cases deeper still.
fn read(path: &Path) -> File {
    let text = std::fs::read_to_string(path).unwrap();
    let mut json = serde_json::Deserializer::from_str(&text);
    json.disable_recursion_limit();
    File::deserialize(&mut json).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn check_file(file: &File) -> Vec<(&str, String)> {
    let mut failures = Vec::new();
    let mut bytes_by_name = HashMap::new();
    for case in &file.cases {
        match check_case(case) {
            Ok(bytes) => {
                if bytes_by_name.insert(&*case.name, bytes).is_some() {
                    failures.push((&*case.name, String::from("the name occurs twice")));
                }
            }
            Err(failure) => failures.push((&*case.name, failure)),
        }
    }
    for case in &file.cases {
        let Some(bytes) = bytes_by_name.get(&*case.name) else {
            continue;
        };
        for (others, must_agree) in [(&case.agrees_with, true), (&case.differs_from, false)] {
            for other in others {
                if bytes_by_name.get(&**other).map(|other| other == bytes) != Some(must_agree) {
                    failures.push((&case.name, format!("agrees with `{other}`: not {must_agree}")));
                }
            }
        }
    }
    failures
}

/// Returns the canonical bytes; none of a case that must be refused, and is.
fn check_case(case: &Case) -> Result<Option<Vec<u8>>, String> {
    let made = match (&case.value, &case.step) {
        (Some(value), None) => check_value(case, value),
        (None, Some(step)) => check_step(case, step),
        _ => return Err(String::from("has not one of value and step")),
    };
    match (&case.error, made) {
        (None, Ok(bytes)) => expect("canonical", case.canonical.as_deref(), &hex(&bytes)).map(|()| Some(bytes)),
        (None, Err(Failure::Refused(reason))) => Err(format!("is refused: {reason}")),
        (Some(reason), Ok(_)) => Err(format!("is not refused: {reason}")),
        (Some(_), Err(Failure::Refused(_))) => Ok(None),
        (_, Err(Failure::Wrong(failure))) => Err(failure),
    }
}

enum Failure {
    Refused(String),
    Wrong(String),
}

impl From<ParamError> for Failure {
    fn from(error: ParamError) -> Self {
        Self::Refused(error.to_string())
    }
}

fn check_value(case: &Case, json: &Json) -> Result<Vec<u8>, Failure> {
    let value = Value::from_json(json)?;
    let bytes = value.canonical_bytes()?;

    let written = value.to_json();
    let again = Value::from_json(&written)?;
    if again.canonical_bytes()? != bytes || again.to_json() != written {
        return Err(Failure::Wrong(format!("does not survive its JSON {written}")));
    }
    if let Some(elements) = &case.elements {
        check_elements(&value, &unhex(elements))?;
    }
    Ok(bytes)
}

fn check_elements(value: &Value, elements: &[u8]) -> Result<(), Failure> {
    let Value::Array(array) = value else {
        return Err(Failure::Wrong(String::from("has elements, and is not an array")));
    };
    let mut digester = ArrayDigester::new(array.dtype());
    digester.update(elements);
    expect("digest", Some(&hex(array.digest())), &hex(&digester.finish())).map_err(Failure::Wrong)
}

fn check_step(case: &Case, json: &Json) -> Result<Vec<u8>, Failure> {
    let step = Step::deserialize(json).map_err(|error| Failure::Refused(error.to_string()))?;
    let params = Fields::from_json(&step.params)?;
    let mut dependencies = Vec::new();
    for Dependency { payload_name, key } in step.dependencies {
        let key: Key = key.parse().map_err(|_| Failure::Refused(format!("key {key}")))?;
        dependencies.push((payload_name, key));
    }
    let identity = Identity {
        payload_name: &step.payload_name,
        version: step.version.as_deref(),
        params: &params,
        dependencies: &dependencies,
    };
    let bytes = identity.canonical_bytes()?;

    let again = Fields::from_json(&Json::Object(params.to_json()))?;
    if again.digest()? != params.digest()? {
        return Err(Failure::Wrong(String::from("the params do not survive their JSON")));
    }
    if case.error.is_none() {
        let key = identity.key()?;
        expect("key", case.key.as_deref(), &key.to_string()).map_err(Failure::Wrong)?;
        expect("params_digest", case.params_digest.as_deref(), &hex(&params.digest()?)).map_err(Failure::Wrong)?;
    }
    Ok(bytes)
}

fn expect(what: &str, stated: Option<&str>, made: &str) -> Result<(), String> {
    if stated == Some(made) { Ok(()) } else { Err(format!("{what} is stated as {stated:?}, made as {made}")) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|start| u8::from_str_radix(&text[start..start + 2], 16).unwrap()).collect()
}
