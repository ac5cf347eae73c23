//! What a filter says.

use std::fmt;
use std::ops::Range;

use super::literal::Literal;
use crate::params::segment;

/// A condition.
#[derive(Clone, Debug)]
pub(crate) enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Not(Box<Expression>),
    Compare(Operand, Operator, Operand),
    /// Whether the text has a part, or the list a member.
    Contains(Operand, Operand),
    Missing(PathRef),
    Truth(PathRef),
}

/// A side of a comparison.
#[derive(Clone, Debug)]
pub(crate) enum Operand {
    Path(PathRef),
    Literal(Literal),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// A name in a path, and which of several dependencies it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) name: String,
    pub(crate) index: Option<usize>,
}

/// A param, a param of a dependency, or a fact.
#[derive(Clone, Debug)]
pub(crate) struct PathRef {
    pub(crate) segments: Vec<Segment>,
    /// Whether the last name is a fact: it begins with a dot.
    pub(crate) is_fact: bool,
    pub(crate) span: Range<usize>,
}

impl PathRef {
    /// Makes the path of an own param or a fact.
    pub(crate) fn new(segments: Vec<Segment>, is_fact: bool, span: Range<usize>) -> Self {
        Self { segments, is_fact, span }
    }
}

impl fmt::Display for PathRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.segments.iter().enumerate() {
            if self.is_fact && at + 1 == self.segments.len() {
                write!(f, ".{}", part.name)?;
                continue;
            }
            if at > 0 {
                f.write_str(".")?;
            }
            f.write_str(&segment(&part.name))?;
            if let Some(index) = part.index {
                write!(f, "[{index}]")?;
            }
        }
        Ok(())
    }
}
