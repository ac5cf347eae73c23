//! What to select, and how to show it.

use std::collections::HashSet;

use crate::error::{Error, ErrorKind, Result};
use crate::evaluation::Evaluation;
use crate::filter::{Filter, PathRef, Segment};
use crate::index::{IndexedStep, node_of_stem, steps};
use crate::reading::Reading;
use crate::state::State;

/// Which artifacts, in which order, with which columns.
#[derive(Clone, Debug, Default)]
pub struct Query {
    pub(crate) step: Option<String>,
    pub(crate) filter: Option<Filter>,
    /// Stems of the only artifacts that may be selected.
    pub(crate) only: Option<Vec<String>>,
    /// Whether to select artifacts that were removed, and no others.
    pub(crate) is_of_removed: bool,
    /// Whether remarks also tell of comparisons that are possible elsewhere, but chose artifacts where they are not.
    pub(crate) is_strict: bool,
    pub(crate) columns: Option<Vec<String>>,
    pub(crate) has_all_columns: bool,
    pub(crate) sort: Option<String>,
    pub(crate) is_descending: bool,
    pub(crate) limit: Option<usize>,
}

impl Query {
    /// Selects all artifacts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Selects artifacts of this payload name only.
    #[must_use]
    pub fn step(mut self, name: impl Into<String>) -> Self {
        self.step = Some(name.into());
        self
    }

    /// Selects artifacts that a filter chooses.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Selects only artifacts that are among these: what the names of their files begin with.
    #[must_use]
    pub fn only(mut self, stems: impl IntoIterator<Item = String>) -> Self {
        self.only = Some(stems.into_iter().collect());
        self
    }

    /// Selects artifacts that were removed, in place of those that are there.
    #[must_use]
    pub(crate) fn of_removed(mut self) -> Self {
        self.is_of_removed = true;
        self
    }

    /// Tells of every comparison of what can't be compared, if artifacts were chosen by it.
    #[must_use]
    pub(crate) fn strict(mut self) -> Self {
        self.is_strict = true;
        self
    }

    /// Shows each param, also those that all artifacts share.
    #[must_use]
    pub fn all_columns(mut self) -> Self {
        self.has_all_columns = true;
        self
    }

    /// Shows these params and facts. Without this, the params that vary are shown.
    #[must_use]
    pub fn columns(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.columns = Some(names.into_iter().collect());
        self
    }

    /// Sorts by a param or a fact. Artifacts without it come last.
    #[must_use]
    pub fn sort(mut self, name: impl Into<String>, is_descending: bool) -> Self {
        self.sort = Some(name.into());
        self.is_descending = is_descending;
        self
    }

    /// Whether all artifacts that are there are selected.
    pub(crate) fn is_of_all(&self) -> bool {
        self.step.is_none() && self.filter.is_none() && self.only.is_none() && !self.is_of_removed
    }

    /// Whether it needs to know when artifacts were used.
    pub(crate) fn asks_for_uses(&self) -> bool {
        let is_it = |name: &String| name.ends_with(".used");
        self.sort.as_ref().is_some_and(is_it)
            || self.columns.iter().flatten().any(is_it)
            || self.filter.as_ref().is_some_and(|filter| filter.to_string().contains(".used"))
    }

    /// Returns at most this many rows.
    #[must_use]
    pub fn limit(mut self, most: usize) -> Self {
        self.limit = Some(most);
        self
    }
}

/// The artifacts of a step that were selected, by slot.
pub(crate) struct Chosen {
    pub(crate) step: IndexedStep,
    pub(crate) slots: Vec<usize>,
}

/// Evaluates what a query selects. Returns remarks, too.
pub(crate) fn choose(reading: &Reading<'_>, query: &Query) -> Result<(Vec<Chosen>, Vec<String>)> {
    let all = steps(reading.db)?;
    let steps: Vec<IndexedStep> = match &query.step {
        Some(name) => all.iter().filter(|step| step.name == *name).cloned().collect(),
        None => all.clone(),
    };
    if let (Some(name), true) = (&query.step, steps.is_empty()) {
        return Err(no_step(name, &all));
    }
    let evaluation = query.filter.as_ref().map(|filter| (filter, Evaluation::new(reading, filter)));
    let only = query.only.as_ref().map(|stems| places_of(reading, stems)).transpose()?;
    let mut chosen = Vec::new();
    for step in &steps {
        let mut is_chosen = match query.is_of_removed {
            true => reading.has_state(step, |state| state == State::Removed)?,
            false => reading.is_there(step)?,
        };
        if let Some(only) = &only {
            is_chosen.iter_mut().enumerate().for_each(|(slot, chosen)| *chosen &= only.contains(&(step.id, slot)));
        }
        if let Some((_, evaluation)) = &evaluation {
            let holds = evaluation.of_step(step)?;
            is_chosen.iter_mut().zip(holds).for_each(|(chosen, holds)| *chosen &= holds);
        }
        let slots: Vec<usize> =
            (0..step.rows).zip(is_chosen).filter(|(_, chosen)| *chosen).map(|(slot, _)| slot).collect();
        if !slots.is_empty() {
            chosen.push(Chosen { step: step.clone(), slots });
        }
    }
    let mut hints = Vec::new();
    if let Some((filter, evaluation)) = &evaluation {
        if let Some(path) = evaluation.unknown().first()
            && steps.iter().any(|step| step.rows > 0)
        {
            return Err(filter.wrong_at(path, &unknown_path(reading, &steps, path)?.to_string()));
        }
        hints = evaluation.hints();
        if query.is_strict {
            hints.extend(evaluation.risks());
        }
    }
    Ok((chosen, hints))
}

