//! One field, and what its attributes make of it.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprPath, LitStr, Member, Result, Type};

use crate::attributes::{Argument, Carrier, Setting, settings};
use crate::dyn_step::refuse_dyn_step;

/// How a field's value becomes a `Value`.
pub(crate) enum Encoding {
    Param,
    Bytes,
    With(ExprPath),
}

/// Where a field ends up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Param,
    Untracked,
    Dependency,
}

/// A field of a struct or of an enum's variant.
pub(crate) struct Field<'a> {
    pub(crate) member: Member,
    pub(crate) ty: &'a Type,
    pub(crate) role: Role,
    pub(crate) encoding: Encoding,
    pub(crate) default: Option<Expr>,
    pub(crate) added_with_default: Option<Expr>,
    pub(crate) renamed_from: Option<LitStr>,
    /// An attribute that acts on a field's name or presence, which a `transparent` struct's field cannot have.
    pub(crate) shaping: Option<(String, Span)>,
}

/// Pairs that contradict each other, and why.
const CONTRADICTIONS: &[(&str, &str, &str)] = &[
    ("untracked", "dependency", "an untracked field is no part of the key, and a dependency always is"),
    ("untracked", "added_with_default", "an untracked field is no part of the key at any value"),
    ("untracked", "renamed_from", "an untracked field is no part of the key under any name"),
    ("untracked", "encode_with", "an untracked field is never encoded"),
    ("untracked", "bytes", "an untracked field is never encoded"),
    ("dependency", "encode_with", "a dependency is keyed by the step it holds"),
    ("dependency", "bytes", "a dependency is keyed by the step it holds"),
    ("encode_with", "bytes", "both say how the field is encoded"),
];

impl<'a> Field<'a> {
    /// Reads the fields of a struct or a variant, reporting every mistake at once.
    pub(crate) fn all(fields: &'a syn::Fields, carrier: Carrier) -> Result<Vec<Self>> {
        let mut read = Vec::new();
        let mut mistakes: Option<Error> = None;
        for (field, member) in fields.iter().zip(fields.members()) {
            match Self::read(field, member, carrier) {
                Ok(field) => read.push(field),
                Err(error) => combine(&mut mistakes, error),
            }
        }
        match mistakes {
            Some(mistakes) => Err(mistakes),
            None => distinct_names(&read).map(|()| read),
        }
    }

    fn read(field: &'a syn::Field, member: Member, carrier: Carrier) -> Result<Self> {
        let settings = settings(&field.attrs, carrier)?;
        refuse_contradictions(&settings)?;
        let mut read = Self {
            member,
            ty: &field.ty,
            role: Role::Param,
            encoding: Encoding::Param,
            default: None,
            added_with_default: None,
            renamed_from: None,
            shaping: None,
        };
        for Setting { name, span, argument } in settings {
            match name.as_str() {
                "added_with_default" | "renamed_from" => read.shaping = Some((name.clone(), span)),
                "untracked" | "dependency" if read.shaping.is_none() => read.shaping = Some((name.clone(), span)),
                _ => {}
            }
            match (name.as_str(), argument) {
                ("untracked", _) => read.role = Role::Untracked,
                ("dependency", _) => read.role = Role::Dependency,
                ("bytes", _) => read.encoding = Encoding::Bytes,
                ("default", Argument::Expr(value)) => read.default = Some(value),
                ("added_with_default", Argument::Expr(value)) => read.added_with_default = Some(value),
                ("encode_with", Argument::Encoder(path)) => read.encoding = Encoding::With(path),
                ("renamed_from", Argument::Name(earlier)) => {
                    if earlier.value() == read.name() {
                        return Err(Error::new(
                            earlier.span(),
                            "this is the field's own name; `renamed_from` takes the earlier one",
                        ));
                    }
                    read.renamed_from = Some(earlier);
                }
                _ => {}
            }
        }
        if read.role != Role::Untracked && !matches!(read.encoding, Encoding::With(_)) {
            refuse_dyn_step(read.ty)?;
        }
        Ok(read)
    }

    /// The name people know the field by.
    pub(crate) fn name(&self) -> String {
        match &self.member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }

    /// The name that stands in the key.
    pub(crate) fn keyed_name(&self) -> String {
        self.renamed_from.as_ref().map_or_else(|| self.name(), LitStr::value)
    }

    /// Where a mistake in what the field holds is reported: at its type, with the names of the macro.
    pub(crate) fn span(&self) -> Span {
        self.ty.span().resolved_at(Span::mixed_site())
    }

    /// What `with_defaults` sets the field to.
    pub(crate) fn default_value(&self) -> Option<&Expr> {
        self.default.as_ref().or(self.added_with_default.as_ref())
    }
}

fn refuse_contradictions(settings: &[Setting]) -> Result<()> {
    let has = |name: &str| settings.iter().any(|entry| entry.name == name);
    match CONTRADICTIONS.iter().find(|(one, other, _)| has(one) && has(other)) {
        None => Ok(()),
        Some((one, other, reason)) => {
            let second = settings.iter().rfind(|entry| entry.name == *one || entry.name == *other);
            let span = second.map_or_else(Span::call_site, |entry| entry.span);
            Err(Error::new(span, format!("`{one}` and `{other}` contradict each other: {reason}")))
        }
    }
}

/// Refuses two fields that would stand in the key under one name.
fn distinct_names(fields: &[Field<'_>]) -> Result<()> {
    let mut seen: Vec<String> = Vec::new();
    for field in fields.iter().filter(|field| field.role != Role::Untracked) {
        let name = field.keyed_name();
        if seen.contains(&name) {
            // The attribute is on one of the two; where it is on the earlier one, the later one's name is the clash.
            let span = field.renamed_from.as_ref().map_or_else(|| field.member.span(), LitStr::span);
            return Err(Error::new(span, format!("two fields would be keyed as `{name}`: see their `renamed_from`")));
        }
        seen.push(name);
    }
    Ok(())
}

/// Adds `error` to those found so far.
pub(crate) fn combine(mistakes: &mut Option<Error>, error: Error) {
    match mistakes {
        Some(mistakes) => mistakes.combine(error),
        None => *mistakes = Some(error),
    }
}
