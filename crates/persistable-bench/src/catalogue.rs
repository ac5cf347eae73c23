//! The catalogue of a large store, against SQLite over the same values, and against reading and listing the files alone.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use persistable_catalogue::{Catalogue, Query, Wanted};
use persistable_key::{Fields, Identity, Param};
use persistable_store::{ArtifactId, Draft, Durability, PayloadName, Settings, Store, Verification, Wait, seal};
use rusqlite::Connection;

use crate::folder::Scratch;
use crate::harness::{compare, timed};
use crate::report::{Bar, Table};
use crate::result::Result;

/// Another number of artifacts.
const VARIABLE: &str = "PERSISTABLE_BENCH_ARTIFACTS";
const ARTIFACTS: u64 = 100_000;
/// From this number on, the bars are those of a million.
const MANY: u64 = 1_000_000;
const ADDED: u64 = 1000;
const ROUNDS: usize = 9;
const NAMES: [&str; 10] = ["x", "a", "b", "c", "d", "e", "f", "g", "h", "i"];
/// Right after a change, the times of a file may not show the next one. What is younger is read twice.
const SETTLED: Duration = Duration::from_millis(100);

pub(crate) fn run(scratch: &Scratch) -> Result<String> {
    let count = std::env::var(VARIABLE).ok().and_then(|count| count.parse().ok()).unwrap_or(ARTIFACTS);
    let is_many = count >= MANY;
    let (folder, cache) = (scratch.folder()?, scratch.folder()?);
    let mut filled = Filled::new(&folder)?;
    filled.add(count - 1)?;
    let mut table = Table::of_comparisons();

    let first_index = || Ok(timed(|| Ok(Catalogue::open(&filled.store, scratch.folder()?)?))?.1);
    let measured = compare(1, first_index, || Ok(timed(|| read_all(&folder))?.1))?;
    table.compare("First index", &measured, if is_many { Bar::None } else { Bar::Most(10.0) });

    let sqlite = values(count)?;
    let mut catalogue = Catalogue::open(&filled.store, &cache)?;
    let query = Query::new().step("step").filter("x == 3".parse()?).columns(["x".to_owned()]).limit(20);
    let measured = compare(
        ROUNDS,
        || Ok(timed(|| Ok(black_box(catalogue.table(&query)?)))?.1),
        || {
            Ok(timed(|| {
                Ok(black_box(
                    sqlite
                        .query_row("select count(*), max(x) from step where x = 3", [], |row| row.get::<_, i64>(0))?,
                ))
            })?
            .1)
        },
    )?;
    table.compare("`ls` with the filter `x == 3`", &measured, Bar::Most(if is_many { 0.1 } else { 0.05 }));

    let mut near = params(count / 2)?;
    near.push("new", 1.to_value()?);
    let wanted = Wanted::new("step", None, &near, Vec::new())?;
    let distance = NAMES.map(|name| format!("({name} is not ?)")).join(" + ");
    let nearest = format!("select x, {distance} as distance from step order by distance limit 1");
    let measured = compare(
        ROUNDS,
        || Ok(timed(|| Ok(black_box(catalogue.why(&wanted)?)))?.1),
        || {
            let values = rusqlite::params_from_iter(row(count / 2));
            Ok(timed(|| Ok(black_box(sqlite.query_row(&nearest, values, |row| row.get::<_, i64>(0))?)))?.1)
        },
    )?;
    table.compare("`why`", &measured, Bar::Most(if is_many { 0.5 } else { 0.1 }));

    // It surveys twice before it watches.
    for _ in 0..2 {
        filled.add(ADDED)?;
        catalogue.refresh()?;
    }
    let last = std::cell::RefCell::new(Vec::new());
    let measured = compare(
        ROUNDS,
        || {
            last.replace(filled.add(ADDED)?);
            Ok(timed(|| Ok(catalogue.refresh()?))?.1)
        },
        || Ok(timed(|| last.borrow().iter().try_fold(0, |sum, path| Ok(sum + fs::read(path)?.len())))?.1),
    )?;
    table.compare("Index after 1,000 additions, in an open catalogue", &measured, Bar::Most(0.1));

    drop(catalogue);
    let next_process = || {
        filled.add(ADDED)?;
        Ok(timed(|| Ok(Catalogue::open(&filled.store, &cache)?))?.1)
    };
    let measured = compare(ROUNDS, next_process, || Ok(timed(|| list_all(&folder))?.1))?;
    table.compare("The same, in the next process", &measured, Bar::None);
    Ok(format!("{count} artifacts\n\n{}", table.into_text()))
}

