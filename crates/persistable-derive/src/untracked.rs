//! What a method needs that looks at fields: the check that no untracked one holds a step.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Type;
use syn::spanned::Spanned;

use crate::field::{Field, Role};

/// What the compiler is asked of a field's type needs this trait. After it come statements that compile only if no untracked field
/// holds a step. They stand in a method, where the type's parameters are known, and do nothing.
pub(crate) fn checks<'a>(fields: impl IntoIterator<Item = &'a Field<'a>>) -> TokenStream {
    let mut types = Vec::new();
    for field in fields.into_iter().filter(|field| field.role == Role::Untracked) {
        parts(field.ty, &mut types);
    }
    let span = Span::mixed_site();
    let checks = types.iter().map(|ty| {
        let span = ty.span().resolved_at(span);
        quote_spanned! {span=>
            ::persistable::__private::FieldType::<#ty>::accept_untracked(
                ::persistable::__private::FieldType::<#ty>::of().content()
            );
        }
    });
    quote_spanned! {span=>
        #[allow(unused_imports)]
        use ::persistable::__private::MayHoldAnything as _;
        #(#checks)*
    }
}

/// Adds the types that a type consists of, as far as the compiler has no one trait for them all.
fn parts<'a>(ty: &'a Type, types: &mut Vec<&'a Type>) {
    match ty {
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|part| parts(part, types)),
        Type::Paren(inner) => parts(&inner.elem, types),
        Type::Group(inner) => parts(&inner.elem, types),
        ty => types.push(ty),
    }
}
