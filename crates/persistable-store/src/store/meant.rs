//! Paths that were meant as URLs.

use std::path::{Component, Path};

/// What URLs of stores begin with.
const SCHEMES: [&str; 14] =
    ["abfs", "abfss", "az", "azure", "file", "gcs", "gs", "http", "https", "memory", "s3", "s3a", "sftp", "ssh"];

/// Returns the URL that was probably meant by a relative path such as `s3:/bucket` (what remains of a URL in a `Path`), `s3:bucket`,
/// `user@host:/path` or `host:/path` (which `scp` takes). A folder that is there was meant as it is.
pub(super) fn url_meant_by(location: &Path) -> Option<String> {
    let mut parts = location.components();
    let Some(Component::Normal(first)) = parts.next() else { return None };
    let (before, after) = first.to_str()?.trim_start().split_once(':')?;
    let has_more = parts.next().is_some();
    let text = location.to_str().unwrap_or_default();
    let rest = text.split_once(':').map_or("", |(_, rest)| rest);
    let url = if SCHEMES.contains(&&*before.to_ascii_lowercase()) && (has_more || !after.is_empty()) {
        shown(before, rest)
    } else if is_host(before) && (before.contains('@') || (after.is_empty() && has_more)) {
        // A relative path begins at the home folder there.
        let home = if rest.starts_with(['/', '~']) { "" } else { "~/" };
        format!("sftp://{before}/{home}{}", rest.trim_start_matches('/')).trim_end_matches('/').to_owned()
    } else {
        return None;
    };
    (!Path::new(first).exists()).then_some(url)
}

/// Whether a text may be the name of a host, perhaps after a user and `@`. A single letter is a drive of Windows.
fn is_host(text: &str) -> bool {
    let is_name = |name: &str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter));
    let (user, host) = text.split_once('@').unwrap_or(("user", text));
    let begins = host.starts_with(|letter: char| letter.is_ascii_alphabetic()) || text.contains('@');
    let is_long = host.len() > 1 || (text.contains('@') && !host.is_empty());
    begins && is_long && !user.is_empty() && is_name(user) && is_name(host)
}

/// Returns a URL without what may be secret.
fn shown(scheme: &str, rest: &str) -> String {
    let place = rest.trim_start_matches('/').split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = place.split_once('/').unwrap_or((place, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let root = if scheme.eq_ignore_ascii_case("file") { "/" } else { "" };
    format!("{scheme}://{root}{host}/{path}").trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found() {
        for (path, meant) in [
            ("root@host:/data/x", "sftp://root@host/data/x"),
            ("ann@pc7.example.org:results", "sftp://ann@pc7.example.org/~/results"),
            ("ann@pc7:", "sftp://ann@pc7/~"),
            ("u@h:folder", "sftp://u@h/~/folder"),
            ("ann@pc7:~/results", "sftp://ann@pc7/~/results"),
            ("cluster:/data", "sftp://cluster/data"),
            ("s3:/bucket/folder", "s3://bucket/folder"),
            ("https:/me:hidden@host/x?token=hidden", "https://host/x"),
            ("file:/data", "file:///data"),
            ("s3:bucket/folder", "s3://bucket/folder"),
            (" s3://bucket/folder", "s3://bucket/folder"),
        ] {
            assert_eq!(url_meant_by(Path::new(path)).as_deref(), Some(meant), "{path}");
        }
    }

    #[test]
    fn other_paths_are_paths() {
        for path in [
            "data",
            "/root@host:/x",
            "./root@host:/x",
            "c:/data",
            "a:b",
            "a b:/c",
            "@x:/y",
            "x@:/y",
            "points(n=1:2)/x",
            "2026-11-28T12:00",
            "me@home",
            "run:",
            "1s3://x",
            ":/x",
        ] {
            assert_eq!(url_meant_by(Path::new(path)), None, "{path}");
        }
    }
}
