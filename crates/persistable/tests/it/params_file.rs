//! The file for people beside an artifact says what it was made from, and stays small.

use std::fs;
use std::path::Path;

use persistable::{Persistable, PersistableParams, Run, Step, StepResult, io};
use serde_json::Value as Json;

#[derive(PersistableParams)]
struct Link {
    zeta: u32,
    alpha: f32,
    #[param(bytes)]
    weights: Vec<u8>,
    #[param(dependency)]
    below: Vec<Persistable<Link>>,
}

impl Step for Link {
    type Payload = u32;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
        Ok(self.zeta)
    }
}

fn link(folder: &Path, zeta: u32, weights: usize, below: Vec<Persistable<Link>>) -> Persistable<Link> {
    let link = Persistable::open(folder, Link { zeta, alpha: 0.1, weights: vec![7; weights], below }).unwrap();
    link.generate().unwrap();
    link
}

fn text_of(folder: &Path, step: &Persistable<Link>) -> String {
    fs::read_to_string(folder.join(format!("{step}.params.json"))).unwrap()
}

fn parsed(folder: &Path, step: &Persistable<Link>) -> Json {
    serde_json::from_str(&text_of(folder, step)).unwrap()
}

#[test]
fn params_stand_in_the_order_of_their_type_with_the_digits_that_people_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let text = text_of(folder.path(), &link(folder.path(), 1, 2, vec![]));
    assert_eq!(text, "{\n  \"zeta\": 1,\n  \"alpha\": 0.1,\n  \"weights\": \"0707\"\n}\n");
}

#[test]
fn a_large_value_is_told_by_its_size_and_digest_and_the_tree_has_it_whole() {
    let folder = tempfile::tempdir().unwrap();
    let step = link(folder.path(), 1, 1_000_000, vec![]);
    let text = text_of(folder.path(), &step);
    assert!(text.len() < 300, "{}", text.len());
    let shown = parsed(folder.path(), &step);
    assert_eq!(shown["weights"]["elided"], "1000000 bytes");
    assert_eq!(shown["weights"]["digest"].as_str().unwrap().len(), 64);
    assert_eq!(step.params_tree().for_people()["weights"], "07".repeat(1_000_000));
}

#[test]
fn a_step_that_occurs_twice_is_written_out_once() {
    let folder = tempfile::tempdir().unwrap();
    let base = link(folder.path(), 0, 0, vec![]);
    let sides = [1, 2].map(|zeta| link(folder.path(), zeta, 0, vec![base.clone()]));
    let [left, right] = &sides;
    let shown = parsed(folder.path(), &link(folder.path(), 3, 0, sides.to_vec()));
    assert_eq!(shown[left.to_string()]["link"]["zeta"], 0);
    let named = &shown[right.to_string()]["link"];
    assert_eq!((&named["payload_name"], &named["key"]), (&"link".into(), &base.key().to_string().into()));
    assert_eq!(shown[right.to_string()]["zeta"], 2);
}

#[test]
fn the_files_of_a_long_chain_do_not_grow_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut below: Vec<Persistable<Link>> = Vec::new();
    for zeta in 0..198 {
        below = vec![link(folder.path(), zeta, 0, below)];
    }
    let top = below.remove(0);
    let text = text_of(folder.path(), &top);
    assert_eq!(text.matches("\"zeta\"").count(), 12, "{text}");
    assert_eq!(text.matches("\"key\"").count(), 1, "{text}");
    let mut at = &parsed(folder.path(), &top);
    while at["key"].is_null() {
        at = &at["link"];
    }
    // What is only named has a file of its own.
    let key = at["key"].as_str().unwrap();
    let file = folder.path().join(format!("link({}).params.json", key.get(..32).unwrap()));
    let shown: Json = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(shown["zeta"], 198 - 1 - 12);
}
