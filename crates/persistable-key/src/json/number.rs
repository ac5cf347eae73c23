//! Numbers in JSON, where a reader may know nothing but binary64.

use serde_json::Value as Json;

use crate::int::Int;

/// Integers up to this, of either sign, are exact in every JSON reader.
const MAX_SAFE: i64 = (1 << 53) - 1;

pub(super) fn int_to_json(int: &Int) -> Json {
    safe(int).map_or_else(|| Json::from(int.to_string()), Json::from)
}

/// Reads what [`int_to_json`] writes, so that one integer has one form.
pub(super) fn int_from_json(json: &Json) -> Option<Int> {
    let int = match json {
        Json::Number(number) => Int::from(number.as_i64()?),
        Json::String(text) => text.parse().ok()?,
        _ => return None,
    };
    (safe(&int).is_some() == json.is_number()).then_some(int)
}

fn safe(int: &Int) -> Option<i64> {
    let small = i64::try_from(int.to_i128()?).ok()?;
    (-MAX_SAFE..=MAX_SAFE).contains(&small).then_some(small)
}

pub(super) fn float_to_json(float: f64) -> Json {
    if float.is_nan() {
        return Json::from("nan");
    }
    // From an infinity, `Json::from` makes null.
    match float {
        f64::INFINITY => Json::from("inf"),
        f64::NEG_INFINITY => Json::from("-inf"),
        finite => Json::from(finite),
    }
}

/// Also reads `1` as 1.0, since other writers of JSON leave the fraction out.
pub(super) fn float_from_json(json: &Json) -> Option<f64> {
    match json {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => match text.as_str() {
            "nan" => Some(f64::NAN),
            "inf" => Some(f64::INFINITY),
            "-inf" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn duration_to_json(nanoseconds: i128) -> Json {
    int_to_json(&Int::from(nanoseconds))
}

pub(super) fn duration_from_json(json: &Json) -> Option<i128> {
    int_from_json(json)?.to_i128()
}
