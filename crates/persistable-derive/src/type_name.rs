//! The name under which a type stands in keys, and its path.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{DeriveInput, GenericParam, LitStr};

/// An expression of type `Cow<'static, str>`: the name of the type, or `declared` where the user gave one, with what it
/// is generic over.
///
/// `Pair<u8, f64>` and `Pair<f64, u8>` are two types, while a lifetime tells no values apart. The arguments are written
/// one by one since `std::any::type_name` leaves out those that are a parameter's default: `Pair<u8>` would stay the
/// same name when that default changes.
pub(crate) fn type_name(input: &DeriveInput, declared: Option<&LitStr>) -> TokenStream {
    let name = declared.map_or_else(|| input.ident.unraw().to_string(), LitStr::value);
    let span = Span::mixed_site();
    with_arguments(input, &quote!(#name), &quote_spanned!(span=> ::persistable::__private::type_name_of))
}

/// An expression of type `Cow<'static, str>`: the type's own name with its module, whatever name was declared.
pub(crate) fn type_path(input: &DeriveInput) -> TokenStream {
    let name = input.ident.unraw().to_string();
    let span = Span::mixed_site();
    let path = quote_spanned!(span=> ::core::concat!(::core::module_path!(), "::", #name));
    with_arguments(input, &path, &quote_spanned!(span=> ::persistable::__private::type_name_of))
}

/// Adds to `name` what the type is generic over; `name_of` is the function that names a type.
fn with_arguments(input: &DeriveInput, name: &TokenStream, name_of: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let arguments: Vec<(&str, TokenStream)> = input
        .generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Lifetime(_) => None,
            GenericParam::Type(parameter) => {
                let ident = &parameter.ident;
                Some(("{}", quote_spanned!(span=> #name_of::<#ident>())))
            }
            GenericParam::Const(parameter) => {
                let ident = &parameter.ident;
                Some(("{:?}", quote!(#ident)))
            }
        })
        .collect();
    if arguments.is_empty() {
        return quote_spanned!(span=> ::std::borrow::Cow::Borrowed(#name));
    }
    let (holes, arguments): (Vec<&str>, Vec<TokenStream>) = arguments.into_iter().unzip();
    let format = format!("{{}}<{}>", holes.join(", "));
    quote_spanned!(span=> ::std::borrow::Cow::Owned(::std::format!(#format, #name, #(#arguments),*)))
}
