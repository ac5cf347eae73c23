//! The params trees of Python steps, made anew whenever they are asked for: what they are made of may have changed.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::sync::Arc;

use persistable::__private::{collect, is_same_but_for_name, params_digest, params_tree, version_with_code};
use persistable::{CodeChange, ErrorKind, Fields, Key, Param, ParamsTree};
use persistable_key::Identity;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyList, PySet, PyTuple};

use crate::buffer::text_of;
use crate::code;
use crate::definition;
use crate::errors::{exception, of_core, of_params, type_name};
use crate::file_name::name_of;
use crate::frozen::{Frozen, frozen_of};
use crate::once::intern;
use crate::present::Present;
use crate::settings;
use crate::value::{Places, Problem, fields_of, fields_of_function};

type ObjectAddress = usize;
type Trees = HashMap<ObjectAddress, ParamsTree, BuildHasherDefault<AddressHasher>>;

/// Spreads addresses, which are multiples of 16, over all bits. Nobody chooses them to collide.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, address: usize) {
        let spread = (self.0 ^ address as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = spread ^ (spread >> 32);
    }
}

/// What a step was at some moment: its params, its version and the keys of its dependencies.
#[pyclass(frozen, name = "ParamsTree", module = "persistable._core")]
pub(crate) struct PyParamsTree(pub(crate) ParamsTree);

#[pymethods]
impl PyParamsTree {
    /// Returns a digest of params, version and dependencies, in hex. The payload name is not part of it.
    fn identity(&self) -> PyResult<String> {
        identity_of(&self.0)
    }
}

/// Returns a digest of params, version and dependencies, in hex. The payload name is not part of it.
pub(crate) fn identity_of(tree: &ParamsTree) -> PyResult<String> {
    let dependencies: Vec<(String, Key)> =
        tree.dependencies().iter().map(|tree| (tree.payload_name().to_owned(), tree.key())).collect();
    let (params, version) = (tree.params(), tree.version());
    let key = Identity { payload_name: "", version, params, dependencies: &dependencies }.key();
    key.map(|key| key.to_string()).map_err(|error| Problem::from(error).into())
}

/// Returns what a step is at present.
#[pyfunction(name = "params_tree")]
pub(crate) fn present(step: &Bound<'_, PyAny>) -> PyResult<PyParamsTree> {
    of(step).map(PyParamsTree)
}

/// Returns whether the step's present params, version and dependencies are those of `tree`. The payload name may be
/// another: a payload may be persisted under several names.
#[pyfunction]
pub(crate) fn is_current(step: &Bound<'_, PyAny>, tree: &Bound<'_, PyParamsTree>) -> PyResult<bool> {
    Ok(is_same_but_for_name(&of(step)?, &tree.get().0))
}

/// Returns the names of the params that have other values now than in `tree`.
#[pyfunction]
pub(crate) fn changed_params(step: &Bound<'_, PyAny>, tree: &Bound<'_, PyParamsTree>) -> PyResult<Vec<String>> {
    let present = of(step)?;
    let bytes = |tree: &ParamsTree| -> HashMap<String, Option<Vec<u8>>> {
        tree.params().iter().map(|(name, value)| (name.to_owned(), value.canonical_bytes().ok())).collect()
    };
    let (before, now) = (bytes(&tree.get().0), bytes(&present));
    let mut names: Vec<String> =
        before.keys().chain(now.keys()).filter(|name| before.get(*name) != now.get(*name)).cloned().collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// A step whose dependencies are being looked at.
struct Open<'py> {
    step: Bound<'py, PyAny>,
    dependencies: Vec<Bound<'py, PyAny>>,
    /// Where dependencies are given by place: the number in each.
    places: Vec<(String, usize)>,
    /// Where they are arguments of a function that hold more than a list of them.
    arguments: Option<Places<'py>>,
    /// Which of them came without an order: as sets.
    unordered: Vec<Range<usize>>,
    /// What it is for the time of a run.
    frozen: Option<Arc<Frozen>>,
    next: usize,
}

