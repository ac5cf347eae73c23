//! From tokens to a condition.

use std::ops::Range;

use super::error::at;
use super::expression::{Expression, Operand, Operator, PathRef, Segment};
use super::literal::Literal;
use super::token::{Placed, Token, tokens_of};
use crate::error::{Error, Result};

/// Conditions nest no deeper.
const MOST_DEPTH: usize = 64;

pub(super) fn parse(text: &str) -> Result<Expression> {
    let tokens = tokens_of(text)?;
    let mut parser = Parser { text, tokens, at: 0, depth: 0 };
    if parser.peek() == &Token::End {
        return Err(parser.expected("a condition, such as `n > 100`"));
    }
    let expression = parser.any()?;
    match parser.peek() {
        Token::End => Ok(expression),
        Token::Word(_) | Token::Quoted(_) | Token::Literal(_) => Err(parser.expected("`and` or `or`")),
        Token::Sign(_) => Err(parser.expected("the end, `and` or `or`")),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Placed>,
    at: usize,
    depth: usize,
}

const END: Token = Token::End;

impl Parser<'_> {
    fn any(&mut self) -> Result<Expression> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(at(self.text, self.span(), "the condition nests too deep"));
        }
        let mut parts = vec![self.all()?];
        while self.take_word("or") || self.take_sign("||") || self.take_sign("|") {
            parts.push(self.all()?);
        }
        self.depth -= 1;
        Ok(one_or(parts, Expression::Any))
    }

    fn all(&mut self) -> Result<Expression> {
        let mut parts = vec![self.not()?];
        while self.take_word("and") || self.take_sign("&&") || self.take_sign("&") {
            parts.push(self.not()?);
        }
        Ok(one_or(parts, Expression::All))
    }

    fn not(&mut self) -> Result<Expression> {
        let mut is_negated = false;
        while self.take_word("not") || self.take_sign("!") || self.take_sign("~") {
            is_negated = !is_negated;
        }
        let expression = self.comparison()?;
        Ok(if is_negated { Expression::Not(Box::new(expression)) } else { expression })
    }

    fn comparison(&mut self) -> Result<Expression> {
        if self.take_sign("(") {
            let inner = self.any()?;
            return if self.take_sign(")") { Ok(inner) } else { Err(self.expected("`)`")) };
        }
        let mut left = self.operand()?;
        if self.take_word("is") {
            let is_negated = self.take_word("not");
            return self.is(left, is_negated);
        }
        let is_negated = self.take_word("not");
        if self.take_word("in") {
            let members = self.members()?;
            // A param that is missing is neither in a list nor outside of it.
            let operator = if is_negated { Operator::Unequal } else { Operator::Equal };
            let parts = members.into_iter().map(|member| Expression::Compare(left.clone(), operator, member)).collect();
            return Ok(if is_negated { Expression::All(parts) } else { Expression::Any(parts) });
        }
        if self.take_word("contains") {
            let contains = Expression::Contains(left, self.operand()?);
            return Ok(if is_negated { Expression::Not(Box::new(contains)) } else { contains });
        }
        if is_negated {
            return Err(self.expected("`in` or `contains` after `not`"));
        }
        let mut parts = Vec::new();
        while let Some(operator) = self.operator() {
            let right = self.operand()?;
            parts.push(Expression::Compare(left, operator, right.clone()));
            left = right;
        }
        if !parts.is_empty() {
            return Ok(one_or(parts, Expression::All));
        }
        match left {
            Operand::Path(path) => Ok(Expression::Truth(path)),
            Operand::Literal(_) => Err(self.expected("a comparison, such as `== 1`")),
        }
    }

    fn is(&mut self, left: Operand, is_negated: bool) -> Result<Expression> {
        if self.take_word("missing") {
            let missing = match left {
                Operand::Path(path) => Expression::Missing(path),
                Operand::Literal(_) => return Err(self.expected("a param before `is missing`")),
            };
            return Ok(if is_negated { Expression::Not(Box::new(missing)) } else { missing });
        }
        if matches!(self.peek(), Token::Word(word) if literal_word(word).is_some()) {
            let operator = if is_negated { Operator::Unequal } else { Operator::Equal };
            return Ok(Expression::Compare(left, operator, self.operand()?));
        }
        Err(self.expected("`missing`, `none`, `true` or `false` after `is`"))
    }

    fn members(&mut self) -> Result<Vec<Operand>> {
        let close = if self.take_sign("[") {
            "]"
        } else if self.take_sign("(") {
            ")"
        } else {
            return Err(self.expected("a list, such as `[1, 2]`"));
        };
        let mut members = Vec::new();
        while !self.take_sign(close) {
            if !members.is_empty() && !self.take_sign(",") {
                return Err(self.expected(&format!("`,` or `{close}`")));
            }
            if self.take_sign(close) {
                break;
            }
            members.push(self.operand()?);
        }
        Ok(members)
    }

    fn operand(&mut self) -> Result<Operand> {
        match self.peek().clone() {
            Token::Literal(literal) => {
                self.at += 1;
                Ok(Operand::Literal(literal))
            }
            Token::Word(word) if is_keyword(&word) => Err(self.expected("a param or a value")),
            Token::Word(word) => match literal_word(&word) {
                Some(literal) => {
                    self.at += 1;
                    Ok(Operand::Literal(literal))
                }
                None => self.path().map(Operand::Path),
            },
            Token::Quoted(_) | Token::Sign(".") => self.path().map(Operand::Path),
            Token::Sign("[") => Err(self.expected("`in` before the list")),
            Token::Sign(_) | Token::End => Err(self.expected("a param or a value")),
        }
    }

    fn path(&mut self) -> Result<PathRef> {
        let start = self.span().start;
        let mut segments = Vec::new();
        let mut is_fact = self.take_sign(".");
        loop {
            let name = match self.peek().clone() {
                Token::Word(name) | Token::Quoted(name) => name,
                Token::Literal(_) => {
                    let message = "a name with other characters than those of a word stands in backticks: `odd name`";
                    return Err(at(self.text, self.span(), message));
                }
                _ => return Err(self.expected("a name after the dot")),
            };
            self.at += 1;
            let mut index = None;
            if self.take_sign("[") {
                match self.peek().clone() {
                    Token::Literal(Literal::Int(number)) => index = usize::try_from(number).ok(),
                    _ => return Err(self.expected("a number in the brackets")),
                }
                self.at += 1;
                if !self.take_sign("]") {
                    return Err(self.expected("`]`"));
                }
            }
            segments.push(Segment { name, index });
            if is_fact || !self.take_sign(".") {
                break;
            }
            // `points..size` is the size of a dependency.
            is_fact = self.take_sign(".");
        }
        let end = self.tokens.get(self.at - 1).map_or(start, |placed| placed.span.end);
        Ok(PathRef::new(segments, is_fact, start..end))
    }

    fn operator(&mut self) -> Option<Operator> {
        let Token::Sign(sign) = self.peek() else { return None };
        let operator = match *sign {
            "==" | "=" => Operator::Equal,
            "!=" => Operator::Unequal,
            "<" => Operator::Less,
            "<=" => Operator::AtMost,
            ">" => Operator::More,
            ">=" => Operator::AtLeast,
            _ => return None,
        };
        self.at += 1;
        Some(operator)
    }

    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&END, |placed| &placed.token)
    }

    fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.text.len()..self.text.len(), |placed| placed.span.clone())
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_it = matches!(self.peek(), Token::Word(found) if found.eq_ignore_ascii_case(word));
        self.at += usize::from(is_it);
        is_it
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let is_it = matches!(self.peek(), Token::Sign(found) if *found == sign);
        self.at += usize::from(is_it);
        is_it
    }

    fn expected(&self, what: &str) -> Error {
        at(self.text, self.span(), &format!("the filter needs {what} here"))
    }
}

fn one_or(mut parts: Vec<Expression>, several: impl FnOnce(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            several(parts)
        }
        None => several(parts),
    }
}

fn is_keyword(word: &str) -> bool {
    ["and", "or", "not", "in", "is", "contains"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}

fn literal_word(word: &str) -> Option<Literal> {
    Some(match word {
        "true" | "True" => Literal::Bool(true),
        "false" | "False" => Literal::Bool(false),
        "none" | "None" | "null" => Literal::Null,
        "nan" | "NaN" => Literal::Float(f64::NAN),
        "inf" => Literal::Float(f64::INFINITY),
        _ => return None,
    })
}
