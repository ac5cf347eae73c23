//! Names, versions and conditions in the words of HTTP and `object_store`.

use http::header::{HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use object_store::path::Path;

use crate::error::ErrorKind;
use crate::objects::Version;
use crate::service::{Condition, Ended, Fault};

/// A bucket with versions of its own may do without ETags. None that is known does.
pub(super) fn no_version(may_have_landed: bool) -> Fault {
    let fault = Fault::new(Ended::Final(ErrorKind::Unsupported), "the service tells no version of its objects");
    Fault { may_have_landed, ..fault }
}

pub(super) fn tag(version: &Version, is_quoted: bool) -> String {
    if is_quoted { format!("\"{}\"", version.as_str()) } else { version.as_str().to_owned() }
}

/// The engine checks names, and `object_store` takes what it accepts.
pub(super) fn path(name: &str) -> Result<Path, Fault> {
    let wrong = |_| Fault::new(Ended::Final(ErrorKind::Invalid), format!("{name:?} can't be an object's name there"));
    Path::parse(name).map_err(wrong)
}

/// The condition as a header, for requests to which `object_store` gives none.
pub(super) fn header(condition: Condition<'_>) -> Option<(HeaderName, HeaderValue)> {
    match condition {
        Condition::None => None,
        Condition::Absent => Some((IF_NONE_MATCH, HeaderValue::from_static("*"))),
        Condition::Still { version, is_quoted } => {
            Some((IF_MATCH, HeaderValue::from_str(&tag(version, is_quoted)).ok()?))
        }
    }
}
