//! Whether the code that a record was made of still is what it was, by identity.

use pyo3::prelude::*;
use pyo3::sync::critical_section::with_critical_section;
use pyo3::types::{PyDict, PyList, PySet, PyString};

use crate::once::intern;

/// What a record was made of. Everything is kept alive, so that no other object can come to stand at an address.
///
/// It is checked on each hit, so this must stay cheap: there is one look-up in a dict for each name, and nothing is called.
pub(super) struct CodeSnapshot {
    names: Vec<Name>,
    /// Functions with their code, which tools that reload modules swap in place.
    functions: Vec<(Py<PyAny>, Py<PyAny>)>,
    cells: Vec<Cell>,
    containers: Vec<Container>,
    /// The numbers of the constants that only encoding them again can tell of.
    opaque: Py<PyList>,
    has_opaque: bool,
}

/// What a check found, worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// Nothing changed.
    Same,
    /// Constants may have other values.
    OtherValues,
    /// Names stand for other functions, classes or modules.
    OtherCode,
}

struct Name {
    namespace: Namespace,
    name: Py<PyString>,
    /// `None` for a name that stood for nothing.
    value: Option<Py<PyAny>>,
    is_value: bool,
}

enum Namespace {
    Dict(Py<PyDict>),
    /// The attributes of a class, which Python gives no dict of.
    Other(Py<PyAny>),
}

struct Cell {
    cell: Py<PyAny>,
    content: Option<Py<PyAny>>,
    is_value: bool,
}

enum Container {
    List(Py<PyList>, Vec<Py<PyAny>>),
    Dict(Py<PyDict>, Vec<(Py<PyAny>, Py<PyAny>)>),
    Set(Py<PySet>, Vec<Py<PyAny>>),
}

impl CodeSnapshot {
    /// Takes what `Record.watched` of the Python side returns.
    pub(super) fn of(record: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = record.py();
        let absent = py.import(intern!(py, "persistable._code.states"))?.getattr(intern!(py, "ABSENT"))?;
        let present = |value: Bound<'_, PyAny>| (!value.is(&absent)).then(|| value.unbind());
        let watched = record.call_method0(intern!(py, "watched"))?;
        type Recorded<'py> = (
            Vec<(Bound<'py, PyAny>, Bound<'py, PyString>, Bound<'py, PyAny>, bool)>,
            Vec<(Py<PyAny>, Py<PyAny>)>,
            Vec<(Py<PyAny>, Bound<'py, PyAny>, bool)>,
            Vec<Bound<'py, PyAny>>,
            Bound<'py, PyList>,
        );
        let (names, functions, cells, containers, opaque): Recorded<'_> = watched.extract()?;
        let names = names.into_iter().map(|(namespace, name, value, is_value)| {
            let namespace = match namespace.cast_into::<PyDict>() {
                Ok(dict) => Namespace::Dict(dict.unbind()),
                Err(other) => Namespace::Other(other.into_inner().unbind()),
            };
            Name { namespace, name: name.unbind(), value: present(value), is_value }
        });
        let cells =
            cells.into_iter().map(|(cell, content, is_value)| Cell { cell, content: present(content), is_value });
        let containers = containers.iter().filter_map(Container::of).collect();
        Ok(Self {
            names: names.collect(),
            functions,
            cells: cells.collect(),
            containers,
            has_opaque: !opaque.is_empty(),
            opaque: opaque.unbind(),
        })
    }

    /// Looks whether anything changed. What can't be looked at has changed.
    pub(super) fn check(&self, record: &Bound<'_, PyAny>) -> Verdict {
        let py = record.py();
        let mut verdict = Verdict::Same;
        for (function, code) in &self.functions {
            if !function.bind(py).getattr(intern!(py, "__code__")).is_ok_and(|present| present.is(code)) {
                return Verdict::OtherCode;
            }
        }
        for name in &self.names {
            verdict = verdict.max(name.check(py));
        }
        for cell in &self.cells {
            verdict = verdict.max(cell.check(py));
        }
        if verdict == Verdict::Same && !self.containers.iter().all(|container| container.is_same(py)) {
            verdict = Verdict::OtherValues;
        }
        if verdict == Verdict::Same && self.has_opaque {
            let same = record.call_method1(intern!(py, "are_same"), (&self.opaque,));
            if !same.is_ok_and(|same| same.is_truthy().unwrap_or(false)) {
                verdict = Verdict::OtherValues;
            }
        }
        verdict
    }

    /// Returns how many references are compared.
    pub(super) fn len(&self) -> usize {
        self.names.len() + self.functions.len() + self.cells.len()
    }
}

fn verdict(is_same: bool, is_value: bool, present: Option<&Bound<'_, PyAny>>) -> Verdict {
    match (is_same, is_value && present.is_some()) {
        (true, _) => Verdict::Same,
        (false, true) => Verdict::OtherValues,
        (false, false) => Verdict::OtherCode,
    }
}

fn is_same(expected: Option<&Py<PyAny>>, present: Option<&Bound<'_, PyAny>>) -> bool {
    match (expected, present) {
        (Some(expected), Some(present)) => present.is(expected),
        (None, None) => true,
        _ => false,
    }
}

impl Name {
    fn check(&self, py: Python<'_>) -> Verdict {
        let present = match &self.namespace {
            Namespace::Dict(dict) => dict.bind(py).get_item(&self.name).ok().flatten(),
            Namespace::Other(other) => other.bind(py).get_item(&self.name).ok(),
        };
        verdict(is_same(self.value.as_ref(), present.as_ref()), self.is_value, present.as_ref())
    }
}

impl Cell {
    fn check(&self, py: Python<'_>) -> Verdict {
        // An empty cell raises.
        let present = self.cell.bind(py).getattr(intern!(py, "cell_contents")).ok();
        verdict(is_same(self.content.as_ref(), present.as_ref()), self.is_value, present.as_ref())
    }
}

impl Container {
    fn of(container: &Bound<'_, PyAny>) -> Option<Self> {
        if let Ok(list) = container.cast::<PyList>() {
            return Some(Self::List(list.clone().unbind(), list.iter().map(Bound::unbind).collect()));
        }
        if let Ok(dict) = container.cast::<PyDict>() {
            let held = dict.iter().map(|(key, value)| (key.unbind(), value.unbind())).collect();
            return Some(Self::Dict(dict.clone().unbind(), held));
        }
        let set = container.cast::<PySet>().ok()?;
        Some(Self::Set(set.clone().unbind(), set.iter().map(Bound::unbind).collect()))
    }

    /// Looks whether it holds the same objects. One that is equal and another is looked into again.
    fn is_same(&self, py: Python<'_>) -> bool {
        match self {
            Self::List(list, held) => {
                let list = list.bind(py);
                list.len() == held.len() && list.iter().zip(held).all(|(present, held)| present.is(held))
            }
            Self::Dict(dict, held) => {
                let dict = dict.bind(py);
                // Its items come in the order that whoever iterates over it gets.
                let same = || {
                    let mut held = held.iter();
                    dict.iter().all(|(key, value)| held.next().is_some_and(|held| key.is(&held.0) && value.is(&held.1)))
                };
                // Without a lock around all of it, another thread could change it meanwhile where Python has no global lock.
                dict.len() == held.len() && with_critical_section(dict, same)
            }
            Self::Set(set, held) => {
                let set = set.bind(py);
                let same = || set.iter().zip(held).all(|(present, held)| present.is(held));
                set.len() == held.len() && with_critical_section(set, same)
            }
        }
    }
}