/// Returns the steps and slots of artifacts.
fn places_of(reading: &Reading<'_>, stems: &[String]) -> Result<HashSet<(i64, usize)>> {
    let mut places = HashSet::new();
    for stem in stems {
        if let Some(node) = node_of_stem(reading.db, stem)?
            && let Some(slot) = node.slot
        {
            places.insert((node.step, slot));
        }
    }
    Ok(places)
}

/// Returns the path of a column's name.
pub(crate) fn path_of(name: &str) -> Result<PathRef> {
    let filter: Filter = format!("{name} is missing").parse().map_err(|error: Error| {
        Error::new(ErrorKind::Filter, format!("{name:?} is not the name of a param or a fact: {error}"))
    })?;
    match filter.expression {
        crate::filter::Expression::Missing(path) => Ok(path),
        _ => Err(Error::new(ErrorKind::Filter, format!("{name:?} is not the name of a param or a fact"))),
    }
}

/// Checks that artifacts have these params, of what is chosen or elsewhere. A fact may be missing everywhere.
pub(crate) fn check_known(reading: &Reading<'_>, chosen: &[Chosen], paths: &[PathRef]) -> Result<()> {
    if chosen.is_empty() || paths.is_empty() {
        return Ok(());
    }
    let steps = crate::index::steps(reading.db)?;
    let is_fact = |path: &PathRef| crate::facts::FACTS.iter().any(|(name, _)| *name == path.to_string());
    for path in paths.iter().filter(|path| !is_fact(path)) {
        let mut is_known = false;
        for step in chosen.iter().map(|part| &part.step).chain(&steps) {
            is_known = !reading.resolve(step, path)?.is_empty();
            if is_known {
                break;
            }
        }
        if !is_known {
            return Err(unknown_path(reading, &steps, path)?);
        }
    }
    Ok(())
}

fn no_step(name: &str, steps: &[IndexedStep]) -> Error {
    let names: Vec<&str> = steps.iter().filter(|step| step.rows > 0).map(|step| step.name.as_str()).collect();
    if names.is_empty() {
        return Error::new(ErrorKind::NotFound, format!("there is no {name}, since the store is empty"));
    }
    Error::new(ErrorKind::NotFound, format!("there is no {name}")).advise(match nearest(name, names.iter().copied()) {
        Some(similar) => format!("Did you mean {similar}?"),
        None => format!("There are {}", listed(&names)),
    })
}

/// Says that no step has a param, and which one may be meant.
fn unknown_path(reading: &Reading<'_>, steps: &[IndexedStep], path: &PathRef) -> Result<Error> {
    let mut known: Vec<String> = Vec::new();
    for step in steps {
        known.extend(params_below(reading, step, 3)?);
    }
    known.extend(crate::facts::FACTS.iter().map(|(name, _)| (*name).to_owned()));
    known.sort();
    known.dedup();
    let wanted = path.to_string();
    let last = |name: &str| name.rsplit('.').next().map(str::to_owned);
    let below = known.iter().find(|name| **name != wanted && last(name) == last(&wanted));
    let similar = below.map(String::as_str).or_else(|| nearest(&wanted, known.iter().map(String::as_str)));
    let error = Error::new(ErrorKind::Filter, format!("no artifact has a param {wanted}"));
    Ok(error.advise(match similar {
        Some(similar) => format!("Did you mean {similar}?"),
        None => {
            let names: Vec<&str> = known.iter().map(String::as_str).filter(|name| !name.starts_with('.')).collect();
            format!("There are {}", listed(&names))
        }
    }))
}

/// Lists the params of a step, and of the steps below it, as paths.
pub(crate) fn params_below(reading: &Reading<'_>, step: &IndexedStep, depth: usize) -> Result<Vec<String>> {
    let names = crate::index::column_names(reading.db, step.id)?;
    let mut paths: Vec<String> = names.into_iter().filter(|name| !name.starts_with(['.', '@'])).collect();
    if depth > 0 {
        for below in reading.steps_below(step)? {
            let prefix = crate::params::segment(&below.name);
            paths.extend(params_below(reading, &below, depth - 1)?.into_iter().map(|name| format!("{prefix}.{name}")));
        }
    }
    Ok(paths)
}

fn listed(names: &[&str]) -> String {
    const MOST: usize = 12;
    let shown = names.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Returns the name that is most similar, if one is similar at all.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = name.chars().count().div_ceil(3);
    names
        .map(|other| (distance(name, other), other))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, other)| other)
}

/// Counts the characters to add, remove or replace.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, from) in a.chars().enumerate() {
        let mut next = vec![index + 1];
        for (at, to) in b.iter().enumerate() {
            let replaced = row.get(at).copied().unwrap_or_default() + usize::from(from != *to);
            let removed = row.get(at + 1).copied().unwrap_or_default() + 1;
            let added = next.get(at).copied().unwrap_or_default() + 1;
            next.push(replaced.min(removed).min(added));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// Makes the path of segments without indices.
pub(crate) fn plain_path(names: &[&str], is_fact: bool) -> PathRef {
    let segments = names.iter().map(|name| Segment { name: (*name).to_owned(), index: None }).collect();
    PathRef::new(segments, is_fact, 0..0)
}
