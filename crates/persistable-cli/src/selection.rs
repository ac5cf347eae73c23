//! Which artifacts are meant: a payload name, a filter, keys.

use persistable_catalogue::{Address, Catalogue, ErrorKind, Filter, Log, Query};

use crate::failure::{Exit, Failure, Result};

/// The words behind a command.
#[derive(clap::Args, Debug)]
pub(crate) struct Words {
    /// The store: a folder or a URL. Without it, PERSISTABLE_STORE says it, or the working folder
    #[arg(value_name = "STORE", value_hint = clap::ValueHint::AnyPath)]
    store: Option<String>,
    /// A payload name; or the first digits of a key
    #[arg(value_name = "STEP")]
    step: Option<String>,
    /// A filter, such as 'n > 100 and points.seed == 1'; or more keys
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
}

impl Words {
    pub(crate) fn list(&self) -> Vec<String> {
        self.store.iter().chain(&self.step).chain(&self.filter).cloned().collect()
    }
}

/// What words select.
pub(crate) struct Selected {
    pub(crate) query: Query,
    /// The payload name, if one was said.
    pub(crate) step: Option<String>,
    /// The filter, if one was said.
    pub(crate) filter: Option<Filter>,
    /// The artifacts, if keys were said.
    pub(crate) artifacts: Vec<Address>,
    /// Whether nothing was said, so that everything is selected.
    pub(crate) is_all: bool,
}

impl Selected {
    fn of_query(query: Query) -> Self {
        Self { query, step: None, filter: None, artifacts: Vec::new(), is_all: false }
    }
}

/// Returns what words select: nothing, a payload name and a filter, a filter, or keys.
pub(crate) fn select(catalogue: &mut Catalogue, words: &[String], prefix: &str) -> Result<Selected> {
    let Some((first, rest)) = words.split_first() else {
        return Ok(Selected { is_all: true, ..Selected::of_query(Query::new()) });
    };
    // The results of a step may all be removed, and people ask why.
    if catalogue.knows(first)? {
        return of_step(catalogue, first, rest);
    }
    if is_logged(catalogue, first) {
        let message = format!("there are no results of {first}, but the log tells of it");
        return Err(Failure::new(Exit::NotFound, message)
            .next(format!("persistable log {prefix}{}", crate::people::quoted(first))));
    }
    match keys(catalogue, words) {
        Ok(artifacts) => {
            let query = Query::new().only(stems(&artifacts));
            return Ok(Selected { artifacts, ..Selected::of_query(query) });
        }
        // One of several keys is written wrong.
        Err(_)
            if words.len() > 1
                && is_key(first)
                && words.iter().all(|word| is_name(word))
                && !words.iter().all(|word| is_key(word)) =>
        {
            let wrong = words.iter().find(|word| !is_key(word)).map_or("", String::as_str);
            let message = format!("{wrong} is not a key: it is written in hex digits, 0 to 9 and a to f");
            return Err(Failure::new(Exit::NotFound, message).next(format!("persistable ls {prefix}").trim_end()));
        }
        Err(failure) if words.iter().all(|word| is_key(word)) => {
            return Err(failure.next(format!("persistable ls {prefix}").trim_end()));
        }
        Err(_) => {}
    }
    if is_name(first) {
        // It says which names there are, and which one may be meant.
        catalogue.table(&Query::new().step(first.as_str()).limit(0)).map_err(|error| {
            // Without a prefix, the word may have been meant for a store.
            match error.to_string().strip_prefix(&format!("there is no {first}")) {
                Some(rest) if prefix.is_empty() && error.kind() == ErrorKind::NotFound => {
                    let location = catalogue.store().location();
                    let message = format!("there is neither a folder {first} nor a step {first} in {location}{rest}");
                    Failure::new(Exit::NotFound, message)
                }
                _ => Failure::from(error),
            }
        })?;
    }
    let filter: Filter = words.join(" ").parse()?;
    Ok(Selected { filter: Some(filter.clone()), ..Selected::of_query(Query::new().filter(filter)) })
}

/// Whether only the log knows a step: each generation failed, or its results were deleted by hand.
pub(crate) fn is_logged(catalogue: &mut Catalogue, name: &str) -> bool {
    !catalogue.knows(name).unwrap_or(true) && Log::of(catalogue.store()).is_ok_and(|log| log.has(name))
}

fn stems(artifacts: &[Address]) -> impl Iterator<Item = String> {
    artifacts.iter().map(|artifact| artifact.stem.clone())
}

fn of_step(catalogue: &mut Catalogue, name: &str, rest: &[String]) -> Result<Selected> {
    let query = Query::new().step(name);
    let step = Some(name.to_owned());
    if rest.is_empty() {
        return Ok(Selected { step, ..Selected::of_query(query) });
    }
    if rest.iter().all(|word| is_key(word)) {
        let names: Vec<String> = rest.iter().map(|digits| format!("{name}({digits})")).collect();
        if let Ok(artifacts) = keys(catalogue, &names) {
            let query = query.only(stems(&artifacts));
            return Ok(Selected { step, artifacts, ..Selected::of_query(query) });
        }
    }
    let filter: Filter = rest.join(" ").parse()?;
    Ok(Selected { step, filter: Some(filter.clone()), ..Selected::of_query(query.filter(filter)) })
}

/// Returns the one artifact that words select.
pub(crate) fn one(catalogue: &mut Catalogue, words: &[String], prefix: &str) -> Result<Address> {
    let list = format!(
        "persistable ls {prefix}{}",
        words.iter().map(|word| crate::people::quoted(word)).collect::<Vec<_>>().join(" ")
    );
    if words.is_empty() {
        let message = "which artifact? Give the first digits of its key, or a payload name and a filter";
        return Err(Failure::usage(message).next(list.trim_end()));
    }
    let selected = select(catalogue, words, prefix)?;
    if let [only] = selected.artifacts.as_slice() {
        return Ok(only.clone());
    }
    let table = catalogue.table(&selected.query.clone().limit(1))?;
    match (table.rows.first(), table.selected) {
        (Some(row), 1) => Ok(catalogue.find(&row.stem())?),
        (_, 0) => Err(Failure::new(Exit::NotFound, "there is no such artifact").next(list.trim_end())),
        (_, several) => {
            let message = format!("{several} artifacts are meant by this. Write the first digits of the key of one");
            Err(Failure::new(Exit::NotFound, message).next(list.trim_end()))
        }
    }
}

fn keys(catalogue: &mut Catalogue, words: &[String]) -> Result<Vec<Address>> {
    let mut found = Vec::with_capacity(words.len());
    for word in words {
        match catalogue.find(word) {
            Err(error) if error.kind() == ErrorKind::NotFound && is_key(word) => {
                let message = format!("there is no artifact whose key begins with {word}");
                return Err(Failure::new(Exit::NotFound, message));
            }
            found_one => found.push(found_one?),
        }
    }
    Ok(found)
}

/// Whether a word may be the first digits of a key, or the name of an artifact's file.
fn is_key(word: &str) -> bool {
    let is_hex = (word.len() >= 2 || word.bytes().all(|byte| byte.is_ascii_digit()))
        && !word.is_empty()
        && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex || (word.contains('(') && word.contains(')') && !word.contains(' '))
}

/// Whether a word may be a payload name, and not a filter.
fn is_name(word: &str) -> bool {
    !word.is_empty() && !word.starts_with('.') && word.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c))
}
