//! A day and a time of day, without a zone.

use serde::Serializer;
use serde_json::Value as Json;

use super::date::Date;
use super::time::Time;
use crate::error::ParamError;
use crate::json;
use crate::kind::Kind;

pub(crate) struct DateTime;

impl Kind for DateTime {
    type Body = (Date, Time);

    const NAME: &'static str = "datetime";
    const TAG: u8 = 0x0c;

    fn put((date, time): &(Date, Time), out: &mut Vec<u8>, depth: usize) -> Result<(), ParamError> {
        Date::put(date, out, depth)?;
        Time::put(time, out, depth)
    }

    fn write<S: Serializer>((date, time): &(Date, Time), _: usize, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{date}T{time}"))
    }

    fn read(json: &Json, _: usize) -> Result<(Date, Time), ParamError> {
        let (date, time) = json::text(Self::NAME, json)?.split_once('T').ok_or_else(Self::malformed)?;
        Ok((date.parse()?, time.parse()?))
    }
}
