//! A shape in memory.

/// What a type consists of, as serde reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// What cannot be told without a value. It agrees with everything.
    Any,
    /// A plain value, by its name, such as `f64`.
    Plain(&'static str),
    Option(Box<Shape>),
    List(Box<Shape>),
    Tuple(Vec<Shape>),
    Map(Box<Shape>, Box<Shape>),
    Struct(Vec<(String, Shape)>),
    /// The variants; one without data has no shape.
    Enum(Vec<(String, Option<Shape>)>),
    /// The shape that is so many levels above: the type contains itself.
    Above(usize),
}
