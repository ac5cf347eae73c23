//! S3, and what speaks its protocol.

mod commands;
mod credentials;
mod files;
mod profile;

use std::sync::Arc;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};

use crate::can::{Can, Replace};
use crate::cloud::{Client, Cloud, Connected, Kind, Task, Told, Versions};
use crate::engine::RemoteObjects;
use crate::error::{Error, Result};
use crate::objects::Objects;
use crate::options::Opening;
use crate::options::values::{Values, checked_endpoint};
use crate::secret::Secret;
use crate::service::About;
use credentials::Credentials;

/// What `object_store` takes as `server_side_encryption`.
const ENCRYPTIONS: [&str; 3] = ["AES256", "aws:kms", "aws:kms:dsse"];

/// A program that tells credentials may take so much longer than an answer: it may ask a person.
const CREDENTIALS: u32 = 2;

/// What one request deletes at most.
const MOST_DELETED: usize = 1000;

pub(crate) fn open(opening: &Opening) -> Result<Arc<dyn Objects>> {
    if opening.url.user.is_some() {
        return Err(
            Error::invalid("the URL names a user").advise("Set `access_key_id` and `secret_access_key` instead")
        );
    }
    let values = &opening.values;
    profile::check(values)?;
    let file = profile::read(values);
    let of_profile = || file.endpoint.map(|endpoint| checked_endpoint(&endpoint, None)).transpose();
    let endpoint = values.endpoint(None)?.map_or_else(of_profile, |endpoint| Ok(Some(endpoint)))?;
    let setup = opening.setup(opening.url.prefix()?, &[("endpoint", endpoint.as_deref())])?;
    let is_plain = endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let kind = S3 {
        bucket: opening.url.host.clone(),
        region: values.text("region").map(str::to_owned).or(file.region).unwrap_or_else(|| "us-east-1".to_owned()),
        client: Client { policy: setup.policy, certificates: values.certificates()?, is_plain, authorization: None },
        credentials: Credentials::of(values)?,
        settings: settings(values)?,
        // A certificate covers no bucket's name that has a dot.
        is_hosted: values.is_on("virtual_hosted_style")? || (endpoint.is_none() && !opening.url.host.contains('.')),
        endpoint,
    };
    kind.check_url()?;
    Ok(Arc::new(RemoteObjects::new(Cloud::new(kind, values.secrets()), setup)))
}

/// Options that `object_store` takes as they are.
fn settings(values: &Values) -> Result<Vec<(AmazonS3ConfigKey, Secret)>> {
    use object_store::aws::AmazonS3ConfigKey as Key;
    let mut settings = Vec::new();
    for (name, key) in [("request_payer", Key::RequestPayer), ("unsigned_payload", Key::UnsignedPayload)] {
        if values.is_on(name)? {
            settings.push((key, Secret::new("true")));
        }
    }
    for (name, key) in [("server_side_encryption", "aws_server_side_encryption"), ("kms_key_id", "aws_sse_kms_key_id")]
    {
        if let Some(value) = values.text(name) {
            if name == "server_side_encryption" && !ENCRYPTIONS.contains(&value) {
                let advice = format!("Use one of these: {}", ENCRYPTIONS.join(", "));
                return Err(Error::invalid(format!("the option {name:?} can't be {value:?}")).advise(advice));
            }
            let key = key.parse().map_err(|_| Error::unsupported(format!("the option {name:?} is not supported")))?;
            settings.push((key, Secret::new(value)));
        }
    }
    Ok(settings)
}

#[derive(Debug)]
struct S3 {
    bucket: String,
    region: String,
    endpoint: Option<String>,
    is_hosted: bool,
    client: Client,
    credentials: Credentials,
    settings: Vec<(AmazonS3ConfigKey, Secret)>,
}

