//! What is to be done with the objects of a type, found out once.

use std::collections::BTreeMap;
use std::sync::Arc;

use persistable::store::fork::Table;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use super::failure::Failure;
use super::layout::{Layout, own_initializer};
use super::names;
use super::watch::Watch;

/// What is to be done with the objects of a type.
pub(super) enum Plan {
    /// An array of NumPy, which the encoder takes where its elements have no byte meaning.
    Array(Option<Py<PyAny>>),
    /// A function makes something with a canonical form of the object.
    Encoder(Py<PyAny>),
    /// The object is a record of its fields.
    Fields(Layout),
    /// The object wraps a value, and says whether that is in the key.
    Wrapper,
    /// The type is refused: what is wrong with it, and what to do.
    Refused(String, String),
}

/// A plan, and what it was made from where that may change.
pub(super) struct Found {
    pub(super) plan: Plan,
    watch: Option<Watch>,
}

/// What was found out about types so far.
struct Plans {
    /// The types are kept alive, so that no other type can come to stand at the address of one.
    by_address: BTreeMap<usize, (Py<PyType>, Arc<Found>)>,
    /// Counts how often all was forgotten: what was found out before that must not be kept after it.
    generation: u64,
}

/// The lock is never held while Python code runs, not even that of a type that is dropped.
static PLANS: Table<Plans> = Table::new(Plans { by_address: BTreeMap::new(), generation: 0 });

/// A program that makes classes without end must not keep them all.
const MAX_PLANS: usize = 1024;

/// Returns what is to be done with the objects of a type.
pub(super) fn plan_of(class: &Bound<'_, PyType>) -> Result<Arc<Found>, Failure> {
    let address = class.as_ptr() as usize;
    let (known, generation) = {
        let plans = PLANS.lock();
        (plans.by_address.get(&address).map(|(_, found)| Arc::clone(found)), plans.generation)
    };
    if let Some(known) = known
        && known.watch.as_ref().is_none_or(|watch| watch.is_unchanged(class.py()))
    {
        return Ok(known);
    }
    let found = Arc::new(find_out(class)?);
    let mut plans = PLANS.lock();
    if plans.generation != generation {
        return Ok(found);
    }
    let is_full = plans.by_address.len() >= MAX_PLANS;
    let dropped = if is_full { std::mem::take(&mut plans.by_address) } else { BTreeMap::new() };
    let earlier = plans.by_address.insert(address, (class.clone().unbind(), Arc::clone(&found)));
    drop(plans);
    drop((dropped, earlier));
    Ok(found)
}

/// Forgets what was found out about types, because an encoder was registered or a class was changed.
#[pyfunction]
pub(crate) fn forget_encoders() {
    let mut plans = PLANS.lock();
    plans.generation += 1;
    let dropped = std::mem::take(&mut plans.by_address);
    drop(plans);
    drop(dropped);
}

fn find_out(class: &Bound<'_, PyType>) -> Result<Found, Failure> {
    // Before the plan is made: what another thread changes meanwhile must not be taken for what the plan was made from.
    let watch = Watch::of(class)?;
    let plan = make_plan(class)?;
    let may_change = matches!(plan, Plan::Fields(_) | Plan::Refused(..));
    Ok(Found { plan, watch: may_change.then_some(watch) })
}

fn make_plan(class: &Bound<'_, PyType>) -> Result<Plan, Failure> {
    let py = class.py();
    if is_derived_from(class, "persistable._persistable", "Persistable")? {
        return Ok(Plan::Refused(
            "is a step, which a parameter cannot hold".into(),
            "pass it in tracked_persistable_dependencies".into(),
        ));
    }
    if is_derived_from(class, "persistable.data", "PersistableParam")? {
        return Ok(Plan::Wrapper);
    }
    let encoder = encoder_of(class)?;
    if is_array(class) {
        return Ok(Plan::Array(encoder));
    }
    if let Some(encoder) = encoder {
        if let Some(reader) = field_reader(encoder.bind(py))? {
            let type_name = reader.getattr(intern!(py, "type_name"))?.extract()?;
            let read = reader.getattr(intern!(py, "read"))?.unbind();
            return Ok(Plan::Fields(Layout::of_model(class, type_name, read)?));
        }
        return Ok(Plan::Encoder(encoder));
    }
    let is_dict_encodable = is_derived_from(class, "persistable._dict_encodable", "DictEncodable")?;
    if is_dict_encodable || class.hasattr(intern!(py, "__dataclass_fields__"))? {
        return match refusal_of_record(class)? {
            Some((problem, advice)) => Ok(Plan::Refused(problem, advice)),
            None => Ok(Plan::Fields(Layout::of(class, is_dict_encodable)?)),
        };
    }
    refusal_of_unknown(class)
}

/// Asks the Python side, which knows the encoders that users registered, and those of types that Rust knows nothing of.
fn encoder_of(class: &Bound<'_, PyType>) -> PyResult<Option<Py<PyAny>>> {
    let py = class.py();
    let encoders = py.import(intern!(py, "persistable._encoders"))?;
    let encoder = encoders.call_method1(intern!(py, "encoder_of"), (class,))?;
    Ok((!encoder.is_none()).then(|| encoder.unbind()))
}

/// Returns the encoder if it reads fields, so that what the class says about them is applied as for dataclasses.
fn field_reader<'a, 'py>(encoder: &'a Bound<'py, PyAny>) -> PyResult<Option<&'a Bound<'py, PyAny>>> {
    let Some(kind) = loaded(encoder.py(), "persistable._encoders.models", "FieldReader") else { return Ok(None) };
    Ok(encoder.is_instance(&kind)?.then_some(encoder))
}

