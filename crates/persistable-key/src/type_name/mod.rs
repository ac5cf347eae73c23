//! The names of types, as far as keys need them.

mod library;
mod own;

use std::borrow::Cow;

/// The name of a type: what a key says of a type that another is generic over.
///
/// The name does not depend on the compiler, whose own `std::any::type_name` may change with each version. The derive of
/// `PersistableParams` implements this for structs and enums, with the name that was declared by
/// `#[param(name = "…")]`. By hand it reads:
///
/// ```
/// use std::borrow::Cow;
///
/// use persistable_key::TypeName;
///
/// trait Kernel {}
///
/// impl TypeName for dyn Kernel {
///     fn type_name() -> Cow<'static, str> {
///         "dyn Kernel".into()
///     }
/// }
///
/// assert_eq!(Vec::<Box<dyn Kernel>>::type_name(), "Vec<Box<dyn Kernel>>");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no name for keys",
    label = "is an argument of a generic type, and so part of its name",
    note = "a struct or an enum gets a name by `#[derive(PersistableParams)]`, also one without fields",
    note = "in place of a type of another crate, use a marker of your own that derives it",
    note = "where the argument does not change the payload, write `#[param(untracked)]` before the type parameter: `struct Fit<#[param(untracked)] P>`"
)]
pub trait TypeName {
    /// Returns the name without modules and lifetimes, with what the type is generic over: `Pair<u8, String>`.
    fn type_name() -> Cow<'static, str>;

    /// Returns the name with modules: it tells types of one name apart, and is not part of a key.
    fn type_path() -> Cow<'static, str> {
        Self::type_name()
    }
}

/// Implements the trait for types without arguments, or with type arguments that count.
macro_rules! named {
    ($($name:literal: $ty:ty;)*) => {$(
        impl $crate::type_name::TypeName for $ty {
            fn type_name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed($name)
            }
        }
    )*};
}

/// Implements the trait for generic types, whose name is a format of those of their arguments.
macro_rules! generic {
    ($($format:literal, $($argument:ident),+ => [$($bounds:tt)*] $ty:ty;)*) => {$(
        impl<$($bounds)*> $crate::type_name::TypeName for $ty {
            fn type_name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Owned(format!($format, $(<$argument as $crate::type_name::TypeName>::type_name()),+))
            }

            fn type_path() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Owned(format!($format, $(<$argument as $crate::type_name::TypeName>::type_path()),+))
            }
        }
    )*};
}

pub(crate) use {generic, named};
