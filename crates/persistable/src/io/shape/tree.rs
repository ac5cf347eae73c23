//! A shape in memory.

/// What a type consists of, as serde reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TypeShape {
    /// What cannot be told without a value. It agrees with everything.
    Any,
    /// A plain value, by its name, such as `f64`.
    Plain(&'static str),
    Option(Box<TypeShape>),
    List(Box<TypeShape>),
    Tuple(Vec<TypeShape>),
    Map(Box<TypeShape>, Box<TypeShape>),
    Struct(Vec<(String, TypeShape)>),
    /// The variants; one without data has no shape.
    Enum(Vec<(String, Option<TypeShape>)>),
    /// The shape that is so many levels above: the type contains itself.
    Above(usize),
}
