//! Inputs to begin with: what is in the repository, and what the payload IOs write.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use ndarray::{Array1, Array2};
use persistable::io::{ArrowIpc, Avro, Bytes, Csv, Json, MessagePack, Npy, Parquet, Zstd};
use persistable_key::parse_json;
use persistable_store::{DependencyRecord, Draft, Store, Wait, seal};

use crate::formats::{Inner, Record, Row, Tree, save};
use crate::links;
use crate::manifests::OUTSIDE;
use crate::place::{QUICK, id, new_folder};

/// Returns the seeds of a target: at least one, and those that once failed.
///
/// # Panics
///
/// Outside the repository.
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut seeds = match target {
        "manifest" => manifests(),
        "links" => links::seeds(),
        "key_json" => key_json(),
        "names" => names(),
        "npy" => npy(),
        "msgpack" => {
            [save(&MessagePack, &records()), save(&MessagePack, &tree()), Some(b"\x81\xa4Many\x91".repeat(9000))]
                .into_iter()
                .flatten()
                .collect()
        }
        "json" => [save(&Json, &records()), save(&Json, &tree()), Some(b"{\"Many\":[".repeat(7000))]
            .into_iter()
            .flatten()
            .collect(),
        "csv" => save(&Csv, &rows()).into_iter().collect(),
        "avro" => save(&Avro, &records()).into_iter().collect(),
        "arrow_ipc" => save(&ArrowIpc, &vec![batch(), batch()]).into_iter().collect(),
        "parquet" => save(&Parquet, &vec![batch(), batch()]).into_iter().collect(),
        "zstd" => save(&Zstd::new(Bytes), &b"hello hello hello".repeat(9)).into_iter().collect(),
        unknown => panic!("no target {unknown}"),
    };
    seeds.push(Vec::new());
    seeds.extend(files(&repository().join("fuzz/regressions").join(target)));
    seeds
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The content of all files in a folder, if it is there, in the order of their names.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("listed").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("read")).collect()
}

/// Each vector of its own, and the documents.
fn key_json() -> Vec<Vec<u8>> {
    let mut seeds = files(&repository().join("spec/vectors"));
    for document in seeds.clone() {
        // One holds what nests too deep for params.
        let Ok(json) = parse_json(std::str::from_utf8(&document).expect("text")) else { continue };
        for case in json["cases"].as_array().into_iter().flatten() {
            let value = case.get("value").or_else(|| case.get("step")?.get("params"));
            seeds.extend(value.map(|value| value.to_string().into_bytes()));
        }
    }
    seeds.retain(|seed| seed.len() <= 4096);
    seeds
}

/// Arrays, and such as claim a size that they don't have.
fn npy() -> Vec<Vec<u8>> {
    let array = save(&Npy, &Array2::<f64>::zeros((2, 3))).expect("saved");
    let others = [save(&Npy, &Array2::<u8>::zeros((3, 1))), save(&Npy, &Array1::from(vec![true, false]))];
    let shapes = ["(1073741824, 3)", "(4294967296, 4294967296)", "(0, 18446744073709551615)", "(2305843009213693951,)"];
    let claiming = shapes.map(|shape| {
        let header = String::from_utf8_lossy(&array[10..128]).replace("(2, 3)", shape);
        // The header keeps its length, which the bytes before it tell.
        let header = format!("{:117}\n", header.trim_end());
        [&array[..10], header.as_bytes(), &array[128..]].concat()
    });
    claiming.into_iter().chain(others.into_iter().flatten()).chain([array]).collect()
}

/// Names and suffixes of every kind that a file system hates.
fn names() -> Vec<Vec<u8>> {
    let names = [
        "points\n.npy",
        "ünïcode 名\n.tar.gz",
        "e\u{301}\n.\u{202e}x",
        "..\n.bin",
        ".\n.",
        " \n ",
        "a.\n. ",
        "a/b\n.bin",
        "a\n/../b",
        "a\\b\n.bin",
        "a\0b\n.bin",
        "a\n\0",
        "CON\n.txt",
        "a:b*?\n.<|>",
        "-rf\n.bin",
        "~\n~2.bin",
        "a(b)\n~2.bin",
        "a\n).bin",
        "a\n(b).bin",
        "a(b)(c)\n.manifest.json~",
        "a\n.Params.JSON",
        "a.manifest.json\n.MANIFEST.json",
        ".persistable\n.x",
    ];
    let mut seeds: Vec<_> = names.iter().map(|name| name.as_bytes().to_vec()).collect();
    seeds.push(format!("{}\n.{}", "n".repeat(150), "s".repeat(47)).into_bytes());
    seeds
}

