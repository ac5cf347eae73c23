//! What arguments that hold steps look like without them. `spec/key-v1.md` has the rules.

use persistable::__private::EnumMember;
use persistable::{Value, value::Int};

use super::argument::Argument;

/// Returns the shape of one argument.
pub(super) fn shape_of(argument: &Argument) -> Value {
    shapes_of(&[argument]).pop().unwrap_or(Value::Null)
}

/// Returns the shapes of what stands at one position: members of one list, or of lists that stand at one position themselves.
///
/// A static language knows what may stand there. Here it follows from all that stands there. So a number is that of the
/// steps in a list if nothing but lists of steps stand there, and one of them holds several.
fn shapes_of(group: &[&Argument]) -> Vec<Value> {
    if group.iter().all(|argument| matches!(argument, Argument::List(_)) && argument.is_flat())
        && group.iter().any(|argument| argument.parts().len() > 1)
    {
        return group.iter().map(|argument| number(argument.parts().len())).collect();
    }
    if is_alike(group) && !group.iter().any(|argument| argument.is_mixed()) {
        return alike(group);
    }
    group.iter().map(|argument| alone(argument)).collect()
}

/// Whether all are of one kind, as they are in a language with static types.
fn is_alike(group: &[&Argument]) -> bool {
    let is_single = |argument: &&Argument| matches!(argument, Argument::Step | Argument::Nothing);
    group.iter().all(is_single)
        || group.iter().all(|argument| matches!(argument, Argument::List(_)))
        || group.iter().all(|argument| matches!(argument, Argument::Map(_)))
        || match group {
            [Argument::Tuple(first), ..] => {
                group.iter().all(|argument| matches!(argument, Argument::Tuple(parts) if parts.len() == first.len()))
            }
            _ => false,
        }
}

fn alike(group: &[&Argument]) -> Vec<Value> {
    match group {
        [Argument::Tuple(first), ..] => {
            let mut columns: Vec<std::vec::IntoIter<Value>> = (0..first.len())
                .map(|index| {
                    let column: Vec<&Argument> =
                        group.iter().filter_map(|argument| argument.parts().get(index).copied()).collect();
                    shapes_of(&column).into_iter()
                })
                .collect();
            group.iter().map(|_| Value::Tuple(columns.iter_mut().filter_map(Iterator::next).collect())).collect()
        }
        [Argument::List(_) | Argument::Map(_), ..] => {
            let parts: Vec<&Argument> = group.iter().flat_map(|argument| argument.parts()).collect();
            let mut shapes = shapes_of(&parts).into_iter();
            group
                .iter()
                .map(|argument| around(argument, shapes.by_ref().take(argument.parts().len()).collect()))
                .collect()
        }
        _ => group.iter().map(|argument| number(usize::from(matches!(argument, Argument::Step)))).collect(),
    }
}

/// Returns the shape of what stands beside other kinds. A list there is never a number.
fn alone(argument: &Argument) -> Value {
    if argument.is_mixed() {
        return around(argument, argument.parts().into_iter().map(part_of_mixed).collect());
    }
    alike(&[argument]).pop().unwrap_or(Value::Null)
}

/// Returns what stands for a part beside values, which are there as they are.
fn part_of_mixed(part: &Argument) -> Value {
    if part.has_steps() {
        return Value::Enum(EnumMember::new("Persistable", "Dependency", Some(shape_of(part))));
    }
    match part {
        Argument::Plain(value) => value.clone(),
        Argument::Nothing | Argument::Step => Value::Null,
        Argument::List(_) | Argument::Tuple(_) | Argument::Map(_) => around(part, Vec::new()),
    }
}

/// Returns a container like this one around other parts.
fn around(argument: &Argument, parts: Vec<Value>) -> Value {
    match argument {
        Argument::Tuple(_) => Value::Tuple(parts),
        Argument::Map(entries) => Value::Map(entries.iter().map(|(key, _)| key.clone()).zip(parts).collect()),
        _ => Value::List(parts),
    }
}

fn number(number: usize) -> Value {
    Value::Int(Int::from(number))
}

/// Returns how many steps a value would mention if it was a shape; `None` where it can't be one.
pub(super) fn steps_in(value: &Value) -> Option<usize> {
    let sum = |parts: &mut dyn Iterator<Item = &Value>, of: fn(&Value) -> Option<usize>| {
        parts.map(of).try_fold(0_usize, |sum, part| sum.checked_add(part?))
    };
    let parts: Vec<&Value> = match value {
        Value::Int(int) => return int.to_i128().and_then(|number| usize::try_from(number).ok()),
        Value::Enum(member) => return in_dependency(member),
        Value::List(parts) | Value::Tuple(parts) => parts.iter().collect(),
        Value::Map(entries) => entries.iter().map(|(_, part)| part).collect(),
        _ => return None,
    };
    let is_mixed = parts.iter().any(|part| matches!(part, Value::Enum(member) if in_dependency(member).is_some()));
    let in_mixed = |part: &Value| match part {
        Value::Enum(member) => Some(in_dependency(member).unwrap_or_default()),
        _ => Some(0),
    };
    sum(&mut parts.into_iter(), if is_mixed { in_mixed } else { steps_in })
}

fn in_dependency(member: &EnumMember) -> Option<usize> {
    let is_dependency = member.type_name() == "Persistable" && member.member() == "Dependency";
    is_dependency.then(|| member.data().and_then(steps_in)).flatten()
}

/// Returns what people see: in place of each step its name, of which `names` has one for each, in order.
pub(super) fn shown(argument: &Argument, names: &mut impl Iterator<Item = String>) -> Value {
    match argument {
        Argument::Step => names.next().map_or(Value::Null, Value::Text),
        Argument::Nothing => Value::Null,
        Argument::Plain(value) => value.clone(),
        _ => around(argument, argument.parts().into_iter().map(|part| shown(part, names)).collect()),
    }
}
