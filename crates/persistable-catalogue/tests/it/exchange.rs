//! Artifacts as one file, and those of persistable 1.x.

use std::fs::{self, File};
use std::io::{Read, Write};

use persistable_catalogue::{Advice, ErrorKind, ExchangeOptions, Query, former, import};
use persistable_store::{CopyOptions, Keys, Settings, Store, Trust, Verification, Wait};
use tempfile::TempDir;
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::lab::{Lab, fields};

fn exported(lab: &Lab) -> (TempDir, std::path::PathBuf) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("results.zip");
    let exported = lab.catalogue().export(&Query::new().step("estimator"), &file, &ExchangeOptions::new()).unwrap();
    assert_eq!((exported.artifacts.len(), exported.size_bytes), (2, 15));
    assert!(exported.missing.is_empty() && exported.failed.is_empty());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    (folder, file)
}

#[test]
fn what_is_exported_is_imported_with_its_lineage_and_labels() {
    let lab = Lab::new();
    let points = lab.points(5, 1);
    lab.points(6, 1);
    let estimator = lab.estimator(1.0, &points);
    let lease = lab.store.lease(&estimator.id(), Wait::Forever, &mut |_| {}).unwrap();
    lab.store.label(&lease, |labels| labels.note = Some("figure 3".to_owned())).unwrap();
    drop(lease);
    let (_folder, file) = exported(&lab);
    for store in [Store::memory(), Lab::new().store] {
        let imported = import(&store, &file, &ExchangeOptions::new()).unwrap();
        assert_eq!(imported.copied, [points.stem(), estimator.stem()]);
        assert_eq!(imported.copied_bytes, 15);
        assert_eq!(store.labels(&estimator.stem()).unwrap().note.as_deref(), Some("figure 3"));
        let settings = Settings { verification: Verification::Always, ..Settings::default() };
        assert_eq!(store.find(&points.id()).unwrap().unwrap().payload(&settings).unwrap().bytes().unwrap().len(), 5);
        let again = import(&store, &file, &ExchangeOptions::new()).unwrap();
        assert_eq!((again.copied.len(), again.present.len()), (0, 2));
    }
}

#[test]
fn unpacked_it_is_a_data_folder_with_a_description() {
    let lab = Lab::new();
    let points = lab.points(5, 1);
    let estimator = lab.estimator(1.0, &points);
    let (_folder, file) = exported(&lab);
    let unpacked = TempDir::new().unwrap();
    ZipArchive::new(File::open(file).unwrap()).unwrap().extract(unpacked.path()).unwrap();
    assert!(Store::open(unpacked.path()).unwrap().find(&estimator.id()).unwrap().is_some());
    let text = fs::read_to_string(unpacked.path().join("ro-crate-metadata.json")).unwrap();
    let metadata: serde_json::Value = serde_json::from_str(&text).unwrap();
    let graph = metadata["@graph"].as_array().unwrap();
    let action = graph.iter().find(|entity| entity["@id"] == format!("#generation/{}", estimator.stem())).unwrap();
    assert_eq!(action["result"]["@id"], format!("{}.txt", estimator.stem()));
    assert_eq!(action["object"][0]["@id"], format!("{}.txt", points.stem()));
    assert_eq!(action["startTime"], "2026-11-01T11:59:59.5Z");
    // Whatever is named as a part is there, and whatever is named at all is described.
    let root = graph.iter().find(|entity| entity["@id"] == "./").unwrap();
    for part in root["hasPart"].as_array().unwrap() {
        assert!(unpacked.path().join(part["@id"].as_str().unwrap()).exists(), "{part}");
    }
    for object in action["object"].as_array().unwrap() {
        assert!(graph.iter().any(|entity| entity["@id"] == object["@id"]), "{object}");
    }
}

#[test]
fn an_import_trusts_nothing() {
    let lab = Lab::new();
    let made = lab.make_with("estimator", fields(&[]), &[&lab.points(5, 1)], 10, |draft| {
        draft.io = "pickle".to_owned();
    });
    let (_folder, file) = exported(&lab);
    let other = Lab::new();
    import(&other.store, &file, &ExchangeOptions::new()).unwrap();
    assert!(other.store.distrust(&made.id(), &Keys::none()).unwrap().is_some());
    assert!(other.store.find_trusted(&made.id(), Trust::Anyone, &Keys::none()).unwrap().is_some());
}

/// Packs a folder again, with changes.
fn packed(files: &[(String, Vec<u8>)]) -> (TempDir, std::path::PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("packed.zip");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated))
            .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    (folder, path)
}

fn files_of(path: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(File::open(path).unwrap()).unwrap();
    let count = zip.len();
    let read = |index| {
        let mut entry = zip.by_index(index).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.name().unwrap().into_owned(), bytes)
    };
    (0..count).map(read).collect()
}

