//! What is to be done with the objects of a type, found out once.

use std::collections::BTreeMap;
use std::sync::Arc;

use persistable::store::fork::Table;
use pyo3::prelude::*;
use pyo3::types::PyType;

use super::failure::Failure;
use super::layout::Layout;
use super::names::loaded;
use super::refusals;
use super::watch::Watch;
use crate::once::intern;

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
            "pass it as an argument of its own, or in a list, a tuple or a dict; a class gets it in \
             tracked_persistable_dependencies"
                .into(),
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
        return match refusals::of_record(class)? {
            Some((problem, advice)) => Ok(Plan::Refused(problem, advice)),
            None => Ok(Plan::Fields(Layout::of(class, is_dict_encodable)?)),
        };
    }
    let (problem, advice) = refusals::of_unknown(class)?;
    Ok(Plan::Refused(problem, advice))
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
