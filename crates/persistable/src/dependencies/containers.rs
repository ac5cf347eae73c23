//! Containers of what holds steps.

use std::collections::{BTreeMap, HashMap, VecDeque};

use persistable_key::{Param, ParamError, Value};

use super::as_dependencies::AsDependencies;
use super::collection::Collected;
use super::pointers::nested;
use super::shape::Shape;
use crate::maker::Upstream;

impl<D: AsDependencies> AsDependencies for Option<D> {
    fn collect(&self) -> Result<Collected, ParamError> {
        let held = self.as_ref().map(D::collect).transpose()?;
        let Some(single) = D::single() else {
            let (shape, steps) =
                held.map_or((Shape::Absent, Vec::new()), |held| (Shape::Present(Box::new(held.shape)), held.steps));
            return Ok(Collected::shaped(shape, steps));
        };
        let (shape, steps) = held.map_or((Shape::NoStep, Vec::new()), |held| (held.shape, held.steps));
        Ok(Collected::flat(shape, single, false, steps))
    }
}

/// Steps in an order; `is_fixed` tells whether the type says how many.
fn in_order<'a, D: AsDependencies + 'a>(
    held: impl Iterator<Item = &'a D>,
    is_fixed: bool,
) -> Result<Collected, ParamError> {
    let (mut shapes, mut steps) = (Vec::new(), Vec::new());
    for (index, held) in held.enumerate() {
        let held = nested(|| held.collect()).map_err(|error| error.at_index(index))?;
        shapes.push(held.shape);
        steps.extend(held.steps);
    }
    Ok(match D::single() {
        Some(single) => Collected::flat(Shape::Steps(steps.len()), single, is_fixed, steps),
        None => Collected::shaped(Shape::List(shapes), steps),
    })
}

impl<D: AsDependencies, const N: usize> AsDependencies for [D; N] {
    fn collect(&self) -> Result<Collected, ParamError> {
        in_order(self.iter(), true)
    }
}

impl<D: AsDependencies> AsDependencies for [D] {
    fn collect(&self) -> Result<Collected, ParamError> {
        in_order(self.iter(), false)
    }
}

impl<D: AsDependencies> AsDependencies for Vec<D> {
    fn collect(&self) -> Result<Collected, ParamError> {
        in_order(self.iter(), false)
    }
}

impl<D: AsDependencies> AsDependencies for VecDeque<D> {
    fn collect(&self) -> Result<Collected, ParamError> {
        in_order(self.iter(), false)
    }
}

/// Steps by key, in the order of the keys' bytes, whatever order the map has.
fn by_key<'a, K: Param + 'a, D: AsDependencies + 'a>(
    held: impl Iterator<Item = (&'a K, &'a D)>,
) -> Result<Collected, ParamError> {
    let mut entries = Vec::new();
    for (key, held) in held {
        let key = key.to_value()?;
        let held = nested(|| held.collect()).map_err(|error| error.at_key(key.for_people()))?;
        entries.push((key.canonical_bytes()?, key, held));
    }
    entries.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    let (shapes, steps): (Vec<(Value, Shape)>, Vec<Vec<Upstream>>) =
        entries.into_iter().map(|(_, key, held)| ((key, held.shape), held.steps)).unzip();
    Ok(Collected::shaped(Shape::Map(shapes), steps.concat()))
}

impl<K: Param, D: AsDependencies> AsDependencies for BTreeMap<K, D> {
    fn collect(&self) -> Result<Collected, ParamError> {
        by_key(self.iter())
    }
}

impl<K: Param, D: AsDependencies, S> AsDependencies for HashMap<K, D, S> {
    fn collect(&self) -> Result<Collected, ParamError> {
        by_key(self.iter())
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+))+) => {$(
        impl<$($name: AsDependencies),+> AsDependencies for ($($name,)+) {
            fn collect(&self) -> Result<Collected, ParamError> {
                let (mut shapes, mut steps) = (Vec::new(), Vec::new());
                $(
                    let held = self.$index.collect().map_err(|error| error.at_index($index))?;
                    shapes.push(held.shape);
                    steps.extend(held.steps);
                )+
                Ok(Collected::shaped(Shape::Tuple(shapes), steps))
            }
        }
    )+};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}
