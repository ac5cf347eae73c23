//! Values without an order, each counted once.

use serde::Serializer;
use serde_json::Value as Json;

use super::large::{large, limited, sum};
use crate::error::ParamError;
use crate::json::read_each;
use crate::kind::{ForPeople, Forms, Kind, Large, Shown, Typed};
use crate::put::put_count;
use crate::value::Value;

pub(crate) struct Set;

impl Kind for Set {
    type Body = Vec<Value>;

    const NAME: &'static str = "set";
    const TAG: u8 = 0x08;

    fn put(members: &Vec<Value>, out: &mut Vec<u8>, depth: usize) -> Result<(), ParamError> {
        let mut nodes = members
            .iter()
            .map(|member| member.node(depth + 1).map_err(|error| error.at_key(member.brief())))
            .collect::<Result<Vec<_>, _>>()?;
        nodes.sort_unstable();
        nodes.dedup();
        put_count(out, nodes.len());
        for node in nodes {
            out.extend(node);
        }
        Ok(())
    }

    fn write<S: Serializer>(members: &Vec<Value>, depth: usize, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(in_order(members).into_iter().map(|member| Typed(member, depth + 1)))
    }

    fn read(json: &Json, depth: usize) -> Result<Vec<Value>, ParamError> {
        read_each(Self::NAME, json, |member| Value::read(member, depth + 1))
    }

    fn show<S: Serializer>(members: &Vec<Value>, shown: Shown, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(in_order(members).into_iter().map(|member| ForPeople(member, shown.deeper())))
    }

    fn shows_parts(_: &Vec<Value>) -> bool {
        true
    }

    fn large(members: &Vec<Value>) -> Option<Large> {
        large(sum(members.iter()), format_args!("set of {} items", members.len()), |out| {
            out.push(Self::TAG);
            Self::put(members, out, 1)
        })
    }

    fn weight_bytes(members: &Vec<Value>) -> usize {
        limited(sum(members.iter()))
    }

    fn has_parts_beyond(members: &Vec<Value>, levels: usize) -> bool {
        members.iter().any(|member| member.nests_beyond(levels))
    }
}

/// Returns the members in the order of their bytes, each once; as they are where they have none.
fn in_order(members: &[Value]) -> Vec<&Value> {
    let nodes: Result<Vec<Vec<u8>>, ParamError> = members.iter().map(|member| member.node(1)).collect();
    let Ok(nodes) = nodes else { return members.iter().collect() };
    let mut pairs: Vec<(Vec<u8>, &Value)> = nodes.into_iter().zip(members).collect();
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    pairs.dedup_by(|(b, _), (a, _)| a == b);
    pairs.into_iter().map(|(_, member)| member).collect()
}
