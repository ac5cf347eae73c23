//! Credentials of S3: given ones, or those of the usual places.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use object_store::CredentialProvider;
use object_store::aws::{AwsCredential, AwsCredentialProvider};
use reqsign_aws_core::{Credential, DefaultCredentialProvider};
use reqsign_core::{
    Context, Error as SignError, HttpSend, OsEnv, ProvideCredential, Result as SignResult, SigningCredential,
};

use crate::cloud::Wire;
use crate::error::{Error, Result};
use crate::options::values::Values;
use crate::s3::commands::{Commands, Troubles};
use crate::s3::files::Files;
use crate::secret::Secret;

pub(super) const ADVICE: &str = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or choose a profile (`profile`, \
     AWS_PROFILE) and log in. For a profile that assumes a role, let it have the line `credential_process = aws configure \
     export-credentials --profile NAME`. For a public bucket, set `anonymous=true`";

pub(super) const REFUSED: &str = "The service does not accept these keys. Check `access_key_id` and `secret_access_key`, or \
     AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile. The keys must belong to the service at `endpoint`";

const PLACES: &str = "the environment, ~/.aws/credentials or ~/.aws/config (with SSO and `credential_process`), a token of \
     the container, or this machine's role";

/// The service of a virtual machine that tells its role.
const METADATA: &str = "169.254.169.254";

/// Where credentials come from.
#[derive(Debug)]
pub(super) enum Credentials {
    None,
    Given {
        id: String,
        secret: Secret,
        token: Option<Secret>,
    },
    /// The environment, profiles with SSO and `credential_process`, tokens of containers, and the metadata service last.
    Usual {
        profile: Option<String>,
        /// The service said so. Shared with what asks for credentials.
        is_expired: Arc<AtomicBool>,
    },
}

impl Credentials {
    pub(super) fn of(values: &Values) -> Result<Self> {
        if values.is_on("anonymous")? {
            return Ok(Self::None);
        }
        // Programs hand on a variable that is not set as an empty text.
        let text = |name| values.text(name).filter(|text| !text.is_empty());
        match (text("access_key_id"), text("secret_access_key")) {
            (Some(id), Some(secret)) => Ok(Self::Given {
                id: id.to_owned(),
                secret: Secret::new(secret),
                token: text("session_token").map(Secret::new),
            }),
            (None, None) => Ok(Self::Usual { profile: text("profile").map(str::to_owned), is_expired: Arc::default() }),
            _ => Err(Error::invalid("`access_key_id` and `secret_access_key` must be set together")),
        }
    }

    /// Forgets those that were had, if there may be others.
    pub(super) fn renew(&self) -> bool {
        match self {
            Self::None | Self::Given { .. } => false,
            Self::Usual { is_expired, .. } => {
                is_expired.store(true, Ordering::Relaxed);
                true
            }
        }
    }

    /// Returns what is asked for credentials before each request; nothing for requests that are not signed.
    ///
    /// A program that a profile names may take as long as `patience`.
    pub(super) fn provider(&self, wire: Wire, patience: Duration) -> Option<AwsCredentialProvider> {
        match self {
            Self::None => None,
            Self::Given { id, secret, token } => {
                Some(Arc::new(object_store::StaticCredentialProvider::new(AwsCredential {
                    key_id: id.clone(),
                    secret_key: secret.expose().to_owned(),
                    token: token.as_ref().map(|token| token.expose().to_owned()),
                })))
            }
            Self::Usual { profile, is_expired } => {
                Some(Arc::new(Usual::new(profile.as_deref(), Arc::clone(is_expired), wire, patience)))
            }
        }
    }
}

/// The usual places, with what they told last.
#[derive(Debug)]
struct Usual {
    places: DefaultCredentialProvider,
    context: Context,
    known: Mutex<Option<(Credential, Arc<AwsCredential>)>>,
    is_expired: Arc<AtomicBool>,
    /// Whoever has it asks the usual places. The others wait for what was told.
    asking: tokio::sync::Mutex<()>,
    troubles: Troubles,
    /// The profile that was named, by an option or a variable.
    profile: Option<String>,
}

impl Usual {
    fn new(profile: Option<&str>, is_expired: Arc<AtomicBool>, wire: Wire, patience: Duration) -> Self {
        let places = DefaultCredentialProvider::builder();
        let places = match profile {
            // A profile that the caller names counts before the environment.
            Some(profile) => places.with_profile(profile).no_env(),
            None => places,
        };
        let troubles = Troubles::default();
        let context = Context::new()
            .with_env(OsEnv)
            .with_file_read(Files)
            .with_command_execute(Commands { patience, troubles: troubles.clone() })
            .with_http_send(Requests { wire, troubles: troubles.clone() });
        let variable = || std::env::var("AWS_PROFILE").ok().filter(|profile| !profile.is_empty());
        let profile = profile.map(str::to_owned).or_else(variable);
        Self {
            places: places.build(),
            context,
            known: Mutex::new(None),
            is_expired,
            asking: tokio::sync::Mutex::new(()),
            troubles,
            profile,
        }
    }

    fn known(&self) -> Option<Arc<AwsCredential>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_expired.swap(false, Ordering::Relaxed) {
            *known = None;
        }
        known.as_ref().filter(|(credential, _)| credential.is_valid()).map(|(_, made)| Arc::clone(made))
    }
}

#[async_trait]
impl CredentialProvider for Usual {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let _asking = self.asking.lock().await;
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let failed =
            |source: Box<dyn std::error::Error + Send + Sync>| object_store::Error::Generic { store: "S3", source };
        let found =
            self.places.provide_credential(&self.context).await.map_err(|error| failed(error.to_string().into()))?;
        let troubles = self.troubles.take();
        let found = found.ok_or_else(|| {
            let none = match &self.profile {
                Some(profile) => format!("the profile {profile:?} has none, or it is not in ~/.aws"),
                None => format!("none is in {PLACES}"),
            };
            failed(std::iter::once(none).chain(troubles).collect::<Vec<_>>().join(". ").into())
        })?;
        let made = Arc::new(AwsCredential {
            key_id: found.access_key_id.clone(),
            secret_key: found.secret_access_key.clone(),
            token: found.session_token.clone().filter(|token| !token.is_empty()),
        });
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((found, Arc::clone(&made)));
        Ok(made)
    }
}

/// Asks services for credentials.
#[derive(Debug)]
struct Requests {
    wire: Wire,
    troubles: Troubles,
}

impl HttpSend for Requests {
    async fn http_send(&self, request: http::Request<Bytes>) -> SignResult<http::Response<Bytes>> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let answer = self.wire.fetch(request).await;
        match &answer {
            // Only a machine of Amazon's has that address.
            _ if host == METADATA => {}
            Ok(answer) if answer.status().is_success() => {}
            Ok(answer) => self.troubles.note(format!("{host} answered {}", answer.status())),
            Err(error) => self.troubles.note(format!("{host} was asked: {error}")),
        }
        answer.map_err(SignError::unexpected)
    }
}
