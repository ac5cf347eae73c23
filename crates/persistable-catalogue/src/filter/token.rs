//! From text to tokens.

use std::ops::Range;

use super::error::at;
use super::literal::Literal;
use crate::error::Result;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A plain word, which may be a keyword.
    Word(String),
    /// A name in backticks.
    Quoted(String),
    Literal(Literal),
    /// An operator, a bracket, a comma or a dot.
    Sign(&'static str),
    End,
}

/// A token, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) span: Range<usize>,
}

/// The longest first.
const SIGNS: &[&str] =
    &["==", "!=", "<=", ">=", "&&", "||", "<", ">", "=", "(", ")", "[", "]", ",", ".", "&", "|", "!", "~"];

pub(super) fn tokens_of(text: &str) -> Result<Vec<Placed>> {
    let mut tokens: Vec<Placed> = Vec::new();
    let mut start = 0;
    while let Some(rest) = text.get(start..)
        && let Some(first) = rest.chars().next()
    {
        let (token, length) = match first {
            _ if first.is_whitespace() => {
                start += first.len_utf8();
                continue;
            }
            '"' | '\'' => {
                quoted(text, start, first).map(|(name, length)| (Token::Literal(Literal::Text(name)), length))?
            }
            '`' => quoted(text, start, first).map(|(name, length)| (Token::Quoted(name), length))?,
            _ if is_number(rest, tokens.last()) => number(text, start)?,
            _ if first.is_alphabetic() || first == '_' => {
                let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                (Token::Word(rest.get(..length).unwrap_or_default().to_owned()), length)
            }
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => (Token::Sign(sign), sign.len()),
                None => {
                    let span = start..start + first.len_utf8();
                    return Err(at(text, span, &format!("`{first}` has no meaning here. Put odd names in backticks")));
                }
            },
        };
        tokens.push(Placed { token, span: start..start + length });
        start += length;
    }
    tokens.push(Placed { token: Token::End, span: text.len()..text.len() });
    Ok(tokens)
}

/// Whether a number begins here. A minus sign is part of a number only where a value may stand.
fn is_number(rest: &str, before: Option<&Placed>) -> bool {
    let mut chars = rest.chars();
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let is_after_name = matches!(before.map(|placed| &placed.token), Some(Token::Quoted(_) | Token::Sign("]" | ".")))
        || is_word(before);
    match chars.next() {
        Some('-' | '+') => match chars.next() {
            Some('.') => is_digit(chars.next()),
            next => is_digit(next),
        },
        Some('.') => !is_after_name && is_digit(chars.next()),
        first => is_digit(first),
    }
}

fn is_word(placed: Option<&Placed>) -> bool {
    const KEYWORDS: &[&str] = &["and", "or", "not", "in", "is", "contains"];
    matches!(placed.map(|placed| &placed.token), Some(Token::Word(word)) if !KEYWORDS.contains(&word.as_str()))
}

/// Reads a number, or a day such as 2026-11-28 or a moment such as 2026-11-28T12:00.
fn number(text: &str, start: usize) -> Result<(Token, usize)> {
    let rest = text.get(start..).unwrap_or_default();
    let is_part = |(at, c): &(usize, char)| {
        let before = rest.get(..*at).and_then(|before| before.chars().next_back());
        let is_in_exponent = matches!(c, '+' | '-') && matches!(before, Some('e' | 'E'));
        let is_in_day = *c == '-' && *at >= 4 && before.is_some_and(|c| c.is_ascii_digit());
        let is_in_time = *c == ':' && *at >= 4;
        *at == 0 || c.is_alphanumeric() || matches!(c, '.' | '_') || is_in_exponent || is_in_day || is_in_time
    };
    let length = rest.char_indices().find(|part| !is_part(part)).map_or(rest.len(), |(at, _)| at);
    let word = rest.get(..length).unwrap_or_default();
    let found = Literal::number(word).or_else(|| Literal::moment(word));
    match found {
        Some(literal) => Ok((Token::Literal(literal), length)),
        None => {
            let message = format!("`{word}` is not a number. Units are {}", Literal::units());
            Err(at(text, start..start + length, &message))
        }
    }
}

/// Reads what stands between quotation marks. Twice the mark is the mark itself; `\` before a mark or itself, too.
fn quoted(text: &str, start: usize, mark: char) -> Result<(String, usize)> {
    let body = text.get(start + 1..).unwrap_or_default();
    let mut name = String::new();
    let mut chars = body.char_indices().peekable();
    while let Some((index, c)) = chars.next() {
        if c == '\\' && mark != '`' && chars.peek().is_some_and(|(_, next)| *next == mark || *next == '\\') {
            name.extend(chars.next().map(|(_, next)| next));
        } else if c == mark && chars.peek().is_some_and(|(_, next)| *next == mark) {
            name.push(mark);
            chars.next();
        } else if c == mark {
            return Ok((name, index + 2));
        } else {
            name.push(c);
        }
    }
    Err(at(text, start..text.len(), &format!("the closing {mark} is missing")))
}
