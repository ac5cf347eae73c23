//! What encoders, written in Python, make values by: a constructor for each kind that no plain Python object has.

use std::hash::{DefaultHasher, Hash, Hasher};

use persistable::value::{Array, ArrayDigester, Column, Date, Decimal, Dtype, EnumMember, Record, Time, Zoned};
use persistable::{Fields, ParamError, Value};
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyString};

use super::class::{PyValue, raised};
use super::convert::value_of;
use super::failure::{Failure, refused};
use super::guards::{Deeper, FromOne};
use super::scalars::{int_of, text_of};
use super::{array, containers, fields};
use crate::buffer::Buffer;

fn made(value: Result<Value, Failure>) -> PyResult<PyValue> {
    value.and_then(PyValue::new).map_err(raised)
}

/// Makes a value of parts, which are converted one level below it.
fn made_of<'py, T>(
    parts: &Bound<'py, PyAny>,
    convert: impl FnOnce(&Bound<'py, PyAny>) -> Result<T, Failure>,
    make: impl FnOnce(T) -> Value,
) -> PyResult<PyValue> {
    let converted = || {
        let _deeper = Deeper::new(parts)?;
        convert(parts).map(make)
    };
    made(converted())
}

/// The data of a member of an enum, for which `None` is data as well.
pub(crate) enum Data<'py> {
    Absent,
    Given(Bound<'py, PyAny>),
}

impl<'a, 'py> FromPyObject<'a, 'py> for Data<'py> {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        Ok(Self::Given(object.to_owned()))
    }
}

#[pymethods]
impl PyValue {
    /// Returns the absence of a value.
    #[staticmethod]
    fn null() -> Self {
        Self::scalar(Value::Null)
    }

    /// Returns the float of the same value, which people are shown with the digits that 32 bits take.
    #[staticmethod]
    fn float32(number: f32) -> Self {
        Self::scalar(Value::Float32(number))
    }

    /// Returns a day of the proleptic Gregorian calendar.
    #[staticmethod]
    fn date(year: i32, month: u8, day: u8) -> PyResult<Self> {
        Ok(Self::scalar(Value::Date(Date::new(year, month, day).map_err(raised)?)))
    }

    /// Returns a time of day, in nanoseconds since midnight.
    #[staticmethod]
    fn time(nanoseconds: u64) -> PyResult<Self> {
        Ok(Self::scalar(Value::Time(Time::from_nanoseconds(nanoseconds).map_err(raised)?)))
    }

    /// Returns a day and a time of day, without a zone.
    #[staticmethod]
    fn datetime(year: i32, month: u8, day: u8, nanoseconds: u64) -> PyResult<Self> {
        let date = Date::new(year, month, day).map_err(raised)?;
        Ok(Self::scalar(Value::DateTime(date, Time::from_nanoseconds(nanoseconds).map_err(raised)?)))
    }

    /// Returns a moment: seconds since 1970-01-01T00:00:00Z, rounded down, nanoseconds above them, the offset at which it is
    /// meant, and the IANA name of its zone, empty where only the offset is known.
    #[staticmethod]
    fn zoned(seconds: i64, nanoseconds: u32, offset_seconds: i32, zone: &Bound<'_, PyString>) -> PyResult<Self> {
        let zone = text_of(zone).map_err(raised)?;
        let zoned = Zoned::new(seconds, nanoseconds, offset_seconds, &zone).map_err(raised)?;
        Ok(Self::scalar(Value::Zoned(zoned)))
    }

    /// Returns a span of time.
    #[staticmethod]
    fn duration(nanoseconds: &Bound<'_, PyInt>) -> PyResult<Self> {
        let nanoseconds = int_of(nanoseconds)?.to_i128();
        let nanoseconds = nanoseconds.ok_or_else(|| PyOverflowError::new_err("a duration has at most 128 bits"))?;
        Ok(Self::scalar(Value::Duration(nanoseconds)))
    }