/// Returns the params tree of a step.
pub(crate) fn of(step: &Bound<'_, PyAny>) -> PyResult<ParamsTree> {
    Ok(of_step(step)?.tree)
}

/// Returns what a step is at present.
pub(crate) fn of_step<'py>(step: &Bound<'py, PyAny>) -> PyResult<Present<'py>> {
    if let Some(frozen) = frozen_of(step) {
        return Ok(frozen.present(step.py()));
    }
    let root = Open::new(step.clone())?;
    if root.dependencies.is_empty() { root.close(&Trees::default()) } else { of_graph(root, &mut Trees::default()) }
}

/// Returns what a worker needs to load a step that it can't work out: its name, its key, and the digest of its params.
#[pyfunction]
pub(crate) fn key_parts(step: &Bound<'_, PyAny>) -> PyResult<(String, String, [u8; 32])> {
    let tree = of(step)?;
    Ok((tree.payload_name().to_owned(), tree.key().to_string(), params_digest(&tree)))
}

/// Returns the first half of the key of each step below, by the step's `id`.
#[pyfunction]
pub(crate) fn hashes_below<'py>(step: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let mut trees = Trees::default();
    of_graph(Open::new(step.clone())?, &mut trees)?;
    let hashes = PyDict::new(step.py());
    for (address, tree) in trees {
        hashes.set_item(address, tree.key().short())?;
    }
    Ok(hashes)
}

/// Returns the params tree of a step, and adds those of all steps below to `trees`.
///
/// Each step below is looked at once, however many paths lead to it, and no call nests: pipelines may be deep.
fn of_graph<'py>(root: Open<'py>, trees: &mut Trees) -> PyResult<Present<'py>> {
    of_graph_noting(root, trees, false, &mut |_, _| {})
}

/// Does the same, and tells of each step below, those further down first. Below frozen steps it looks only if it is told to.
fn of_graph_noting<'py>(
    root: Open<'py>,
    trees: &mut Trees,
    looks_below_frozen: bool,
    note: &mut dyn FnMut(&Bound<'py, PyAny>, &Present<'py>),
) -> PyResult<Present<'py>> {
    // Holds what is only reachable through a property that makes new objects, whose addresses would be used again.
    let mut seen: Vec<Bound<'py, PyAny>> = Vec::new();
    let mut on_path: HashSet<ObjectAddress, BuildHasherDefault<AddressHasher>> = HashSet::default();
    on_path.insert(address(&root.step));
    let mut path = vec![root];
    while let Some(open) = path.last_mut() {
        if let Some(dependency) = open.dependencies.get(open.next) {
            open.next += 1;
            if trees.contains_key(&address(dependency)) {
                continue;
            }
            let frozen = frozen_of(dependency);
            if let Some(frozen) = frozen.as_ref().filter(|_| !looks_below_frozen) {
                trees.insert(address(dependency), frozen.tree.clone());
                seen.push(dependency.clone());
                continue;
            }
            let opened = match frozen {
                Some(frozen) => Open::frozen(dependency.clone(), frozen),
                None => Open::new(dependency.clone())?,
            };
            if opened.dependencies.is_empty() {
                let (below, step) = (address(dependency), opened.step.clone());
                let present = opened.close(trees)?;
                note(&step, &present);
                trees.insert(below, present.tree);
                seen.push(step);
                continue;
            }
            if !on_path.insert(address(&opened.step)) {
                return Err(exception(
                    opened.step.py(),
                    ErrorKind::UnsupportedParameter,
                    &format!(
                        "{} depends on itself, by its tracked_persistable_dependencies",
                        payload_name_of(&opened.step)?
                    ),
                ));
            }
            path.push(opened);
            continue;
        }
        let Some(open) = path.pop() else { break };
        let step = open.step.clone();
        let present = open.close(trees)?;
        on_path.remove(&address(&step));
        if path.is_empty() {
            let tree_of = |step: Bound<'py, PyAny>| Some((trees.get(&address(&step))?.clone(), step));
            return Ok(Present { below: seen.into_iter().filter_map(tree_of).collect(), ..present });
        }
        note(&step, &present);
        trees.insert(address(&step), present.tree);
        seen.push(step);
    }
    Err(PyTypeError::new_err("a step has no params tree"))
}