/// A store that has manifests alone: each is the first one, with other params.
struct Filled {
    store: Store,
    folder: PathBuf,
    key: String,
    params: String,
    body: String,
    next: u64,
}

impl Filled {
    fn new(folder: &Path) -> Result<Self> {
        let store = Store::create(folder)?;
        let fields = params(0)?;
        let key = identity(&fields).key()?;
        let id = ArtifactId::new(PayloadName::new("step")?, *key.as_bytes());
        let lease = store.lease(&id, Wait::Forever, &mut |_| {})?;
        let settings = Settings { durability: Durability::Fast, verification: Verification::Default };
        let mut staging = store.stage(&lease, ".txt", &settings)?;
        staging.writer()?.write_all(b"payload")?;
        let mut draft = Draft::new("text", 1);
        draft.set_params(&fields)?;
        draft.provenance.persisted_at = "2026-11-28T12:00:00Z".to_owned();
        store.publish(&lease, staging, draft)?;
        let sealed = fs::read(folder.join(format!("{}.manifest.json", id.stem())))?;
        let body = std::str::from_utf8(seal::text_of(&sealed).ok_or("the manifest has no seal")?)?;
        let (key, params) = (key.to_string(), serde_json::to_string(&fields)?);
        Ok(Self { store, folder: folder.to_owned(), key, params, body: body.to_owned(), next: 1 })
    }

    /// Writes so many more manifests, and returns their paths.
    fn add(&mut self, count: u64) -> Result<Vec<PathBuf>> {
        let half = |key: &str| key.get(..32).unwrap_or_default().to_owned();
        let mut paths = Vec::new();
        for x in self.next..self.next + count {
            let fields = params(x)?;
            let key = identity(&fields).key()?.to_string();
            let body = self
                .body
                .replace(&self.key, &key)
                .replace(&half(&self.key), &half(&key))
                .replace(&self.params, &serde_json::to_string(&fields)?)
                .replace("\"commit_id\": \"", &format!("\"commit_id\": \"{x}-"));
            let path = self.folder.join(format!("step({}).manifest.json", half(&key)));
            fs::write(&path, seal::close(body))?;
            paths.push(path);
        }
        self.next += count;
        sleep(SETTLED);
        Ok(paths)
    }
}

/// Returns the values of the params: some vary much, some little, one not at all.
fn row(x: u64) -> [rusqlite::types::Value; 10] {
    let int = |value: u64| rusqlite::types::Value::from(value.cast_signed());
    let [d, e, f] = [4, 5, 6].map(|place| int(x % 7 * place));
    let h = rusqlite::types::Value::from(format!("kind {}", x % 5));
    [int(x), int(x / 10), int(x / 100), int(x / 1000), d, e, f, (x as f64 / 3.0).into(), h, int(1)]
}

fn params(x: u64) -> Result<Fields> {
    use rusqlite::types::Value;
    let mut fields = Fields::new();
    for (name, value) in NAMES.into_iter().zip(row(x)) {
        fields.push(
            name,
            match value {
                Value::Integer(int) => int.to_value()?,
                Value::Real(float) => float.to_value()?,
                Value::Text(text) => text.to_value()?,
                Value::Null | Value::Blob(_) => continue,
            },
        );
    }
    Ok(fields)
}

fn identity(fields: &Fields) -> Identity<'_> {
    Identity { payload_name: "step", version: None, params: fields, dependencies: &[] }
}

/// Returns a table with the same values, in memory.
fn values(count: u64) -> Result<Connection> {
    let db = Connection::open_in_memory()?;
    db.execute_batch(&format!("create table step({}); begin", NAMES.join(", ")))?;
    {
        let mut insert = db.prepare("insert into step values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
        for x in 0..count {
            insert.execute(rusqlite::params_from_iter(row(x)))?;
        }
    }
    db.execute_batch("commit")?;
    Ok(db)
}

fn read_all(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            bytes += fs::read(entry.path())?.len() as u64;
        }
    }
    Ok(bytes)
}

fn list_all(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
