//! The seal: the digest of a manifest's text, with which the text ends.

use super::digest::Digest;

const START: &str = ",\n  \"manifest_digest\": \"";
const END: &str = "\"\n}\n";

/// Seals a text: a JSON object without its end.
pub fn close(text: impl Into<Vec<u8>>) -> Vec<u8> {
    let mut text = text.into();
    let digest = Digest::of(&text).to_hex();
    for part in [START, &digest, END] {
        text.extend_from_slice(part.as_bytes());
    }
    text
}

/// Returns the digest that a manifest ends with, where it is that of all that comes before it.
pub fn of(manifest: &[u8]) -> Option<Digest> {
    let (text, hex) = split(manifest)?;
    let digest = Digest::of(text);
    (digest.to_hex().as_bytes() == hex).then_some(digest)
}

/// Returns a manifest's text up to its seal.
pub fn text_of(manifest: &[u8]) -> Option<&[u8]> {
    split(manifest).map(|(text, _)| text)
}

fn split(manifest: &[u8]) -> Option<(&[u8], &[u8])> {
    let sealed = manifest.strip_suffix(END.as_bytes())?;
    let (body, hex) = sealed.split_at_checked(sealed.len().checked_sub(64)?)?;
    Some((body.strip_suffix(START.as_bytes())?, hex))
}
