//! What is derived for an enum of which a variant holds steps.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Fields;

use crate::field::{Field, Role};
use crate::variant::{Read, bindings, bound};

/// The method of `AsDependencies`.
pub(crate) fn method(variants: &[Read<'_>], checks: &TokenStream) -> TokenStream {
    let arms = variants.iter().map(arm);
    quote_spanned! {Span::mixed_site()=>
        fn collect(&self) -> ::core::result::Result<::persistable::__private::Collected, ::persistable::ParamError> {
            #checks
            let type_name = <Self as ::persistable::TypeName>::type_name();
            ::core::result::Result::Ok(match *self {
                #(#arms)*
            })
        }
    }
}

fn arm((variant, name, fields): &Read<'_>) -> TokenStream {
    let span = Span::mixed_site();
    let ident = &variant.ident;
    let tracked = bound(fields);
    let bindings = bindings(&tracked);
    let collected = if tracked.is_empty() {
        quote_spanned!(span=> ::persistable::__private::variant(type_name, #name, ::core::option::Option::None))
    } else if let Fields::Unnamed(_) = variant.fields {
        positional(name, &tracked)
    } else {
        named(name, &tracked)
    };
    quote_spanned!(span=> Self::#ident { #(#bindings,)* .. } => #collected,)
}

fn positional(name: &str, tracked: &[(&Field<'_>, Ident)]) -> TokenStream {
    let span = Span::mixed_site();
    let pushes = tracked.iter().map(|(field, local)| {
        let (local, member) = (local.to_token_stream(), &field.member);
        if field.role == Role::Dependency {
            let held = field.collect(&local);
            quote_spanned!(span=> data.push_dependency(#held.map_err(|error| error.at_index(#member))?);)
        } else {
            let value = field.encode(&local);
            quote_spanned!(span=> data.push_param(#value.map_err(|error| error.at_index(#member))?);)
        }
    });
    quote_spanned! {span=> {
        let mut data = ::persistable::__private::Positional::new();
        #(#pushes)*
        ::persistable::__private::variant(type_name, #name, ::core::option::Option::Some(data.into_data()))
    }}
}

fn named(name: &str, tracked: &[(&Field<'_>, Ident)]) -> TokenStream {
    let span = Span::mixed_site();
    let (fields, dependencies) = (quote_spanned!(span=> fields), quote_spanned!(span=> dependencies));
    let pushes = tracked.iter().map(|(field, local)| {
        let local = local.to_token_stream();
        if field.role == Role::Dependency {
            field.push_dependency(&dependencies, &local)
        } else {
            let push = field.push(&fields, &local);
            quote_spanned!(span=> { #push })
        }
    });
    let can_be_empty = tracked.iter().all(|(field, _)| field.added_with_default.is_some());
    quote_spanned! {span=> {
        #[allow(unused_mut)]
        let (mut #fields, mut #dependencies) = (::persistable::Fields::new(), ::persistable::Dependencies::new());
        #(#pushes)*
        ::persistable::__private::named_variant(type_name, #name, #fields, #dependencies, #can_be_empty)?
    }}
}
