//! Values of every kind, made from a seed.

use persistable_key::{Array, Column, Date, Decimal, Dtype, EnumMember, Fields, Int, Record, Time, Value, Zoned};

/// A small generator of numbers (SplitMix64): the same values in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn bytes(&mut self, limit: u64) -> Vec<u8> {
        (0..self.below(limit)).map(|_| self.next() as u8).collect()
    }

    pub(crate) fn text(&mut self) -> String {
        const LETTERS: [&str; 12] = ["a", "b", "/", ".", "..", "\"", "\\", "\0", "é", "e\u{301}", "😀", "[0]"];
        (0..self.below(5)).map(|_| LETTERS[self.below(12) as usize]).collect()
    }

    fn float(&mut self) -> f64 {
        const NOTABLE: [f64; 8] =
            [0.0, -0.0, 0.1, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE];
        match self.below(2) {
            0 => NOTABLE[self.below(8) as usize],
            _ => f64::from_bits(self.next()),
        }
    }

    fn int(&mut self) -> Int {
        Int::from_sign_magnitude(self.below(2) == 0, &self.bytes(24))
    }

    fn date(&mut self) -> Date {
        let year = self.next() as i32 >> self.below(31);
        Date::new(year, 1 + self.below(12) as u8, 1 + self.below(28) as u8).unwrap()
    }

    fn time(&mut self) -> Time {
        let nanoseconds = self.below(86_400_000_000_000);
        let whole = self.below(2) == 0;
        Time::from_nanoseconds(if whole { nanoseconds / 1_000_000_000 * 1_000_000_000 } else { nanoseconds }).unwrap()
    }

    fn fields(&mut self, depth: u64) -> Fields {
        let mut fields = Fields::new();
        for index in 0..self.below(4) {
            fields.push(format!("{index}{}", self.text()), self.value(depth));
        }
        fields
    }

    fn values(&mut self, depth: u64) -> Vec<Value> {
        (0..self.below(4)).map(|_| self.value(depth)).collect()
    }

    /// Returns a value of which every kind is equally likely; without other values in it at depth 0.
    pub(crate) fn value(&mut self, depth: u64) -> Value {
        let inner = depth.saturating_sub(1);
        match self.below(if depth == 0 { 16 } else { 23 }) {
            0 => Value::Null,
            1 => Value::Bool(self.below(2) == 0),
            2 => Value::Int(self.int()),
            3 if self.below(3) == 0 => Value::Float32(self.float() as f32),
            3 => Value::Float(self.float()),
            4 => Value::Text(self.text()),
            5 => Value::Bytes(self.bytes(9)),
            6 => Value::Date(self.date()),
            7 => Value::Time(self.time()),
            8 => Value::DateTime(self.date(), self.time()),
            9 => {
                let nanoseconds = self.below(1_000_000_000) as u32;
                let (seconds, offset) = (self.next() as i64, self.next() as i32);
                Value::Zoned(Zoned::new(seconds, nanoseconds, offset, &self.text()).unwrap())
            }
            10 => Value::Duration(i128::from(self.next() as i64) << self.below(64)),
            11 => {
                let coefficient = self.next().to_string();
                let exponent = self.next() as i64;
                Value::Decimal(Decimal::new(self.below(2) == 0, &coefficient, exponent).unwrap())
            }
            12 => Value::Uuid(std::array::from_fn(|_| self.next() as u8)),
            13 => Value::Path(self.text()),
            14 => Value::Complex(self.float(), self.float()),
            15 => {
                let shape = (0..self.below(3)).map(|_| self.next()).collect();
                Value::Array(Array::new(Dtype::Float64, shape, [self.next() as u8; 32]))
            }
            16 => Value::List(self.values(inner)),
            17 => Value::Tuple(self.values(inner)),
            18 => Value::Set(self.values(inner)),
            19 => {
                let keys = 0..self.below(4);
                Value::Map(keys.map(|key| (Value::Int(key.into()), self.value(inner))).collect())
            }
            20 => {
                let data = (self.below(2) == 0).then(|| self.value(inner));
                Value::Enum(EnumMember::new(self.text(), self.text(), data))
            }
            21 => Value::Record(Record::new(self.text(), self.fields(inner))),
            _ => {
                let values = Value::List(self.values(inner));
                Value::Table(vec![Column::new(self.text(), self.text(), values).unwrap()])
            }
        }
    }
}
