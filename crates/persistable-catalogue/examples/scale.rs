//! Measures the catalogue of a store with many artifacts: `scale FOLDER COUNT`. The folder is filled the first time.

#![allow(clippy::print_stdout, reason = "it prints figures")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use persistable_catalogue::{Catalogue, Query, Wanted};
use persistable_key::{Fields, Identity, Param};
use persistable_store::{ArtifactId, Draft, Durability, PayloadName, Settings, Store, Verification, Wait};

const PARAMS: [&str; 10] = ["x", "a", "b", "c", "d", "e", "f", "g", "h", "i"];

fn params(x: u64) -> Result<Fields, Box<dyn Error>> {
    let mut fields = Fields::new();
    for (place, name) in PARAMS.iter().enumerate() {
        // Some vary much, some little, some not at all.
        let value = match place {
            0 => x.to_value()?,
            1..4 => (x / 10_u64.pow(u32::try_from(place)?)).to_value()?,
            4..7 => (x % 7 * place as u64).to_value()?,
            7 => (x as f64 / 3.0).to_value()?,
            8 => format!("kind {}", x % 5).to_value()?,
            _ => true.to_value()?,
        };
        fields.push(*name, value);
    }
    Ok(fields)
}

fn publish(store: &Store, x: u64) -> Result<(), Box<dyn Error>> {
    let fields = params(x)?;
    let identity = Identity { payload_name: "step", version: None, params: &fields, dependencies: &[] };
    let id = ArtifactId::new(PayloadName::new("step")?, *identity.key()?.as_bytes());
    let lease = store.lease(&id, Wait::Forever, &mut |_| {})?;
    let settings = Settings { durability: Durability::Fast, verification: Verification::Default };
    let mut staging = store.stage(&lease, ".txt", &settings)?;
    staging.writer()?.write_all(&x.to_le_bytes())?;
    let mut draft = Draft::new("text", 1);
    draft.set_params(&fields)?;
    draft.provenance.persisted_at = "2026-11-28T12:00:00Z".to_owned();
    store.publish(&lease, staging, draft)?;
    Ok(())
}

fn timed<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let result = act();
    println!("{what:40} {:9.1} ms", begin.elapsed().as_secs_f64() * 1e3);
    result
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, count] = arguments.as_slice() else { return Err("scale FOLDER COUNT".into()) };
    let (folder, count) = (Path::new(folder), count.parse::<u64>()?);
    let store = Store::create(folder.join("data"))?;
    if store.artifacts().next().is_none() {
        timed("persist", || (0..count).try_for_each(|x| publish(&store, x)))?;
    }
    let cache = folder.join("cache");
    let _ = std::fs::remove_dir_all(&cache);
    let mut catalogue = timed("first index", || Catalogue::open(&store, &cache))?;
    timed("refresh, nothing new", || catalogue.refresh())?;
    drop(catalogue);
    let mut catalogue = timed("open", || Catalogue::open(&store, &cache))?;
    for filter in ["x == 3", "a > 100 and d == 4", "g < 10.5 or h == 'kind 3'"] {
        let query = Query::new().step("step").filter(filter.parse()?).columns(["x".to_owned()]).limit(20);
        let table = timed(filter, || catalogue.table(&query))?;
        println!("  {} selected", table.selected);
    }
    timed("ls, all columns", || catalogue.table(&Query::new().step("step").limit(20)))?;
    let mut near = params(count / 2)?;
    near.push("new", 1.to_value()?);
    let wanted = Wanted::new("step", None, &near, Vec::new())?;
    timed("why", || catalogue.why(&wanted))?;
    timed("du", || catalogue.usage(&Query::new()))?;
    timed("1000 additions", || {
        (0..1000).try_for_each(|x| publish(&store, count * 3 + x + std::process::id() as u64 * 1000))
    })?;
    let read = timed("index after 1000 additions", || catalogue.refresh())?;
    println!("  {} read", read.read);
    let size =
        std::fs::read_dir(&cache)?.filter_map(|entry| entry.ok()?.metadata().ok()).map(|file| file.len()).sum::<u64>();
    println!("index {} MB", size / 1_000_000);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    Ok(())
}