/// Returns what steps are at present, with those below them: each once, those further down first.
pub(crate) fn of_steps<'py>(steps: &[Bound<'py, PyAny>]) -> PyResult<Vec<(Bound<'py, PyAny>, Present<'py>)>> {
    let mut found = Vec::new();
    let mut trees = Trees::default();
    for step in steps {
        if trees.contains_key(&address(step)) {
            continue;
        }
        let mut note = |step: &Bound<'py, PyAny>, present: &Present<'py>| found.push((step.clone(), present.alone()));
        let open = match frozen_of(step) {
            Some(frozen) => Open::frozen(step.clone(), frozen),
            None => Open::new(step.clone())?,
        };
        let present = of_graph_noting(open, &mut trees, true, &mut note)?;
        trees.insert(address(step), present.tree.clone());
        found.push((step.clone(), present.alone()));
    }
    Ok(found)
}

fn address(object: &Bound<'_, PyAny>) -> ObjectAddress {
    object.as_ptr().addr()
}

fn payload_name_of(step: &Bound<'_, PyAny>) -> PyResult<String> {
    name_of(&step.getattr(intern!(step.py(), "payload_name"))?)
}

impl<'py> Open<'py> {
    /// Opens a step as what it is for the time of a run.
    fn frozen(step: Bound<'py, PyAny>, frozen: Arc<Frozen>) -> Self {
        let dependencies = frozen.present(step.py()).dependencies;
        let frozen = Some(frozen);
        Self { step, dependencies, places: Vec::new(), arguments: None, unordered: Vec::new(), frozen, next: 0 }
    }

    fn new(step: Bound<'py, PyAny>) -> PyResult<Self> {
        let declared = step.getattr(intern!(step.py(), "tracked_persistable_dependencies"))?;
        let mut open = Self {
            step,
            dependencies: Vec::new(),
            places: Vec::new(),
            arguments: None,
            unordered: Vec::new(),
            frozen: None,
            next: 0,
        };
        if declared.is_none() {
            return Ok(open);
        }
        match declared.cast::<PyDict>() {
            Ok(places) if places.is_exact_instance_of::<PyDict>() => open.add_places(places)?,
            Ok(places) => open.add_arguments(places)?,
            Err(_) => open.add_all(&declared)?,
        }
        Ok(open)
    }

    /// Adds the arguments of a function. Any other dict is one of places.
    fn add_arguments(&mut self, declared: &Bound<'py, PyDict>) -> PyResult<()> {
        let arguments = Places::of(&self.step, declared);
        match arguments.or_else(|problem| Err(of_params(self.step.py(), &payload_name_of(&self.step)?, problem)))? {
            Some(mut arguments) => {
                self.dependencies = std::mem::take(&mut arguments.steps);
                self.arguments = Some(arguments);
                Ok(())
            }
            None => self.add_places(declared),
        }
    }

    fn add_all(&mut self, declared: &Bound<'py, PyAny>) -> PyResult<()> {
        if let Ok(list) = declared.cast::<PyList>() {
            self.dependencies.reserve(list.len());
            self.dependencies.extend(list.iter());
        } else if let Ok(tuple) = declared.cast::<PyTuple>() {
            self.dependencies.extend(tuple.iter());
        } else {
            let begin = self.dependencies.len();
            for dependency in declared.try_iter()? {
                self.dependencies.push(dependency?);
            }
            if declared.cast::<PySet>().is_ok() || declared.cast::<PyFrozenSet>().is_ok() {
                self.unordered.push(begin..self.dependencies.len());
            }
        }
        Ok(())
    }

