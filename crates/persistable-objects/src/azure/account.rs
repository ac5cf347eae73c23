//! Which account and container are meant, and the secrets that open them.

use crate::error::{Error, Result};
use crate::options::Opening;
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

impl Account {
    /// Understands `az://container/…` and `abfss://container@account.dfs.core.windows.net/…`. Options complete it.
    pub(super) fn of(opening: &Opening) -> Result<Self> {
        let (url, values) = (&opening.url, &opening.values);
        let mut account = match &url.user {
            Some(container) => Self {
                container: container.clone(),
                name: url.host.split('.').next().unwrap_or_default().to_owned(),
                ..Self::default()
            },
            None => Self { container: url.host.clone(), ..Self::default() },
        };
        if let Some(text) = values.text("connection_string") {
            account.add_connection_string(text);
        }
        if let Some(name) = values.text("account") {
            account.name = name.to_owned();
        }
        account.endpoint =
            values.text("endpoint").map(|endpoint| endpoint.trim_end_matches('/').to_owned()).or(account.endpoint);
        account.key = values.text("account_key").map(Secret::new).or(account.key);
        account.token =
            values.text("sas_token").map(|token| Secret::new(token.trim_start_matches('?'))).or(account.token);
        if account.name.is_empty() {
            let advice = "Set `account` or AZURE_STORAGE_ACCOUNT_NAME";
            return Err(Error::invalid("the storage account is not named").advise(advice));
        }
        Ok(account)
    }

    /// Takes what a portal hands out: `AccountName=…;AccountKey=…;BlobEndpoint=…`.
    fn add_connection_string(&mut self, text: &str) {
        for (name, value) in text.split(';').filter_map(|part| part.split_once('=')) {
            match name.trim().to_ascii_lowercase().as_str() {
                "accountname" => self.name = value.to_owned(),
                "accountkey" => self.key = Some(Secret::new(value)),
                "sharedaccesssignature" => self.token = Some(Secret::new(value.trim_start_matches('?'))),
                "blobendpoint" => self.endpoint = Some(value.trim_end_matches('/').to_owned()),
                _ => {}
            }
        }
    }
}
