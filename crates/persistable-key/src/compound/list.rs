//! Values in an order.

use serde::Serializer;
use serde_json::Value as Json;

use super::large::{large, limited, sum};
use crate::error::ParamError;
use crate::json::read_each;
use crate::kind::{ForPeople, Forms, Kind, Large, Shown, Typed};
use crate::put::put_count;
use crate::value::Value;

/// As many values as there happen to be.
pub(crate) struct List;

/// As many values as a type says.
pub(crate) struct Tuple;

macro_rules! sequence {
    ($kind:ident, $name:literal, $tag:literal) => {
        impl Kind for $kind {
            type Body = Vec<Value>;

            const NAME: &'static str = $name;
            const TAG: u8 = $tag;

            fn put(elements: &Vec<Value>, out: &mut Vec<u8>, depth: usize) -> Result<(), ParamError> {
                put_count(out, elements.len());
                for (index, element) in elements.iter().enumerate() {
                    element.put(out, depth + 1).map_err(|error| error.at_index(index))?;
                }
                Ok(())
            }

            fn write<S: Serializer>(elements: &Vec<Value>, depth: usize, to: S) -> Result<S::Ok, S::Error> {
                to.collect_seq(elements.iter().map(|element| Typed(element, depth + 1)))
            }

            fn read(json: &Json, depth: usize) -> Result<Vec<Value>, ParamError> {
                read_each(Self::NAME, json, |element| Value::read(element, depth + 1))
            }

            fn show<S: Serializer>(elements: &Vec<Value>, shown: Shown, to: S) -> Result<S::Ok, S::Error> {
                to.collect_seq(elements.iter().map(|element| ForPeople(element, shown.deeper())))
            }

            fn shows_parts(_: &Vec<Value>) -> bool {
                true
            }

            fn large(elements: &Vec<Value>) -> Option<Large> {
                let what = format_args!("{} of {} items", Self::NAME, elements.len());
                large(sum(elements.iter()), what, |out| {
                    out.push(Self::TAG);
                    Self::put(elements, out, 1)
                })
            }

            fn weight_bytes(elements: &Vec<Value>) -> usize {
                limited(sum(elements.iter()))
            }

            fn has_parts_beyond(elements: &Vec<Value>, levels: usize) -> bool {
                elements.iter().any(|element| element.nests_beyond(levels))
            }
        }
    };
}

sequence!(List, "list", 0x06);
sequence!(Tuple, "tuple", 0x07);
