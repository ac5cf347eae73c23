//! What is to be done with the objects of a type, found out once.

use std::collections::BTreeMap;
use std::sync::Arc;

use persistable::store::fork::Table;
use pyo3::prelude::*;
use pyo3::types::PyType;

use super::class_snapshot::ClassSnapshot;
use super::failure::Failure;
use super::layout::Layout;
use super::names::loaded;
use super::refusals;
use crate::once::intern;

/// What is to be done with the objects of a type.
pub(super) enum Conversion {
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

/// A conversion, and what it was found out from where that may change.
pub(super) struct CachedConversion {
    pub(super) conversion: Conversion,
    snapshot: Option<ClassSnapshot>,
}

/// What was found out about types so far.
struct Conversions {
    /// The types are kept alive, so that no other type can come to stand at the address of one.
    by_address: BTreeMap<usize, (Py<PyType>, Arc<CachedConversion>)>,
    /// Counts how often all was forgotten: what was found out before that must not be kept after it.
    generation: u64,
}

/// The lock is never held while Python code runs, not even that of a type that is dropped.
static CONVERSIONS: Table<Conversions> = Table::new(Conversions { by_address: BTreeMap::new(), generation: 0 });

/// A program that makes classes without end must not keep them all.
const MAX_CONVERSIONS: usize = 1024;

/// Returns what is to be done with the objects of a type.
pub(super) fn conversion_of(class: &Bound<'_, PyType>) -> Result<Arc<CachedConversion>, Failure> {
    let address = class.as_ptr() as usize;
    let (known, generation) = {
        let conversions = CONVERSIONS.lock();
        (conversions.by_address.get(&address).map(|(_, found)| Arc::clone(found)), conversions.generation)
    };
    if let Some(known) = known
        && known.snapshot.as_ref().is_none_or(|snapshot| snapshot.is_unchanged(class.py()))
    {
        return Ok(known);
    }
    let found = Arc::new(find_out(class)?);
    let mut conversions = CONVERSIONS.lock();
    if conversions.generation != generation {
        return Ok(found);
    }
    let is_full = conversions.by_address.len() >= MAX_CONVERSIONS;
    let dropped = if is_full { std::mem::take(&mut conversions.by_address) } else { BTreeMap::new() };
    let earlier = conversions.by_address.insert(address, (class.clone().unbind(), Arc::clone(&found)));
    drop(conversions);
    drop((dropped, earlier));
    Ok(found)
}

/// Forgets what was found out about types, because an encoder was registered or a class was changed.
#[pyfunction]
pub(crate) fn forget_encoders() {
    let mut conversions = CONVERSIONS.lock();
    conversions.generation += 1;
    let dropped = std::mem::take(&mut conversions.by_address);
    drop(conversions);
    drop(dropped);
}

fn find_out(class: &Bound<'_, PyType>) -> Result<CachedConversion, Failure> {
    // Before the conversion is found out: what another thread changes meanwhile must not be taken for what it was found out from.
    let snapshot = ClassSnapshot::of(class)?;
    let conversion = make_conversion(class)?;
    let may_change = matches!(conversion, Conversion::Fields(_) | Conversion::Refused(..));
    Ok(CachedConversion { conversion, snapshot: may_change.then_some(snapshot) })
}

fn make_conversion(class: &Bound<'_, PyType>) -> Result<Conversion, Failure> {
    let py = class.py();
    if is_derived_from(class, "persistable._persistable", "Persistable")? {
        return Ok(Conversion::Refused(
            "is a step, which a parameter cannot hold".into(),
            "pass it as an argument of its own, or in a list, a tuple or a dict; a class gets it in \
             tracked_persistable_dependencies"
                .into(),
        ));
    }
    if is_derived_from(class, "persistable.data", "PersistableParam")? {
        return Ok(Conversion::Wrapper);
    }
    let encoder = encoder_of(class)?;
    if is_array(class) {
        return Ok(Conversion::Array(encoder));
    }
    if let Some(encoder) = encoder {
        if let Some(reader) = field_reader(encoder.bind(py))? {
            let type_name = reader.getattr(intern!(py, "type_name"))?.extract()?;
            let read = reader.getattr(intern!(py, "read"))?.unbind();
            return Ok(Conversion::Fields(Layout::of_model(class, type_name, read)?));
        }
        return Ok(Conversion::Encoder(encoder));
    }
    let is_dict_encodable = is_derived_from(class, "persistable._dict_encodable", "DictEncodable")?;
    if is_dict_encodable || class.hasattr(intern!(py, "__dataclass_fields__"))? {
        return match refusals::of_record(class)? {
            Some((problem, advice)) => Ok(Conversion::Refused(problem, advice)),
            None => Ok(Conversion::Fields(Layout::of(class, is_dict_encodable)?)),
        };
    }
    let (problem, advice) = refusals::of_unknown(class)?;
    Ok(Conversion::Refused(problem, advice))
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
