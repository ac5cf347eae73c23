//! Collections. The order of maps and sets never counts, that of all others does.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use super::Param;
use super::depth::nested;
use crate::error::ParamError;
use crate::kind::Forms;
use crate::value::Value;

fn list<'a, T: Param + 'a>(elements: impl Iterator<Item = &'a T>) -> Result<Value, ParamError> {
    let to_value = |(index, element): (usize, &T)| element.to_value().map_err(|error| error.at_index(index));
    nested(|| Ok(Value::List(elements.enumerate().map(to_value).collect::<Result<_, _>>()?)))
}

fn set<'a, T: Param + 'a>(members: impl Iterator<Item = &'a T>) -> Result<Value, ParamError> {
    let members = members.map(Param::to_value);
    nested(|| Ok(Value::Set(members.collect::<Result<_, _>>()?)))
}

fn map<'a, K: Param + 'a, V: Param + 'a>(entries: impl Iterator<Item = (&'a K, &'a V)>) -> Result<Value, ParamError> {
    let to_values = |(key, value): (&K, &V)| {
        let key = key.to_value()?;
        let value = value.to_value().map_err(|error| error.at_key(key.brief()))?;
        Ok((key, value))
    };
    nested(|| Ok(Value::Map(entries.map(to_values).collect::<Result<_, ParamError>>()?)))
}

impl<T: Param> Param for [T] {
    fn to_value(&self) -> Result<Value, ParamError> {
        list(self.iter())
    }
}

impl<T: Param, const N: usize> Param for [T; N] {
    fn to_value(&self) -> Result<Value, ParamError> {
        list(self.iter())
    }
}

impl<T: Param> Param for Vec<T> {
    fn to_value(&self) -> Result<Value, ParamError> {
        list(self.iter())
    }
}

impl<T: Param> Param for VecDeque<T> {
    fn to_value(&self) -> Result<Value, ParamError> {
        list(self.iter())
    }
}

impl<T: Param> Param for BTreeSet<T> {
    fn to_value(&self) -> Result<Value, ParamError> {
        set(self.iter())
    }
}

impl<T: Param, S> Param for HashSet<T, S> {
    fn to_value(&self) -> Result<Value, ParamError> {
        set(self.iter())
    }
}

impl<K: Param, V: Param> Param for BTreeMap<K, V> {
    fn to_value(&self) -> Result<Value, ParamError> {
        map(self.iter())
    }
}

impl<K: Param, V: Param, S> Param for HashMap<K, V, S> {
    fn to_value(&self) -> Result<Value, ParamError> {
        map(self.iter())
    }
}
