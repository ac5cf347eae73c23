//! Every ready payload IO, from end to end: persisted by one handle and loaded by another, in a folder and in memory.

use std::fmt::Debug;

use persistable::io::{self, PayloadIo};
use persistable::{ErrorKind, Persistable, PersistableParams, Run, Step, StepResult, Store};

/// A step whose payload is given, so that any payload and payload IO can be tried.
#[derive(PersistableParams)]
struct Given<#[param(untracked)] P, #[param(untracked)] I> {
    #[param(untracked)]
    payload: P,
    #[param(untracked)]
    io: std::marker::PhantomData<I>,
}

impl<P, I> Step for Given<P, I>
where
    P: Clone + Send + Sync + 'static,
    I: PayloadIo<P> + Default + 'static,
{
    type Payload = P;
    type Io = I;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<P> {
        Ok(self.payload.clone())
    }

    fn payload_name(&self) -> String {
        "given".into()
    }
}

fn given<P: Clone + Send + Sync + 'static, I: PayloadIo<P> + Default + 'static>(
    store: &Store,
    payload: &P,
) -> Persistable<Given<P, I>> {
    crate::support::open_elsewhere(store, Given { payload: payload.clone(), io: std::marker::PhantomData })
}

/// Persists, loads, and returns the name of the payload's file behind the stem.
fn round_trip<I, P>(payload: &P) -> String
where
    P: Clone + Debug + PartialEq + Send + Sync + 'static,
    I: PayloadIo<P> + Default + 'static,
{
    let folder = tempfile::tempdir().unwrap();
    for store in [Store::create(folder.path()).unwrap(), Store::memory()] {
        given::<P, I>(&store, payload).generate().unwrap();
        assert_eq!(*given::<P, I>(&store, payload).load().unwrap(), *payload);
    }
    let handle = given::<P, I>(&Store::create(folder.path()).unwrap(), payload);
    let file = handle.manifest().unwrap().unwrap().payload.file;
    assert!(folder.path().join(&file).exists());
    file.strip_prefix(&handle.to_string()).unwrap().to_owned()
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "avro", derive(apache_avro::AvroSchema))]
struct Reading {
    station: String,
    celsius: f64,
    count: i64,
}

fn readings() -> Vec<Reading> {
    let reading = |station: &str, celsius, count| Reading { station: station.into(), celsius, count };
    vec![reading("Zürich, \"Fluntern\"", 0.1 + 0.2, -1), reading("a\nb", -0.0, i64::MAX)]
}

#[test]
fn bytes_and_text() {
    assert_eq!(round_trip::<io::Bytes, _>(&vec![0_u8, 255]), ".bin");
    assert_eq!(round_trip::<io::Text, _>(&"Grüße\n".to_owned()), ".txt");
}

#[cfg(feature = "msgpack")]
#[test]
fn message_pack() {
    assert_eq!(round_trip::<io::MessagePack, _>(&readings()), ".msgpack");
}

#[cfg(feature = "json")]
#[test]
fn json() {
    assert_eq!(round_trip::<io::Json, _>(&readings()), ".json");
}

#[cfg(feature = "csv")]
#[test]
fn csv() {
    assert_eq!(round_trip::<io::Csv, _>(&readings()), ".csv");
}

#[cfg(feature = "avro")]
#[test]
fn avro() {
    assert_eq!(round_trip::<io::Avro, _>(&readings()), ".avro");
}

#[cfg(feature = "ndarray")]
#[test]
fn npy_owned_and_mapped_read_each_other() {
    let array = ndarray::Array2::from_shape_fn((300, 700), |(row, column)| row as f64 / (column + 1) as f64);
    assert_eq!(round_trip::<io::Npy, _>(&array), ".npy");
    let mapped = io::MappedArray::from(array.clone());
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path()).unwrap();
    given::<_, io::Npy>(&store, &array).generate().unwrap();
    let loaded = given::<_, io::Npy>(&store, &mapped).load().unwrap();
    assert_eq!(loaded.view(), array.view());
    // What is mapped stays as it is when the artifact is replaced.
    given::<_, io::Npy>(&store, &(array.clone() + 1.0)).generate().unwrap();
    assert_eq!(loaded.view(), array.view());
    assert_eq!(*given::<_, io::Npy>(&store, &array).load().unwrap(), array + 1.0);
}

