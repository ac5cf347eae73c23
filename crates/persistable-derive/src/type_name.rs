//! The name under which a type stands in keys, and its path.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{DeriveInput, GenericParam, Generics, LitStr, Result, parse_quote};

use crate::attributes::{Carrier, settings};

/// What a type is generic over, as far as its name is concerned.
pub(crate) struct Arguments {
    /// The generics without what is for the derive alone.
    generics: Generics,
    /// The type parameters that are part of the name.
    named: Vec<Ident>,
}

impl Arguments {
    /// Reads which type parameters are part of the name: all that are not `#[param(untracked)]`.
    pub(crate) fn read(input: &DeriveInput) -> Result<Self> {
        let mut generics = input.generics.clone();
        let mut named = Vec::new();
        for parameter in generics.type_params_mut() {
            if settings(&parameter.attrs, Carrier::TypeParameter)?.is_empty() {
                named.push(parameter.ident.clone());
            }
            parameter.attrs.retain(|attribute| !attribute.path().is_ident("param"));
        }
        Ok(Self { generics, named })
    }

    /// The generics as the type declares them.
    pub(crate) fn generics(&self) -> &Generics {
        &self.generics
    }

    /// Adds that each type parameter that is part of the name has one.
    pub(crate) fn with_names(&self, mut generics: Generics) -> Generics {
        if !self.named.is_empty() {
            let bounds =
                self.named.iter().map(|ident| -> syn::WherePredicate { parse_quote!(#ident: ::persistable::TypeName) });
            generics.make_where_clause().predicates.extend(bounds);
        }
        generics
    }

    /// Implements `TypeName`: the name is that of the type, or `declared` where the user gave one.
    pub(crate) fn type_name_impl(&self, input: &DeriveInput, declared: Option<&LitStr>) -> TokenStream {
        let span = Span::mixed_site();
        let ident = &input.ident;
        let own = ident.unraw().to_string();
        let name = declared.map_or_else(|| own.clone(), LitStr::value);
        let name = self.with_arguments(&quote!(#name), &Ident::new("type_name", span));
        let path = quote_spanned!(span=> ::core::concat!(::core::module_path!(), "::", #own));
        let path = self.with_arguments(&path, &Ident::new("type_path", span));
        let generics = self.with_names(self.generics.clone());
        let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
        quote_spanned! {span=>
            #[automatically_derived]
            #[allow(deprecated)]
            impl #impl_generics ::persistable::TypeName for #ident #type_generics #where_clause {
                fn type_name() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                    #name
                }

                fn type_path() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                    #path
                }
            }
        }
    }

    /// Adds to `name` what the type is generic over, each by its `method`.
    ///
    /// `Pair<u8, f64>` and `Pair<f64, u8>` are two types, while a lifetime tells no values apart. An argument is written
    /// also where it is the default: `Pair<u8>` would stay the same name when that default changes.
    fn with_arguments(&self, name: &TokenStream, method: &Ident) -> TokenStream {
        let span = Span::mixed_site();
        let arguments: Vec<(&str, TokenStream)> = self
            .generics
            .params
            .iter()
            .filter_map(|parameter| match parameter {
                GenericParam::Lifetime(_) => None,
                GenericParam::Type(parameter) => {
                    let ident = &parameter.ident;
                    let name = quote_spanned!(span=> <#ident as ::persistable::TypeName>::#method());
                    self.named.contains(ident).then_some(("{}", name))
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
}
