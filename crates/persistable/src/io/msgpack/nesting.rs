//! How deeply MessagePack bytes are nested.

/// Returns whether no more than `limit` lists and maps lie within each other in the first value.
///
/// The decoder counts neither members of enums nor wrappers, so that crafted bytes could exhaust its stack. Bytes that
/// end early are left to it.
pub(super) fn is_within(limit: usize, bytes: &[u8]) -> bool {
    // How many values are to come in each list or map that is open.
    let mut open: Vec<u64> = Vec::new();
    let mut rest = bytes;
    loop {
        let Some((children, after)) = step(rest) else { return true };
        rest = after;
        if children > 0 {
            if open.len() >= limit {
                return false;
            }
            open.push(children);
            continue;
        }
        loop {
            match open.last_mut() {
                None => return true,
                Some(1) => {
                    open.pop();
                }
                Some(left) => {
                    *left -= 1;
                    break;
                }
            }
        }
    }
}

/// Steps over a plain value or into a list or map: returns how many values are in it, and what follows.
fn step(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (&marker, rest) = bytes.split_first()?;
    let skip = |len: usize| Some((0, rest.get(len..)?));
    // The length that follows the marker in so many bytes, and what follows it.
    let counted = |width: usize| {
        let (len, rest) = rest.split_at_checked(width)?;
        Some((len.iter().fold(0, |len, &byte| len << 8 | u64::from(byte)), rest))
    };
    let skip_counted = |width: usize, tag: usize| {
        let (len, rest) = counted(width)?;
        Some((0, rest.get(usize::try_from(len).ok()?.checked_add(tag)?..)?))
    };
    match marker {
        0x80..=0x8f => Some((2 * u64::from(marker & 0x0f), rest)),
        0x90..=0x9f => Some((u64::from(marker & 0x0f), rest)),
        0xa0..=0xbf => skip(usize::from(marker & 0x1f)),
        0xc4 | 0xd9 => skip_counted(1, 0),
        0xc5 | 0xda => skip_counted(2, 0),
        0xc6 | 0xdb => skip_counted(4, 0),
        0xc7 => skip_counted(1, 1),
        0xc8 => skip_counted(2, 1),
        0xc9 => skip_counted(4, 1),
        0xcc | 0xd0 => skip(1),
        0xcd | 0xd1 | 0xd4 => skip(2),
        0xd5 => skip(3),
        0xca | 0xce | 0xd2 => skip(4),
        0xd6 => skip(5),
        0xcb | 0xcf | 0xd3 => skip(8),
        0xd7 => skip(9),
        0xd8 => skip(17),
        0xdc => counted(2),
        0xdd => counted(4),
        0xde => counted(2).map(|(len, rest)| (2 * len, rest)),
        0xdf => counted(4).map(|(len, rest)| (2 * len, rest)),
        _ => skip(0),
    }
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn lists_and_maps_count_and_what_stands_beside_each_other_does_not() {
        assert!(is_within(0, b"\x01"));
        assert!(!is_within(0, b"\x91\x01"));
        assert!(is_within(1, b"\x93\x01\xa2ab\xcb12345678"));
        assert!(is_within(2, b"\x92\x91\x01\x91\x01"));
        assert!(!is_within(2, b"\x92\x91\x01\x81\xa1a\xdd\0\0\0\x01\x91\xc0"));
        assert!(is_within(3, b"\x92\x91\x01\x81\xa1a\xdc\0\x01\x01\x91\x91\x91"), "only the first value counts");
    }

    #[test]
    fn every_kind_of_value_is_stepped_over_whole() {
        let values: [&[u8]; 14] = [
            b"\xc4\x01x",
            b"\xc5\0\x01x",
            b"\xc6\0\0\0\x01x",
            b"\xc7\x01tx",
            b"\xc8\0\x01tx",
            b"\xc9\0\0\0\x01tx",
            b"\xcc1",
            b"\xcd12",
            b"\xd4t1",
            b"\xd5t12",
            b"\xd6t1234",
            b"\xd7t12345678",
            b"\xd8t1234567812345678",
            b"\xc3",
        ];
        for value in values {
            let bytes = [b"\x92", value, b"\x91\x01"].concat();
            assert!(is_within(2, &bytes) && !is_within(1, &bytes), "{value:x?}");
        }
    }
}
