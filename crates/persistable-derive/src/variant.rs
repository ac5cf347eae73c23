//! The variants of an enum.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::ext::IdentExt;
use syn::{DataEnum, Error, Fields, Result, Variant};

use crate::attributes::{Argument, Carrier, settings};
use crate::field::{Field, Role, combine};

/// A variant, with the name it is keyed under and its fields.
pub(crate) type Read<'a> = (&'a Variant, String, Vec<Field<'a>>);

/// Reads every variant with the name it is keyed under, reporting every mistake at once.
pub(crate) fn read(data: &DataEnum) -> Result<Vec<Read<'_>>> {
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
    for entry in settings(&variant.attrs, Carrier::Variant)? {
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

/// The fields that are in the key, each with the local that its value is bound to.
pub(crate) fn bound<'a>(fields: &'a [Field<'a>]) -> Vec<(&'a Field<'a>, Ident)> {
    let tracked = fields.iter().filter(|field| field.role != Role::Untracked).enumerate();
    tracked.map(|(at, field)| (field, format_ident!("field_{at}", span = field.span()))).collect()
}

/// The patterns that bind them.
pub(crate) fn bindings(tracked: &[(&Field<'_>, Ident)]) -> Vec<TokenStream> {
    let binding = |(field, local): &(&Field<'_>, Ident)| {
        let member = &field.member;
        quote_spanned!(Span::mixed_site()=> #member: ref #local)
    };
    tracked.iter().map(binding).collect()
}
