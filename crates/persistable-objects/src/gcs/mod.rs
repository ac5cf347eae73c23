//! Google Cloud Storage.

use std::sync::Arc;

use object_store::StaticCredentialProvider;
use object_store::gcp::{GcpCredential, GoogleCloudStorageBuilder, GoogleConfigKey};

use crate::can::{Can, Replace};
use crate::cloud::{Client, Cloud, Connected, Kind, Task, Told, Versions, chain};
use crate::engine::RemoteObjects;
use crate::error::{Error, Result};
use crate::objects::Objects;
use crate::options::Opening;
use crate::secret::Secret;
use crate::service::About;

const ADVICE: &str = "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS. For a public \
     bucket, set `anonymous=true`";

pub(crate) fn open(opening: &Opening) -> Result<Arc<dyn Objects>> {
    let values = &opening.values;
    // Some tools write the emulator's host without a scheme.
    let endpoint = values.endpoint(Some("http"))?;
    let setup = opening.setup(opening.url.prefix()?, &[("endpoint", endpoint.as_deref())])?;
    let is_plain = endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let mut settings = Vec::new();
    for (name, key) in [
        ("service_account", GoogleConfigKey::ServiceAccount),
        ("service_account_key", GoogleConfigKey::ServiceAccountKey),
        ("application_credentials", GoogleConfigKey::ApplicationCredentials),
    ] {
        if let Some(value) = values.text(name) {
            settings.push((key, Secret::new(value)));
        }
    }
    let kind = Gcs {
        bucket: opening.url.host.clone(),
        client: Client { policy: setup.policy, certificates: values.certificates()?, is_plain, authorization: None },
        is_anonymous: values.is_on("anonymous")?,
        endpoint,
        settings,
    };
    Ok(Arc::new(RemoteObjects::new(Cloud::new(kind, values.secrets()), setup)))
}

#[derive(Debug)]
struct Gcs {
    bucket: String,
    endpoint: Option<String>,
    is_anonymous: bool,
    client: Client,
    settings: Vec<(GoogleConfigKey, Secret)>,
}

impl Kind for Gcs {
    fn connect(&self) -> Result<Connected> {
        let mut builder = GoogleCloudStorageBuilder::new()
            .with_bucket_name(&self.bucket)
            .with_client_options(self.client.options())
            .with_retry(self.client.no_retries())
            .with_skip_signature(self.is_anonymous)
            .with_http_connector(self.client.wire()?);
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_base_url(endpoint);
        }
        if self.is_anonymous {
            // Else writes ask the metadata service all the same.
            let nobody = StaticCredentialProvider::new(GcpCredential { bearer: String::new() });
            builder = builder.with_credentials(Arc::new(nobody));
        }
        for (key, value) in &self.settings {
            builder = builder.with_config(*key, value.expose());
        }
        let wrong = |error| {
            Error::invalid(format!("the options are wrong: {}", chain(&error)))
                .advise("Check `application_credentials`, `service_account` and the other options")
        };
        Ok(Connected::new(builder.build().map_err(wrong)?))
    }

    fn about(&self) -> About {
        // Google itself documents what it does. Only one change a second of one object is allowed, so a probe would take long.
        let can = self.endpoint.is_none().then_some(Can { create: true, replace: Replace::Yes });
        // It has no request that deletes many.
        About { can, has_quotes: false, finishes_on_condition: false, most_deleted: 1 }
    }

    fn told(&self) -> Told {
        Told {
            permission,
            credentials: ADVICE,
            refused: "The service does not accept these credentials: log in again, or check the service account's key",
            unsigned: "It was asked without credentials: take `anonymous` away to use yours",
            host: "`endpoint`",
        }
    }

    fn versions(&self) -> Versions {
        Versions::Generation
    }
}

fn permission(task: Task) -> &'static str {
    match task {
        Task::Get => "Ask for the permissions storage.objects.get and storage.objects.list on the bucket",
        Task::Put => {
            "Ask for the permissions storage.objects.create and, to replace objects, storage.objects.delete on the bucket"
        }
        Task::Upload | Task::Abort => {
            "Ask for the permissions storage.objects.create and storage.multipartUploads.* on the bucket"
        }
        Task::Delete => "Ask for the permission storage.objects.delete on the bucket",
        Task::List => "Ask for the permission storage.objects.list on the bucket",
    }
}
