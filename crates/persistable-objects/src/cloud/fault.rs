//! What an answer means: whether to try again, whether a write may have happened, and what helps.

use http::StatusCode;
use http::header::LOCATION;

use crate::cloud::exchange::{Failure, Heard, Why};
use crate::error::ErrorKind;
use crate::secret::Secrets;
use crate::service::{Ended, Fault};

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Get,
    Put,
    Delete,
    List,
    /// Begins, adds to or ends an upload in parts.
    Upload,
    Abort,
}

impl Task {
    fn is_write(self) -> bool {
        !matches!(self, Self::Get | Self::List)
    }
}

/// What a kind knows of its answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    /// Names the permission that a task needs.
    pub permission: fn(Task) -> &'static str,
    /// Says where credentials come from, if there are none.
    pub credentials: &'static str,
    /// Says what to check if the service does not accept the credentials.
    pub refused: &'static str,
    /// Says what to do if a request without credentials was refused.
    pub unsigned: &'static str,
    /// What the host comes from, such as an option.
    pub host: &'static str,
}

/// Codes of a 403 or 400 that are about who asks.
const WHO: [&str; 11] = [
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidToken",
    "AuthenticationFailed",
    "NoAuthenticationInformation",
    "InvalidAuthenticationInfo",
    "RequestTimeTooSkewed",
    "ExpiredToken",
    "TokenRefreshRequired",
    "ExpiredTokenException",
    "InvalidSecurity",
];
/// Hosts that are asked for credentials, and for nothing else.
const TOKENS: [&str; 6] = [
    "169.254.169.254",
    "metadata.google.internal",
    "oauth2.googleapis.com",
    "accounts.google.com",
    "iamcredentials.googleapis.com",
    "login.microsoftonline.com",
];
const METADATA: [&str; 2] = ["169.254.169.254", "metadata.google.internal"];
const NO_STORE: [&str; 4] = ["NoSuchBucket", "ContainerNotFound", "ContainerBeingDeleted", "AccountNotFound"];
const FULL: [&str; 5] = ["QuotaExceeded", "StorageFull", "XMinioStorageFull", "EntityTooLarge", "InsufficientStorage"];
const BUSY: [&str; 4] = ["SlowDown", "RequestTimeout", "ServerBusy", "OperationTimedOut"];

/// Makes a fault of what was heard. `error` is what `object_store` made of it. `was_there` says that the service has answered before.
pub(crate) fn fault(
    task: Task,
    told: &Told,
    secrets: &Secrets,
    heard: &Heard,
    was_there: bool,
    error: &dyn std::error::Error,
) -> Fault {
    if TOKENS.iter().any(|host| heard.host.ends_with(host)) && heard.status.is_none_or(|status| !status.is_success()) {
        let why = heard.failure.as_ref().map_or_else(|| chain(error), |failure| failure.text.clone());
        // It is asked last, and only the machines of the cloud have it.
        let what = if METADATA.iter().any(|host| heard.host.starts_with(host)) { ", the metadata service" } else { "" };
        let message = format!("no credentials from {}{what}: {}", heard.host, secrets.scrub(&why));
        return advised(Fault::new(Ended::Final(ErrorKind::NoCredentials), message), told.credentials);
    }
    if let Some(failure) = &heard.failure {
        return of_failure(task, told, secrets, failure, &heard.host, was_there);
    }
    match heard.status {
        Some(status) if !status.is_success() => of_status(task, told, secrets, heard, status),
        Some(_) => of_broken(task, secrets, error),
        // Nothing was sent: there are no credentials, or the configuration is wrong.
        None => {
            let message = format!("there are no credentials: {}", secrets.scrub(&chain(error)));
            advised(Fault::new(Ended::Final(ErrorKind::NoCredentials), message), told.credentials)
        }
    }
}

fn of_failure(task: Task, told: &Told, secrets: &Secrets, failure: &Failure, host: &str, was_there: bool) -> Fault {
    let message = format!("no answer from {host}: {}", secrets.scrub(&failure.text));
    let fault = |ended| Fault::new(ended, message.clone());
    match failure.why {
        Why::Certificate => {
            let advice = "If the server has a certificate of your own authority, name its file in `ca_file`";
            advised(fault(Ended::Final(ErrorKind::Unavailable)), advice)
        }
        Why::NoTls => {
            let advice = format!("The server does not speak TLS. Write http:// in {}", told.host);
            advised(fault(Ended::Final(ErrorKind::Invalid)), advice)
        }
        // A name that was known a moment ago comes back.
        Why::NoHost if !was_there => {
            let advice = format!(
                "There is no host of this name: correct {}, or check whether this machine has a network",
                told.host
            );
            advised(fault(Ended::Final(ErrorKind::NoSuchStore)), advice)
        }
        Why::NoHost | Why::NotConnected => {
            let advice = format!("Check {} and the network, or try again later", told.host);
            advised(fault(Ended::Passing), advice)
        }
        // A server that speaks TLS, or another protocol, closes the connection.
        Why::Lost if !was_there => {
            let advice =
                format!("Check {}, and whether it begins with http:// or https://, or try again later", told.host);
            advised(Fault { may_have_landed: task.is_write(), ..fault(Ended::Passing) }, advice)
        }
        Why::Lost => Fault { may_have_landed: task.is_write(), ..fault(Ended::Passing) },
    }
}

