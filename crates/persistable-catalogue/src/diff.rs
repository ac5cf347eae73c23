//! How two artifacts, or an artifact and a step, differ: anywhere in the tree.

use std::collections::{BTreeMap, HashMap, HashSet};

use persistable_key::Value;
use persistable_store::{DependencyRecord, Manifest, Store};
use serde::Serialize;

use crate::address::Address;
use crate::catalogue::Catalogue;
use crate::error::Result;
use crate::manifests::manifest_of;
use crate::params::{params_of, segment};
use crate::scalar::Scalar;

/// Something that two artifacts do not share.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// Where: `n`, `points.n`, `model.depth`, or a fact such as `.code`.
    pub path: String,
    /// What the first one has there; `None` if it has nothing.
    pub before: Option<String>,
    /// What the second one has there.
    pub after: Option<String>,
    /// What it is.
    pub kind: DifferenceKind,
    /// How far two numbers are apart.
    #[serde(skip)]
    pub(crate) gap: f64,
}

/// What kind of difference it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DifferenceKind {
    /// A param has another value.
    Value,
    /// A param has a value of another kind, which looks the same or nearly so: `1` and `1.0`, a text and a path.
    KindOfValue,
    /// A param is there only before, or only after.
    Param,
    /// The step declares another version.
    Version,
    /// The payload name is another.
    Name,
    /// There are other dependencies, or more or fewer of them.
    Dependencies,
    /// A dependency is another one, and its params are not known.
    UnknownDependency,
    /// Not part of the key: code, environment, input files, the payload itself.
    Fact,
}

impl DifferenceKind {
    /// Whether the key depends on it.
    #[must_use]
    pub fn is_in_key(self) -> bool {
        self != Self::Fact
    }
}

/// What identifies a step, as a manifest tells it.
#[derive(Clone, Debug)]
pub(crate) struct Identified {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) params: Vec<(String, Value)>,
    pub(crate) dependencies: Vec<Below>,
}

/// A dependency: which it is, and what is known of it without asking the store.
#[derive(Clone, Debug)]
pub(crate) struct Below {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) known: Option<Box<Identified>>,
}

impl Identified {
    pub(crate) fn of(manifest: &Manifest) -> Result<Self> {
        let below = |record: &DependencyRecord| Below {
            name: record.payload_name.clone(),
            key: record.key.clone(),
            known: None,
        };
        Ok(Self {
            name: manifest.payload_name.clone(),
            version: manifest.version.clone(),
            params: params_of(manifest)?,
            dependencies: manifest.dependencies.iter().map(below).collect(),
        })
    }
}

impl Catalogue {
    /// Returns how two artifacts differ. Differences that the key depends on come first.
    ///
    /// # Errors
    ///
    /// Those of reading their manifests.
    pub fn diff(&self, before: &Address, after: &Address) -> Result<Vec<Difference>> {
        let (a, b) = (self.manifest(before)?, self.manifest(after)?);
        let mut differences = Comparison::new(self.store()).compare(&Identified::of(&a)?, &Identified::of(&b)?);
        differences.extend(facts(&a, &b));
        Ok(differences)
    }
}

