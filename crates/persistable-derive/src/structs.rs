//! What is derived for a struct.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{DataStruct, DeriveInput, Error, Generics, Member, Result};

use crate::attributes::{Argument, Place, entries};
use crate::bounds::with_bounds;
use crate::field::{Field, Role};
use crate::type_name::Arguments;
use crate::untracked;

/// Derives for a struct: a type with params, and a param itself unless it has dependencies.
pub(crate) fn expand(input: &DeriveInput, data: &DataStruct) -> Result<TokenStream> {
    let mut name = None;
    let mut transparent = None;
    for entry in entries(&input.attrs, Place::Struct)? {
        match entry.argument {
            Argument::Name(text) => name = Some(text),
            _ => transparent = Some(entry.span),
        }
    }
    let arguments = Arguments::read(input)?;
    let fields = Field::all(&data.fields, Place::StructField)?;
    let constructor = with_defaults(input, arguments.generics(), &fields);
    let type_name = arguments.type_name_impl(input, name.as_ref());
    if let Some(span) = transparent {
        if name.is_some() {
            let reason =
                "`name` and `transparent` contradict each other: a transparent struct is keyed without its name";
            return Err(Error::new(span, reason));
        }
        let value = transparent_impl(input, arguments.generics(), &fields, span)?;
        return Ok(quote!(#value #type_name #constructor));
    }

    let span = Span::mixed_site();
    let generics = arguments.with_names(with_bounds(arguments.generics(), &fields));
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let ident = &input.ident;
    let params = params(&fields);
    let dependencies = dependencies(&fields);
    let param = dependencies.is_none().then(|| {
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
    });
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
        #param
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

fn dependencies(fields: &[Field<'_>]) -> Option<TokenStream> {
    let span = Span::mixed_site();
    let places: Vec<TokenStream> = fields
        .iter()
        .filter(|field| field.role == Role::Dependency)
        .map(|field| {
            let (name, member) = (field.keyed_name(), &field.member);
            quote_spanned!(field.span()=> dependencies.push_field(#name, &self.#member);)
        })
        .collect();
    (!places.is_empty()).then(|| {
        quote_spanned! {span=>
            fn tracked_persistable_dependencies(&self) -> ::persistable::Dependencies {
                let mut dependencies = ::persistable::Dependencies::new();
                #(#places)*
                dependencies
            }
        }
    })
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
    Ok(quote_spanned! {span=>
        #[automatically_derived]
        #[allow(deprecated)]
        impl #impl_generics ::persistable::Param for #ident #type_generics #where_clause {
            fn to_value(&self) -> ::core::result::Result<::persistable::Value, ::persistable::ParamError> {
                #value
            }
        }
    })
}

/// The constructor from the fields without a default, if any field has one.
fn with_defaults(input: &DeriveInput, generics: &Generics, fields: &[Field<'_>]) -> Option<TokenStream> {
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
