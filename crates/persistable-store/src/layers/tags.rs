//! Tags that say which layer a manifest is from.

use crate::found::Found;

/// Adds the layer to what the layer itself tells versions by.
pub(super) fn tagged(layer: usize, found: Found) -> Found {
    let tag = match &found.tag {
        Some(tag) => format!("{layer}:{tag}"),
        None => layer.to_string(),
    };
    found.with_tag(tag)
}

/// Returns the layer, and what the layer tells versions by.
pub(super) fn parts_of(tag: Option<&str>) -> Option<(usize, Option<&str>)> {
    let tag = tag?;
    match tag.split_once(':') {
        Some((layer, tag)) => Some((layer.parse().ok()?, Some(tag))),
        None => Some((tag.parse().ok()?, None)),
    }
}

/// Returns the layer of a manifest, and the manifest as that layer knows it.
pub(super) fn untagged(found: &Found) -> Option<(usize, Found)> {
    let (layer, tag) = parts_of(found.tag.as_deref())?;
    Some((layer, Found { tag: tag.map(str::to_owned), ..found.clone() }))
}