#[test]
fn damage_in_the_file_is_refused_and_the_rest_is_imported() {
    let lab = Lab::new();
    let estimator = lab.estimator(1.0, &lab.points(5, 1));
    let (_folder, file) = exported(&lab);
    let whole = files_of(&file);
    let repacked = packed(&whole);
    assert_eq!(import(&Store::memory(), &repacked.1, &ExchangeOptions::new()).unwrap().copied.len(), 2);
    for (at, (name, bytes)) in whole.iter().enumerate() {
        if !name.starts_with("estimator") || name.ends_with(".params.json") {
            continue;
        }
        for change in 0..3 {
            let mut files = whole.clone();
            match change {
                0 => drop(files.remove(at)),
                1 => files[at].1[bytes.len() / 2] ^= 1,
                _ => files[at].1.extend([0; 1000]),
            }
            let store = Store::memory();
            let imported = import(&store, &packed(&files).1, &ExchangeOptions::new()).unwrap();
            assert_eq!(imported.copied.len(), 1, "{name} {change}");
            assert!(store.find(&estimator.id()).unwrap().is_none());
            assert_eq!(
                imported.failed.len(),
                usize::from(!(change == 0 && name.ends_with(".manifest.json"))),
                "{name}"
            );
        }
    }
    for cut in [0, 10, fs::read(&file).unwrap().len() / 2] {
        let bytes = fs::read(&file).unwrap();
        fs::write(&repacked.1, &bytes[..cut]).unwrap();
        let error = import(&Store::memory(), &repacked.1, &ExchangeOptions::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::File);
    }
}

#[test]
fn names_that_lead_out_of_the_folder_are_not_unpacked() {
    let lab = Lab::new();
    lab.estimator(1.0, &lab.points(5, 1));
    let (_folder, file) = exported(&lab);
    let mut files = files_of(&file);
    files.push(("../../evil(00000000000000000000000000000000).manifest.json".to_owned(), b"x".to_vec()));
    files.push((".persistable/records/../../../evil.json".to_owned(), b"x".to_vec()));
    let scratch = TempDir::new().unwrap();
    let inner = scratch.path().join("a/b");
    fs::create_dir_all(&inner).unwrap();
    let options = ExchangeOptions::new().scratch(&inner);
    assert_eq!(import(&Store::memory(), &packed(&files).1, &options).unwrap().copied.len(), 2);
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
    assert_eq!(fs::read_dir(&inner).unwrap().count(), 0);
}

#[test]
fn labels_are_copied_with_an_artifact() {
    let lab = Lab::new();
    let made = lab.points(1, 1);
    let lease = lab.store.lease(&made.id(), Wait::Forever, &mut |_| {}).unwrap();
    lab.store.label(&lease, |labels| labels.pinned = Some(String::new())).unwrap();
    drop(lease);
    let store = Store::memory();
    lab.store.push(&store, &made.id(), &CopyOptions::new()).unwrap();
    assert_eq!(store.labels(&made.stem()).unwrap().pinned.as_deref(), Some(""));
}

#[test]
fn artifacts_of_1_x_are_listed_with_what_can_be_done() {
    let lab = Lab::new();
    // hashlib.md5(str({"points": {"n": 100, "seed": 10}}).encode()).hexdigest()
    let stem = format!("points({DIGEST})");
    let params = r#"{"n": 100, "seed": 10}"#;
    fs::write(lab.path().join(format!("{stem}.params.json")), params).unwrap();
    fs::write(lab.path().join(format!("{stem}.persistable")), "pickle").unwrap();
    // The rest of an artifact in the new format is no proof.
    let other = lab.points(3, 3);
    fs::remove_file(lab.path().join(format!("{}.manifest.json", other.stem()))).unwrap();
    let found = former(&lab.store).unwrap();
    let found: Vec<_> =
        found.iter().map(|former| (former.digest.as_str(), former.is_certain, &former.advice)).collect();
    assert!(found.contains(&(DIGEST, true, &Advice::Load)));
    assert!(found.contains(&(&other.key.to_string()[..32], false, &Advice::Load)));
    let adopted = lab.points(100, 10);
    fs::write(lab.path().join(format!("{}.params.json", adopted.stem())), params).unwrap();
    let found = former(&lab.store).unwrap();
    let advice = &found.iter().find(|former| former.digest == DIGEST).unwrap().advice;
    assert_eq!(*advice, Advice::Adopted { artifact: adopted.stem() });
    // If the new one is damaged, the old one may be all that is left.
    fs::write(lab.path().join(format!("{}.manifest.json", adopted.stem())), "wrong").unwrap();
    let found = former(&lab.store).unwrap();
    assert_eq!(found.iter().find(|former| former.digest == DIGEST).unwrap().advice, Advice::Load);
    assert_eq!(former(&Store::memory()).unwrap_err().kind(), ErrorKind::NotFound);
}

const DIGEST: &str = "7f35b0428657516fbf0122240442de18";

#[test]
fn an_export_of_nothing_replaces_no_file() {
    let lab = Lab::new();
    lab.points(5, 1);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("results.zip");
    fs::write(&file, "good").unwrap();
    let query = Query::new().filter("n == 7".parse().unwrap());
    assert!(lab.catalogue().export(&query, &file, &ExchangeOptions::new()).is_err());
    // Nor does one of which nothing could be read.
    for entry in fs::read_dir(lab.path()).unwrap().flatten() {
        if entry.file_name().to_string_lossy().ends_with(".txt") {
            fs::write(entry.path(), "wrong").unwrap();
        }
    }
    let error = lab.catalogue().export(&Query::new(), &file, &ExchangeOptions::new()).unwrap_err();
    assert!(error.to_string().contains("nothing could be exported"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"good");
}
