//! Measures the catalogue of a store with many artifacts: `scale FOLDER COUNT`. The first time, it fills the folder. With
//! `scale FOLDER COUNT manifests`, it fills it with manifests alone. That takes less time and a third of the inodes.

#![allow(clippy::print_stdout, reason = "it prints figures")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use persistable_catalogue::{Catalogue, Query, Wanted};
use persistable_key::{Fields, Identity, Param};
use persistable_store::{ArtifactId, Draft, Durability, PayloadName, Settings, Store, Verification, Wait, seal};

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

/// Writes the manifests of artifacts whose payloads are nowhere: each is the first one, with other params.
fn write_manifests(store: &Store, count: u64) -> Result<(), Box<dyn Error>> {
    publish(store, 0)?;
    let folder = store.path().ok_or("the store is not a folder")?;
    let key_of = |x| -> Result<(String, String), Box<dyn Error>> {
        let fields = params(x)?;
        let identity = Identity { payload_name: "step", version: None, params: &fields, dependencies: &[] };
        Ok((identity.key()?.to_string(), serde_json::to_string(&fields)?))
    };
    let (first_key, first_params) = key_of(0)?;
    let first = std::fs::read(folder.join(format!("step({}).manifest.json", &first_key[..32])))?;
    let body = std::str::from_utf8(seal::text_of(&first).ok_or("the manifest has no seal")?)?;
    for x in 1..count {
        let (key, params) = key_of(x)?;
        let body = body
            .replace(&first_key, &key)
            .replace(&first_key[..32], &key[..32])
            .replace(&first_params, &params)
            .replace("\"commit_id\": \"", &format!("\"commit_id\": \"{x}-"));
        std::fs::write(folder.join(format!("step({}).manifest.json", &key[..32])), seal::close(body))?;
    }
    Ok(())
}

/// Prints how long something took, and how long processors worked for it: other programs do not change that much.
fn timed<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let worked = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
    };
    let (begin, before) = (Instant::now(), worked());
    let result = act();
    println!("{what:44} {:9.1} ms {:9.1} ms of processors", begin.elapsed().as_secs_f64() * 1e3, worked() - before);
    result
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, count, rest @ ..] = arguments.as_slice() else {
        return Err("scale FOLDER COUNT [manifests]".into());
    };
    let (folder, count) = (Path::new(folder), count.parse::<u64>()?);
    let store = Store::create(folder.join("data"))?;
    if store.artifacts().next().is_none() {
        if rest.iter().any(|word| word == "manifests") {
            timed("manifests", || write_manifests(&store, count))?;
        } else {
            timed("persist", || (0..count).try_for_each(|x| publish(&store, x)))?;
        }
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
    let mut next = count * 3 + u64::from(std::process::id()) * 10_000;
    let mut add = || -> Result<(), Box<dyn Error>> {
        next += 1000;
        (next - 1000..next).try_for_each(|x| publish(&store, x))?;
        // Right after a change, the times of a file may not show the next one. So it would be read twice.
        std::thread::sleep(std::time::Duration::from_millis(100));
        Ok(())
    };
    add()?;
    let read = timed("1000 additions, surveyed", || catalogue.refresh())?;
    println!("  {} read", read.read);
    add()?;
    let read = timed("1000 additions, surveyed, begins to watch", || catalogue.refresh())?;
    println!("  {} read", read.read);
    for _ in 0..5 {
        add()?;
        let read = timed("1000 additions, watched", || catalogue.refresh())?;
        println!("  {} read", read.read);
    }
    timed("end of the watch", || drop(catalogue));
    let size =
        std::fs::read_dir(&cache)?.filter_map(|entry| entry.ok()?.metadata().ok()).map(|file| file.len()).sum::<u64>();
    println!("index {} MB", size / 1_000_000);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    Ok(())
}
