//! Which account and container are meant, and the secrets that open them.

use crate::error::{Error, Result};
use crate::options::Opening;
use crate::options::values::checked_endpoint;
use crate::secret::Secret;

#[derive(Debug, Default)]
pub(super) struct Account {
    pub name: String,
    pub container: String,
    /// Where it is, if it is not at Microsoft's usual place.
    pub endpoint: Option<String>,
    pub key: Option<Secret>,
    pub token: Option<Secret>,
}

/// What a portal hands out: `AccountName=…;AccountKey=…;BlobEndpoint=…`.
#[derive(Debug, Default)]
struct ConnectionString {
    name: Option<String>,
    endpoint: Option<String>,
    key: Option<Secret>,
    token: Option<Secret>,
}

impl Account {
    /// Understands `az://container/…` and `abfss://container@account.dfs.core.windows.net/…`. Options complete it: what was set
    /// counts before the URL's account, and both count before the environment.
    pub(super) fn of(opening: &Opening) -> Result<Self> {
        let (url, values) = (&opening.url, &opening.values);
        let (container, in_url) = match &url.user {
            Some(container) => (container.clone(), url.host.split('.').next().map(str::to_owned)),
            None => (url.host.clone(), None),
        };
        let string = values.text("connection_string").map(ConnectionString::parse).transpose()?.unwrap_or_default();
        let is_set = values.set_text("connection_string").is_some();
        let owned = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let name = owned(values.set_text("account"))
            .or(in_url.filter(|name| !name.is_empty()))
            .or(string.name.clone().filter(|_| is_set))
            .or(owned(values.text("account")))
            .or(string.name.clone());
        let Some(name) = name else {
            let advice = "Set `account` or AZURE_STORAGE_ACCOUNT_NAME";
            return Err(Error::invalid("the storage account is not named").advise(advice));
        };
        // Another account's secrets are of no use.
        let string = match &string.name {
            Some(other) if *other != name && is_set => {
                let message = format!("the connection string is of the account {other:?}, and {name:?} is asked for");
                return Err(Error::invalid(message));
            }
            Some(other) if *other != name => ConnectionString::default(),
            _ => string,
        };
        let (before, after) = if is_set { (string.endpoint, None) } else { (None, string.endpoint) };
        let endpoint = match values.set_text("endpoint") {
            Some(_) => values.endpoint(None)?,
            None => before.or(values.endpoint(None)?).or(after),
        };
        let key = values.text("account_key").map(Secret::new).or(string.key);
        if key.as_ref().is_some_and(|key| !is_base64(key.expose())) {
            let advice = "Copy `account_key` whole from the portal, with the \"=\" at its end";
            return Err(Error::invalid("the account's key is not base64, as all such keys are").advise(advice));
        }
        let token = values.text("sas_token").map(|token| Secret::new(token.trim_start_matches('?')));
        Ok(Self { name, container, endpoint, key, token: token.or(string.token) })
    }
}

fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.len().is_multiple_of(4) && text.len() - digits.len() <= 2 && digits.bytes().all(is_digit)
}

impl ConnectionString {
    fn parse(text: &str) -> Result<Self> {
        let mut string = Self::default();
        for (name, value) in text.split(';').filter_map(|part| part.split_once('=')) {
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "accountname" => string.name = Some(value.to_owned()),
                "accountkey" => string.key = Some(Secret::new(value)),
                "sharedaccesssignature" => string.token = Some(Secret::new(value.trim_start_matches('?'))),
                "blobendpoint" => string.endpoint = Some(checked_endpoint(value, None)?),
                _ => {}
            }
        }
        if string.key.is_none() && string.token.is_none() {
            let advice = "Copy it whole from the portal: AccountName=…;AccountKey=…";
            return Err(Error::invalid("the connection string has no key and no token").advise(advice));
        }
        Ok(string)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

    use super::*;
    use crate::options::known_options;
    use crate::options::url::Url;
    use crate::stop::Interrupt;

    const STRING: &str = "AccountName=mine;AccountKey=bWluZQ==;BlobEndpoint=http://127.0.0.1:1/mine";

    fn account(url: &str, given: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Account> {
        let given: Vec<_> = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let variable = |name: &str| Some(environment.iter().find(|(own, _)| *own == name)?.1.to_owned());
        Account::of(&Opening::gather(Url::parse(url)?, known_options::AZURE, &given, variable, Interrupt::default())?)
    }

    fn key(account: &Account) -> Option<&str> {
        account.key.as_ref().map(Secret::expose)
    }

    #[test]
    fn what_is_given_counts_before_the_environment() {
        let environment = [
            ("AZURE_STORAGE_ACCOUNT_NAME", "other"),
            ("AZURE_STORAGE_ACCOUNT_KEY", "b3RoZXI="),
            (
                "AZURE_STORAGE_CONNECTION_STRING",
                "AccountName=third;AccountKey=dGhpcmQ=;BlobEndpoint=http://127.0.0.1:3",
            ),
        ];
        let of_url = account("abfss://c@mine.dfs.core.windows.net/x", &[], &environment).unwrap();
        assert_eq!((&*of_url.name, &*of_url.container, of_url.endpoint), ("mine", "c", None));
        let of_string = account("az://c/x", &[("connection_string", STRING)], &environment).unwrap();
        assert_eq!((&*of_string.name, key(&of_string)), ("mine", Some("bWluZQ==")));
        assert_eq!(of_string.endpoint.as_deref(), Some("http://127.0.0.1:1/mine"));
        let of_token = account("az://c/x", &[("account", "mine"), ("sas_token", "?sig=x")], &environment).unwrap();
        assert_eq!((&*of_token.name, key(&of_token)), ("mine", None));
        assert_eq!(of_token.token.as_ref().map(Secret::expose), Some("sig=x"));
        // Only the name is given. The key is that of the environment.
        let named = account("az://c/x", &[("account", "mine")], &environment[..2]).unwrap();
        assert_eq!((&*named.name, key(&named)), ("mine", Some("b3RoZXI=")));
    }

    #[test]
    fn the_environment_alone_is_enough() {
        let of_string = account("az://c/x", &[], &[("AZURE_STORAGE_CONNECTION_STRING", STRING)]).unwrap();
        assert_eq!((&*of_string.name, key(&of_string)), ("mine", Some("bWluZQ==")));
        let named = account("az://c/x", &[], &[("AZURE_STORAGE_ACCOUNT", "mine")]).unwrap();
        assert_eq!((&*named.name, named.endpoint), ("mine", None));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for (url, given) in [
            ("az://c/x", vec![]),
            ("az://c/x", vec![("account", "other"), ("connection_string", STRING)]),
            ("az://c/x", vec![("connection_string", "AccountName=mine")]),
            ("az://c/x", vec![("account", "mine"), ("endpoint", "http://me:secret@host")]),
            ("az://c/x", vec![("account", "mine"), ("account_key", "not a secret")]),
        ] {
            let error = account(url, &given, &[]).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
