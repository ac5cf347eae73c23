//! The digest of source tokens.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// The digest of tokens: of their text and grouping, whatever is between them, and without doc comments.
pub(super) fn digest(tokens: TokenStream) -> String {
    let mut hasher = blake3::Hasher::new();
    absorb(tokens, &mut hasher);
    hasher.finalize().to_hex().to_string()
}

/// Every token goes in with its length before it, so that no two sequences run together alike.
fn absorb_text(text: &str, hasher: &mut blake3::Hasher) {
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

fn absorb(tokens: TokenStream, hasher: &mut blake3::Hasher) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut rest = tokens.as_slice();
    while let Some((first, after)) = rest.split_first() {
        if let Some(after) = after_doc_attribute(rest) {
            rest = after;
            continue;
        }
        rest = after;
        match first {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    // Invisible, and not the same in every compiler version.
                    Delimiter::None => {
                        absorb(group.stream(), hasher);
                        continue;
                    }
                };
                absorb_text(open, hasher);
                absorb(group.stream(), hasher);
                absorb_text(close, hasher);
            }
            TokenTree::Punct(_) => {
                let operator = operator(first, after);
                rest = rest.get(operator.len() - 1..).unwrap_or_default();
                absorb_text(&operator, hasher);
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => absorb_text(&first.to_string(), hasher),
        }
    }
}

/// Operators that would mean something else in two pieces: `a && b` is not `a & &b`. Any other run of punctuation goes
/// in piece by piece, so that `Vec<Vec<u8> >` is `Vec<Vec<u8>>`.
const WHOLE: &[&str] = &[
    "<<=", "..=", "...", "&&", "||", "<<", "==", "!=", "<=", "->", "=>", "::", "..", "+=", "-=", "*=", "/=", "%=",
    "^=", "&=", "|=",
];

/// The operator that begins at `first`, which is punctuation.
fn operator(first: &TokenTree, after: &[TokenTree]) -> String {
    let mut run = String::new();
    for token in std::iter::once(first).chain(after).take(3) {
        let TokenTree::Punct(punct) = token else { break };
        run.push(punct.as_char());
        if punct.spacing() == Spacing::Alone {
            break;
        }
    }
    match WHOLE.iter().find(|whole| run.starts_with(**whole)) {
        Some(whole) => (*whole).to_owned(),
        None => first.to_string(),
    }
}

/// What follows a doc comment, `#[doc = "…"]` or `#![doc = "…"]`, where `tokens` begin with one.
fn after_doc_attribute(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    let is = |token: &TokenTree, expected| matches!(token, TokenTree::Punct(punct) if punct.as_char() == expected);
    let (hash, mut after) = tokens.split_first()?;
    if !is(hash, '#') {
        return None;
    }
    if let Some((_, inner)) = after.split_first().filter(|(bang, _)| is(bang, '!')) {
        after = inner;
    }
    match after.split_first()? {
        (TokenTree::Group(group), after) if group.delimiter() == Delimiter::Bracket => {
            let first = group.stream().into_iter().next()?;
            matches!(first, TokenTree::Ident(ident) if ident == "doc").then_some(after)
        }
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::digest;

    fn digest_of(source: &str) -> String {
        digest(source.parse().expect("the test's source is Rust"))
    }

    #[test]
    fn layout_comments_and_documentation_leave_the_digest_alone() {
        let plain = digest_of("impl Step for X { fn f(&self) -> Vec<Vec<u8>> { self.a + 1 } }");
        let dressed = digest_of(
            "impl Step for X {\n    //! Inner.\n    /// Outer, with `code`.\n    #[doc = \"more\"]\n    fn f( & self ) -> Vec<Vec<u8> >\n    {
                // why\n self . a /* one */ + 1\n }\n}",
        );
        assert_eq!(plain, dressed);
    }

    #[test]
    fn every_token_counts() {
        let sources = [
            "f(a, b)",
            "f(a, c)",
            "f(b, a)",
            "f(a b)",
            "f[a, b]",
            "f(ab)",
            "f(a, b,)",
            "f((a), b)",
            "#[inline] f(a, b)",
            "f(\"a, b\")",
            "a && b",
            "a & &b",
            "1 + 0x10",
            "1 + 16",
            "r#a",
            "a",
        ];
        for (at, one) in sources.iter().enumerate() {
            for other in sources.iter().skip(at + 1) {
                assert_ne!(digest_of(one), digest_of(other), "{one} and {other}");
            }
        }
    }

    #[test]
    fn the_digest_of_a_block_never_changes() {
        let digest = digest_of("impl Step for X { fn f(&self) -> u8 { 1 } }");
        assert_eq!(digest, "0dd68d4a8733b65f6edcfd34cd3d39b553ded4afbb838b43c6f1dcc969ea4eea");
    }
}
