//! The normal form of a path's text.

use std::borrow::Cow;

/// Drops `.` components, repeated separators and a trailing one; resolves nothing.
pub(crate) fn normal_path(text: &str) -> Cow<'_, str> {
    if is_normal(text) {
        return Cow::Borrowed(text);
    }
    let components: Vec<&str> = text.split('/').filter(|component| !matches!(*component, "" | ".")).collect();
    let joined = components.join("/");
    Cow::Owned(if text.starts_with('/') {
        format!("/{joined}")
    } else if joined.is_empty() {
        String::from(".")
    } else {
        joined
    })
}

fn is_normal(text: &str) -> bool {
    matches!(text, "." | "/")
        || text.strip_prefix('/').unwrap_or(text).split('/').all(|component| !matches!(component, "" | "."))
}
