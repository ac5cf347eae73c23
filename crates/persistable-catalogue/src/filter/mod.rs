//! The language of filters, as in pandas' `query`: `n > 100 and points.random_state == 10`.
//!
//! The grammar, from weak to strong:
//!
//! ```text
//! filter     = and ("or" and)*
//! and        = not ("and" not)*
//! not        = "not" not | comparison
//! comparison = "(" filter ")"
//!            | value (("==" | "=" | "!=" | "<" | "<=" | ">" | ">=") value)*     100 < n <= 1000
//!            | value ["not"] "in" "[" value ("," value)* "]"
//!            | value ["not"] "contains" value                                   for texts
//!            | value "is" ["not"] "missing"
//!            | path                                                              whether it is true
//! value      = path | number with an optional unit (10GB, 7d) | "text" | 'text' | true | false | none | 2026-11-28
//! path       = name ("." name)* | "." fact;  `odd names` in backticks, name[2] for the third dependency of a name
//! ```

mod error;
mod expression;
mod literal;
mod parser;
mod token;

pub(crate) use expression::{Expression, Operand, Operator, PathRef, Segment};
pub(crate) use literal::Literal;
pub use literal::{age_in_seconds, size_in_bytes};

use std::fmt;
use std::str::FromStr;

use crate::error::Error;

/// A condition on artifacts, parsed.
///
/// ```
/// use persistable_catalogue::Filter;
///
/// let filter: Filter = "n > 100 and points.random_state == 10".parse()?;
/// let error = "n > and seed == 1".parse::<Filter>().unwrap_err();
/// assert!(error.to_string().contains("n > and seed == 1\n      ^^^"));
/// # Ok::<(), persistable_catalogue::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Filter {
    text: String,
    pub(crate) expression: Expression,
}

impl Filter {
    /// Says what is wrong at a path of the filter, and points at it.
    pub(crate) fn wrong_at(&self, path: &PathRef, message: &str) -> Error {
        error::at(&self.text, path.span.clone(), message)
    }

    /// Returns each path that must have one value, if the filter says nothing else.
    pub(crate) fn equalities(&self) -> Option<Vec<(&PathRef, &Literal)>> {
        fn collect<'a>(expression: &'a Expression, found: &mut Vec<(&'a PathRef, &'a Literal)>) -> bool {
            match expression {
                Expression::All(parts) => parts.iter().all(|part| collect(part, found)),
                Expression::Compare(Operand::Path(path), Operator::Equal, Operand::Literal(literal)) => {
                    found.push((path, literal));
                    true
                }
                _ => false,
            }
        }
        let mut found = Vec::new();
        collect(&self.expression, &mut found).then_some(found)
    }
}

impl FromStr for Filter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let expression = parser::parse(text)?;
        Ok(Self { text: text.to_owned(), expression })
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
