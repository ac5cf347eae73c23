//! What is derived for an enum.

mod steps;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::ext::IdentExt;
use syn::{DataEnum, DeriveInput, Error, Fields, Result, Variant};

use crate::attributes::{Argument, Carrier, entries};
use crate::bounds::with_bounds;
use crate::field::{Field, Role, combine};
use crate::structs::borrows;
use crate::type_name::Arguments;
use crate::untracked;

/// Derives for an enum: a param, whose value is the variant's name and its data; or, if a variant holds steps, what a field can
/// hold that is marked as a dependency.
pub(crate) fn expand(input: &DeriveInput, data: &DataEnum) -> Result<TokenStream> {
    let mut name = None;
    for entry in entries(&input.attrs, Carrier::Enum)? {
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
            (quote_spanned!(span=> ::persistable::__private::AsDependencies), steps::method(&variants, &checks))
        }
        None => (quote_spanned!(span=> ::persistable::Param), method(&variants, &checks)),
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

/// The method of `Param`.
fn method(variants: &[Read<'_>], checks: &TokenStream) -> TokenStream {
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

type Read<'a> = (&'a Variant, String, Vec<Field<'a>>);

/// Reads every variant with the name it is keyed under, reporting every mistake at once.
fn read(data: &DataEnum) -> Result<Vec<Read<'_>>> {
    let mut variants: Vec<Read<'_>> = Vec::new();
    let mut mistakes: Option<Error> = None;
    for variant in &data.variants {
        match read_variant(variant) {
            Err(error) => combine(&mut mistakes, error),
            Ok((_, name, _)) if variants.iter().any(|(_, earlier, _)| *earlier == name) => {
                let message = format!("two variants would be keyed as `{name}`: see their `name`");
                combine(&mut mistakes, Error::new_spanned(variant.ident.clone(), message));
            }
            Ok(read) => variants.push(read),
        }
    }
    mistakes.map_or(Ok(variants), Err)
}

fn read_variant(variant: &Variant) -> Result<Read<'_>> {
    let mut name = variant.ident.unraw().to_string();
    for entry in entries(&variant.attrs, Carrier::Variant)? {
        if let Argument::Name(text) = entry.argument {
            name = text.value();
        }
    }
    let fields = Field::all(&variant.fields, Carrier::VariantField)?;
    if let Fields::Unnamed(_) = variant.fields {
        for field in &fields {
            if let Some((name, span)) = field.shaping.as_ref().filter(|(name, _)| acts_on_name(name)) {
                let message = format!("`{name}` needs a field with a name: positional data is keyed by position");
                return Err(Error::new(*span, message));
            }
        }
    }
    Ok((variant, name, fields))
}

/// Whether an attribute acts on the name under which a field is keyed.
fn acts_on_name(attribute: &str) -> bool {
    !matches!(attribute, "untracked" | "dependency")
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

/// The fields that are in the key, each with the local that its value is bound to.
fn bound<'a>(fields: &'a [Field<'a>]) -> Vec<(&'a Field<'a>, Ident)> {
    let tracked = fields.iter().filter(|field| field.role != Role::Untracked).enumerate();
    tracked.map(|(at, field)| (field, format_ident!("field_{at}", span = field.span()))).collect()
}

/// The patterns that bind them.
fn bindings(tracked: &[(&Field<'_>, Ident)]) -> Vec<TokenStream> {
    let binding = |(field, local): &(&Field<'_>, Ident)| {
        let member = &field.member;
        quote_spanned!(Span::mixed_site()=> #member: ref #local)
    };
    tracked.iter().map(binding).collect()
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