    /// Adds dependencies that are told apart by the names of their places, in the order of those names.
    fn add_places(&mut self, places: &Bound<'py, PyDict>) -> PyResult<()> {
        let mut named: Vec<(String, Bound<'py, PyAny>)> =
            places.iter().map(|(name, held)| Ok((name.extract()?, held))).collect::<PyResult<_>>()?;
        named.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
        for (name, held) in named {
            let before = self.dependencies.len();
            if held.hasattr(intern!(held.py(), "tracked_persistable_dependencies"))? {
                self.dependencies.push(held);
            } else if !held.is_none() {
                self.add_all(&held)?;
            }
            self.places.push((name, self.dependencies.len() - before));
        }
        Ok(())
    }

    /// Makes the tree out of those of the dependencies.
    fn close(mut self, trees: &Trees) -> PyResult<Present<'py>> {
        let py = self.step.py();
        if let Some(frozen) = &self.frozen {
            return Ok(frozen.present(py));
        }
        let name: String = match payload_name_of(&self.step) {
            Ok(name) => name,
            Err(error) => return Err(not_a_step(&self.step, &error)),
        };
        let version = self.step.getattr(intern!(py, "payload_version"))?;
        let version = match version.is_none() {
            true => None,
            false => Some(text_of(&version).map_err(|_| {
                let kind = type_name(&version.get_type());
                PyTypeError::new_err(format!("{name}: payload_version is a str or None, and not of type {kind}"))
            })?),
        };
        let version = if settings::code_change(&self.step)? == CodeChange::Key {
            Some(version_with_code(version.as_deref(), code::key_digest_of(&self.step)?))
        } else {
            version
        };
        let params = self.step.getattr(intern!(py, "params"))?;
        let (fields, mut inputs) = collect(|| self.fields_of(&params));
        let mut fields = fields.map_err(|problem| of_params(py, &name, problem))?;
        self.push_places(&mut fields).map_err(|error| of_params(py, &name, error.into()))?;
        let held = std::mem::take(&mut self.dependencies);
        let mut below: Vec<(ParamsTree, Bound<'py, PyAny>)> =
            held.into_iter().filter_map(|step| Some((trees.get(&address(&step)).cloned()?, step))).collect();
        for range in &self.unordered {
            if let Some(members) = below.get_mut(range.clone()) {
                members.sort_by_cached_key(|(tree, _)| (tree.payload_name().to_owned(), tree.key()));
            }
        }
        let (below, dependencies): (Vec<ParamsTree>, Vec<_>) = below.into_iter().unzip();
        if let Some(arguments) = &mut self.arguments {
            let ids = below.iter().map(|tree| format!("{}({})", tree.payload_name(), tree.key().short())).collect();
            arguments.push(&mut fields, ids);
            inputs.append(&mut arguments.inputs);
        }
        let tree = params_tree(&name, version, fields, below).map_err(|error| of_core(py, error))?;
        Ok(Present { tree, inputs, dependencies, below: Vec::new() })
    }

    /// Returns the params as fields.
    fn fields_of(&self, params: &Bound<'py, PyAny>) -> Result<Fields, Problem> {
        let py = params.py();
        if let Ok(dict) = params.cast::<PyDict>()
            && let Some(function) = definition::step_function_of(&self.step)?
            && function.getattr(intern!(py, "called"))?.getattr(intern!(py, "has_rules"))?.is_truthy()?
        {
            return fields_of_function(&self.step, dict);
        }
        fields_of(params)
    }

    fn push_places(&self, fields: &mut Fields) -> Result<(), persistable::ParamError> {
        for (name, number) in &self.places {
            fields.push_unshown(name.clone(), number.to_value()?);
        }
        Ok(())
    }
}

fn not_a_step(object: &Bound<'_, PyAny>, error: &PyErr) -> PyErr {
    PyTypeError::new_err(format!("a dependency of type {} is no Persistable: {error}", type_name(&object.get_type())))
}