/// Compares steps. Manifests of dependencies are read once.
pub(crate) struct Comparison<'a> {
    store: &'a Store,
    manifests: HashMap<String, Option<Identified>>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self { store, manifests: HashMap::new() }
    }

    /// Returns what differs, of all that a key is made of.
    pub(crate) fn compare(&mut self, before: &Identified, after: &Identified) -> Vec<Difference> {
        let mut found = Vec::new();
        self.steps("", before, after, &mut found, &mut HashSet::new());
        found
    }

    fn steps(
        &mut self,
        prefix: &str,
        before: &Identified,
        after: &Identified,
        found: &mut Vec<Difference>,
        seen: &mut HashSet<(String, String)>,
    ) {
        let mut add = |path: &str, before: Option<&str>, after: Option<&str>, kind| {
            found.push(Difference {
                path: format!("{prefix}{path}"),
                before: before.map(str::to_owned),
                after: after.map(str::to_owned),
                kind,
                gap: 0.0,
            });
        };
        if before.name != after.name {
            add(".name", Some(&before.name), Some(&after.name), DifferenceKind::Name);
        }
        if before.version != after.version {
            add(".version", before.version.as_deref(), after.version.as_deref(), DifferenceKind::Version);
        }
        fields(prefix, &before.params, &after.params, found);
        self.dependencies(prefix, before, after, found, seen);
    }

    fn dependencies(
        &mut self,
        prefix: &str,
        before: &Identified,
        after: &Identified,
        found: &mut Vec<Difference>,
        seen: &mut HashSet<(String, String)>,
    ) {
        let (a, b) = (&before.dependencies, &after.dependencies);
        let names = |all: &[Below]| all.iter().map(|below| below.name.clone()).collect::<Vec<_>>();
        if names(a) != names(b) {
            let shown = |all: &[Below]| if all.is_empty() { "none".to_owned() } else { counted(&names(all)) };
            let (mut before, mut after) = (shown(a), shown(b));
            if before == after {
                // The same ones in another order.
                (before, after) = (names(a).join(", "), names(b).join(", "));
            }
            found.push(Difference {
                path: format!("{prefix}dependencies"),
                before: Some(before),
                after: Some(after),
                kind: DifferenceKind::Dependencies,
                gap: 0.0,
            });
        }
        // Those of one name are compared in their order.
        let mut counts: BTreeMap<&str, (Vec<&Below>, Vec<&Below>)> = BTreeMap::new();
        a.iter().for_each(|below| counts.entry(&below.name).or_default().0.push(below));
        b.iter().for_each(|below| counts.entry(&below.name).or_default().1.push(below));
        for (name, (a, b)) in counts {
            let is_alone = a.len() == 1 && b.len() == 1;
            for (index, (a, b)) in a.iter().zip(&b).enumerate() {
                if a.key == b.key {
                    continue;
                }
                let word = segment(name);
                let path = if is_alone { format!("{prefix}{word}") } else { format!("{prefix}{word}[{index}]") };
                // A dependency that many share is told of once.
                if !seen.insert((a.key.clone(), b.key.clone())) {
                    continue;
                }
                let known = (self.identified(a), self.identified(b));
                let count = found.len();
                if let (Some(a), Some(b)) = &known {
                    self.steps(&format!("{path}."), a, b, found, seen);
                }
                if found.len() == count {
                    let digits = |key: &str| key.get(..12).unwrap_or(key).to_owned();
                    found.push(Difference {
                        path,
                        before: Some(digits(&a.key)),
                        after: Some(digits(&b.key)),
                        kind: DifferenceKind::UnknownDependency,
                        gap: 0.0,
                    });
                }
            }
        }
    }

    fn identified(&mut self, below: &Below) -> Option<Identified> {
        if let Some(known) = &below.known {
            return Some(known.as_ref().clone());
        }
        let stem = format!("{}({})", below.name, below.key.get(..32).unwrap_or(&below.key));
        if let Some(known) = self.manifests.get(&stem) {
            return known.clone();
        }
        let manifest = manifest_of(self.store, &stem).ok().flatten();
        let known = manifest.and_then(|manifest| Identified::of(&manifest).ok());
        self.manifests.insert(stem, known.clone());
        known
    }
}

/// Compares params, or the fields of a record, by name.
fn fields(prefix: &str, before: &[(String, Value)], after: &[(String, Value)], found: &mut Vec<Difference>) {
    for (name, a) in before {
        let path = format!("{prefix}{}", segment(name));
        match after.iter().find(|(other, _)| other == name) {
            Some((_, b)) => values(&path, a, b, found),
            None => found.push(difference(&path, Some(a), None)),
        }
    }
    for (name, b) in after.iter().filter(|(name, _)| before.iter().all(|(other, _)| other != name)) {
        found.push(difference(&format!("{prefix}{}", segment(name)), None, Some(b)));
    }
}

/// Compares two values, and tells of the parts that differ.
fn values(path: &str, a: &Value, b: &Value, found: &mut Vec<Difference>) {
    let is_same = match (a.canonical_bytes(), b.canonical_bytes()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    };
    if is_same {
        return;
    }
    let count = found.len();
    match (a, b) {
        (Value::Record(a), Value::Record(b)) if a.name() == b.name() => {
            fields(&format!("{path}."), &owned(a.fields()), &owned(b.fields()), found);
        }
        (Value::Enum(a), Value::Enum(b)) if a.type_name() == b.type_name() && a.member() == b.member() => {
            match (a.data(), b.data()) {
                (Some(Value::Record(a)), Some(Value::Record(b))) if a.name() == b.name() => {
                    fields(&format!("{path}."), &owned(a.fields()), &owned(b.fields()), found);
                }
                (Some(a), Some(b)) => values(&format!("{path}.data"), a, b, found),
                _ => {}
            }
        }
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                values(&format!("{path}[{index}]"), a, b, found);
            }
        }
        (Value::Map(a), Value::Map(b)) => {
            let text = |(key, value): &(Value, Value)| match key {
                Value::Text(text) => Some((text.clone(), value.clone())),
                _ => None,
            };
            let (a, b): (Option<Vec<_>>, Option<Vec<_>>) = (a.iter().map(text).collect(), b.iter().map(text).collect());
            if let (Some(a), Some(b)) = (a, b) {
                fields(&format!("{path}."), &a, &b, found);
            }
        }
        _ => {}
    }
    if found.len() == count {
        found.push(difference(path, Some(a), Some(b)));
    }
}

