//! What is derived for an enum.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{DataEnum, DeriveInput, Result};

use crate::attributes::{Argument, Carrier, settings};
use crate::bounds::with_bounds;
use crate::field::Role;
use crate::lifetimes::borrows;
use crate::type_name::Arguments;
use crate::variant::read;
use crate::{enum_of_params, enum_of_steps, untracked};

/// Derives for an enum: a param, whose value is the variant's name and its data; or, if a variant holds steps, what a field can
/// hold that is marked as a dependency.
pub(crate) fn expand(input: &DeriveInput, data: &DataEnum) -> Result<TokenStream> {
    let mut name = None;
    for entry in settings(&input.attrs, Carrier::Enum)? {
        if let Argument::Name(text) = entry.argument {
            name = Some(text);
        }
    }
    let variants = read(data)?;
    let all_fields = || variants.iter().flat_map(|(_, _, fields)| fields);
    let arguments = Arguments::read(input)?;
    let type_name = arguments.type_name_impl(input, name.as_ref());
    let generics = arguments.with_names(with_bounds(arguments.generics(), all_fields()));
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let ident = &input.ident;
    let checks = untracked::checks(all_fields());
    let span = Span::mixed_site();
    let (implemented, method) = match all_fields().find(|field| field.role == Role::Dependency) {
        Some(dependency) => {
            if let Some(lifetime) = input.generics.lifetimes().next() {
                return Err(borrows(lifetime, dependency));
            }
            (quote_spanned!(span=> ::persistable::__private::AsDependencies), enum_of_steps::method(&variants, &checks))
        }
        None => (quote_spanned!(span=> ::persistable::Param), enum_of_params::method(&variants, &checks)),
    };
    Ok(quote_spanned! {span=>
        #[automatically_derived]
        #[allow(deprecated, unreachable_code)]
        impl #impl_generics #implemented for #ident #type_generics #where_clause {
            #method
        }

        #type_name
    })
}
