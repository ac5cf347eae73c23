//! Advice where a field holds steps of any type.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Error, Result, Type};

/// Refuses `dyn Step`, which no type can be: a step's payload and payload IO belong to its type.
pub(crate) fn refuse_dyn_step(ty: &Type) -> Result<()> {
    if names_dyn_step(ty.to_token_stream()) {
        let message = "a step can't be a trait object: write `AnyPersistable<P>` for a handle of a step of any type whose payload \
                       is a `P`, such as `Vec<AnyPersistable<P>>`, and mark the field with `#[param(dependency)]`";
        return Err(Error::new_spanned(ty, message));
    }
    Ok(())
}

/// Whether the path after a `dyn` ends in `Step`.
fn names_dyn_step(tokens: TokenStream) -> bool {
    let mut is_in_path = false;
    let mut last = String::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                if names_dyn_step(group.stream()) {
                    return true;
                }
            }
            TokenTree::Ident(ident) if ident == "dyn" => (is_in_path, last) = (true, String::new()),
            TokenTree::Ident(ident) => last = ident.to_string(),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {}
            TokenTree::Punct(_) | TokenTree::Literal(_) => {
                if is_in_path && last == "Step" {
                    return true;
                }
                is_in_path = false;
            }
        }
    }
    is_in_path && last == "Step"
}

#[cfg(test)]
mod tests {
    use super::refuse_dyn_step;

    fn is_refused(ty: &str) -> bool {
        syn::parse_str(ty).is_ok_and(|ty| refuse_dyn_step(&ty).is_err())
    }

    #[test]
    fn trait_objects_of_steps_are_refused_and_nothing_else() {
        for ty in
            ["Box<dyn Step>", "Vec<Box<dyn persistable::Step + Send>>", "(u8, [Arc<dyn Step>; 2])", "&'static dyn Step"]
        {
            assert!(is_refused(ty), "{ty}");
        }
        for ty in ["Step", "Box<Step>", "Box<dyn Fn(Step) -> u8>", "Vec<Box<dyn Stepper>>", "Box<dyn step::Other>"] {
            assert!(syn::parse_str::<syn::Type>(ty).is_ok() && !is_refused(ty), "{ty}");
        }
    }
}