/// The head of the answer was a success, and its body broke off or tells an error.
fn of_broken(task: Task, secrets: &Secrets, error: &dyn std::error::Error) -> Fault {
    let text = secrets.scrub(&chain(error));
    let ended = if text.contains("AccessDenied") { Ended::Final(ErrorKind::Denied) } else { Ended::Passing };
    Fault { may_have_landed: task.is_write(), ..Fault::new(ended, format!("the answer is incomplete: {text}")) }
}

fn of_status(task: Task, told: &Told, secrets: &Secrets, heard: &Heard, status: StatusCode) -> Fault {
    let code = heard.code();
    // Some services tell no message, and some an empty one. Many a message ends with a full stop, and advice follows.
    let message = heard.tag("Message").map_or("", |message| message.trim().trim_end_matches('.'));
    let shown = match (code, message) {
        ("", "") => status.to_string(),
        ("", message) => secrets.scrub(&format!("{}: {message}", status.as_u16())),
        (code, "") => secrets.scrub(&format!("{} {code}", status.as_u16())),
        (code, message) => secrets.scrub(&format!("{} {code}: {message}", status.as_u16())),
    };
    let fault = |ended| Fault { pause: heard.pause(), ..Fault::new(ended, shown.clone()) };
    let last = |kind| fault(Ended::Final(kind));
    if let Some(region) = heard.header("x-amz-bucket-region").filter(|_| status != StatusCode::FORBIDDEN) {
        return advised(
            last(ErrorKind::Invalid),
            format!("The bucket is in the region {region}: set `region={region}`"),
        );
    }
    let check = |why: &str| format!("Check {}: {why}", told.host);
    match status.as_u16() {
        400 if code == "AuthorizationHeaderMalformed" => {
            let region = heard.tag("Region").map_or_else(String::new, |region| format!(": set `region={region}`"));
            advised(last(ErrorKind::Invalid), format!("The region is not that of the bucket{region}"))
        }
        400 if heard.body.contains("HTTPS") => advised(last(ErrorKind::Invalid), check("write https:// there")),
        _ if NO_STORE.contains(&code) => {
            advised(last(ErrorKind::NoSuchStore), "Correct the URL, or create the bucket or container")
        }
        _ if FULL.contains(&code) => last(ErrorKind::Full),
        _ if BUSY.contains(&code) => fault(Ended::Passing),
        404 if code == "NoSuchUpload" => fault(Ended::Lost),
        401 => advised(last(ErrorKind::NoCredentials), who(code, told, heard.is_signed)),
        400 | 403 if WHO.contains(&code) || message.contains("failed to authenticate") => {
            advised(last(ErrorKind::NoCredentials), who(code, told, heard.is_signed))
        }
        403 if !heard.is_signed => {
            advised(last(ErrorKind::Denied), format!("{}. {}", (told.permission)(task), told.unsigned))
        }
        403 => advised(last(ErrorKind::Denied), (told.permission)(task)),
        409 | 412 => fault(Ended::Refused),
        408 | 429 => fault(Ended::Passing),
        404 => advised(last(ErrorKind::Unavailable), check("perhaps another service answers there")),
        501 | 405 => advised(last(ErrorKind::Unsupported), check("perhaps another service answers there")),
        507 => last(ErrorKind::Full),
        500..=599 => Fault { may_have_landed: task.is_write(), ..fault(Ended::Passing) },
        301 | 302 | 303 | 307 | 308 => {
            let to = heard.header(LOCATION).map_or_else(String::new, |to| format!(" to {}", secrets.scrub(to)));
            advised(last(ErrorKind::Invalid), check(&format!("the server sends us{to}")))
        }
        400 => last(ErrorKind::Invalid),
        _ => last(ErrorKind::Unavailable),
    }
}

/// Whether credentials were good until a moment ago.
pub(super) fn is_expired(code: &str) -> bool {
    matches!(code, "ExpiredToken" | "TokenRefreshRequired" | "ExpiredTokenException")
}

fn who(code: &str, told: &Told, is_signed: bool) -> &'static str {
    match code {
        "RequestTimeTooSkewed" => "Set this machine's clock",
        _ if is_expired(code) => "The credentials have expired: log in again",
        _ if is_signed => told.refused,
        _ => told.unsigned,
    }
}

fn advised(fault: Fault, advice: impl Into<String>) -> Fault {
    Fault { advice: Some(advice.into()), ..fault }
}

/// Tells an error of `object_store` with its causes, without the word that it is generic, and without a full stop at its end.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let whole = error.to_string();
    let own = whole.strip_prefix("Generic ").and_then(|rest| Some(rest.split_once(" error: ")?.1));
    let mut text = own.unwrap_or(&whole).trim_end_matches('.').to_owned();
    let mut cause = error.source();
    while let Some(known) = cause {
        let told = known.to_string();
        let told = told.trim_end_matches('.');
        if !text.contains(told) {
            text = format!("{text}: {told}");
        }
        cause = known.source();
    }
    text
}
