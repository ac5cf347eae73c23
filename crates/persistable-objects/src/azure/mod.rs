//! Azure Blob Storage.

mod account;

use std::sync::Arc;

use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};

use crate::can::{Can, Replace};
use crate::cloud::{Client, Cloud, Connected, Kind, Task, Told, Versions, chain};
use crate::engine::RemoteObjects;
use crate::error::{Error, Result};
use crate::objects::Objects;
use crate::options::Opening;
use crate::secret::{Secret, Secrets};
use crate::service::About;
use account::Account;

const ADVICE: &str = "Set AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN, or set AZURE_CLIENT_ID, AZURE_TENANT_ID and \
     AZURE_CLIENT_SECRET, or run `az login` and set `use_azure_cli=true`. For a public container, set `anonymous=true`";

const REFUSED: &str = "The service does not accept these credentials. Check `account` and `account_key`, or whether the token \
     has expired";

pub(crate) fn open(opening: &Opening) -> Result<Arc<dyn Objects>> {
    let values = &opening.values;
    let account = Account::of(opening)?;
    let shown = [("account", Some(account.name.as_str())), ("endpoint", account.endpoint.as_deref())];
    let setup = opening.setup(opening.url.prefix()?, &shown)?;
    let mut settings = Vec::new();
    for (name, key) in [
        ("tenant_id", AzureConfigKey::AuthorityId),
        ("client_id", AzureConfigKey::ClientId),
        ("client_secret", AzureConfigKey::ClientSecret),
        ("federated_token_file", AzureConfigKey::FederatedTokenFile),
    ] {
        if let Some(value) = values.text(name) {
            settings.push((key, Secret::new(value)));
        }
    }
    settings.extend(account.key.clone().map(|key| (AzureConfigKey::AccessKey, key)));
    settings.extend(account.token.clone().map(|token| (AzureConfigKey::SasKey, token)));
    for (name, key) in [("use_azure_cli", AzureConfigKey::UseAzureCli), ("anonymous", AzureConfigKey::SkipSignature)] {
        if values.is_on(name)? {
            settings.push((key, Secret::new("true")));
        }
    }
    let is_plain = account.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let secrets = Secrets::new(values.secrets().into_iter().chain(account.key.clone()).chain(account.token.clone()));
    let kind = Azure {
        client: Client { policy: setup.policy, certificates: values.certificates()?, is_plain, authorization: None },
        account,
        settings,
    };
    Ok(Arc::new(RemoteObjects::new(Cloud::new(kind, secrets), setup)))
}

#[derive(Debug)]
struct Azure {
    account: Account,
    client: Client,
    settings: Vec<(AzureConfigKey, Secret)>,
}

impl Kind for Azure {
    fn connect(&self) -> Result<Connected> {
        let mut builder = MicrosoftAzureBuilder::new()
            .with_container_name(&self.account.container)
            .with_account(&self.account.name)
            .with_allow_http(true)
            .with_client_options(self.client.options())
            .with_retry(self.client.no_retries())
            .with_http_connector(self.client.wire()?);
        if let Some(endpoint) = &self.account.endpoint {
            builder = builder.with_endpoint(endpoint.clone());
        }
        for (key, value) in &self.settings {
            builder = builder.with_config(*key, value.expose());
        }
        // Its message may repeat an option's value. The service takes secrets out of it.
        let wrong = |error| {
            Error::invalid(format!("the options are wrong: {}", chain(&error)))
                .advise("Check `account_key`, `sas_token` and the other options")
        };
        Ok(Connected::new(builder.build().map_err(wrong)?))
    }

    fn about(&self) -> About {
        // Microsoft itself documents what it does.
        let can = self.account.endpoint.is_none().then_some(Can { create: true, replace: Replace::Yes });
        // Its signature covers the conditions, and `object_store` has none for the end of an upload.
        About { can, has_quotes: false, finishes_on_condition: false, most_deleted: 1 }
    }

    fn told(&self) -> Told {
        Told {
            permission,
            credentials: ADVICE,
            refused: REFUSED,
            unsigned: "It was asked without credentials: take `anonymous` away to use yours",
            host: if self.account.endpoint.is_some() { "`endpoint`" } else { "`account`" },
        }
    }

    fn versions(&self) -> Versions {
        Versions::Etag
    }

    /// `object_store` leaves out the object whose name is the prefix itself.
    fn listed<'a>(&self, prefix: &'a str) -> &'a str {
        let end = prefix.char_indices().next_back().filter(|(_, last)| *last != '/');
        end.and_then(|(end, _)| prefix.get(..end)).unwrap_or(prefix)
    }
}

fn permission(task: Task) -> &'static str {
    match task {
        Task::Get | Task::List => {
            "Ask for the role \"Storage Blob Data Reader\", or a token with the permissions r and l"
        }
        Task::Put | Task::Upload | Task::Delete | Task::Abort => {
            "Ask for the role \"Storage Blob Data Contributor\", or a token with the permissions c, w and d"
        }
    }
}