impl Kind for S3 {
    fn connect(&self) -> Result<Connected> {
        let wire = self.client.wire()?;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.bucket)
            .with_region(&self.region)
            .with_virtual_hosted_style_request(self.is_hosted)
            .with_client_options(self.client.options())
            .with_retry(self.client.no_retries())
            .with_http_connector(wire.clone())
            // TLS protects the bytes on their way. Without it, their signature does.
            .with_unsigned_payload(!self.client.is_plain);
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(self.url(endpoint));
        }
        for (key, value) in &self.settings {
            builder = builder.with_config(*key, value.expose());
        }
        builder = match self.credentials.provider(wire, self.client.policy.timeout * CREDENTIALS) {
            Some(provider) => builder.with_credentials(provider),
            None => builder.with_skip_signature(true),
        };
        let store = builder.build().map_err(|error| Error::invalid(format!("the options are wrong: {error}")))?;
        Ok(Connected::new(store))
    }

    fn about(&self) -> About {
        // Amazon itself documents what it does.
        let can = self.endpoint.is_none().then_some(Can { create: true, replace: Replace::Yes });
        About { can, has_quotes: true, finishes_on_condition: self.endpoint.is_none(), most_deleted: MOST_DELETED }
    }

    fn told(&self) -> Told {
        Told {
            permission,
            credentials: credentials::ADVICE,
            refused: credentials::REFUSED,
            unsigned: "It was asked without credentials: take `anonymous` away to use yours",
            host: match (&self.endpoint, self.is_hosted) {
                (None, _) => "`region`",
                (Some(_), false) => "`endpoint`",
                (Some(_), true) => "`endpoint` and `virtual_hosted_style`",
            },
        }
    }

    fn versions(&self) -> Versions {
        Versions::Etag
    }

    fn renew(&self) -> bool {
        self.credentials.renew()
    }
}

impl S3 {
    /// Checks the URL that `object_store` is going to make: it panics if it can't parse it.
    fn check_url(&self) -> Result<()> {
        let amazon = || match self.is_hosted {
            true => format!("https://{}.s3.{}.amazonaws.com", self.bucket, self.region),
            false => format!("https://s3.{}.amazonaws.com/{}", self.region, self.bucket),
        };
        if let Some(endpoint) = &self.endpoint
            && endpoint.trim_end_matches('/').ends_with(&format!("/{}", self.bucket))
            && endpoint.split_once("://").is_some_and(|(_, rest)| rest.trim_end_matches('/').contains('/'))
        {
            let message =
                format!("the endpoint {endpoint} ends with the bucket's name, which the URL of the store has already");
            let advice = format!("Take /{} away from the end of `endpoint`", self.bucket);
            return Err(Error::invalid(message).advise(advice));
        }
        let url = self.endpoint.as_ref().map_or_else(amazon, |endpoint| self.url(endpoint));
        if reqwest::Url::parse(&url).is_ok() {
            return Ok(());
        }
        let advice = match (&self.endpoint, self.is_hosted) {
            (Some(_), true) => {
                "With `virtual_hosted_style`, the host begins with the bucket's name. An address of numbers can't have that: \
                 take `virtual_hosted_style` away, or use the name of the host"
            }
            (Some(_), false) => "Write it like http://127.0.0.1:9000",
            (None, _) => "Check the bucket in the URL, and `region`",
        };
        Err(Error::invalid(format!("the store can't have the URL {url}")).advise(advice))
    }

    /// With the bucket as a part of the host, `object_store` wants it in the endpoint.
    fn url(&self, endpoint: &str) -> String {
        match endpoint.split_once("://") {
            Some((scheme, host)) if self.is_hosted => format!("{scheme}://{}.{host}", self.bucket),
            _ => endpoint.to_owned(),
        }
    }
}

fn permission(task: Task) -> &'static str {
    match task {
        Task::Get => {
            "Ask for the permissions s3:GetObject on the objects and s3:ListBucket on the bucket: without s3:ListBucket, \
             Amazon refuses to say that an object does not exist"
        }
        Task::Put | Task::Upload => "Ask for the permission s3:PutObject on the objects",
        Task::Delete => "Ask for the permission s3:DeleteObject on the objects",
        Task::List => "Ask for the permission s3:ListBucket on the bucket",
        Task::Abort => "Ask for the permission s3:AbortMultipartUpload on the objects",
    }
}
