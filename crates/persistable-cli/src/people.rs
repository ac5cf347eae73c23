//! Sizes, times and values as people say them.

use std::time::Duration;

use jiff::Timestamp;
use persistable_catalogue::now_in_milliseconds;

const SIZES: [(f64, f64, &str); 5] =
    [(1.0, 1e3, "B"), (1e3, 1e3, "kB"), (1e6, 1e3, "MB"), (1e9, 1e3, "GB"), (1e12, f64::MAX, "TB")];
const TIMES: [(f64, f64, &str); 5] =
    [(1e-6, 1e3, "µs"), (1e-3, 1e3, "ms"), (1.0, 120.0, "s"), (60.0, 120.0, "min"), (3600.0, f64::MAX, "h")];
const AGES: [(i64, &str); 5] =
    [(31_557_600, "year"), (2_629_800, "month"), (86_400, "day"), (3600, "hour"), (60, "minute")];

/// Says a size: `21 B`, `400 kB`, `1.5 GB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    in_units(bytes as f64, &SIZES)
}

/// Says how long something took: `6.46 ms`, `2.25 s`, `3.5 min`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    in_units(seconds, &TIMES)
}

/// Takes the value of each unit, how many of it are too many, and its name.
fn in_units(value: f64, units: &[(f64, f64, &str)]) -> String {
    let mut shown = String::new();
    for (unit, too_many, name) in units {
        // Rounded first: 999.9 kB are 1 MB.
        let number = three_digits(value / unit);
        shown = format!("{number} {name}");
        if number < *too_many {
            break;
        }
    }
    shown
}

/// Rounds to three digits.
fn three_digits(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// Says how long ago a time was, in milliseconds since 1970.
pub(crate) fn age(milliseconds: i64) -> String {
    of_seconds((now_in_milliseconds() - milliseconds).div_euclid(1000))
}

/// Says how long ago something was, in seconds.
#[must_use]
pub fn age_of_seconds(seconds: f64) -> String {
    of_seconds(seconds as i64)
}

fn of_seconds(seconds: i64) -> String {
    if seconds < -60 {
        return "in the future".to_owned();
    }
    let unit = AGES.iter().find(|(unit, _)| seconds >= *unit);
    match unit {
        Some((unit, name)) => match seconds / unit {
            1 => format!("1 {name} ago"),
            several => format!("{several} {name}s ago"),
        },
        None => "just now".to_owned(),
    }
}

/// Says how long ago a time was, as a manifest tells it.
pub(crate) fn age_of(text: &str) -> Option<String> {
    text.parse::<Timestamp>().ok().map(|timestamp| age(timestamp.as_millisecond()))
}

/// Writes a time for programs: RFC 3339, UTC.
pub(crate) fn moment(milliseconds: i64) -> Option<String> {
    Timestamp::from_millisecond(milliseconds).ok().map(|timestamp| timestamp.to_string())
}

/// Reads how long ago something was, as people write it.
pub(crate) fn to_span(text: &str) -> Result<Duration, &'static str> {
    let seconds = persistable_catalogue::age_in_seconds(text).ok();
    let span = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    span.ok_or("it is not a time. Write it as 90min, 12h, 30d or 1y")
}

/// Counts things: `1 artifact`, `1,200 artifacts`.
pub(crate) fn counted(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", thousands(number))
}

/// Writes a number with commas.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Escapes control characters, which would change what the terminal shows.
pub(crate) fn clean(text: &str) -> String {
    if !text.chars().any(char::is_control) {
        return text.to_owned();
    }
    text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// Cuts a text that is longer than so many characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= most {
        return text;
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Quotes a word for a shell, if it needs quotes.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,~=".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use persistable_catalogue::now_in_milliseconds;

    use super::{age, clean, cut, duration, quoted, size, thousands};

    #[test]
    fn sizes_have_three_digits_and_a_fitting_unit() {
        let said = [0, 21, 999, 1000, 399_960, 999_900, 1_500_000_000, 5_000_000_000_000_000].map(size);
        assert_eq!(said, ["0 B", "21 B", "999 B", "1 kB", "400 kB", "1 MB", "1.5 GB", "5000 TB"]);
    }

    #[test]
    fn durations_have_a_fitting_unit() {
        let said = [0.0, 0.006_46, 2.25, 119.0, 210.0, 7300.0].map(duration);
        assert_eq!(said, ["0 µs", "6.46 ms", "2.25 s", "119 s", "3.5 min", "2.03 h"]);
    }

    #[test]
    fn ages_name_one_unit() {
        let said = [0, 61, 7200, 86_400 * 3, 86_400 * 800].map(|seconds| age(now_in_milliseconds() - seconds * 1000));
        assert_eq!(said, ["just now", "1 minute ago", "2 hours ago", "3 days ago", "2 years ago"]);
    }

    #[test]
    fn values_of_others_cannot_steer_a_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\n"), r"a\u{1b}[2Jb\n");
        assert_eq!(cut("abcdef", 4), "abc…");
    }

    #[test]
    fn numbers_have_commas_and_words_have_quotes_where_needed() {
        assert_eq!([12, 1200, 1_234_567].map(thousands), ["12", "1,200", "1,234,567"]);
        assert_eq!(["data", "n > 3", "it's"].map(quoted), ["data", "'n > 3'", r"'it'\''s'"]);
    }
}
