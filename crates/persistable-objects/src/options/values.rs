//! The values that options have, and what can be made of them.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::options::known::{self, Known};
use crate::secret::{Secret, Secrets};

/// The options of one store, by their first names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    shown: BTreeMap<&'static str, String>,
    secret: BTreeMap<&'static str, Secret>,
}

impl Values {
    /// Sets an option. Refuses an unknown one, and names what was probably meant.
    pub(crate) fn set(&mut self, tables: &[&'static [Known]], name: &str, value: &str) -> Result<()> {
        let Some(known) = known::find(tables, name) else {
            // The name may be a secret itself, if somebody mixed them up: it is not repeated in full.
            let shown: String = name.chars().take(40).collect();
            let error = Error::invalid(format!("this kind of store has no option {shown:?}"));
            return Err(match known::nearest(tables, name) {
                Some(nearest) => error.advise(format!("Did you mean {nearest:?}?")),
                None => error.advise(format!("It has: {}", names(tables))),
            });
        };
        self.put(known, value);
        Ok(())
    }

    fn put(&mut self, known: &Known, value: &str) {
        if known.is_secret {
            self.secret.insert(known.name, Secret::new(value));
        } else {
            self.shown.insert(known.name, value.to_owned());
        }
    }

    /// Takes what is not set yet from the environment.
    pub(crate) fn fill(&mut self, tables: &[&'static [Known]], variable: impl Fn(&str) -> Option<String>) {
        for known in tables.iter().flat_map(|table| table.iter()) {
            let value = known.variables.iter().find_map(|name| variable(name)).filter(|value| !value.is_empty());
            if let Some(value) = value
                && self.text(known.name).is_none()
            {
                self.put(known, &value);
            }
        }
    }

    /// Returns the value of an option.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.shown.get(name).map(String::as_str).or_else(|| Some(self.secret.get(name)?.expose()))
    }

    pub(crate) fn secrets(&self) -> Secrets {
        Secrets::new(self.secret.values().cloned())
    }

    /// Reads the certificates that are named by `ca_file`.
    #[cfg(feature = "cloud")]
    pub(crate) fn certificates(&self) -> Result<Option<Vec<u8>>> {
        let read = |path| std::fs::read(path).map_err(|error| Error::local("read the certificates from", error));
        self.text("ca_file").map(read).transpose()
    }

    pub(crate) fn is_on(&self, name: &str) -> Result<bool> {
        match self.text(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0" | "no" | "off") => Ok(false),
            Some("true" | "1" | "yes" | "on" | "") => Ok(true),
            Some(_) => Err(wrong(name, "true or false")),
        }
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<u32>> {
        self.text(name).map(|text| text.parse().map_err(|_| wrong(name, "a number"))).transpose()
    }

    /// A time such as `30`, `30s`, `500ms` or `2m`.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Duration>> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let (number, factor) = match () {
            () if text.ends_with("ms") => (text.trim_end_matches("ms"), 0.001),
            () if text.ends_with('s') => (text.trim_end_matches('s'), 1.0),
            () if text.ends_with('m') => (text.trim_end_matches('m'), 60.0),
            () => (text, 1.0),
        };
        let seconds = number.trim().parse::<f64>().ok().map(|number| number * factor);
        let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        time.filter(|time| !time.is_zero()).map(Some).ok_or_else(|| wrong(name, "a time such as 30s, 500ms or 2m"))
    }

    /// A size such as `8388608`, `8MiB` or `6M`.
    pub(crate) fn size(&self, name: &str) -> Result<Option<u64>> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let (number, factor) = match text.find(|letter: char| letter.is_ascii_alphabetic()) {
            None => (text, 1),
            Some(at) => match text.split_at(at) {
                (number, "K" | "KiB") => (number, 1 << 10),
                (number, "M" | "MiB") => (number, 1 << 20),
                (number, "MB") => (number, 1_000_000),
                _ => return Err(wrong(name, "a size such as 8MiB")),
            },
        };
        let size = number.trim().parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
        size.map(Some).ok_or_else(|| wrong(name, "a size such as 8MiB"))
    }
}

fn wrong(name: &str, wanted: &str) -> Error {
    Error::invalid(format!("the option {name:?} is not {wanted}"))
}

fn names(tables: &[&'static [Known]]) -> String {
    let names: Vec<&str> = tables.iter().flat_map(|table| table.iter()).map(|known| known.name).collect();
    names.join(", ")
}
