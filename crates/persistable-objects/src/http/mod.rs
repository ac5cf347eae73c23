//! HTTP and HTTPS: a folder that a web server shows, to be read only.

use std::sync::Arc;

use http::header::HeaderValue;
use object_store::http::HttpBuilder;

use crate::can::Can;
use crate::cloud::{Client, Cloud, Connected, Kind, ReadOnly, Task, Told, Versions};
use crate::engine::RemoteObjects;
use crate::error::{Error, Result};
use crate::objects::Objects;
use crate::options::Opening;
use crate::secret::{Secret, Secrets};
use crate::service::About;

const ADVICE: &str =
    "Write the user and the password into the URL (https://user:password@host/…), or set `bearer_token`";

pub(crate) fn open(opening: &Opening) -> Result<Arc<dyn Objects>> {
    let (url, values) = (&opening.url, &opening.values);
    let setup = opening.setup(String::new(), &[])?;
    let authorization = match (&url.user, values.text("bearer_token")) {
        (_, Some(token)) => Some(Secret::new(format!("Bearer {token}"))),
        (Some(user), None) => {
            let password = url.password.as_ref().map_or("", Secret::expose);
            Some(Secret::new(format!("Basic {}", base64(format!("{user}:{password}").as_bytes()))))
        }
        (None, None) => None,
    };
    let secrets = values.secrets().into_iter().chain(url.password.clone()).chain(authorization.clone());
    let header = authorization.as_ref().map(|text| {
        let mut value = HeaderValue::from_str(text.expose())
            .map_err(|_| Error::invalid("the user, password or token has a character that HTTP can't send"))?;
        value.set_sensitive(true);
        Ok::<_, Error>(value)
    });
    let header = header.transpose()?;
    let kind = Http {
        url: setup.location.to_string(),
        client: Client {
            policy: setup.policy,
            certificates: values.certificates()?,
            is_plain: url.scheme == "http",
            authorization: header,
        },
    };
    Ok(Arc::new(RemoteObjects::new(ReadOnly(Cloud::new(kind, Secrets::new(secrets))), setup)))
}

#[derive(Debug)]
struct Http {
    url: String,
    client: Client,
}

impl Kind for Http {
    fn connect(&self) -> Result<Connected> {
        let store = HttpBuilder::new()
            .with_url(&self.url)
            .with_client_options(self.client.options())
            .with_retry(self.client.no_retries())
            .with_http_connector(self.client.wire()?)
            .build()
            .map_err(|error| Error::invalid(format!("the URL is wrong: {error}")))?;
        Ok(Connected { objects: Arc::new(store), parts: None, pages: None })
    }

    fn about(&self) -> About {
        About { can: Some(Can::default()), has_quotes: false, finishes_on_condition: false, most_deleted: 1 }
    }

    fn told(&self) -> Told {
        Told {
            permission,
            credentials: ADVICE,
            refused: "The server does not accept this user and password, or this token",
            unsigned: ADVICE,
            host: "the host in the URL",
        }
    }

    fn versions(&self) -> Versions {
        Versions::Loose
    }
}

fn permission(_: Task) -> &'static str {
    "Ask the owner of the server, or use another user"
}

/// Encodes as `Authorization: Basic` wants it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'=');
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}
