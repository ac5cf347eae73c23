//! What several kinds of object storage advise.

/// What to do where a request without credentials is refused.
pub(crate) const ASKED_WITHOUT_CREDENTIALS: &str =
    "It was asked without credentials: take `anonymous` away to use yours";