/// Manifests as they are written, without their seal, and such as name other files.
fn manifests() -> Vec<Vec<u8>> {
    let (text, folder) = (written(".bin"), written(".d"));
    let unsealed = |text: &str| {
        let text = seal::text_of(text.as_bytes()).expect("a seal");
        String::from_utf8(text.to_vec()).expect("a text")
    };
    let (body, folder) = (unsealed(&text), unsealed(&folder));
    let file = format!("{}.bin", id().stem());
    let record = body.split_once("\"payload\": ").expect("a payload").1.split_once("\n  },").expect("its end").0;
    let both = body.replacen("\"provenance\"", &format!("\"alternatives\": [{record}}}],\n  \"provenance\""), 1);
    let mut seeds = vec![text, both, body.replacen(": 1,", ": 2,", 1)];
    for other in [format!("../{OUTSIDE}"), format!("{}/../../{OUTSIDE}", id().stem()), "/etc/passwd".to_owned()] {
        seeds.push(body.replace(&file, &other));
        seeds.push(folder.replace("inner/deep", &other));
    }
    let name = format!("\"payload_name\": \"{}\"", id().payload_name());
    seeds.push(body.replacen(&name, "\"payload_name\": \"others\"", 1));
    seeds.push(body.replacen(&id().key_hex(), &"8".repeat(64), 1));
    for nothing in ["\\u0000", &"n".repeat(300), "", ".", "a/../a"] {
        seeds.push(body.replace(".bin", nothing));
        seeds.push(folder.replace("inner/deep", nothing));
    }
    seeds.extend([body.replace("\"size_bytes\": 5", "\"size_bytes\": 18446744073709551615"), body, folder]);
    seeds.into_iter().map(String::into_bytes).collect()
}

/// Returns the manifest of what the target `manifest` has in its data folder.
fn written(suffix: &str) -> String {
    let folder = new_folder();
    let store = Store::create(folder.path()).expect("a store");
    let lease = store.lease(&id(), Wait::NOT_AT_ALL, &mut |_| {}).expect("nobody else has it");
    let mut staging = store.stage(&lease, suffix, &QUICK).expect("staged");
    if suffix == ".d" {
        let path = staging.path().expect("a path");
        fs::create_dir_all(path.join("inner")).expect("made");
        fs::write(path.join("part"), b"hello").expect("written");
        fs::write(path.join("inner/deep"), b"hello").expect("written");
    } else {
        staging.writer().expect("a writer").write_all(b"hello").expect("written");
    }
    let mut draft = Draft::new("raw", 1);
    draft.dependencies.push(DependencyRecord::new("numbers", "07".repeat(32)));
    store.publish(&lease, staging, draft).expect("published");
    let path = folder.path().join(format!("{}.manifest.json", id().stem()));
    fs::read_to_string(path).expect("read")
}

fn records() -> Vec<Record> {
    let record = |id| Record {
        id,
        value: 0.5,
        flag: true,
        text: "text".to_owned(),
        maybe: None,
        list: vec![Inner { x: 1.0 }, Inner { x: f64::NAN }],
    };
    vec![record(1), record(i64::MIN)]
}

fn rows() -> Vec<Row> {
    let row = |id| Row { id, value: -0.0, text: "a, \"b\"\n".to_owned(), maybe: (id == 1).then_some(-7) };
    vec![row(1), row(2)]
}

fn tree() -> Tree {
    let leaf = Tree::Named([("a".to_owned(), Tree::Leaf(1.0)), ("b".to_owned(), Tree::Text("x".repeat(40)))].into());
    Tree::Many(vec![leaf, Tree::Nothing, Tree::Many(vec![])])
}

fn batch() -> RecordBatch {
    let columns: [(&str, ArrayRef); 2] = [
        ("x", Arc::new(Float64Array::from(vec![Some(1.0), None]))),
        ("name", Arc::new(StringArray::from(vec!["a", "bcd"]))),
    ];
    RecordBatch::try_from_iter(columns).expect("columns of one length")
}
