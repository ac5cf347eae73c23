//! What is derived for an enum of which no variant holds steps: it is a param.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Fields, Variant};

use crate::field::Field;
use crate::variant::{Read, bindings, bound};

/// The method of `Param`.
pub(crate) fn method(variants: &[Read<'_>], checks: &TokenStream) -> TokenStream {
    let arms = variants.iter().map(|(variant, name, fields)| arm(variant, name, fields));
    quote_spanned! {Span::mixed_site()=>
        fn to_value(&self) -> ::core::result::Result<::persistable::Value, ::persistable::ParamError> {
            #checks
            let (member, data): (&'static ::core::primitive::str, ::core::option::Option<::persistable::Value>) =
                match *self {
                    #(#arms)*
                };
            ::core::result::Result::Ok(::persistable::Value::Enum(
                ::persistable::__private::EnumMember::new(
                    <Self as ::persistable::TypeName>::type_name(), member, data
                )
            ))
        }
    }
}

/// The arm that turns a variant into its name and its data.
fn arm(variant: &Variant, name: &str, fields: &[Field<'_>]) -> TokenStream {
    let span = Span::mixed_site();
    let ident = &variant.ident;
    let tracked = bound(fields);
    let bindings = bindings(&tracked);
    let data = data(variant, &tracked);
    quote_spanned!(span=> Self::#ident { #(#bindings,)* .. } => (#name, #data),)
}

fn data(variant: &Variant, tracked: &[(&Field<'_>, Ident)]) -> TokenStream {
    let span = Span::mixed_site();
    // Untracked fields leave no trace, so a variant with no others is keyed like one without data.
    if tracked.is_empty() {
        return quote_spanned!(span=> ::core::option::Option::None);
    }
    if let Fields::Unnamed(_) = variant.fields {
        let values = tracked.iter().map(|(field, local)| {
            let (encoded, member) = (field.encode(&local.to_token_stream()), &field.member);
            quote_spanned!(span=> #encoded.map_err(|error| error.at_index(#member))?)
        });
        return quote_spanned! {span=>
            ::core::option::Option::Some(::persistable::Value::Tuple(::std::vec![#(#values),*]))
        };
    }
    let fields = quote_spanned!(span=> fields);
    let pushes = tracked.iter().map(|(field, local)| {
        let push = field.push(&fields, &local.to_token_stream());
        quote_spanned!(span=> { #push })
    });
    let mut record = quote_spanned! {span=>
        ::core::option::Option::Some(::persistable::Value::Record(::persistable::__private::Record::new("", #fields)))
    };
    // Likewise where every field can be absent from the key: added to a variant without data, they must leave it as it was.
    if tracked.iter().all(|(field, _)| field.added_with_default.is_some()) {
        record = quote_spanned! {span=>
            if #fields.digest()? == ::persistable::Fields::new().digest()? {
                ::core::option::Option::None
            } else {
                #record
            }
        };
    }
    quote_spanned! {span=> {
        let mut #fields = ::persistable::Fields::new();
        #(#pushes)*
        #record
    }}
}
