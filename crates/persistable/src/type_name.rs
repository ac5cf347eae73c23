//! The name of a type that another is generic over.

/// Returns the name of `T` without modules and without lifetimes.
///
/// Some versions of the compiler write lifetimes (`Borrowed<'_>`) and others do not, and none of them tells values apart.
#[must_use]
pub fn type_name_of<T: ?Sized>() -> String {
    short(std::any::type_name::<T>())
}

fn short(full: &str) -> String {
    let mut out = String::with_capacity(full.len());
    let mut rest = full;
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("::") {
            drop_segment(&mut out);
            rest = after;
        } else if first == '\'' && !is_char_literal(rest) {
            let after = rest.trim_start_matches(|c: char| c == '\'' || c == '_' || c.is_alphanumeric());
            rest = without_lifetime(&mut out, after);
        } else {
            let length = if first == '\'' { char_literal_length(rest) } else { first.len_utf8() };
            let (token, after) = rest.split_at(length);
            out.push_str(token);
            rest = after;
        }
    }
    out
}

/// Takes the separator that a lifetime leaves behind from what is before it, or returns what is after it without that.
fn without_lifetime<'a>(out: &mut String, after: &'a str) -> &'a str {
    if let Some(after) = after.strip_prefix(", ").or_else(|| after.strip_prefix(' ')) {
        return after;
    }
    for (before, next) in [("<", ">"), (" + ", ""), (", ", "")] {
        if out.ends_with(before) && after.starts_with(next) {
            out.truncate(out.len() - before.len());
            return after.strip_prefix(next).unwrap_or(after);
        }
    }
    after
}

/// Takes back the part of a path before `::`: a word, which may have arguments, or an implementation in angle brackets.
fn drop_segment(out: &mut String) {
    if out.ends_with('>') {
        let mut depth = 0_usize;
        while let Some(last) = out.pop() {
            match last {
                '>' if !out.ends_with('-') => depth += 1,
                '<' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    let kept = out.trim_end_matches(|c: char| c == '_' || c == '{' || c == '}' || c == '#' || c.is_alphanumeric());
    out.truncate(kept.len());
}

fn is_char_literal(text: &str) -> bool {
    text.chars().nth(1) == Some('\\') || text.chars().nth(2) == Some('\'')
}

fn char_literal_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\'' if !escaped => return at + 1,
            '\\' if !escaped => escaped = true,
            _ => escaped = false,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn modules_and_lifetimes_are_no_part_of_a_name() {
        for (full, expected) in [
            ("u8", "u8"),
            ("&str", "&str"),
            ("&'_ str", "&str"),
            ("a::b::Pair<alloc::vec::Vec<u8>, alloc::string::String>", "Pair<Vec<u8>, String>"),
            ("a::Borrowed<'_>", "Borrowed"),
            ("a::Both<'_, '_, c::T>", "Both<T>"),
            ("a::Both<'_, '_>", "Both"),
            ("dyn a::Step + '_", "dyn Step"),
            ("alloc::boxed::Box<dyn a::Step + core::marker::Send>", "Box<dyn Step + Send>"),
            ("for<'a> fn(&'a a::X) -> b::Y", "for fn(&X) -> Y"),
            ("[a::X; 3]", "[X; 3]"),
            ("(a::X, b::Y)", "(X, Y)"),
            ("<a::X<fn() -> u8> as b::T>::run::Local", "Local"),
            ("a::b::<impl c::T for d::E>::run::Local<e::F>", "Local<F>"),
            ("a::run::{{closure}}::Local", "Local"),
            ("a::Sep<','>", "Sep<','>"),
            ("a::Sep<'\\''>", "Sep<'\\''>"),
            ("a::Größe", "Größe"),
        ] {
            assert_eq!(short(full), expected, "{full}");
        }
    }
}
