//! Containers.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use persistable::PersistableParams;

use crate::call::text_step;

#[derive(PersistableParams)]
pub(super) struct Containers {
    list: Vec<i64>,
    empty: Vec<i64>,
    array: [u16; 2],
    queue: VecDeque<bool>,
    boxed: Box<str>,
    shared: Arc<[f64]>,
    pair: (i32, String),
    single: (u8,),
    unit: (),
    set: HashSet<String>,
    members: BTreeSet<(u8, Option<bool>)>,
    map: HashMap<String, f64>,
    by_place: BTreeMap<(i32, i32), Vec<Option<u8>>>,
    deep: Vec<BTreeMap<String, Vec<Option<BTreeSet<i8>>>>>,
}

impl Containers {
    pub(super) fn example() -> Self {
        Self {
            list: vec![3, -1, i64::MIN],
            empty: vec![],
            array: [1, 65_535],
            queue: [true, false].into(),
            boxed: "boxed".into(),
            shared: [0.5, -0.5].into(),
            pair: (-2, "two".into()),
            single: (7,),
            unit: (),
            set: ["b".into(), String::new(), "aa".into()].into(),
            members: [(2, None), (1, Some(true))].into(),
            map: [("b".into(), 1.0), ("aa".into(), -0.0)].into(),
            by_place: [((1, 2), vec![Some(1), None]), ((-1, 0), vec![])].into(),
            deep: vec![[("x".into(), vec![Some([2, -3].into()), None])].into(), [].into()],
        }
    }
}

text_step!(Containers, "containers");