fn owned(fields: &persistable_key::Fields) -> Vec<(String, Value)> {
    fields.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

fn difference(path: &str, a: Option<&Value>, b: Option<&Value>) -> Difference {
    let (scalars, mut gap) = ((a.map(Scalar::of), b.map(Scalar::of)), 0.0);
    let kinds = (a.map(kind_of), b.map(kind_of));
    let kind = match (a, b) {
        (Some(_), Some(_)) if kinds.0 != kinds.1 && look_alike(scalars.0.as_ref(), scalars.1.as_ref()) => {
            DifferenceKind::KindOfValue
        }
        (Some(_), Some(_)) => DifferenceKind::Value,
        _ => DifferenceKind::Param,
    };
    if let (Some(a), Some(b)) = (&scalars.0, &scalars.1)
        && let (Some(a), Some(b)) = (a.as_f64(), b.as_f64())
    {
        gap = (a - b).abs();
    }
    let mut shown = (a.map(shown_value), b.map(shown_value));
    if kind == DifferenceKind::KindOfValue || shown.0 == shown.1 {
        // They look the same, so their kinds tell them apart; or their typed JSON does.
        let with_kind = |value: &Value| format!("{} ({})", shown_value(value), kind_of(value));
        shown = (a.map(with_kind), b.map(with_kind));
        if shown.0 == shown.1 {
            let typed = |value: &Value| cut(&serde_json::to_string(value).unwrap_or_default());
            shown = (a.map(typed), b.map(typed));
        }
        if shown.0 == shown.1 {
            let digest = |value: &Value| {
                let bytes = value.canonical_bytes().unwrap_or_default();
                format!(
                    "{} with digest {}",
                    kind_of(value),
                    blake3::hash(&bytes).to_hex().get(..12).unwrap_or_default()
                )
            };
            shown = (a.map(digest), b.map(digest));
        }
    }
    Difference { path: path.to_owned(), before: shown.0, after: shown.1, kind, gap }
}

/// Whether two values of different kinds look the same to people.
fn look_alike(a: Option<&Scalar>, b: Option<&Scalar>) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return false };
    let is_same_number = match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    };
    is_same_number || a.to_string() == b.to_string() || a.to_json() == b.to_json()
}

/// Returns a value as people read it, with texts in quotation marks.
fn shown_value(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Float(_) | Value::Float32(_) => Scalar::of(value).to_string(),
        Value::Enum(member) if member.data().is_none() => member.member().to_owned(),
        Value::Text(_) => cut(&value.natural().to_string()),
        _ => cut(&Scalar::of(value).to_string()),
    }
}

fn cut(text: &str) -> String {
    const MOST: usize = 200;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "none",
        Value::Bool(_) => "a truth value",
        Value::Int(_) => "an int",
        Value::Float(_) | Value::Float32(_) => "a float",
        Value::Text(_) => "a text",
        Value::Bytes(_) => "bytes",
        Value::List(_) => "a list",
        Value::Tuple(_) => "a tuple",
        Value::Set(_) => "a set",
        Value::Map(_) => "a map",
        Value::Date(_) => "a date",
        Value::Time(_) => "a time",
        Value::DateTime(..) => "a date and time",
        Value::Zoned(_) => "a date and time with a zone",
        Value::Duration(_) => "a duration",
        Value::Decimal(_) => "a decimal",
        Value::Uuid(_) => "a UUID",
        Value::Path(_) => "a path",
        Value::Complex(..) => "a complex number",
        Value::Enum(_) => "a member of an enum",
        Value::Record(_) => "a record",
        Value::Array(_) => "an array",
        Value::Table(_) => "a table",
        _ => "another kind",
    }
}

/// Compares what is not part of the key.
fn facts(a: &Manifest, b: &Manifest) -> Vec<Difference> {
    let short = |digest: String| digest.get(..12).unwrap_or_default().to_owned();
    let code = |manifest: &Manifest| {
        let digests = manifest.code.as_ref()?.digests.iter();
        Some(digests.map(|(tag, digest)| format!("{tag} {}", short(digest.to_string()))).collect::<Vec<_>>().join(", "))
    };
    let inputs = |manifest: &Manifest| {
        let shown = manifest.inputs.iter().map(|input| format!("{} {}", input.path, short(input.digest.to_string())));
        (!manifest.inputs.is_empty()).then(|| shown.collect::<Vec<_>>().join(", "))
    };
    let environment = |manifest: &Manifest| manifest.provenance.environment.map(|digest| short(digest.to_string()));
    let rows = [
        (".type", a.step_type.clone(), b.step_type.clone()),
        (".code", code(a), code(b)),
        (".inputs", inputs(a), inputs(b)),
        (".environment", environment(a), environment(b)),
        (".library", a.provenance.library.clone(), b.provenance.library.clone()),
        (".revision", a.provenance.source_revision.clone(), b.provenance.source_revision.clone()),
        (".io", Some(a.payload.io.clone()), Some(b.payload.io.clone())),
        (".payload", Some(short(a.payload.digest.to_string())), Some(short(b.payload.digest.to_string()))),
    ];
    let differing = rows.into_iter().filter(|(_, before, after)| before != after);
    let fact = |(path, before, after): (&str, _, _)| Difference {
        path: path.to_owned(),
        before,
        after,
        kind: DifferenceKind::Fact,
        gap: 0.0,
    };
    differing.map(fact).collect()
}

/// Returns names with how often each occurs.
fn counted(names: &[String]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for name in names {
        match counts.iter_mut().find(|(known, _)| known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let shown =
        counts.into_iter().map(|(name, count)| if count == 1 { name.to_owned() } else { format!("{count} {name}") });
    shown.collect::<Vec<_>>().join(", ")
}
