//! Reading the members of JSON.

use serde_json::{Map, Value as Json};

use crate::error::ParamError;
use crate::kind::{MAX_DEPTH, malformed, too_deep};

/// Returns the kind and the body of a typed value.
pub(crate) fn kind_and_body(json: &Json, depth: usize) -> Result<(&str, &Json), ParamError> {
    let Some(typed) = json.as_object().and_then(only_member) else {
        return Err(ParamError::new(
            "JSON",
            "is not a typed value",
            "write an object with one member that is named by the kind, as in {\"int\": 5}",
        ));
    };
    if depth > MAX_DEPTH { Err(too_deep("JSON")) } else { Ok(typed) }
}

fn only_member(object: &Map<String, Json>) -> Option<(&str, &Json)> {
    let mut members = object.iter();
    let (kind, body) = members.next()?;
    members.next().is_none().then_some((kind, body))
}

pub(crate) fn unknown_kind(kind: &str) -> ParamError {
    ParamError::new(
        String::from(kind),
        "is of a kind that is not known",
        "use a kind of the specification; a newer version of persistable may know more",
    )
}

/// The members of an object that is the body of a kind.
pub(crate) struct Members<'a> {
    kind: &'static str,
    members: &'a Map<String, Json>,
}

impl<'a> Members<'a> {
    pub(crate) fn of(kind: &'static str, json: &'a Json) -> Result<Self, ParamError> {
        match json.as_object() {
            Some(members) => Ok(Self { kind, members }),
            None => Err(malformed(kind)),
        }
    }

    /// Refuses members that nothing would read.
    pub(crate) fn exactly(self, count: usize) -> Result<Self, ParamError> {
        if self.members.len() == count { Ok(self) } else { Err(malformed(self.kind)) }
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a String, &'a Json)> + use<'a> {
        self.members.iter()
    }

    pub(crate) fn find(&self, member: &str) -> Option<&'a Json> {
        self.members.get(member)
    }

    pub(crate) fn get(&self, member: &str) -> Result<&'a Json, ParamError> {
        self.find(member).ok_or_else(|| malformed(self.kind))
    }

    pub(crate) fn text(&self, member: &str) -> Result<&'a str, ParamError> {
        text(self.kind, self.get(member)?)
    }
}

pub(crate) fn elements<'a>(kind: &'static str, json: &'a Json) -> Result<&'a Vec<Json>, ParamError> {
    json.as_array().ok_or_else(|| malformed(kind))
}

pub(crate) fn text<'a>(kind: &'static str, json: &'a Json) -> Result<&'a str, ParamError> {
    json.as_str().ok_or_else(|| malformed(kind))
}

/// Reads each element, and says at which an error is.
pub(crate) fn read_each<T>(
    kind: &'static str,
    json: &Json,
    read: impl Fn(&Json) -> Result<T, ParamError>,
) -> Result<Vec<T>, ParamError> {
    elements(kind, json)?
        .iter()
        .enumerate()
        .map(|(index, json)| read(json).map_err(|error| error.at_index(index)))
        .collect()
}
