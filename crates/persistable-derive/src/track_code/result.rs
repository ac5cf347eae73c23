//! Advice on what the methods of a step return.

use syn::{Error, ReturnType, Signature, Type};

/// The crates whose `Result` has an error of its own that `?` turns into that of `StepResult`.
const CRATES: &[&str] = &["anyhow", "color_eyre", "eyre", "miette"];

/// Returns what to write where a method returns the `Result` of another crate.
pub(super) fn advice(signature: &Signature) -> Option<Error> {
    let ReturnType::Type(_, returned) = &signature.output else { return None };
    let Type::Path(path) = &**returned else { return None };
    let (first, last) = (path.path.segments.first()?, path.path.segments.last()?);
    if last.ident != "Result" || !CRATES.iter().any(|name| first.ident == name) {
        return None;
    }
    let message = format!(
        "`{}` returns `persistable::StepResult<…>`: write that, and leave the rest as it is, since `?` turns the errors of `{}` into its own",
        signature.ident, first.ident
    );
    Some(Error::new_spanned(returned, message))
}
