//! What goes wrong on the way.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use object_store::client::{HttpError, HttpErrorKind};

use crate::cloud::exchange::{Failure, Why};

/// Causes that say nothing, if there is another one below them.
const EMPTY: [&str; 2] = ["error sending request", "client error ("];
/// What systems say of a name that nobody has. (If no name server could be asked, they say something else.)
const NO_HOST: [&str; 4] = [
    "Name or service not known",
    "No address associated with hostname",
    "nodename nor servname provided",
    "Name does not resolve",
];

/// No byte went for so long.
#[derive(Debug)]
pub(super) struct Stalled(pub(super) Duration);

pub(super) fn stalled(limit: Duration) -> (Failure, HttpError) {
    let error = Stalled(limit);
    let failure = Failure { text: error.to_string(), why: Why::Lost };
    (failure, HttpError::new(HttpErrorKind::Timeout, error))
}

/// The answer was not a success, and its body broke off.
pub(super) fn broken_off(status: http::StatusCode) -> Failure {
    let text = format!("the answer ({status}) broke off");
    Failure { text, why: Why::Lost }
}

/// Tells an error of the connection with all its causes, and without its URL.
pub(super) fn failure(error: reqwest::Error) -> (Failure, HttpError) {
    let mut text = String::new();
    let mut cause: Option<&dyn StdError> = Some(&error);
    while let Some(known) = cause {
        let told = known.to_string();
        // The outer ones say only that a request failed.
        let is_empty = known.source().is_some() && EMPTY.iter().any(|begin| told.starts_with(begin));
        if !is_empty && !text.contains(&told) {
            text.push_str(if text.is_empty() { "" } else { ": " });
            text.push_str(&told);
        }
        cause = known.source();
    }
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let why = match () {
        () if has(&["certificate", "UnknownIssuer"]) => Why::Certificate,
        () if has(&["InvalidContentType"]) => Why::NoTls,
        () if has(&NO_HOST) => Why::NoHost,
        () if error.is_connect() => Why::NotConnected,
        () => Why::Lost,
    };
    (Failure { text, why }, HttpError::new(HttpErrorKind::Interrupted, error))
}

impl fmt::Display for Stalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no byte came or went for {} s", self.0.as_secs_f64())
    }
}

impl StdError for Stalled {}
