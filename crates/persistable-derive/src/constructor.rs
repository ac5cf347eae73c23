//! The constructor of a struct with defaults.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::{DeriveInput, Generics, Member};

use crate::field::Field;

/// The constructor from the fields without a default, if any field has one.
pub(crate) fn with_defaults(input: &DeriveInput, generics: &Generics, fields: &[Field<'_>]) -> Option<TokenStream> {
    let span = Span::mixed_site();
    let mut parameters = Vec::new();
    let mut values = Vec::new();
    let mut defaulted = Vec::new();
    for field in fields {
        let (member, ty) = (&field.member, field.ty);
        if let Some(default) = field.default_value() {
            defaulted.push(format!("`{}`", field.name()));
            values.push(quote_spanned!(span=> #member: #default));
        } else {
            let parameter = parameter(member);
            values.push(quote_spanned!(span=> #member: #parameter));
            parameters.push(quote_spanned!(span=> #parameter: #ty));
        }
    }
    if defaulted.is_empty() {
        return None;
    }
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let (ident, visibility) = (&input.ident, &input.vis);
    let doc = format!("Creates it with the defaults of {}.", defaulted.join(", "));
    Some(quote_spanned! {span=>
        #[automatically_derived]
        impl #impl_generics #ident #type_generics #where_clause {
            #[doc = #doc]
            #[allow(dead_code, deprecated, private_interfaces, unreachable_pub, clippy::too_many_arguments)]
            #[must_use]
            #visibility fn with_defaults(#(#parameters),*) -> Self {
                Self { #(#values),* }
            }
        }
    })
}

/// The parameter for a field: out of reach of the default expressions, which are to mean the same everywhere.
fn parameter(member: &Member) -> Ident {
    match member {
        Member::Named(ident) => {
            let mut ident = ident.clone();
            ident.set_span(ident.span().resolved_at(Span::mixed_site()));
            ident
        }
        Member::Unnamed(index) => format_ident!("field_{}", index.index, span = Span::mixed_site()),
    }
}
