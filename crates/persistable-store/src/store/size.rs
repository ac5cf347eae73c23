//! Sizes as people write them.

/// Reads a size such as `1000000`, `10GB`, `10 GB`, `512MiB` or `2T`: `GB` counts by 1000, `GiB` and `G` by 1024.
#[must_use]
pub fn size_of(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    if let Ok(bytes) = text.parse::<f64>() {
        return in_bytes(bytes); // Also `1e9`.
    }
    let at = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let (factor, rest): (u64, &str) = match unit.split_at_checked(1) {
        None | Some(("b", "")) => (1, ""),
        Some((letter, rest)) => {
            let power = 1 + "kmgtp".find(letter)? as u32;
            (if rest == "b" { 1000_u64.pow(power) } else { 1024_u64.pow(power) }, rest)
        }
    };
    if !matches!(rest, "" | "b" | "ib") {
        return None;
    }
    in_bytes(number.trim().parse::<f64>().ok()? * factor as f64)
}

fn in_bytes(bytes: f64) -> Option<u64> {
    (bytes.is_finite() && bytes >= 0.0 && bytes < u64::MAX as f64).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::size_of;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("0", 0),
            ("1000000", 1_000_000),
            ("10GB", 10_000_000_000),
            ("10 GB", 10_000_000_000),
            ("1.5 gib", 3 << 29),
            ("2T", 2 << 40),
            ("512 MiB", 512 << 20),
            ("7b", 7),
            ("1e9", 1_000_000_000),
        ] {
            assert_eq!(size_of(text), Some(bytes), "{text}");
        }
        for wrong in ["", "GB", "ten", "10 XB", "-1", "1e400", "10GBs", "nan"] {
            assert_eq!(size_of(wrong), None, "{wrong}");
        }
    }
}
