//! A store with its catalogue, opened for a command.

use persistable_catalogue::{Address, Catalogue, ErrorKind, Query};
use persistable_store::Store;

use crate::account;
use crate::console::Console;
use crate::failure::Result;
use crate::named_store::{self, NamedStore};
use crate::selection::{self, Selected};

/// A store that a command works on.
pub(crate) struct Session {
    pub(crate) catalogue: Catalogue,
    /// See [`NamedStore::prefix`].
    pub(crate) prefix: String,
}

impl Session {
    /// Opens the store that the words begin with. Returns the other words, too.
    pub(crate) fn open<'a>(words: &'a [String], console: &mut Console) -> Result<(Self, &'a [String])> {
        let (named, rest) = named_store::take(words)?;
        Ok((Self::of(named, console)?, rest))
    }

    /// Opens the catalogue of a store.
    pub(crate) fn of(named: NamedStore, console: &mut Console) -> Result<Self> {
        let NamedStore { store, prefix } = named;
        console.store = Some(prefix.clone());
        let progress = console.spinner("reading manifests");
        let opened = match account::index_folder() {
            Some(folder) => Catalogue::open(&store, folder),
            None => Catalogue::in_memory(&store),
        };
        let catalogue = match opened {
            Err(error) if error.kind() == ErrorKind::Index => {
                console.remark(&format!("{error}. So all manifests are read each time"));
                Catalogue::in_memory(&store)?
            }
            opened => opened?,
        };
        drop(progress);
        Ok(Self { catalogue, prefix })
    }

    /// The store.
    pub(crate) fn store(&self) -> &Store {
        self.catalogue.store()
    }

    /// Returns what words select.
    pub(crate) fn select(&mut self, words: &[String]) -> Result<Selected> {
        selection::select(&mut self.catalogue, words, &self.prefix)
    }

    /// Returns what words select, and tells of comparisons in the filter that can never hold.
    pub(crate) fn select_aloud(&mut self, words: &[String], console: &mut Console) -> Result<Selected> {
        let selected = self.select(words)?;
        if selected.filter.is_some() {
            for hint in self.catalogue.table(&selected.query.clone().columns([]).limit(0))?.hints {
                console.remark(&hint);
            }
        }
        Ok(selected)
    }

    /// Returns the one artifact that words select.
    pub(crate) fn one(&mut self, words: &[String]) -> Result<Address> {
        selection::one(&mut self.catalogue, words, &self.prefix)
    }

    /// Writes a command of this program with this store.
    pub(crate) fn command(&self, name: &str, rest: &str) -> String {
        command_of(name, &self.prefix, rest)
    }

    /// Returns the artifacts that a query selects, to be worked on.
    pub(crate) fn addresses(&mut self, query: &Query) -> Result<Vec<Address>> {
        let rows = self.catalogue.table(query)?.rows;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            found.push(self.catalogue.find(&row.stem())?);
        }
        Ok(found)
    }
}

/// Writes a command of this program. The prefix is that of a [`NamedStore`].
pub(crate) fn command_of(name: &str, prefix: &str, rest: &str) -> String {
    format!("persistable {name} {prefix}{rest}").trim_end().to_owned()
}
