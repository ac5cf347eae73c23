//! `#[track_code]`: the digest of an item's source tokens, and what the item uses.

mod arguments;
mod digest;
mod name;
mod result;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, Error, ImplItem, Item, ItemFn, ItemImpl, Result, Type, parse_quote_spanned};

use arguments::Arguments;
use name::text_of;

/// Adds to the item in `item` what says which code it is.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let Arguments { uses } = syn::parse2(arguments)?;
    let digest = digest::digest(item.clone());
    match syn::parse2(item)? {
        Item::Fn(function) => of_function(&function, &digest, &uses),
        Item::Impl(block) if block.trait_.is_some() => of_step(block, &digest, &uses),
        Item::Impl(block) => Ok(of_methods(&block, &digest, &uses)),
        _ => {
            let message =
                "`#[track_code]` belongs on a function, on `impl Step for …`, or on a type's own `impl` block";
            Err(Error::new(Span::call_site(), message))
        }
    }
}

/// Adds `code_digest` and `code` to the block that implements a step.
fn of_step(mut block: ItemImpl, digest: &str, uses: &[Type]) -> Result<TokenStream> {
    for item in &block.items {
        if let ImplItem::Fn(function) = item
            && (function.sig.ident == "code_digest" || function.sig.ident == "code")
        {
            let ident = &function.sig.ident;
            let message = format!("`#[track_code]` writes `{ident}` itself: remove one of the two");
            return Err(Error::new_spanned(ident, message));
        }
        if let ImplItem::Fn(function) = item
            && let Some(advice) = result::advice(&function.sig)
        {
            return Err(advice);
        }
    }
    let Some((_, step, _)) = &block.trait_ else {
        return Ok(block.into_token_stream());
    };
    let step = step.segments.last().map(|segment| segment.ident.unraw().to_string()).unwrap_or_default();
    let name = format!("impl {step} for {}", text_of(&block.self_ty));
    let span = Span::mixed_site();
    let visit = visit(&name, digest, uses);
    block.items.push(parse_quote_spanned! {span=>
        fn code_digest(&self) -> ::core::option::Option<&'static ::core::primitive::str> {
            ::core::option::Option::Some(#digest)
        }
    });
    block.items.push(parse_quote_spanned! {span=>
        fn code(&self) -> ::persistable::CodeRecord {
            let mut code = ::persistable::__private::TrackedItems::new();
            let code = &mut code;
            #visit
            ::persistable::__private::TrackedItems::take(code)
        }
    });
    Ok(block.into_token_stream())
}

/// Makes the type of a block of methods one that `uses` can name.
fn of_methods(block: &ItemImpl, digest: &str, uses: &[Type]) -> TokenStream {
    let name = format!("impl {}", text_of(&block.self_ty));
    let (impl_generics, _, where_clause) = block.generics.split_for_impl();
    let ty = &block.self_ty;
    let visit = visit(&name, digest, uses);
    let tracked = tracked(&impl_generics.to_token_stream(), ty, where_clause, &visit);
    let cfg = cfg_of(&block.attrs);
    quote!(#block #cfg #tracked)
}

/// Adds a type of the function's own name, which `uses` can name and which `use` imports with the function.
fn of_function(function: &ItemFn, digest: &str, uses: &[Type]) -> Result<TokenStream> {
    let signature = &function.sig;
    if let Some(receiver) = signature.receiver() {
        let message = "put `#[track_code]` on the whole `impl` block: a single method can't be tracked";
        return Err(Error::new_spanned(receiver, message));
    }
    let (ident, visibility) = (&signature.ident, &function.vis);
    let visit = visit(&ident.unraw().to_string(), digest, uses);
    let tracked = tracked(&TokenStream::new(), ident, None, &visit);
    let cfg = cfg_of(&function.attrs);
    Ok(quote! {
        #function

        #cfg
        #[doc(hidden)]
        #[allow(dead_code, missing_debug_implementations, non_camel_case_types, unreachable_pub)]
        #visibility enum #ident {}

        #cfg
        #tracked
    })
}

/// The conditions under which the item is there at all.
fn cfg_of(attributes: &[Attribute]) -> TokenStream {
    let cfg = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    quote!(#(#cfg)*)
}

fn tracked(
    impl_generics: &TokenStream,
    ty: &impl ToTokens,
    where_clause: Option<&syn::WhereClause>,
    visit: &TokenStream,
) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        #[automatically_derived]
        #[allow(deprecated)]
        impl #impl_generics ::persistable::__private::TrackedCode for #ty #where_clause {
            fn add_to(code: &mut ::persistable::__private::TrackedItems) {
                #visit
            }
        }
    }
}

/// Statements that add the item to `code`, and then what it uses.
fn visit(name: &str, digest: &str, uses: &[Type]) -> TokenStream {
    let span = Span::mixed_site();
    let uses =
        uses.iter().map(|used| quote_spanned!(span=> <#used as ::persistable::__private::TrackedCode>::add_to(code);));
    quote_spanned! {span=>
        let item = ::persistable::__private::TrackedItem {
            name: ::core::concat!(::core::module_path!(), "::", #name),
            file: ::core::file!(),
            line: ::core::line!(),
            digest: #digest,
        };
        if ::persistable::__private::TrackedItems::enter::<Self>(code, &item) {
            #(#uses)*
        }
    }
}
