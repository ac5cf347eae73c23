//! Numbers, texts and other values without parts.

use std::num::NonZeroU32;
use std::path::PathBuf;

use num_bigint::BigInt;
use num_complex::Complex64;
use persistable::PersistableParams;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::call::text_step;

#[derive(PersistableParams)]
pub(super) struct Scalars {
    flag: bool,
    byte: u8,
    negative: i8,
    most: u128,
    least: i128,
    huge: BigInt,
    positive: NonZeroU32,
    float: f64,
    negative_zero: f64,
    infinite: f64,
    not_a_number: f64,
    single: f32,
    complex: Complex64,
    text: String,
    character: char,
    #[param(bytes)]
    bytes: Vec<u8>,
    absent: Option<u8>,
    present: Option<u8>,
    exact: Decimal,
    none: Decimal,
    id: Uuid,
    relative: PathBuf,
    rooted: PathBuf,
}

impl Scalars {
    pub(super) fn example() -> Self {
        Self {
            flag: true,
            byte: u8::MAX,
            negative: i8::MIN,
            most: u128::MAX,
            least: i128::MIN,
            huge: -(BigInt::from(1) << 200_u32),
            positive: NonZeroU32::MIN,
            float: 0.1,
            negative_zero: -0.0,
            infinite: f64::NEG_INFINITY,
            not_a_number: -f64::NAN,
            single: 0.1,
            complex: Complex64::new(0.5, -0.0),
            text: "naïve 𝄞 \0".into(),
            character: 'ß',
            bytes: vec![0, 255],
            absent: None,
            present: Some(3),
            exact: Decimal::new(150, 2),
            none: Decimal::new(0, 3),
            id: Uuid::from_u128(0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8),
            relative: "a/./b//../c/".into(),
            rooted: "/data".into(),
        }
    }
}

text_step!(Scalars, "scalars");
