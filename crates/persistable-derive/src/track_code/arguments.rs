//! What stands in the parentheses of `#[track_code(…)]`.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, Result, Token, Type, parenthesized};

const SYNTAX: &str = "`#[track_code]` takes what the code uses: `#[track_code(uses(helper, other::clean))]`";

/// The functions and types that the item uses, each of which is tracked too.
pub(super) struct Arguments {
    pub(super) uses: Vec<Type>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut uses = Vec::new();
        while !input.is_empty() {
            let name: Ident = input.parse().map_err(|error| Error::new(error.span(), SYNTAX))?;
            if name != "uses" || !input.peek(syn::token::Paren) {
                return Err(Error::new(name.span(), SYNTAX));
            }
            let list;
            parenthesized!(list in input);
            for used in Punctuated::<Type, Token![,]>::parse_terminated(&list)? {
                match ungrouped(used) {
                    used @ Type::Path(_) => uses.push(used),
                    used => return Err(Error::new_spanned(used, SYNTAX)),
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(Self { uses })
    }
}

/// The type without the invisible group that a `macro_rules` puts around its arguments.
fn ungrouped(ty: Type) -> Type {
    match ty {
        Type::Group(group) => ungrouped(*group.elem),
        ty => ty,
    }
}
