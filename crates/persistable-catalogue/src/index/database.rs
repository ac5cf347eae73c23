//! Opening the file of the index.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use persistable_store::Store;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::error::{Error, ErrorKind, Result};

/// The file's name has it: another version has another file.
const VERSION: u32 = 4;
/// A first index of a million artifacts takes its time, and others wait for it.
const PATIENCE: Duration = Duration::from_secs(300);

const SCHEMA: &str = "
create table if not exists meta(name text primary key, value blob) without rowid;
create table if not exists step(id integer primary key, name text not null unique, rows integer not null);
create table if not exists node(
    id integer primary key, stem text not null, key text not null, step integer not null, slot integer,
    state integer not null, stamp blob, labels blob, labels_stamp blob, problem text);
create index if not exists node_labelled on node(step, slot) where labels is not null;
create index if not exists node_unsettled on node(stem) where stamp is null and state < 4;
create index if not exists node_key on node(key);
create index if not exists node_slot on node(step, slot);
create table if not exists edge(below integer not null, above integer not null, primary key(below, above)) without rowid;
create table if not exists path(id integer primary key, step integer not null, name text not null, unique(step, name));
create table if not exists term(
    id integer primary key, digest blob not null unique, kind integer not null, number real, text text not null);
create table if not exists used(node integer primary key, at integer not null);
create table if not exists log(name text primary key, inode integer not null, offset integer not null) without rowid;
create table if not exists chunk(path integer not null, number integer not null, cells blob not null,
    primary key(path, number));
";

/// An open index.
#[derive(Debug)]
pub(crate) struct Index {
    db: Connection,
}

/// Returns the file of a store's index in a folder.
pub(crate) fn file_of(folder: &Path, store: &Store) -> PathBuf {
    let location = match store.path().map(|path| path.canonicalize().unwrap_or_else(|_| path.to_owned())) {
        Some(path) => format!("folder:{}", path.display()),
        None => format!("{}", store.location()),
    };
    let digest = blake3::hash(location.as_bytes()).to_hex();
    folder.join(format!("index-v{VERSION}-{}.sqlite", digest.get(..24).unwrap_or_default()))
}

impl Index {
    /// Opens an index, and creates it if it is missing.
    pub(crate) fn open(file: &Path) -> Result<Self> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|error| {
                let message = format!("the folder of the index can't be created: {}", folder.display());
                Error::new(ErrorKind::Index, message).caused_by(error)
            })?;
        }
        let is_known = read_seal(file).is_some_and(|seal| Some(seal) == seal_of(file));
        let index = Self::prepare(Connection::open(file)?)?;
        if !is_known {
            index.check()?;
        }
        Ok(index)
    }

    /// Looks for damage, which SQLite does by itself only where it comes across it. It reads the whole file.
    fn check(&self) -> Result<()> {
        let found: String = self.db.query_row("pragma integrity_check(1)", [], |row| row.get(0))?;
        if found == "ok" {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::DamagedIndex, format!("the index is damaged: {found}")))
        }
    }

    /// Notes what the file system says of the file, so that it need not be checked if it is opened the next time. Without the note,
    /// or if another process uses the index at this moment, it is checked once more.
    pub(crate) fn seal(&self, file: &Path) {
        // While others read for long, this would wait for them.
        let _ = self.db.busy_timeout(Duration::ZERO);
        let is_written = self.db.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get::<_, i64>(0));
        let _ = self.db.busy_timeout(PATIENCE);
        if let (Ok(0), Some(seal)) = (is_written, seal_of(file)) {
            let _ = std::fs::write(seal_path(file), seal);
        }
    }

    /// Makes an index that ends with the process.
    pub(crate) fn in_memory() -> Result<Self> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn prepare(db: Connection) -> Result<Self> {
        db.busy_timeout(PATIENCE)?;
        db.pragma_update(None, "page_size", 16384)?;
        // Where a file system can't do that, it stays as it is.
        db.query_row("pragma journal_mode = wal", [], |_| Ok(())).optional()?;
        // After a power cut the index may be damaged, which is noticed.
        db.pragma_update(None, "synchronous", "off")?;
        db.pragma_update(None, "cache_size", -32_000)?;
        db.set_prepared_statement_cache_capacity(64);
        db.execute_batch(SCHEMA)?;
        Ok(Self { db })
    }

    /// Begins to read: what others write meanwhile is not seen.
    pub(crate) fn read(&self) -> Result<Transaction<'_>> {
        Ok(self.db.unchecked_transaction()?)
    }

    /// Begins to write. One process at a time does.
    pub(crate) fn write(&mut self) -> Result<Transaction<'_>> {
        Ok(self.db.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

/// Returns a number that changes when another connection writes to the index.
pub(crate) fn version(db: &Connection) -> Result<i64> {
    Ok(db.query_row("pragma data_version", [], |row| row.get(0))?)
}

/// Returns a value by its name.
pub(crate) fn meta(db: &Connection, name: &str) -> Result<Option<Vec<u8>>> {
    let mut query = db.prepare_cached("select value from meta where name = ?")?;
    Ok(query.query_row([name], |row| row.get(0)).optional()?)
}

/// Sets a value.
pub(crate) fn set_meta(db: &Connection, name: &str, value: &[u8]) -> Result<()> {
    db.execute("insert or replace into meta(name, value) values(?, ?)", params![name, value])?;
    Ok(())
}

/// Returns the file with what is known of the index's file.
pub(crate) fn seal_path(file: &Path) -> PathBuf {
    file.with_extension("seal")
}

fn read_seal(file: &Path) -> Option<String> {
    std::fs::read_to_string(seal_path(file)).ok()
}

fn seal_of(file: &Path) -> Option<String> {
    let found = std::fs::metadata(file).ok()?;
    Some(format!("{} {} {} {}\n", found.ino(), found.size(), found.mtime(), found.mtime_nsec()))
}
