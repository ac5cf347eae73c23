//! Members of enums.

use serde::Serializer;
use serde::ser::SerializeMap;
use serde_json::Value as Json;

use crate::error::ParamError;
use crate::json::Members;
use crate::kind::{ForPeople, Forms, Kind, SMALL_WEIGHT_BYTES, Shown, Typed};
use crate::put::put_blob;
use crate::value::{EnumMember, Value};

pub(crate) struct Enum;

impl Kind for Enum {
    type Body = EnumMember;

    const NAME: &'static str = "enum";
    const TAG: u8 = 0x13;

    fn put(member: &EnumMember, out: &mut Vec<u8>, depth: usize) -> Result<(), ParamError> {
        put_blob(out, member.type_name().as_bytes());
        put_blob(out, member.member().as_bytes());
        out.push(u8::from(member.data().is_some()));
        match member.data() {
            Some(data) => data.put(out, depth + 1),
            None => Ok(()),
        }
    }

    fn write<S: Serializer>(member: &EnumMember, depth: usize, to: S) -> Result<S::Ok, S::Error> {
        let mut members = to.serialize_map(None)?;
        members.serialize_entry("type", member.type_name())?;
        members.serialize_entry("member", member.member())?;
        if let Some(data) = member.data() {
            members.serialize_entry("data", &Typed(data, depth + 1))?;
        }
        members.end()
    }

    fn read(json: &Json, depth: usize) -> Result<EnumMember, ParamError> {
        let members = Members::of(Self::NAME, json)?;
        let data = match members.find("data") {
            Some(data) => Some(Value::read(data, depth + 1).map_err(|error| error.in_field("data"))?),
            None => None,
        };
        let members = members.exactly(2 + usize::from(data.is_some()))?;
        let (type_name, member) = (members.text("type")?, members.text("member")?);
        Ok(EnumMember::new(String::from(type_name), String::from(member), data))
    }

    fn show<S: Serializer>(member: &EnumMember, shown: Shown, to: S) -> Result<S::Ok, S::Error> {
        match member.data() {
            None => to.serialize_str(member.member()),
            Some(data) => to.collect_map([(member.member(), ForPeople(data, shown.deeper()))]),
        }
    }

    fn shows_parts(member: &EnumMember) -> bool {
        member.data().is_some()
    }

    fn weight_bytes(member: &EnumMember) -> usize {
        member.data().map_or(SMALL_WEIGHT_BYTES, Forms::weight_bytes)
    }

    fn brief(member: &EnumMember) -> String {
        String::from(member.member())
    }

    fn has_parts_beyond(member: &EnumMember, levels: usize) -> bool {
        member.data().is_some_and(|data| data.nests_beyond(levels))
    }
}
