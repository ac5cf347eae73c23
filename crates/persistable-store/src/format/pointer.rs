//! Small files that a tool puts in place of content that it has not fetched.

/// Returns what fetches the content, if these bytes begin as such a file does.
pub(crate) fn fetched_by(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"/annex/objects/") {
        Some("git annex get")
    } else if bytes.starts_with(b"version https://git-lfs.github.com/spec/") {
        Some("git lfs pull")
    } else {
        None
    }
}