#[cfg(feature = "parquet")]
#[test]
fn arrow_and_parquet() {
    use std::sync::Arc;

    use arrow_array::{Float64Array, RecordBatch, StringArray};

    let batch = RecordBatch::try_from_iter([
        ("name", Arc::new(StringArray::from(vec![Some("a"), None])) as arrow_array::ArrayRef),
        ("value", Arc::new(Float64Array::from(vec![0.5, f64::INFINITY])) as _),
    ])
    .unwrap();
    assert_eq!(round_trip::<io::ArrowIpc, _>(&batch), ".arrow");
    assert_eq!(round_trip::<io::Parquet, _>(&batch), ".parquet");
    assert_eq!(round_trip::<io::Parquet, _>(&vec![batch.clone(), batch]), ".parquet");
}

#[cfg(all(feature = "zstd", feature = "json"))]
#[test]
fn zstandard_around_another() {
    assert_eq!(round_trip::<io::Zstd<io::Json>, _>(&readings()), ".json.zst");
    let store = Store::memory();
    given::<_, io::Zstd<io::Json>>(&store, &readings()).generate().unwrap();
    let error = given::<_, io::Json>(&store, &readings()).load().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incompatible);
}

#[cfg(feature = "msgpack")]
#[test]
fn a_payload_of_another_type_is_an_error_that_names_it_and_is_kept() {
    let store = Store::memory();
    given::<_, io::MessagePack>(&store, &readings()).generate().unwrap();
    let error = given::<_, io::MessagePack>(&store, &vec![1_u8]).load_generate().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incompatible);
    assert!(error.to_string().contains("Vec<u8>"), "{error}");
    assert_eq!(*given::<_, io::MessagePack>(&store, &readings()).load().unwrap(), readings());
}

#[test]
fn a_folder_of_files_is_a_payload_too() {
    #[derive(Default)]
    struct Chapters;

    impl PayloadIo<Vec<String>> for Chapters {
        fn name(&self) -> String {
            "chapters".into()
        }
        fn suffix(&self) -> String {
            ".chapters".into()
        }
        fn save(&self, payload: &Vec<String>, target: &mut io::Target<'_>) -> StepResult<()> {
            let folder = target.path()?;
            std::fs::create_dir(folder)?;
            for (number, chapter) in payload.iter().enumerate() {
                std::fs::write(folder.join(format!("{number}.txt")), chapter)?;
            }
            Ok(())
        }
        fn load(&self, source: &mut io::Source<'_>) -> StepResult<Vec<String>> {
            let folder = source.path()?;
            let count = std::fs::read_dir(folder)?.count();
            (0..count).map(|number| Ok(std::fs::read_to_string(folder.join(format!("{number}.txt")))?)).collect()
        }
    }

    let chapters = vec!["Call me Ishmael.".to_owned(), "I stuffed a shirt or two.".to_owned()];
    assert_eq!(round_trip::<Chapters, _>(&chapters), ".chapters");
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path()).unwrap();
    for shorter in [&chapters[..], &chapters[..1]] {
        given::<_, Chapters>(&store, &shorter.to_vec()).generate().unwrap();
        assert_eq!(*given::<_, Chapters>(&store, &chapters).load().unwrap(), shorter);
    }
}

#[test]
fn a_payload_io_that_writes_nothing_or_fails_persists_nothing() {
    #[derive(Default)]
    struct Broken<const WRITES: bool>;

    impl<const WRITES: bool> PayloadIo<u8> for Broken<WRITES> {
        fn name(&self) -> String {
            "broken".into()
        }
        fn suffix(&self) -> String {
            ".broken".into()
        }
        fn save(&self, _: &u8, target: &mut io::Target<'_>) -> StepResult<()> {
            if WRITES {
                target.writer()?.write_all(b"half")?;
                return Err("it broke".into());
            }
            Ok(())
        }
        fn load(&self, _: &mut io::Source<'_>) -> StepResult<u8> {
            Ok(0)
        }
    }

    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path()).unwrap();
    let nothing = given::<_, Broken<false>>(&store, &1);
    assert_eq!(nothing.generate().unwrap_err().kind(), ErrorKind::Encoding);
    assert_eq!(nothing.payload().unwrap_err().kind(), ErrorKind::Encoding);
    assert_eq!(nothing.payload_in_memory().as_deref(), Some(&1), "what was generated stays in memory");
    let half = given::<_, Broken<true>>(&store, &1);
    assert_eq!(half.generate().unwrap_err().kind(), ErrorKind::Encoding);
    assert_eq!(crate::support::artifact_files(folder.path()), [""; 0]);
    assert_eq!(std::fs::read_dir(folder.path().join(".persistable/staging")).unwrap().count(), 0);
}
