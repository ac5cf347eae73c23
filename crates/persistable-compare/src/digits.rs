//! Comparing numbers by the digits that people read.

use std::cmp::Ordering;

/// A number is `0.digits` times ten to the power of `point`.
struct Digits {
    is_negative: bool,
    digits: String,
    point: i64,
}

/// Compares two numbers exactly; `None` if one of them is not written with digits.
#[must_use]
pub fn compare_digits(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (read(a)?, read(b)?);
    let sign = |number: &Digits| match (number.digits.is_empty(), number.is_negative) {
        (true, _) => 0,
        (false, true) => -1,
        (false, false) => 1,
    };
    let size = || a.point.cmp(&b.point).then_with(|| a.digits.cmp(&b.digits));
    Some(sign(&a).cmp(&sign(&b)).then_with(|| match sign(&a) {
        0 => Ordering::Equal,
        1 => size(),
        _ => size().reverse(),
    }))
}

fn read(text: &str) -> Option<Digits> {
    let is_negative = text.starts_with('-');
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{part}");
    if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = all.trim_start_matches('0');
    let leading = i64::try_from(all.len() - digits.len()).ok()?;
    let point = i64::try_from(whole.len()).ok()? - leading + i64::from(exponent);
    Some(Digits { is_negative, digits: digits.trim_end_matches('0').to_owned(), point })
}
