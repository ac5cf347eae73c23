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
        let token = values.text("sas_token").map(|token| Secret::new(token.trim_start_matches('?')));
        Ok(Self {
            name,
            container,
            endpoint,
            key: values.text("account_key").map(Secret::new).or(string.key),
            token: token.or(string.token),
        })
    }
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
