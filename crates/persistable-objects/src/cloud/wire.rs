//! Our own HTTP layer below `object_store`: sends each request once, and notes what happens.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http_body::Body as _;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};

use crate::cloud::body::{Received, Sent};
use crate::cloud::exchange::{Exchange, Failure, Heard, Why};
use crate::cloud::trouble::{broken_off, failure, stalled};
use crate::last_byte::LastByte;
use crate::runtime::within;

/// The metadata services of the clouds answer at once, or are not there.
const METADATA: [&str; 4] = ["169.254.169.254", "169.254.170.2", "metadata.google.internal", "[fd00:ec2::254]"];
const METADATA_TIMEOUT: Duration = Duration::from_secs(1);
/// So much of an error is read.
const MOST_ERROR_BYTES: usize = 16 << 10;

/// Sends requests.
#[derive(Clone)]
pub(crate) struct Wire {
    client: reqwest::Client,
    timeout: Duration,
    /// Whether the client adds credentials to each request.
    is_signing: bool,
}

impl Wire {
    pub(crate) fn new(client: reqwest::Client, timeout: Duration, is_signing: bool) -> Self {
        Self { client, timeout, is_signing }
    }

    /// Whether a request has credentials: in a header, or in its query.
    fn is_signed(&self, request: &HttpRequest) -> bool {
        let in_header = request.headers().get(AUTHORIZATION).is_some_and(|value| value.as_bytes() != b"Bearer ");
        self.is_signing || in_header || request.uri().query().is_some_and(|query| query.contains("sig="))
    }

    /// Sends a request and waits for the head of its answer.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, (Failure, HttpError)> {
        let (parts, body) = request.into_parts();
        let limit =
            if METADATA.contains(&parts.uri.host().unwrap_or_default()) { METADATA_TIMEOUT } else { self.timeout };
        let url = parts.uri.to_string().parse::<reqwest::Url>().map_err(|error| {
            let failure = Failure { text: "the URL is wrong".into(), why: Why::NotConnected };
            (failure, HttpError::new(HttpErrorKind::Unknown, error))
        })?;
        let last_byte = LastByte::new();
        let mut request = reqwest::Request::new(parts.method, url);
        *request.headers_mut() = parts.headers;
        if !body.is_end_stream() {
            *request.body_mut() = Some(reqwest::Body::wrap(Sent { body, last_byte: last_byte.clone() }));
        }
        let response = match last_byte.unless_stalled(self.client.execute(request), limit).await {
            Some(response) => response.map_err(|error| failure(error.without_url()))?,
            None => return Err(stalled(limit)),
        };
        let (parts, body) = http::Response::<reqwest::Body>::from(response).into_parts();
        Ok(HttpResponse::from_parts(parts, HttpResponseBody::new(Received::new(body, limit))))
    }

    /// Sends a request for a credential, and reads its answer.
    pub(crate) async fn fetch(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, String> {
        let (parts, body) = request.into_parts();
        let request = HttpRequest::from_parts(parts, body.into());
        let response = self.send(request).await.map_err(|(failure, _)| failure.text)?;
        let (parts, body) = response.into_parts();
        let bytes = within(self.timeout, body.bytes()).await.ok_or("the answer takes too long")?;
        Ok(http::Response::from_parts(parts, bytes.map_err(|_| "the answer broke off")?))
    }
}

#[async_trait::async_trait]
impl HttpService for Wire {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let exchange = Exchange::current().unwrap_or_default();
        if let Some((name, value)) = exchange.extra.clone() {
            request.headers_mut().insert(name, value);
        }
        let (host, is_signed) = (host_of(request.uri()), self.is_signed(&request));
        *exchange.heard() = Heard { host, is_signed, ..Default::default() };
        let response = match self.send(request).await {
            Ok(response) => response,
            Err((failure, error)) => {
                exchange.heard().failure = Some(failure);
                return Err(error);
            }
        };
        let (parts, body) = response.into_parts();
        let note = |shown: &[u8]| {
            let mut heard = exchange.heard();
            heard.status = Some(parts.status);
            heard.headers = parts.headers.clone();
            heard.body = String::from_utf8_lossy(shown).into_owned();
        };
        if parts.status.is_success() {
            note(&[]);
            return Ok(HttpResponse::from_parts(parts, body));
        }
        // Only the body tells what a 404 is about. So half of an answer is no answer.
        match body.bytes().await {
            Ok(bytes) => {
                note(bytes.get(..MOST_ERROR_BYTES).unwrap_or(&bytes));
                Ok(HttpResponse::from_parts(parts, bytes.into()))
            }
            Err(error) => {
                exchange.heard().failure = Some(broken_off(parts.status));
                Err(error)
            }
        }
    }
}

/// Returns a URL's host, with its port if it has one.
fn host_of(url: &http::Uri) -> String {
    let host = url.host().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

impl HttpConnector for Wire {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}