/// A subclass of an array may mean anything by it, so only the two that NumPy itself makes are arrays.
fn is_array(class: &Bound<'_, PyType>) -> bool {
    ["ndarray", "memmap"].iter().any(|name| loaded(class.py(), "numpy", name).is_some_and(|array| array.is(class)))
}

fn is_derived_from(class: &Bound<'_, PyType>, module: &str, name: &str) -> PyResult<bool> {
    match loaded(class.py(), module, name) {
        Some(base) => class.is_subclass(&base),
        None => Ok(false),
    }
}

/// Returns what a module holds, if it was imported: an object whose type comes from elsewhere proves that it was.
pub(super) fn loaded<'py>(py: Python<'py>, module: &str, name: &str) -> Option<Bound<'py, PyAny>> {
    let modules = py.import(intern!(py, "sys")).ok()?.getattr(intern!(py, "modules")).ok()?;
    modules.cast::<PyDict>().ok()?.get_item(module).ok()??.getattr(name).ok()
}

/// Tells why fields would not be all there is to an object, if they are not.
fn refusal_of_record(class: &Bound<'_, PyType>) -> PyResult<Option<(String, String)>> {
    let py = class.py();
    if let Some(base) = built_in_base(class)? {
        return Ok(Some((
            format!("has fields, but is of the type `{base}` as well, whose content they do not tell"),
            format!("hold the `{base}` in a field, or {}", names::registration(&names::shown(class))),
        )));
    }
    let Some(params) = loaded(py, "persistable.data", "PersistableParams") else { return Ok(None) };
    if let Some(definer) = own_initializer(class)?
        && definer.is_subclass(&params)?
    {
        // It was written to be without @dataclass.
        return Ok(None);
    }
    for base in class.mro() {
        let base = base.cast_into::<PyType>()?;
        if base.is(&params) || !base.is_subclass(&params)? {
            continue;
        }
        if names::own_attribute(&base, intern!(py, "__dataclass_fields__"))?.is_none() && declares_fields(&base)? {
            return Ok(Some((
                format!("has annotations in `{}`, which is no dataclass, so that they are no fields", base.qualname()?),
                "decorate that class with @dataclass".into(),
            )));
        }
    }
    Ok(None)
}

/// Looks for a base that is not written in Python, and holds what no attribute shows.
///
/// An object of a class written in Python has a pointer for each slot, its `__dict__` and its weak references, and is not
/// larger than that.
fn built_in_base(class: &Bound<'_, PyType>) -> PyResult<Option<String>> {
    let py = class.py();
    let object_size =
        |class: &Bound<'_, PyAny>| -> PyResult<usize> { class.getattr(intern!(py, "__basicsize__"))?.extract() };
    for base in class.mro() {
        let base = base.cast_into::<PyType>()?;
        let parent = base.getattr(intern!(py, "__base__"))?;
        if parent.is_none() {
            continue;
        }
        let mut pointers = names::own_slots(&base)?.len();
        for descriptor in [intern!(py, "__dict__"), intern!(py, "__weakref__")] {
            pointers += usize::from(names::own_attribute(&base, descriptor)?.is_some());
        }
        if object_size(&base)? > object_size(&parent)? + pointers * size_of::<usize>() {
            return Ok(Some(names::shown(&base)));
        }
    }
    Ok(None)
}

fn declares_fields(class: &Bound<'_, PyType>) -> PyResult<bool> {
    let py = class.py();
    // From Python 3.14 on, annotations are made by a function when they are asked for.
    let has_own = ["__annotations__", "__annotate_func__", "__annotate__"].iter().any(|name| {
        let own = names::own_attribute(class, &PyString::new(py, name));
        own.is_ok_and(|own| own.is_some_and(|own| !own.is_none()))
    });
    if !has_own {
        return Ok(false);
    }
    // One that cannot be made yet, because it names what only type checkers see, is of a field all the same.
    let Ok(annotations) = class.getattr(intern!(py, "__annotations__")) else { return Ok(true) };
    for annotation in annotations.call_method0(intern!(py, "values"))?.try_iter()? {
        if !annotation?.str()?.to_string_lossy().contains("ClassVar") {
            return Ok(true);
        }
    }
    Ok(false)
}

fn refusal_of_unknown(class: &Bound<'_, PyType>) -> Result<Plan, Failure> {
    let py = class.py();
    let encoders = py.import(intern!(py, "persistable._encoders"))?;
    let known = encoders.call_method1(intern!(py, "advice_on"), (class,))?;
    if let Some((problem, advice)) = known.extract::<Option<(String, String)>>()? {
        return Ok(Plan::Refused(problem, advice));
    }
    let advice = names::registration(&names::shown(class));
    let base = class.mro().iter().skip(1).find_map(|base| {
        let base = base.cast_into::<PyType>().ok()?;
        let is_built_in = base.module().is_ok_and(|module| module == "builtins");
        (is_built_in && !base.is(class.py().get_type::<PyAny>())).then(|| names::shown(&base))
    });
    Ok(match base {
        Some(base) => Plan::Refused(
            format!("has no canonical form, since what it adds to `{base}` is not known"),
            format!("pass a plain {base}, or {advice}"),
        ),
        None => Plan::Refused("has no canonical form".into(), advice),
    })
}
