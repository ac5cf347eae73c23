//! Bytes of a URL that are written as `%2F`.

/// Decodes `%2F` and the like; `None` if a `%` is not followed by two hex digits. A `+` stays what it is.
#[must_use]
pub fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => digit(rest.next()?)? << 4 | digit(rest.next()?)?,
            byte => byte,
        });
    }
    Some(bytes)
}

fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn only_two_hex_digits_stand_for_a_byte() {
        assert_eq!(decoded("a%2Fb+%ff").as_deref(), Some(b"a/b+\xff".as_slice()));
        for wrong in ["%", "%2", "%+1", "%g0", "%0g"] {
            assert_eq!(decoded(wrong), None, "{wrong}");
        }
    }
}
