//! A shape as text, which manifests hold and messages quote: `[{station: text, degrees: f64?}]`.

use std::fmt::{self, Display, Formatter, Write};

use super::tree::TypeShape;

const PLAIN: &[&str] = &[
    "bool", "i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64", "u128", "f32", "f64", "char", "text",
    "bytes", "unit",
];
const ANY: &str = "any";
const ENUM: &str = "enum";
/// A text from elsewhere may be nested as it likes.
const DEPTH: usize = 256;

impl Display for TypeShape {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str(ANY),
            Self::Plain(name) => f.write_str(name),
            Self::Option(inner) => write!(f, "{inner}?"),
            Self::List(element) => write!(f, "[{element}]"),
            Self::Tuple(parts) => separated(f, '(', parts, ')', |part, f| part.fmt(f)),
            Self::Map(key, value) => write!(f, "<{key}: {value}>"),
            Self::Struct(fields) => separated(f, '{', fields, '}', |(name, shape), f| {
                put_name(name, f)?;
                write!(f, ": {shape}")
            }),
            Self::Enum(variants) => {
                f.write_str(ENUM)?;
                separated(f, '{', variants, '}', |(name, shape), f| {
                    put_name(name, f)?;
                    shape.as_ref().map_or(Ok(()), |shape| write!(f, ": {shape}"))
                })
            }
            Self::Above(levels) => write!(f, "^{levels}"),
        }
    }
}

fn separated<T>(
    f: &mut Formatter<'_>,
    open: char,
    parts: &[T],
    close: char,
    put: impl Fn(&T, &mut Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    f.write_char(open)?;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        put(part, f)?;
    }
    f.write_char(close)
}

fn is_in_word(c: char) -> bool {
    c == '_' || c == '-' || c.is_alphanumeric()
}

fn put_name(name: &str, f: &mut Formatter<'_>) -> fmt::Result {
    if !name.is_empty() && name.chars().all(is_in_word) {
        f.write_str(name)
    } else {
        f.write_str(&serde_json::Value::from(name).to_string())
    }
}

impl TypeShape {
    /// Reads a shape; `None` where the text is of another version of this library.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let shape = shape(&mut rest, DEPTH)?;
        rest.is_empty().then_some(shape)
    }
}

fn take(rest: &mut &str, prefix: &str) -> bool {
    rest.strip_prefix(prefix).is_some_and(|after| {
        *rest = after;
        true
    })
}

fn shape(rest: &mut &str, depth: usize) -> Option<TypeShape> {
    let depth = depth.checked_sub(1)?;
    let mut read = if take(rest, "[") {
        let element = shape(rest, depth)?;
        take(rest, "]").then(|| TypeShape::List(Box::new(element)))?
    } else if take(rest, "(") {
        TypeShape::Tuple(list(rest, ")", |rest| shape(rest, depth))?)
    } else if take(rest, "<") {
        let key = shape(rest, depth)?;
        let value = take(rest, ": ").then(|| shape(rest, depth))??;
        take(rest, ">").then(|| TypeShape::Map(Box::new(key), Box::new(value)))?
    } else if take(rest, "{") {
        TypeShape::Struct(list(rest, "}", |rest| {
            let name = name(rest)?;
            take(rest, ": ").then(|| shape(rest, depth))?.map(|shape| (name, shape))
        })?)
    } else if take(rest, "^") {
        TypeShape::Above(word(rest).parse().ok()?)
    } else {
        match word(rest) {
            ANY => TypeShape::Any,
            ENUM if take(rest, "{") => TypeShape::Enum(list(rest, "}", |rest| {
                let name = name(rest)?;
                let shape = if take(rest, ": ") { Some(shape(rest, depth)?) } else { None };
                Some((name, shape))
            })?),
            plain => TypeShape::Plain(PLAIN.iter().find(|name| **name == plain)?),
        }
    };
    for _ in 0..DEPTH {
        if !take(rest, "?") {
            break;
        }
        read = TypeShape::Option(Box::new(read));
    }
    Some(read)
}

fn list<T>(rest: &mut &str, close: &str, part: impl Fn(&mut &str) -> Option<T>) -> Option<Vec<T>> {
    let mut parts = Vec::new();
    while !take(rest, close) {
        if !parts.is_empty() && !take(rest, ", ") {
            return None;
        }
        parts.push(part(rest)?);
    }
    Some(parts)
}

fn word<'a>(rest: &mut &'a str) -> &'a str {
    let end = rest.find(|c| !is_in_word(c)).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    *rest = after;
    word
}

fn name(rest: &mut &str) -> Option<String> {
    if !rest.starts_with('"') {
        return Some(word(rest).to_owned()).filter(|name| !name.is_empty());
    }
    let mut names = serde_json::Deserializer::from_str(rest).into_iter::<String>();
    let name = names.next()?.ok()?;
    let end = names.byte_offset();
    *rest = rest.get(end..)?;
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::super::tree::TypeShape;

    #[test]
    fn a_text_is_read_as_what_wrote_it() {
        for text in [
            "any",
            "f64?",
            "[u8]",
            "()",
            "(i32, text?)",
            "<text: [bool]>",
            "{}",
            "{a: unit, b-c: char, \"d e\\\"\": bytes}",
            "enum{Point, Circle: f64, Line: (i32, i32), Box: {width: u8, label: text?}}",
            "{next: ^2?}",
        ] {
            assert_eq!(TypeShape::parse(text).map(|shape| shape.to_string()).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_no_shape_is_not_read() {
        for text in ["", "f65", "[u8", "(u8 u8)", "{a}", "<u8>", "^", "u8 ", "enum", "{\"a: u8}"] {
            assert_eq!(TypeShape::parse(text), None, "{text}");
        }
        assert_eq!(TypeShape::parse(&"[".repeat(100_000)), None);
    }
}
