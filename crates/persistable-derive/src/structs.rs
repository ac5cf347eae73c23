//! What is derived for a struct.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DataStruct, DeriveInput, Error, Generics, Member, Result};

use crate::attributes::{Argument, Carrier, settings};
use crate::bounds::with_bounds;
use crate::constructor::with_defaults;
use crate::field::{Field, Role};
use crate::lifetimes::borrows;
use crate::type_name::Arguments;
use crate::untracked;

/// Derives for a struct: a type with params, and a param itself unless it has dependencies.
pub(crate) fn expand(input: &DeriveInput, data: &DataStruct) -> Result<TokenStream> {
    let mut name = None;
    let mut transparent = None;
    let mut order = None;
    for entry in settings(&input.attrs, Carrier::Struct)? {
        match entry.argument {
            Argument::Name(text) => name = Some(text),
            Argument::Order(members) => order = Some((members, entry.span)),
            _ => transparent = Some(entry.span),
        }
    }
    let arguments = Arguments::read(input)?;
    let fields = Field::all(&data.fields, Carrier::StructField)?;
    let constructor = with_defaults(input, arguments.generics(), &fields);
    let type_name = arguments.type_name_impl(input, name.as_ref());
    if let Some(span) = transparent {
        if name.is_some() {
            let reason =
                "`name` and `transparent` contradict each other: a transparent struct is keyed without its name";
            return Err(Error::new(span, reason));
        }
        if let Some((_, span)) = order {
            return Err(Error::new(span, "a transparent struct has no dependencies that could have an order"));
        }
        let value = transparent_impl(input, arguments.generics(), &fields, span)?;
        return Ok(quote!(#value #type_name #constructor));
    }

    let span = Span::mixed_site();
    let generics = arguments.with_names(with_bounds(arguments.generics(), &fields));
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let ident = &input.ident;
    let params = params(&fields);
    let dependencies = dependencies(input, &fields, order)?;
    let as_field = if dependencies.is_some() {
        quote_spanned! {span=>
            #[automatically_derived]
            #[allow(deprecated)]
            impl #impl_generics ::persistable::__private::AsDependencies for #ident #type_generics #where_clause {
                fn collect(&self) -> ::core::result::Result<::persistable::__private::Collected, ::persistable::ParamError> {
                    ::persistable::__private::collected(
                        <Self as ::persistable::PersistableParams>::type_name(),
                        ::persistable::PersistableParams::params(self)?,
                        ::persistable::PersistableParams::tracked_persistable_dependencies(self),
                    )
                }
            }
        }
    } else {
        quote_spanned! {span=>
            #[automatically_derived]
            #[allow(deprecated)]
            impl #impl_generics ::persistable::Param for #ident #type_generics #where_clause {
                fn to_value(&self) -> ::core::result::Result<::persistable::Value, ::persistable::ParamError> {
                    let name = <Self as ::persistable::PersistableParams>::type_name();
                    let fields = ::persistable::PersistableParams::params(self)?;
                    ::core::result::Result::Ok(::persistable::Value::Record(::persistable::__private::Record::new(name, fields)))
                }
            }
        }
    };
    Ok(quote_spanned! {span=>
        #[automatically_derived]
        #[allow(deprecated)]
        impl #impl_generics ::persistable::PersistableParams for #ident #type_generics #where_clause {
            fn type_name() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                <Self as ::persistable::TypeName>::type_name()
            }

            fn type_path() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                <Self as ::persistable::TypeName>::type_path()
            }

            #params

            #dependencies
        }
        #as_field
        #type_name
        #constructor
    })
}

fn params(fields: &[Field<'_>]) -> TokenStream {
    let span = Span::mixed_site();
    let local = quote_spanned!(span=> fields);
    let tracked: Vec<_> = fields.iter().filter(|field| field.role == Role::Param).collect();
    let pushes = tracked.iter().map(|field| {
        let member = &field.member;
        let push = field.push(&local, &quote_spanned!(field.span()=> &self.#member));
        quote_spanned!(span=> { #push })
    });
    let mutable = (!tracked.is_empty()).then(|| quote!(mut));
    let count = tracked.len();
    let checks = untracked::checks(fields);
    quote_spanned! {span=>
        fn params(&self) -> ::core::result::Result<::persistable::Fields, ::persistable::ParamError> {
            #checks
            let #mutable #local = ::persistable::Fields::with_capacity(#count);
            #(#pushes)*
            ::core::result::Result::Ok(#local)
        }
    }
}

/// The method that returns the dependencies, if there are any: in the order of the fields, or in the one given.
fn dependencies(
    input: &DeriveInput,
    fields: &[Field<'_>],
    order: Option<(Vec<Member>, Span)>,
) -> Result<Option<TokenStream>> {
    let span = Span::mixed_site();
    let mut marked: Vec<_> = fields.iter().filter(|field| field.role == Role::Dependency).collect();
    if let Some((order, span)) = order {
        let names_each = order.len() == marked.len() && marked.iter().all(|field| order.contains(&field.member));
        if !names_each {
            let names: Vec<String> = marked.iter().map(|field| field.name()).collect();
            let message = format!("`dependency_order` names each dependency once: [{}]", names.join(", "));
            return Err(Error::new(span, message));
        }
        marked.sort_by_key(|field| order.iter().position(|member| *member == field.member));
    }
    let Some(first) = marked.first() else { return Ok(None) };
    if let Some(lifetime) = input.generics.lifetimes().next() {
        return Err(borrows(lifetime, first));
    }
    let local = quote_spanned!(span=> dependencies);
    let pushes = marked.iter().map(|field| {
        let member = &field.member;
        field.push_dependency(&local, &quote_spanned!(field.span()=> &self.#member))
    });
    Ok(Some(quote_spanned! {span=>
        fn tracked_persistable_dependencies(&self) -> ::persistable::Dependencies {
            let mut #local = ::persistable::Dependencies::new();
            #(#pushes)*
            #local
        }
    }))
}

fn transparent_impl(input: &DeriveInput, generics: &Generics, fields: &[Field<'_>], span: Span) -> Result<TokenStream> {
    let [field] = fields else {
        let message = format!("`transparent` needs a struct with exactly one field; this one has {}", fields.len());
        return Err(Error::new(span, message));
    };
    if let Some((name, span)) = &field.shaping {
        let message =
            format!("`{name}` has nothing to act on: a transparent struct is keyed as the field's bare value");
        return Err(Error::new(*span, message));
    }
    let generics = with_bounds(generics, fields);
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let (ident, member, span) = (&input.ident, &field.member, Span::mixed_site());
    let value = field.encode(&quote_spanned!(field.span()=> &self.#member));
    let checks = untracked::checks([]);
    Ok(quote_spanned! {span=>
        #[automatically_derived]
        #[allow(deprecated)]
        impl #impl_generics ::persistable::Param for #ident #type_generics #where_clause {
            fn to_value(&self) -> ::core::result::Result<::persistable::Value, ::persistable::ParamError> {
                #checks
                #value
            }
        }
    })
}
