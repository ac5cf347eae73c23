//! `#[param(…)]`: which attributes there are, where each belongs, and what it carries.

use proc_macro2::Span;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, ExprLit, ExprPath, Ident, Lit, LitStr, Member, Result, Token};

/// What carries a `#[param(…)]`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    Struct,
    Enum,
    Variant,
    StructField,
    VariantField,
    TypeParameter,
}

impl Carrier {
    fn noun(self) -> &'static str {
        match self {
            Self::Struct => "a struct",
            Self::Enum => "an enum",
            Self::Variant => "a variant",
            Self::StructField => "a field",
            Self::VariantField => "a variant's field",
            Self::TypeParameter => "a type parameter",
        }
    }

    /// The names that are known here, in the order in which messages list them.
    fn known(self) -> &'static [&'static str] {
        match self {
            Self::Struct => &["name", "transparent", "dependency_order"],
            Self::Enum | Self::Variant => &["name"],
            Self::StructField => {
                &["default", "untracked", "added_with_default", "renamed_from", "encode_with", "bytes", "dependency"]
            }
            Self::VariantField => {
                &["untracked", "added_with_default", "renamed_from", "encode_with", "bytes", "dependency"]
            }
            Self::TypeParameter => &["untracked"],
        }
    }

    fn listing(self) -> String {
        let names: Vec<String> = self.known().iter().map(|name| format!("`{name}`")).collect();
        format!("{} takes {}", self.noun(), names.join(", "))
    }

    /// Why an attribute known elsewhere is refused here, where the list alone would leave the reader guessing.
    fn refusal(self, name: &str) -> Option<&'static str> {
        match (self, name) {
            (Self::VariantField, "default") => Some(
                "`default` acts on `with_defaults`, which only a struct has; to extend a variant, use `added_with_default`",
            ),
            (Self::StructField | Self::VariantField, "name") => Some(
                "a field is keyed by its own name; after renaming it, keep the earlier one with `renamed_from = \"…\"`",
            ),
            (Self::Struct | Self::Enum | Self::Variant, "renamed_from") => {
                Some("after renaming this, keep the earlier name with `name = \"…\"`")
            }
            (Self::Enum, "transparent") => Some("only a struct with exactly one field can be `transparent`"),
            _ => None,
        }
    }
}

/// What one entry carries.
pub(crate) enum Argument {
    Flag,
    Expr(Expr),
    Name(LitStr),
    Encoder(ExprPath),
    /// Names of fields.
    Order(Vec<Member>),
}

/// One entry of a `#[param(…)]`, such as `default = 100`.
pub(crate) struct Setting {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) argument: Argument,
}

/// An entry as written, before it is known what carries it.
struct RawSetting {
    name: Ident,
    value: Option<Expr>,
}

impl Parse for RawSetting {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.call(<Ident as syn::ext::IdentExt>::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        Ok(Self { name, value })
    }
}

/// Reads every entry of the `#[param(…)]` attributes among `attributes`.
pub(crate) fn settings(attributes: &[syn::Attribute], carrier: Carrier) -> Result<Vec<Setting>> {
    let mut settings: Vec<Setting> = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("param")) {
        let empty = || Error::new_spanned(attribute, format!("expected `#[param(…)]`; {}", carrier.listing()));
        let list = attribute.meta.require_list().map_err(|_| empty())?;
        let raw = list.parse_args_with(Punctuated::<RawSetting, Token![,]>::parse_terminated)?;
        if raw.is_empty() {
            return Err(empty());
        }
        for entry in raw {
            let entry = classify(entry, carrier)?;
            if settings.iter().any(|earlier| earlier.name == entry.name) {
                return Err(Error::new(entry.span, format!("`{}` is given twice", entry.name)));
            }
            settings.push(entry);
        }
    }
    Ok(settings)
}

fn classify(RawSetting { name: ident, value }: RawSetting, carrier: Carrier) -> Result<Setting> {
    let (name, span) = (ident.to_string(), ident.span());
    if !carrier.known().contains(&name.as_str()) {
        let message = match carrier.refusal(&name) {
            Some(reason) => reason.to_owned(),
            None => format!("unknown attribute `{name}`; {}", carrier.listing()),
        };
        return Err(Error::new(span, message));
    }
    let argument = match name.as_str() {
        "default" | "added_with_default" => match value {
            Some(value) => Argument::Expr(value),
            None => return Err(Error::new(span, format!("`{name}` needs a value: `{name} = 100`"))),
        },
        "name" | "renamed_from" => Argument::Name(name_of(value, &name, span)?),
        "dependency_order" => Argument::Order(order_of(value, span)?),
        "encode_with" => match value {
            Some(Expr::Path(path)) => Argument::Encoder(path),
            other => {
                let message =
                    "`encode_with` needs the path of a function, without quotes: `encode_with = encoders::color`";
                return Err(other.map_or_else(|| Error::new(span, message), |value| Error::new_spanned(value, message)));
            }
        },
        _ => match value {
            None => Argument::Flag,
            Some(value) => return Err(Error::new_spanned(value, format!("`{name}` takes no value"))),
        },
    };
    Ok(Setting { name, span, argument })
}

fn order_of(value: Option<Expr>, span: Span) -> Result<Vec<Member>> {
    let message = "`dependency_order` needs the names of the fields: `dependency_order = [points, labels]`";
    let Some(Expr::Array(array)) = value else {
        return Err(value.map_or_else(|| Error::new(span, message), |value| Error::new_spanned(value, message)));
    };
    let member = |name: Expr| syn::parse2(name.to_token_stream()).map_err(|_| Error::new_spanned(name, message));
    array.elems.into_iter().map(member).collect()
}

fn name_of(value: Option<Expr>, attribute: &str, span: Span) -> Result<LitStr> {
    let message = format!("`{attribute}` needs a name as text: `{attribute} = \"…\"`");
    match value {
        Some(Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) if !text.value().is_empty() => Ok(text),
        Some(value) => Err(Error::new_spanned(value, message)),
        None => Err(Error::new(span, message)),
    }
}