    /// Returns a decimal of its canonical text, as in `150E-2`.
    #[staticmethod]
    fn decimal(text: &Bound<'_, PyString>) -> PyResult<Self> {
        let decimal: Decimal = text_of(text).map_err(raised)?.parse().map_err(raised::<ParamError>)?;
        Ok(Self::scalar(Value::Decimal(decimal)))
    }

    /// Returns a UUID of its 16 bytes, in the order of its text.
    #[staticmethod]
    fn uuid(bytes: [u8; 16]) -> Self {
        Self::scalar(Value::Uuid(bytes))
    }

    /// Returns a path with `/` between its components, normalised but not resolved.
    #[staticmethod]
    fn path(text: &Bound<'_, PyString>) -> PyResult<Self> {
        made(text_of(text).map(Value::Path))
    }

    /// Returns a member of an enum, with the data it carries, if any.
    #[staticmethod]
    #[pyo3(name = "enum", signature = (type_name, member, data = Data::Absent), text_signature = "(type_name, member, data=...)")]
    fn enum_(type_name: &Bound<'_, PyString>, member: &Bound<'_, PyString>, data: Data<'_>) -> PyResult<Self> {
        let (type_name, member) = (text_of(type_name).map_err(raised)?, text_of(member).map_err(raised)?);
        match data {
            Data::Absent => Ok(Self::scalar(Value::Enum(EnumMember::new(type_name, member, None)))),
            Data::Given(data) => {
                made_of(&data, value_of, |data| Value::Enum(EnumMember::new(type_name, member, Some(data))))
            }
        }
    }

    /// Returns a record of pairs of a name and an object.
    #[staticmethod]
    fn record(type_name: &Bound<'_, PyString>, fields: &Bound<'_, PyAny>) -> PyResult<Self> {
        let type_name = text_of(type_name).map_err(raised)?;
        made_of(fields, record_fields, |fields| Value::Record(Record::new(type_name, fields)))
    }

    /// Returns an array of a dtype of the specification, whose elements lie in C order, little-endian.
    #[staticmethod]
    fn array(dtype: &str, shape: Vec<u64>, elements: &Bound<'_, PyAny>) -> PyResult<Self> {
        let dtype: Dtype = dtype.parse().map_err(raised::<ParamError>)?;
        let buffer = Buffer::of(elements)?;
        let bytes = buffer.as_bytes();
        let count = shape.iter().try_fold(1_u64, |count, length| count.checked_mul(*length));
        let expected = count.and_then(|count| count.checked_mul(dtype.item_bytes()?));
        if expected != Some(bytes.len() as u64) {
            let problem = format!("has {} bytes, which is not what dtype and shape say", bytes.len());
            return Err(raised(refused(elements, problem, "give the bytes of as many elements as the shape has")));
        }
        let digest = array::digest_bytes(elements.py(), dtype, bytes);
        Ok(Self::scalar(Value::Array(Array::new(dtype, shape, digest))))
    }

    /// Returns an array whose elements are any objects, in C order.
    #[staticmethod]
    fn object_array(shape: Vec<u64>, elements: &Bound<'_, PyAny>) -> PyResult<Self> {
        let count = shape.iter().try_fold(1_u64, |count, length| count.checked_mul(*length));
        let (counted, digest) = digest_of_objects(elements).map_err(raised)?;
        if count != Some(counted) {
            let problem = format!("has {counted} elements, which is not what the shape says");
            return Err(raised(refused(elements, problem, "give as many elements as the shape has")));
        }
        Ok(Self::scalar(Value::Array(Array::new(Dtype::Object, shape, digest))))
    }

    /// Returns a table of columns: name, a text that tells the type, and values that become an array or a list.
    #[staticmethod]
    fn table(columns: &Bound<'_, PyAny>) -> PyResult<Self> {
        made_of(columns, table_columns, Value::Table)
    }

