//! What goes wrong on the way.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use object_store::client::{HttpError, HttpErrorKind};

use crate::cloud::exchange::Failure;

/// No byte went for so long.
#[derive(Debug)]
pub(super) struct Stalled(pub(super) Duration);

pub(super) fn stalled(limit: Duration) -> (Failure, HttpError) {
    let error = Stalled(limit);
    let failure = Failure { text: error.to_string(), is_before_sending: false, is_about_trust: false };
    (failure, HttpError::new(HttpErrorKind::Timeout, error))
}

/// The answer was not a success, and its body broke off.
pub(super) fn broken_off(status: http::StatusCode) -> Failure {
    let text = format!("the answer ({status}) broke off");
    Failure { text, is_before_sending: false, is_about_trust: false }
}

/// Tells an error of the connection with all its causes, and without its URL.
pub(super) fn failure(error: reqwest::Error) -> (Failure, HttpError) {
    let mut text = String::new();
    let mut cause: Option<&dyn StdError> = Some(&error);
    while let Some(known) = cause {
        let told = known.to_string();
        if !text.contains(&told) {
            text.push_str(if text.is_empty() { "" } else { ": " });
            text.push_str(&told);
        }
        cause = known.source();
    }
    let is_about_trust = ["certificate", "UnknownIssuer", "InvalidContentType"].iter().any(|word| text.contains(word));
    let failure = Failure { text, is_before_sending: error.is_connect(), is_about_trust };
    (failure, HttpError::new(HttpErrorKind::Interrupted, error))
}

impl fmt::Display for Stalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no byte came or went for {} s", self.0.as_secs_f64())
    }
}

impl StdError for Stalled {}
