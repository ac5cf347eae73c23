//! How people read a type.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;

/// The type as it is written, with the same spaces whatever the compiler: `Fit<'a, u8>`.
pub(super) fn text_of(ty: &impl ToTokens) -> String {
    let mut text = String::new();
    put(ty.to_token_stream(), &mut text);
    text
}

fn put(tokens: TokenStream, text: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                put(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => {
                text.push(punct.as_char());
                if matches!(punct.as_char(), ',' | ';') {
                    text.push(' ');
                }
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                if text.ends_with(|last: char| last == '_' || last.is_alphanumeric()) {
                    text.push(' ');
                }
                text.push_str(&token.to_string());
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use proc_macro2::TokenStream;

    use super::text_of;

    #[test]
    fn a_type_reads_as_it_is_usually_written() {
        for text in ["Fit", "a::Fit<'a, Vec<u8>>", "&'a mut u8", "[u8; 3]", "(A, B)", "Box<dyn Fn(u8)->u8>"] {
            let tokens: TokenStream = text.parse().expect("the test's source is Rust");
            assert_eq!(text_of(&tokens), text);
        }
    }
}
