//! Whether a payload of one shape can be read as another.

use std::collections::HashSet;

use super::tree::TypeShape;

/// A part of a shape, and the parts that it is inside of.
#[derive(Clone)]
struct Part<'a> {
    shape: &'a TypeShape,
    outer: Vec<&'a TypeShape>,
}

impl<'a> Part<'a> {
    fn inner(&self, shape: &'a TypeShape) -> Self {
        let mut outer = self.outer.clone();
        outer.push(self.shape);
        Self { shape, outer }.resolved()
    }

    /// Follows a reference to an outer part.
    fn resolved(mut self) -> Self {
        if let TypeShape::Above(levels) = *self.shape {
            let known = self.outer.len().checked_sub(levels).and_then(|at| Some((at, *self.outer.get(at)?)));
            match known {
                Some((at, shape)) => {
                    self.outer.truncate(at);
                    self.shape = shape;
                }
                None => self.shape = &TypeShape::Any,
            }
        }
        self
    }

    /// An option of an option has the same values as one option: formats don't tell them apart.
    fn without_options(mut self) -> (bool, Self) {
        let mut is_optional = false;
        while let TypeShape::Option(inner) = self.shape {
            is_optional = true;
            self = self.inner(inner);
        }
        (is_optional, self)
    }
}

/// Says how a payload type that was recorded differs from the present one, where a payload might be misread.
///
/// A shape that this version of the library can't read agrees with everything.
pub(in crate::io) fn check(recorded: &str, present: &str) -> Result<(), String> {
    if recorded == present {
        return Ok(());
    }
    let (Some(recorded), Some(present)) = (TypeShape::parse(recorded), TypeShape::parse(present)) else {
        return Ok(());
    };
    let mut comparison = ShapeComparison { way: String::new(), seen: HashSet::new() };
    comparison.compare(
        Part { shape: &recorded, outer: Vec::new() }.resolved(),
        Part { shape: &present, outer: Vec::new() }.resolved(),
    )
}

struct ShapeComparison {
    way: String,
    seen: HashSet<(usize, usize)>,
}

impl ShapeComparison {
    fn compare(&mut self, recorded: Part<'_>, present: Part<'_>) -> Result<(), String> {
        let address = |part: &Part<'_>| std::ptr::from_ref(part.shape).addr();
        if !self.seen.insert((address(&recorded), address(&present))) {
            return Ok(());
        }
        let (whole, now) = (recorded.shape, present.shape);
        let (was_optional, recorded) = recorded.without_options();
        let (is_optional, present) = present.without_options();
        if let (TypeShape::Any, _) | (_, TypeShape::Any) = (recorded.shape, present.shape) {
            return Ok(());
        }
        if was_optional && !is_optional {
            return self.differ(whole, now);
        }
        match (recorded.shape, present.shape) {
            (TypeShape::Plain(was), TypeShape::Plain(is)) if class(was) == class(is) => Ok(()),
            // A member without data is stored as its name, and the names of members are checked.
            (TypeShape::Plain("text"), TypeShape::Enum(_)) | (TypeShape::Enum(_), TypeShape::Plain("text")) => Ok(()),
            (TypeShape::Plain("bytes"), TypeShape::List(list)) | (TypeShape::List(list), TypeShape::Plain("bytes"))
                if matches!(**list, TypeShape::Any | TypeShape::Plain("u8")) =>
            {
                Ok(())
            }
            (TypeShape::List(was), TypeShape::List(is)) => self.part("[]", recorded.inner(was), present.inner(is)),
            // How many there are is checked when they are read.
            (TypeShape::List(was), TypeShape::Tuple(is)) => {
                is.iter().try_for_each(|is| self.part("[]", recorded.inner(was), present.inner(is)))
            }
            (TypeShape::Tuple(was), TypeShape::List(is)) => {
                was.iter().try_for_each(|was| self.part("[]", recorded.inner(was), present.inner(is)))
            }
            (TypeShape::Tuple(was), TypeShape::Tuple(is)) if was.len() == is.len() => {
                was.iter().zip(is).enumerate().try_for_each(|(index, (was, is))| {
                    self.part(&format!("[{index}]"), recorded.inner(was), present.inner(is))
                })
            }
            (TypeShape::Map(was_key, was), TypeShape::Map(is_key, is)) => {
                self.part("[key]", recorded.inner(was_key), present.inner(is_key))?;
                self.part("[]", recorded.inner(was), present.inner(is))
            }
            (TypeShape::Struct(was), TypeShape::Struct(is)) => is
                .iter()
                .filter_map(|(name, is)| Some((name, field(was, name)?, is)))
                .try_for_each(|(name, was, is)| self.part(&format!(".{name}"), recorded.inner(was), present.inner(is))),
            (TypeShape::Struct(was), TypeShape::Map(_, is)) => was
                .iter()
                .try_for_each(|(name, was)| self.part(&format!(".{name}"), recorded.inner(was), present.inner(is))),
            (TypeShape::Map(_, was), TypeShape::Struct(is)) => is
                .iter()
                .try_for_each(|(name, is)| self.part(&format!(".{name}"), recorded.inner(was), present.inner(is))),
            (TypeShape::Enum(was), TypeShape::Enum(is)) => is
                .iter()
                .filter_map(|(name, is)| Some((name, field(was, name)?, is)))
                .try_for_each(|(name, was, is)| match (was, is) {
                    (Some(was), Some(is)) => self.part(&format!(".{name}"), recorded.inner(was), present.inner(is)),
                    (None, None) => Ok(()),
                    _ => self.differ(whole, now),
                }),
            _ => self.differ(whole, now),
        }
    }

    fn part(&mut self, step: &str, recorded: Part<'_>, present: Part<'_>) -> Result<(), String> {
        let length = self.way.len();
        self.way.push_str(step);
        self.compare(recorded, present)?;
        self.way.truncate(length);
        Ok(())
    }

    fn differ(&self, was: &TypeShape, is: &TypeShape) -> Result<(), String> {
        let way = self.way.strip_prefix('.').unwrap_or(&self.way);
        let place = if way.is_empty() { String::new() } else { format!("at `{way}`: ") };
        Err(format!("{place}it was `{was}` and is `{is}`"))
    }
}

fn field<'a, T>(fields: &'a [(String, T)], name: &str) -> Option<&'a T> {
    fields.iter().find(|(other, _)| other == name).map(|(_, part)| part)
}

/// What a plain value can be read as without becoming another. All integers are one class, since a number that the
/// type can't hold is an error when it is read.
fn class(name: &str) -> &str {
    match name {
        "i8" | "i16" | "i32" | "i64" | "i128" | "u8" | "u16" | "u32" | "u64" | "u128" => "integer",
        "char" => "text",
        name => name,
    }
}
