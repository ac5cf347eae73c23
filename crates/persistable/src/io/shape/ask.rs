//! The question about one part of a type, and what is told of it to the [`Explorer`].

use std::any::type_name;
use std::fmt;

use serde::de::Error;

use super::explorer::{ATTEMPTS, DEPTH, Explorer, Id, Kind};

/// A type refused what it was given.
#[derive(Debug)]
pub(super) struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the made-up value was refused")
    }
}

impl std::error::Error for Refused {}

impl Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// The types that a part is inside of.
struct Trail<'a> {
    type_name: &'static str,
    node: Id,
    outer: Option<&'a Trail<'a>>,
}

/// Asks about one part of the type.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) explorer: &'a Explorer,
    pub(super) node: Id,
    trail: Option<&'a Trail<'a>>,
    depth: usize,
    /// Whether the part is inside of its own type: then the value has to come to an end.
    pub(super) is_repeated: bool,
}

impl<'a> Ask<'a> {
    pub(super) fn root(explorer: &'a Explorer) -> Self {
        Self { explorer, node: 0, trail: None, depth: 0, is_repeated: false }
    }

    /// Asks about a part of this one.
    pub(super) fn about(self, node: Id) -> Self {
        Self { node, ..self }
    }

    /// Returns how often the part refused its values.
    pub(super) fn failures(&self) -> usize {
        usize::from(self.explorer.failures(self.node))
    }

    /// Takes note of a plain value, and picks one.
    pub(super) fn plain<T: Copy>(&self, name: &'static str, values: &[T], default: T) -> T {
        self.explorer.is_kind(
            self.node,
            |kind| matches!(kind, Kind::Plain(same) if *same == name),
            || Kind::Plain(name),
        );
        values.get(self.failures() % values.len().max(1)).copied().unwrap_or(default)
    }

    /// Answers for a part that has parts, of type `T`: `answer` gets the question that its parts descend from.
    pub(super) fn within<T, R>(self, answer: impl FnOnce(Ask<'_>) -> Result<R, Refused>) -> Result<R, Refused> {
        if self.depth >= DEPTH || self.explorer.is_exhausted() {
            return Err(Refused);
        }
        let type_name = type_name::<T>();
        let mut trail = self.trail;
        let mut node = self.node;
        let mut is_repeated = self.is_repeated;
        while let Some(outer) = trail {
            if outer.type_name == type_name && outer.node != node {
                let above = outer.node;
                let same = |kind: &Kind| matches!(kind, Kind::Above(id) if *id == above);
                self.explorer.is_kind(node, same, || Kind::Above(above));
                (node, is_repeated) = (above, true);
                break;
            }
            trail = outer.outer;
        }
        let trail = Trail { type_name, node, outer: self.trail };
        answer(Ask { explorer: self.explorer, node, trail: Some(&trail), depth: self.depth + 1, is_repeated })
    }

    /// Answers for the data of a variant, which is part of its enum and no type of its own.
    pub(super) fn deeper<R>(self, answer: impl FnOnce(Self) -> Result<R, Refused>) -> Result<R, Refused> {
        if self.depth >= DEPTH || self.explorer.is_exhausted() {
            return Err(Refused);
        }
        answer(Ask { depth: self.depth + 1, ..self })
    }

    /// Returns how many parts to give to a list or map: other numbers as they are refused.
    pub(super) fn count(&self, parts: &[Id]) -> usize {
        if self.is_repeated || parts.iter().any(|part| self.explorer.failures(*part) >= ATTEMPTS) {
            return 0;
        }
        match self.failures() {
            0 => 1,
            1 => 0,
            failures => failures,
        }
    }

    /// Takes note that the part is a list, and returns its element.
    pub(super) fn element(&self) -> Id {
        let explorer = self.explorer;
        explorer.is_kind(self.node, |kind| matches!(kind, Kind::List(_)), || Kind::List(explorer.add()));
        match explorer.node(self.node).kind {
            Kind::List(element) => element,
            _ => explorer.add(),
        }
    }
}
