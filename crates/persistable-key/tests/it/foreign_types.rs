//! The types of other crates agree with the values that stand for them.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};
use jiff::civil::{date, time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use num_bigint::{BigInt, BigUint};
use num_complex::Complex;
use persistable_key::{Date, Param, Time, TypeName, Value};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{bytes, value};

#[test]
fn dates_and_times_of_jiff() {
    let day = date(2024, 2, 29);
    let noon = time(12, 34, 56, 1);
    let same_day = Date::new(2024, 2, 29).unwrap();
    let same_time = Time::from_nanoseconds(45_296_000_000_001).unwrap();
    assert_eq!(bytes(day), bytes(Value::Date(same_day)));
    assert_eq!(bytes(noon), bytes(Value::Time(same_time)));
    assert_eq!(bytes(day.to_datetime(noon)), bytes(Value::DateTime(same_day, same_time)));
    assert_eq!(value(date(-9999, 1, 1)).for_people(), "-9999-01-01");
    assert_eq!(bytes(SignedDuration::new(-1, -5)), bytes(Value::Duration(-1_000_000_005)));
}

#[test]
fn moments_of_jiff_in_utc_at_an_offset_and_before_1970() {
    let epoch = Timestamp::UNIX_EPOCH;
    assert_eq!(bytes(epoch), bytes(std::time::SystemTime::UNIX_EPOCH));
    assert_eq!(bytes(epoch), bytes(epoch.to_zoned(TimeZone::UTC)));
    let offset = TimeZone::fixed(Offset::constant(2));
    assert_eq!(value(epoch.to_zoned(offset)).for_people(), "1970-01-01T02:00:00+02:00");
    let before = Timestamp::from_nanosecond(-1).unwrap();
    assert_eq!(value(before).for_people(), "1969-12-31T23:59:59.999999999+00:00");
}

#[test]
fn dates_and_times_of_chrono_are_those_of_jiff() {
    let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let noon = NaiveTime::from_hms_nano_opt(12, 34, 56, 1).unwrap();
    assert_eq!(bytes(day), bytes(date(2024, 2, 29)));
    assert_eq!(bytes(noon), bytes(time(12, 34, 56, 1)));
    assert_eq!(bytes(day.and_time(noon)), bytes(date(2024, 2, 29).to_datetime(time(12, 34, 56, 1))));
    assert_eq!(value(NaiveDate::MIN).for_people(), "-262143-01-01");
    for (seconds, nanoseconds) in [(0, 0), (1_709_210_096, 123_456_789), (-1, 999_999_999), (-62_135_596_800, 1)] {
        let moment = DateTime::<Utc>::from_timestamp(seconds, nanoseconds).unwrap();
        let same = Timestamp::new(seconds, nanoseconds as i32).unwrap();
        assert_eq!(bytes(moment), bytes(same));
        let west = FixedOffset::west_opt(5 * 3600).unwrap();
        let same = same.to_zoned(TimeZone::fixed(Offset::constant(-5)));
        assert_eq!(bytes(moment.with_timezone(&west)), bytes(same));
    }
    for (seconds, nanoseconds) in [(0, 0), (1, 5), (-1, 999_999_995), (-3, 0), (-1, 0), (-7, 1)] {
        let span = TimeDelta::new(seconds, nanoseconds).unwrap();
        let nanoseconds = i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds);
        assert_eq!(bytes(span), bytes(Value::Duration(nanoseconds)));
    }
    assert_eq!(bytes(TimeDelta::MIN), bytes(SignedDuration::new(-9_223_372_036_854_775, -807_000_000)));
    assert_eq!(<DateTime<FixedOffset>>::type_name(), "DateTime<FixedOffset>");
}

#[test]
fn a_leap_second_of_chrono_is_refused() {
    let leap = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap().and_hms_milli_opt(23, 59, 59, 1_500).unwrap();
    for error in [leap.to_value(), leap.time().to_value(), leap.and_utc().to_value()] {
        assert!(error.unwrap_err().problem().contains("leap second"));
    }
}

#[test]
fn big_integers() {
    assert_eq!(bytes(BigInt::from(-5)), bytes(-5));
    assert_eq!(bytes(BigUint::from(u128::MAX)), bytes(u128::MAX));
}

#[test]
fn decimals_with_their_trailing_zeros() {
    assert_eq!(value(Decimal::new(150, 2)).to_json().to_string(), r#"{"decimal":"150E-2"}"#);
    assert_eq!(value(Decimal::new(-5, 0)).to_json().to_string(), r#"{"decimal":"-5E0"}"#);
}

#[test]
fn complex_numbers_of_both_widths() {
    assert_eq!(bytes(Complex::new(0.5_f32, -1.0)), bytes(Complex::new(0.5_f64, -1.0)));
    assert_eq!(bytes(Complex::new(0.5, -1.0)), bytes(Value::Complex(0.5, -1.0)));
}

#[test]
fn uuids_in_the_order_of_their_text() {
    let text = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    let uuid: Uuid = text.parse().unwrap();
    assert_eq!(value(uuid).for_people(), text);
}
