//! What takes the space.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::error::Result;
use crate::index::Cell;
use crate::query::{Query, check_known, choose, params_below, path_of, plain_path};
use crate::reading::Reading;
use crate::scalar::Scalar;

/// What shares a step, or a value of a param, and the space that it takes.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Usage {
    /// The payload name.
    pub name: String,
    /// The param, if it is counted by one.
    pub param: Option<String>,
    /// Its value.
    pub value: Option<Scalar>,
    /// How many artifacts.
    pub artifacts: usize,
    /// The bytes of their payloads.
    pub size_bytes: u64,
    /// The seconds that their generation took.
    pub generation_seconds: f64,
}

/// Params with more values say nothing about what takes the space.
const MOST_VALUES: usize = 64;

impl Catalogue {
    /// Counts what takes the space, by step; the largest first.
    ///
    /// # Errors
    ///
    /// Those of [`table`](Self::table).
    pub fn usage(&mut self, query: &Query) -> Result<Vec<Usage>> {
        self.prepare(query)?;
        self.read(|reading| {
            let mut found = Vec::new();
            for (part, _) in choose(reading, query)?.0.iter().zip(0..) {
                found.extend(grouped(reading, part, None)?);
            }
            Ok(largest_first(found))
        })
    }

    /// Counts what takes the space, by the values of a param, or of each param that varies. The largest come first.
    ///
    /// # Errors
    ///
    /// Those of [`table`](Self::table).
    pub fn usage_by(&mut self, query: &Query, param: Option<&str>) -> Result<Vec<Usage>> {
        self.prepare(query)?;
        self.read(|reading| {
            let mut found = Vec::new();
            let chosen = choose(reading, query)?.0;
            if let Some(param) = param {
                check_known(reading, &chosen, &[path_of(param)?])?;
            }
            for part in &chosen {
                let params = match param {
                    Some(param) => vec![param.to_owned()],
                    None => params_below(reading, &part.step, 2)?,
                };
                for name in params {
                    let by_value = grouped(reading, part, Some(&name))?;
                    if param.is_some() || (2..=MOST_VALUES).contains(&by_value.len()) {
                        found.extend(by_value);
                    }
                }
            }
            Ok(largest_first(found))
        })
    }
}

fn grouped(reading: &Reading<'_>, part: &crate::query::Chosen, param: Option<&str>) -> Result<Vec<Usage>> {
    let column = |name| reading.resolve(&part.step, &plain_path(&[name], true));
    let (sizes, seconds) = (column("size")?.into_iter().next(), column("seconds")?.into_iter().next());
    let by = match param {
        Some(name) => reading.resolve(&part.step, &path_of(name)?)?.into_iter().next(),
        None => None,
    };
    let mut groups: BTreeMap<(u8, u64), (usize, u64, f64)> = BTreeMap::new();
    for slot in &part.slots {
        let cell = by.as_ref().and_then(|by| by.get(*slot)).unwrap_or_default();
        let group = groups.entry((cell.tag, cell.bits)).or_default();
        let size = sizes.as_ref().and_then(|sizes| sizes.get(*slot)).and_then(Cell::as_int);
        group.0 += 1;
        group.1 += size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
        if let Some(cell) = seconds.as_ref().and_then(|seconds| seconds.get(*slot)) {
            group.2 += reading.scalar(cell)?.as_f64().unwrap_or_default();
        }
    }
    let mut found = Vec::new();
    for ((tag, bits), (artifacts, size_bytes, generation_seconds)) in groups {
        let value = param.map(|_| reading.scalar(Cell { tag, bits })).transpose()?;
        found.push(Usage {
            name: part.step.name.clone(),
            param: param.map(str::to_owned),
            value,
            artifacts,
            size_bytes,
            generation_seconds,
        });
    }
    Ok(found)
}

fn largest_first(mut found: Vec<Usage>) -> Vec<Usage> {
    found.sort_by(|a, b| {
        let by_param = || a.name.cmp(&b.name).then_with(|| a.param.cmp(&b.param));
        match (&a.param, &b.param) {
            (Some(_), Some(_)) => by_param().then_with(|| b.size_bytes.cmp(&a.size_bytes)),
            _ => b.size_bytes.cmp(&a.size_bytes).then_with(by_param),
        }
    });
    found
}
