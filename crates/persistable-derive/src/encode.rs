//! The code that encodes a field and puts it among the params.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::field::{Encoding, Field};

impl Field<'_> {
    /// An expression of type `Result<Value, ParamError>` that encodes what `reference` refers to.
    pub(crate) fn encode(&self, reference: &TokenStream) -> TokenStream {
        let ty = self.ty;
        let span = self.span();
        match &self.encoding {
            Encoding::Param => quote_spanned! {span=>
                ::persistable::__private::FieldType::<#ty>::of().content().encode::<#ty>(#reference)
            },
            Encoding::With(path) => {
                let span = Span::mixed_site().located_at(path.span());
                quote_spanned!(span=> ::persistable::Param::to_value(&#path(#reference)))
            }
            Encoding::Bytes => quote_spanned! {span=>
                ::core::result::Result::Ok::<::persistable::Value, ::persistable::ParamError>(
                    ::persistable::Value::Bytes(<[::core::primitive::u8]>::to_vec(
                        <#ty as ::core::convert::AsRef<[::core::primitive::u8]>>::as_ref(#reference)
                    ))
                )
            },
        }
    }

    /// A statement that adds what the field holds, to which `reference` refers, to the local `dependencies`.
    pub(crate) fn push_dependency(&self, dependencies: &TokenStream, reference: &TokenStream) -> TokenStream {
        let (ty, span) = (self.ty, Span::mixed_site());
        let (name, keyed) = (self.name(), self.keyed_name());
        let held = self.collect(reference);
        let default = match &self.added_with_default {
            None => quote_spanned!(span=> ::core::option::Option::None),
            Some(default) => {
                let held = self.collect(&quote_spanned!(self.span()=> &default));
                quote_spanned!(span=> ::core::option::Option::Some({ let default: #ty = #default; #held }))
            }
        };
        quote_spanned!(span=> #dependencies.push_declared(#name, #keyed, #held, #default);)
    }

    /// An expression of type `Result<Collected, ParamError>`: the steps that the field holds, to which `reference` refers.
    pub(crate) fn collect(&self, reference: &TokenStream) -> TokenStream {
        let ty = self.ty;
        quote_spanned!(self.span()=> <#ty as ::persistable::__private::AsDependencies>::collect(#reference))
    }

    /// Like `encode`, returning from the function with the field's path on an error.
    pub(crate) fn encode_or_return(&self, reference: &TokenStream) -> TokenStream {
        let (name, encoded) = (self.name(), self.encode(reference));
        quote_spanned!(Span::mixed_site()=> #encoded.map_err(|error| error.in_field(#name))?)
    }

    /// Statements that push the field, whose value `reference` refers to, onto the local `fields`.
    pub(crate) fn push(&self, fields: &TokenStream, reference: &TokenStream) -> TokenStream {
        let (name, value) = (self.name(), self.encode_or_return(reference));
        let push = |value: TokenStream| match &self.renamed_from {
            Some(earlier) => quote_spanned!(Span::mixed_site()=> #fields.push_renamed(#name, #earlier, #value)),
            None => quote_spanned!(Span::mixed_site()=> #fields.push(#name, #value)),
        };
        let Some(default) = &self.added_with_default else {
            let push = push(value);
            return quote!(#push;);
        };
        let (span, ty) = (Span::mixed_site(), self.ty);
        let default_value = self.encode_or_return(&quote_spanned!(self.span()=> &default));
        let push = push(quote_spanned!(span=> value));
        quote_spanned! {span=>
            let value = #value;
            let default: #ty = #default;
            let default = #default_value;
            let bytes = value.canonical_bytes().map_err(|error| error.in_field(#name))?;
            if bytes == default.canonical_bytes().map_err(|error| error.in_field(#name))? {
                #fields.push_shown(#name, value);
            } else {
                #push;
            }
        }
    }
}
