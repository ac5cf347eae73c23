//! The values that options have, and what can be made of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::options::known_options::{self, CredentialKind, KnownOption};
use crate::secret::{Secret, Secrets};

/// The options of one store, by their first names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    shown: BTreeMap<&'static str, String>,
    secret: BTreeMap<&'static str, Secret>,
    /// Those that come from the environment.
    filled: BTreeSet<&'static str>,
}

impl Values {
    /// Sets an option. Refuses an unknown one, and names what was probably meant.
    pub(crate) fn set(&mut self, tables: &[&'static [KnownOption]], name: &str, value: &str) -> Result<()> {
        let Some(known) = known_options::find(tables, name) else {
            // The name may be a secret itself, if somebody mixed them up: it is not repeated in full.
            let shown: String = name.chars().take(40).collect();
            let error = Error::invalid(format!("this kind of store has no option {shown:?}"));
            return Err(match known_options::nearest(tables, name) {
                Some(nearest) => error.advise(format!("Did you mean {nearest:?}?")),
                None => error.advise(format!("It has: {}", names(tables))),
            });
        };
        self.put(known, value);
        Ok(())
    }

    fn put(&mut self, known: &KnownOption, value: &str) {
        if known.is_secret {
            self.secret.insert(known.name, Secret::new(value));
        } else if known.is_path {
            self.shown.insert(known.name, from_root(value));
        } else {
            self.shown.insert(known.name, value.to_owned());
        }
    }

    /// Checks that no value has a line break, such as that at the end of a file. No header takes it. A key in JSON may have some.
    pub(crate) fn check_lines(&self) -> Result<()> {
        let names = self.shown.keys().chain(self.secret.keys());
        let is_broken = |text: &str| text.contains(char::is_control) && !text.trim_start().starts_with('{');
        let Some(name) = names.copied().find(|name| self.text(name).is_some_and(is_broken)) else { return Ok(()) };
        let from = if self.filled.contains(name) { ", which comes from the environment," } else { "" };
        let advice = "Take it away. If you read the value from a file, it is probably at its end";
        Err(Error::invalid(format!("the option {name:?}{from} has a line break")).advise(advice))
    }

    /// Checks that the files are there that the caller names. Those of the environment may come later, as tokens of containers do.
    pub(crate) fn check_files(&self, tables: &[&'static [KnownOption]]) -> Result<()> {
        let paths = tables.iter().flat_map(|table| table.iter()).filter(|known| known.is_path);
        for KnownOption { name, .. } in paths {
            let Some(path) = self.set_text(name).filter(|path| !path.starts_with('~')) else { continue };
            if let Err(error) = std::fs::metadata(path) {
                return Err(Error::invalid(format!("the file of the option {name:?} can't be read: {path}: {error}")));
            }
        }
        Ok(())
    }

    /// Takes what is not set yet from the environment. If credentials are set, those of other kinds are not taken.
    pub(crate) fn fill(&mut self, tables: &[&'static [KnownOption]], variable: impl Fn(&str) -> Option<String>) {
        let all = || tables.iter().flat_map(|table| table.iter());
        let set: Vec<CredentialKind> =
            all().filter(|known| self.text(known.name).is_some()).filter_map(|known| known.credential_kind).collect();
        for known in all() {
            let value = known.variables.iter().find_map(|name| variable(name)).filter(|value| !value.is_empty());
            let is_of_another_kind = !set.is_empty() && known.credential_kind.is_some_and(|kind| !set.contains(&kind));
            if let Some(value) = value
                && self.text(known.name).is_none()
                && !is_of_another_kind
            {
                self.put(known, &value);
                self.filled.insert(known.name);
            }
        }
    }

    /// Returns the value of an option that was set, and does not come from the environment.
    pub(crate) fn set_text(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|_| !self.filled.contains(name))
    }

    /// Returns the service's URL, which everybody may see: a part of where the store is.
    pub(crate) fn endpoint(&self, default_scheme: Option<&str>) -> Result<Option<String>> {
        self.text("endpoint").map(|text| checked_endpoint(text, default_scheme)).transpose()
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
        let read = |path: &str| {
            let wrong =
                |why: &str| Error::invalid(format!("the certificates of `ca_file` can't be read: {path}: {why}"));
            let bytes = std::fs::read(path).map_err(|error| wrong(&error.to_string()))?;
            match String::from_utf8_lossy(&bytes).contains("-----BEGIN CERTIFICATE-----") {
                true => Ok(bytes),
                false => Err(wrong("it has no certificate in the form PEM")),
            }
        };
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

/// Checks the URL of a service. A user or a token must not be in it: it is shown.
pub(crate) fn checked_endpoint(text: &str, default_scheme: Option<&str>) -> Result<String> {
    let text = text.trim_end_matches('/');
    let text = match default_scheme {
        Some(scheme) if !text.contains("://") => format!("{scheme}://{text}"),
        _ => text.to_owned(),
    };
    let is_url = text.split_once("://").is_some_and(|(scheme, rest)| scheme.starts_with("http") && !rest.is_empty());
    if !is_url || text.contains(['@', '?', '#']) || text.contains(char::is_whitespace) {
        let advice = "Write it like http://127.0.0.1:9000, without a user and without a query";
        return Err(Error::invalid("the option \"endpoint\" is not the URL of a service").advise(advice));
    }
    Ok(text)
}

/// Returns a path from the root on, since the process may change its current folder before the file is read. `ssh` replaces `~`.
pub(crate) fn from_root(path: &str) -> String {
    let whole = std::path::absolute(path).ok().filter(|_| !path.starts_with('~'));
    whole.and_then(|whole| whole.into_os_string().into_string().ok()).unwrap_or_else(|| path.to_owned())
}

fn wrong(name: &str, wanted: &str) -> Error {
    Error::invalid(format!("the option {name:?} is not {wanted}"))
}

fn names(tables: &[&'static [KnownOption]]) -> String {
    let names: Vec<&str> = tables.iter().flat_map(|table| table.iter()).map(|known| known.name).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

    use super::*;

    fn filled(table: &'static [KnownOption], set: &[(&str, &str)], environment: &[(&str, &str)]) -> Values {
        let mut values = Values::default();
        set.iter().for_each(|(name, value)| values.set(&[table], name, value).unwrap());
        values.fill(&[table], |name| Some(environment.iter().find(|(own, _)| *own == name)?.1.to_owned()));
        values
    }

    #[test]
    fn credentials_that_are_set_keep_other_kinds_of_the_environment_out() {
        let environment = [("AWS_SKIP_SIGNATURE", "true"), ("AWS_REGION", "here")];
        let keys = [("key", "a"), ("secret", "b")];
        let values = filled(known_options::S3, &keys, &environment);
        assert!(!values.is_on("anonymous").unwrap());
        assert_eq!((values.text("region"), values.set_text("region")), (Some("here"), None));
        assert!(filled(known_options::S3, &[], &environment).is_on("anonymous").unwrap());
        let google = [("GOOGLE_SERVICE_ACCOUNT_KEY", "{}"), ("GOOGLE_APPLICATION_CREDENTIALS", "/theirs.json")];
        let values = filled(known_options::GCS, &[("application_credentials", "/mine.json")], &google);
        assert_eq!(
            (values.text("application_credentials"), values.text("service_account_key")),
            (Some("/mine.json"), None)
        );
        // The parts of one way may come from both.
        let client = [("AZURE_CLIENT_SECRET", "secret"), ("AZURE_STORAGE_ACCOUNT_KEY", "key")];
        let values = filled(known_options::AZURE, &[("client_id", "a"), ("tenant_id", "b")], &client);
        assert_eq!((values.text("client_secret"), values.text("account_key")), (Some("secret"), None));
    }

    #[test]
    fn a_path_is_resolved_and_one_at_home_is_left_to_ssh() {
        let values = filled(known_options::SFTP, &[("ssh_config", "config"), ("identity_file", "~/.ssh/id")], &[]);
        assert_eq!(values.text("ssh_config"), std::path::absolute("config").unwrap().to_str());
        assert_eq!(values.text("identity_file"), Some("~/.ssh/id"));
    }
}
