//! Processes that remove artifacts until the quota holds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use persistable::Store;
use persistable_catalogue::{Catalogue, Query, RemovalRules, Row};

use super::keys::{LAST, PINNED, QUOTA_BYTES, id};
use crate::contention::chance::Chance;
use crate::contention::journal::Journal;
use crate::contention::step::new_tag;
use crate::problem::Result;

const MOST_PAUSE: u64 = 150;

/// Carries out a plan at each call.
pub(super) fn collector<'a>(folder: &'a Path, journal: &'a Journal, mut chance: Chance) -> impl FnMut() + use<'a> {
    move || {
        if let Err(problem) = collect(folder, journal) {
            let _ = journal.note("failed", usize::MAX, &format!("gc: {problem}"));
        }
        sleep(Duration::from_millis(chance.below(MOST_PAUSE)));
    }
}

fn collect(folder: &Path, journal: &Journal) -> Result<()> {
    let store = Store::create(folder)?;
    // All share an index, as the commands of an account do.
    let mut catalogue = Catalogue::open(&store, folder.with_file_name("index"))?;
    let before = rows(&mut catalogue)?;
    let plan = catalogue.plan_removal(&Query::new(), &RemovalRules::new().most_bytes(QUOTA_BYTES))?;
    let keys = (0..LAST).map(|n| Ok((id(folder, n)?.stem().to_owned(), n))).collect::<Result<BTreeMap<_, _>>>()?;
    // What nobody was told of may not be removed, and makes no generation necessary.
    let mut causes = BTreeMap::new();
    for planned in &plan.removed {
        let stem = planned.row.stem();
        let n = *keys.get(&stem).ok_or("something is planned to be removed that nobody made")?;
        if PINNED.contains(&n) {
            return Err(format!("key {n} is pinned, and is planned to be removed").into());
        }
        let cause = new_tag();
        journal.note("removes", n, &cause)?;
        causes.insert(stem, (n, cause));
    }
    let removals = catalogue.remove(&plan, &mut |_| {})?;
    let kept: BTreeSet<&String> = removals.kept.iter().map(|(stem, _)| stem).collect();
    for (stem, (n, cause)) in &causes {
        journal.note(if kept.contains(stem) { "spared" } else { "removed" }, *n, cause)?;
    }
    // What was persisted since then is not to blame.
    let after = rows(&mut catalogue)?;
    let is_old = |row: &&Row| before.get(&row.stem()).is_some_and(|before| before.persisted == row.persisted);
    let left = after.values().filter(is_old).filter(|row| !kept.contains(&row.stem()));
    let bytes: u64 = left.filter_map(|row| row.size_bytes).sum();
    if bytes > QUOTA_BYTES {
        return Err(format!("{bytes} bytes are left of what was there before").into());
    }
    Ok(journal.note("collected", usize::MAX, "")?)
}

fn rows(catalogue: &mut Catalogue) -> Result<BTreeMap<String, Row>> {
    catalogue.refresh()?;
    let rows = catalogue.table(&Query::new().columns([]))?.rows;
    Ok(rows.into_iter().map(|row| (row.stem(), row)).collect())
}
