//! Listing what is in a store.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::base::{Base, look};
use super::root::Root;
use crate::error::Result;
use crate::format::name::{manifest_file, stem_of_manifest};

/// Lists stems after `after`: those of one batch of the service.
pub(super) fn list(root: &Root, after: Option<&str>) -> Result<Vec<String>> {
    let mut stems: BTreeSet<String> = BTreeSet::new();
    let is_after = |stem: &str| after.is_none_or(|after| stem > after);
    let mut begin = after.map(str::to_owned);
    loop {
        // What is not a manifest may be a lot: it is skipped by beginning anew behind it.
        let mut skip_to = None;
        let listed = root.objects.list("", begin.as_deref(), &mut |entries| {
            for entry in &entries {
                if let Some(stem) = stem_of_manifest(&entry.name).filter(|stem| !stem.contains('/') && is_after(stem)) {
                    stems.insert(stem.to_owned());
                }
            }
            let last = entries.last().and_then(|entry| entry.name.split_once('/'));
            // In the order of bytes, "0" is next to "/".
            skip_to = last.map(|(folder, _)| format!("{folder}0"));
            if skip_to.is_some() || !stems.is_empty() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        listed.map_err(|error| root.fault(&error))?;
        match skip_to {
            Some(next) if stems.is_empty() => begin = Some(next),
            _ => break,
        }
    }
    add_prefixes(root, &mut stems)?;
    Ok(stems.into_iter().filter(|stem| is_after(stem)).collect())
}

/// Adds the stems with which others begin. "a(…)" comes before "a(…)-b(…)", but their manifests may be listed the other way round.
fn add_prefixes(root: &Root, stems: &mut BTreeSet<String>) -> Result<()> {
    let mut prefixes = BTreeSet::new();
    for stem in stems.iter() {
        for (end, _) in stem.match_indices(')') {
            if let Some(prefix) = stem.get(..=end).filter(|prefix| prefix.len() < stem.len() && is_like_a_stem(prefix))
            {
                prefixes.insert(prefix.to_owned());
            }
        }
    }
    for prefix in prefixes {
        let is_later =
            stems.iter().any(|stem| stem.starts_with(&prefix) && manifest_file(stem) < manifest_file(&prefix));
        if is_later && !stems.contains(&prefix) && matches!(look(root, &prefix)?, Base::Manifest(..)) {
            stems.insert(prefix);
        }
    }
    Ok(())
}

fn is_like_a_stem(text: &str) -> bool {
    let digits = text.strip_suffix(')').and_then(|text| text.rsplit_once('(')).map(|(_, digits)| digits);
    digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