    /// Returns the elements of any iterable as a list.
    #[staticmethod]
    fn list_(elements: &Bound<'_, PyAny>) -> PyResult<Self> {
        made_of(elements, |elements| containers::elements(0, elements.try_iter()?, value_of), Value::List)
    }

    /// Returns the elements of any iterable as a tuple.
    #[staticmethod]
    fn tuple_(elements: &Bound<'_, PyAny>) -> PyResult<Self> {
        made_of(elements, |elements| containers::elements(0, elements.try_iter()?, value_of), Value::Tuple)
    }

    /// Returns the members of any iterable as a set.
    #[staticmethod]
    fn set_(members: &Bound<'_, PyAny>) -> PyResult<Self> {
        made_of(members, |members| containers::members(members, value_of), Value::Set)
    }

    /// Returns pairs of a key and a value as a map.
    #[staticmethod]
    fn map_(pairs: &Bound<'_, PyAny>) -> PyResult<Self> {
        made_of(pairs, map_entries, Value::Map)
    }

    /// Reads the typed JSON of the specification.
    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        let json = persistable_key::parse_json(text).map_err(raised)?;
        made(Value::from_json(&json).map_err(Failure::from))
    }

    /// Returns the typed JSON of the specification.
    fn to_json(&self) -> String {
        serde_json::to_string(self.value()).unwrap_or_default()
    }

    /// Returns the name of the kind, as the specification has it.
    fn kind(&self) -> &'static str {
        self.value().kind()
    }

    /// Returns the canonical bytes.
    fn canonical_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.bytes()?))
    }

    fn __repr__(&self) -> String {
        self.to_json()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = other.py();
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        let are_equal = self.bytes()? == other.get().bytes()?;
        Ok(are_equal.into_pyobject(py)?.to_owned().into_any().unbind())
    }

    fn __hash__(&self) -> PyResult<u64> {
        let mut hasher = DefaultHasher::new();
        self.bytes()?.hash(&mut hasher);
        Ok(hasher.finish())
    }
}

fn record_fields(pairs: &Bound<'_, PyAny>) -> Result<Fields, Failure> {
    let mut converted = Fields::new();
    for pair in pairs.try_iter()? {
        let (name, object) = pair?.extract::<(Bound<'_, PyString>, Bound<'_, PyAny>)>()?;
        fields::push(&mut converted, text_of(&name)?, &object, value_of)?;
    }
    Ok(converted)
}

fn table_columns(columns: &Bound<'_, PyAny>) -> Result<Vec<Column>, Failure> {
    let mut converted = Vec::new();
    for column in columns.try_iter()? {
        let (name, type_name, values) =
            column?.extract::<(Bound<'_, PyString>, Bound<'_, PyString>, Bound<'_, PyAny>)>()?;
        let (name, type_name) = (text_of(&name)?, text_of(&type_name)?);
        let column = value_of(&values).and_then(|values| Ok(Column::new(name.clone(), type_name, values)?));
        converted.push(column.map_err(|failure| failure.in_field(&name))?);
    }
    Ok(converted)
}

fn map_entries(pairs: &Bound<'_, PyAny>) -> Result<Vec<(Value, Value)>, Failure> {
    let mut entries = Vec::new();
    for pair in pairs.try_iter()? {
        let (key, value) = pair?.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
        entries.extend(containers::entry(&key, &value, value_of)?);
    }
    Ok(entries)
}

fn digest_of_objects(elements: &Bound<'_, PyAny>) -> Result<(u64, [u8; 32]), Failure> {
    let _from_one = FromOne::new();
    let mut digester = ArrayDigester::new(Dtype::Object);
    let mut count = 0;
    for (index, element) in elements.try_iter()?.enumerate() {
        let value = value_of(&element?).map_err(|failure| failure.at_index(index))?;
        digester.update(&value.canonical_bytes().map_err(|error| error.at_index(index))?);
        count += 1;
    }
    Ok((count, digester.finish()))
}
