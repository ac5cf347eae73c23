//! Nested values, as JSON and as MessagePack.

use std::collections::BTreeMap;

use persistable::{PersistableParams, Run, Step, StepResult, io};
use serde::{Deserialize, Serialize};

use crate::call::{Call, Outcome};

pub(crate) fn call(call: &Call) -> Option<Outcome<()>> {
    match call.step.as_str() {
        "json_tree" => call.with(|_| Ok(JsonTree {})),
        "packed_tree" => call.with(|_| Ok(PackedTree {})),
        "message_pack_tree" => call.with(|_| Ok(MessagePackTree {})),
        "nothing" => call.with(|_| Ok(Nothing {})),
        "many_items" => call.with(|_| Ok(ManyItems {})),
        "many_entries" => call.with(|_| Ok(ManyEntries {})),
        _ => None,
    }
}

#[derive(Debug, Serialize, Deserialize)]
enum Choice {
    Bare,
    One(f64),
    Two(i8, String),
    Named { depth: u32, inner: Option<Box<Choice>> },
}

#[derive(Debug, Serialize, Deserialize)]
struct Wrapped(i16);

#[derive(Debug, Serialize, Deserialize)]
struct Tree {
    flag: bool,
    most: u64,
    least: i64,
    float: f64,
    whole: f64,
    tiny: f64,
    negative_zero: f64,
    single: f32,
    text: String,
    character: char,
    absent: Option<u8>,
    present: Option<String>,
    unit: (),
    pair: (i32, String),
    list: Vec<i64>,
    choices: Vec<Choice>,
    wrapped: Wrapped,
    map: BTreeMap<String, Vec<u8>>,
}

fn tree() -> Tree {
    Tree {
        flag: true,
        most: u64::MAX,
        least: i64::MIN,
        float: 0.1,
        whole: 2.0,
        tiny: 5e-324,
        negative_zero: -0.0,
        single: 0.1,
        text: "naïve 𝄞 \"\\\n\u{1}\u{7f}".into(),
        character: 'ß',
        absent: None,
        present: Some(String::new()),
        unit: (),
        pair: (-2, "two".into()),
        list: vec![0, -1, 127, 128, -129, 65_536, 1 << 40],
        choices: vec![
            Choice::Bare,
            Choice::One(1.5),
            Choice::Two(-1, "b".into()),
            Choice::Named { depth: 2, inner: Some(Box::new(Choice::Bare)) },
            Choice::Named { depth: 3, inner: None },
        ],
        wrapped: Wrapped(-7),
        map: [("a".into(), vec![1, 255]), (String::new(), vec![])].into(),
    }
}

#[derive(PersistableParams)]
struct JsonTree {}

impl Step for JsonTree {
    type Payload = Tree;
    type Io = io::Json;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Tree> {
        Ok(tree())
    }
}

#[derive(PersistableParams)]
struct PackedTree {}

impl Step for PackedTree {
    type Payload = Tree;
    type Io = io::Zstd<io::Json>;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Tree> {
        Ok(tree())
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct MessagePackOnly {
    tree: Tree,
    infinite: f64,
    not_a_number: f64,
    by_number: BTreeMap<i64, bool>,
    #[serde(with = "as_bytes")]
    bytes: Vec<u8>,
}

mod as_bytes {
    use std::fmt;

    use serde::de::{Deserializer, Visitor};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }

        deserializer.deserialize_byte_buf(Bytes)
    }
}

#[derive(PersistableParams)]
struct MessagePackTree {}

impl Step for MessagePackTree {
    type Payload = MessagePackOnly;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<MessagePackOnly> {
        Ok(MessagePackOnly {
            tree: tree(),
            infinite: f64::NEG_INFINITY,
            not_a_number: f64::NAN,
            by_number: [(-1, true), (1, false)].into(),
            bytes: vec![0, 255],
        })
    }
}

#[derive(PersistableParams)]
struct Nothing {}

impl Step for Nothing {
    type Payload = Option<f64>;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Option<f64>> {
        Ok(None)
    }
}

#[derive(PersistableParams)]
struct ManyItems {}

impl Step for ManyItems {
    type Payload = Vec<(u32, f64)>;
    type Io = io::Json;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<(u32, f64)>> {
        Ok((0..2_500).map(|n| (n, f64::from(n) / 10.0)).collect())
    }
}

#[derive(PersistableParams)]
struct ManyEntries {}

impl Step for ManyEntries {
    type Payload = BTreeMap<u32, Vec<u32>>;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<BTreeMap<u32, Vec<u32>>> {
        Ok((0..70_001).map(|n| (n, (0..n % 3).collect())).collect())
    }
}
