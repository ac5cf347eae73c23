//! Which artifacts a filter chooses.

use std::cell::{Cell as Toggle, RefCell};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::error::Result;
use crate::filter::{Expression, Filter, Literal, Operand, Operator, PathRef};
use crate::index::{BOOL, Cell, Column, FLOAT, INT, IndexedStep, MISSING, NULL, TERM};
use crate::reading::Reading;
use crate::scalar::{Kind, compare_digits, digits_of_float};

/// Evaluates a filter on one step after the other.
pub(crate) struct Evaluation<'a> {
    reading: &'a Reading<'a>,
    filter: &'a Filter,
    /// Paths that at least one step has.
    found: RefCell<BTreeSet<String>>,
    /// Comparisons of values of kinds that can't be compared, with an example; none if at least one could be.
    mixed: RefCell<BTreeMap<String, Option<String>>>,
    /// Those by which artifacts were chosen, as by `!=`.
    choosing: RefCell<BTreeSet<String>>,
    /// Whether what is evaluated is turned around by `not`.
    is_negated: Toggle<bool>,
}

/// How two values compare.
enum Order {
    Ordered(Ordering),
    /// They are not equal, and neither is less.
    Different,
    /// One of them is missing.
    Missing,
    /// A number and a text, or the like.
    Mixed,
}

impl<'a> Evaluation<'a> {
    pub(crate) fn new(reading: &'a Reading<'a>, filter: &'a Filter) -> Self {
        Self {
            reading,
            filter,
            found: RefCell::default(),
            mixed: RefCell::default(),
            choosing: RefCell::default(),
            is_negated: Toggle::new(false),
        }
    }

    /// Returns whether the filter chooses the artifact in each slot.
    pub(crate) fn of_step(&self, step: &IndexedStep) -> Result<Vec<bool>> {
        self.evaluate(step, &self.filter.expression)
    }

    /// Returns the paths of the filter that no step has.
    pub(crate) fn unknown(&self) -> Vec<&'a PathRef> {
        let mut paths = Vec::new();
        collect(&self.filter.expression, &mut paths);
        let found = self.found.borrow();
        paths.retain(|path| !found.contains(&path.to_string()));
        paths
    }

    /// Returns remarks about comparisons that can never hold.
    pub(crate) fn hints(&self) -> Vec<String> {
        self.mixed.borrow().values().flatten().cloned().collect()
    }

    /// Returns remarks about comparisons of values of kinds that can't be compared, by which artifacts of some step may have been
    /// chosen.
    pub(crate) fn risks(&self) -> Vec<String> {
        self.choosing.borrow().iter().cloned().collect()
    }

    fn evaluate(&self, step: &IndexedStep, expression: &Expression) -> Result<Vec<bool>> {
        match expression {
            Expression::All(parts) => self.combine(step, parts, |a, b| a & b),
            Expression::Any(parts) => self.combine(step, parts, |a, b| a | b),
            Expression::Not(inner) => {
                let outside = self.is_negated.get();
                self.is_negated.set(!outside);
                let chosen = self.evaluate(step, inner);
                self.is_negated.set(outside);
                let mut chosen = chosen?;
                chosen.iter_mut().for_each(|chosen| *chosen = !*chosen);
                Ok(chosen)
            }
            Expression::Compare(left, operator, right) => self.compare(step, left, *operator, right),
            Expression::Contains(left, right) => self.contains(step, left, right),
            Expression::Missing(path) => {
                let mut chosen = vec![true; step.rows];
                for column in self.columns(step, path)? {
                    chosen.iter_mut().zip(column.iter()).for_each(|(chosen, cell)| *chosen &= cell.tag == MISSING);
                }
                Ok(chosen)
            }
            Expression::Truth(path) => {
                let mut chosen = vec![false; step.rows];
                let (mut other, mut is_any_truth) = (None, false);
                for column in self.columns(step, path)? {
                    for (chosen, cell) in chosen.iter_mut().zip(column.iter()) {
                        match cell.tag {
                            BOOL => (*chosen, is_any_truth) = (*chosen | (cell.bits != 0), true),
                            MISSING | NULL => {}
                            _ => other = other.or(Some(cell)),
                        }
                    }
                }
                self.note(path, "as a truth value", other, is_any_truth, false)?;
                Ok(chosen)
            }
        }
    }

    fn combine(&self, step: &IndexedStep, parts: &[Expression], both: fn(bool, bool) -> bool) -> Result<Vec<bool>> {
        let mut all: Option<Vec<bool>> = None;
        for part in parts {
            let chosen = self.evaluate(step, part)?;
            match &mut all {
                None => all = Some(chosen),
                Some(all) => all.iter_mut().zip(chosen).for_each(|(all, chosen)| *all = both(*all, chosen)),
            }
        }
        Ok(all.unwrap_or_else(|| vec![false; step.rows]))
    }

    fn columns(&self, step: &IndexedStep, path: &PathRef) -> Result<Vec<Rc<Column>>> {
        let columns = self.reading.resolve(step, path)?;
        if !columns.is_empty() {
            self.found.borrow_mut().insert(path.to_string());
        }
        Ok(columns)
    }

    fn compare(&self, step: &IndexedStep, left: &Operand, operator: Operator, right: &Operand) -> Result<Vec<bool>> {
        match (left, right) {
            (Operand::Path(path), Operand::Literal(literal)) => self.with_literal(step, path, operator, literal),
            (Operand::Literal(literal), Operand::Path(path)) => {
                self.with_literal(step, path, turned(operator), literal)
            }
            (Operand::Path(a), Operand::Path(b)) => {
                let mut chosen = vec![false; step.rows];
                for left in self.columns(step, a)? {
                    for right in self.columns(step, b)? {
                        for ((chosen, left), right) in chosen.iter_mut().zip(left.iter()).zip(right.iter()) {
                            *chosen |= holds(&self.order(left, right)?, operator);
                        }
                    }
                }
                Ok(chosen)
            }
            (Operand::Literal(a), Operand::Literal(b)) => {
                let ordering = a.to_scalar().order(&b.to_scalar());
                Ok(vec![holds(&Order::Ordered(ordering), operator); step.rows])
            }
        }
    }

    fn with_literal(
        &self,
        step: &IndexedStep,
        path: &PathRef,
        operator: Operator,
        literal: &Literal,
    ) -> Result<Vec<bool>> {
        let is_moment =
            path.is_fact && path.segments.last().is_some_and(|part| part.name == "persisted" || part.name == "used");
        // `.persisted` is a number of milliseconds, which is compared with days and moments.
        let parsed = match literal {
            Literal::Text(text) if is_moment => Literal::moment(text),
            Literal::Moment(_, milliseconds) if is_moment => Some(Literal::Int(*milliseconds)),
            _ => None,
        };
        let literal = match &parsed {
            Some(Literal::Moment(_, milliseconds)) => &Literal::Int(*milliseconds),
            Some(other) => other,
            None => literal,
        };
        let mut chosen = vec![false; step.rows];
        let mut terms: HashMap<u64, bool> = HashMap::new();
        let mut example = None;
        let mut is_ever_comparable = false;
        for column in self.columns(step, path)? {
            let mut before = None;
            for (chosen, cell) in chosen.iter_mut().zip(column.iter()) {
                // Neighbours are often the same.
                if let Some((same, holds)) = before
                    && same == cell
                {
                    *chosen |= holds;
                    continue;
                }
                let order = match cell.tag {
                    TERM => {
                        if let Some(holds) = terms.get(&cell.bits) {
                            *chosen |= holds;
                            continue;
                        }
                        self.order_with(cell, literal)?
                    }
                    _ => self.order_with(cell, literal)?,
                };
                let is_chosen = holds(&order, operator);
                match order {
                    Order::Mixed => example = example.or(Some(cell)),
                    Order::Ordered(_) | Order::Different => is_ever_comparable = true,
                    Order::Missing => {}
                }
                if cell.tag == TERM {
                    terms.insert(cell.bits, is_chosen);
                }
                *chosen |= is_chosen;
                before = Some((cell, is_chosen));
            }
        }
        let written = match literal {
            Literal::Null => "with none",
            Literal::Bool(_) => "with a truth value",
            Literal::Int(_) | Literal::Float(_) | Literal::Exact(..) => "with a number",
            Literal::Text(_) => "with a text",
            Literal::Moment(..) => "with a date",
        };
        self.note(path, written, example, is_ever_comparable, holds(&Order::Mixed, operator))?;
        Ok(chosen)
    }

    /// Notes whether values of a param can be compared as they are in the filter. The example can't. `holds` tells whether the
    /// comparison holds for it.
    fn note(
        &self,
        path: &PathRef,
        compared: &str,
        example: Option<Cell>,
        is_ever_comparable: bool,
        holds: bool,
    ) -> Result<()> {
        let place = format!("{path} {compared}");
        if is_ever_comparable {
            self.mixed.borrow_mut().insert(place.clone(), None);
        }
        let Some(cell) = example else { return Ok(()) };
        let kind = match cell.tag {
            BOOL => "a truth value",
            INT => "an int",
            FLOAT => "a float",
            _ => "a text",
        };
        let verb = if compared.starts_with("as") { "takes it" } else { "compares it" };
        let hint =
            format!("{path} is {kind}, such as {}, and the filter {verb} {compared}", self.reading.scalar(cell)?);
        if holds != self.is_negated.get() {
            self.choosing.borrow_mut().insert(hint.clone());
        }
        self.mixed.borrow_mut().entry(place).or_insert(Some(hint));
        Ok(())
    }

    fn contains(&self, step: &IndexedStep, left: &Operand, right: &Operand) -> Result<Vec<bool>> {
        let (Operand::Path(path), Operand::Literal(literal)) = (left, right) else {
            return Ok(vec![false; step.rows]);
        };
        let part = literal.to_scalar().to_string();
        let mut chosen = vec![false; step.rows];
        let mut terms: HashMap<u64, bool> = HashMap::new();
        for column in self.columns(step, path)? {
            for (chosen, cell) in chosen.iter_mut().zip(column.iter()).filter(|(_, cell)| cell.tag == TERM) {
                let contains = match terms.get(&cell.bits) {
                    Some(contains) => *contains,
                    None => {
                        let contains = self.reading.term(cell.bits)?.text.contains(&part);
                        terms.insert(cell.bits, contains);
                        contains
                    }
                };
                *chosen |= contains;
            }
        }
        Ok(chosen)
    }

    fn order_with(&self, cell: Cell, literal: &Literal) -> Result<Order> {
        Ok(match (cell.tag, literal) {
            (MISSING, _) => Order::Missing,
            (NULL, Literal::Null) => Order::Ordered(Ordering::Equal),
            (NULL, _) | (_, Literal::Null) => Order::Different,
            (BOOL, Literal::Bool(truth)) => Order::Ordered((cell.bits != 0).cmp(truth)),
            (INT, Literal::Int(int)) => Order::Ordered(cell.bits.cast_signed().cmp(int)),
            // What was written is all of a literal's digits.
            (INT, Literal::Float(float)) => {
                let int = cell.bits.cast_signed();
                closely(int as f64, *float, || (Some(int.to_string()), float.to_string()))
            }
            (FLOAT, Literal::Int(int)) => {
                let float = f64::from_bits(cell.bits);
                closely(float, *int as f64, || (digits_of_float(float), int.to_string()))
            }
            (FLOAT, Literal::Float(float)) => ordered(f64::from_bits(cell.bits), *float),
            (INT, Literal::Exact(text, float)) => {
                let int = cell.bits.cast_signed();
                compare_digits(&int.to_string(), text).map_or_else(|| ordered(int as f64, *float), Order::Ordered)
            }
            (FLOAT, Literal::Exact(text, nearest)) => {
                let float = f64::from_bits(cell.bits);
                closely(float, *nearest, || (digits_of_float(float), text.clone()))
            }
            (TERM, literal) => {
                let term = self.reading.term(cell.bits)?;
                let digits = match literal {
                    Literal::Int(int) => Some(int.to_string()),
                    Literal::Float(float) => Some(float.to_string()),
                    Literal::Exact(text, _) => Some(text.clone()),
                    _ => None,
                };
                // Neighbours among large ints and long decimals are the same float.
                if matches!(term.kind, Kind::Int | Kind::Decimal)
                    && let Some(ordering) = digits.and_then(|digits| compare_digits(&term.text, &digits))
                {
                    return Ok(Order::Ordered(ordering));
                }
                match (literal, term.number) {
                    (Literal::Int(int), Some(number)) => ordered(number, *int as f64),
                    (Literal::Float(float) | Literal::Exact(_, float), Some(number)) => ordered(number, *float),
                    (Literal::Text(text) | Literal::Moment(text, _), _) if term.kind != Kind::Int => {
                        Order::Ordered(term.text.as_str().cmp(text))
                    }
                    _ => Order::Mixed,
                }
            }
            _ => Order::Mixed,
        })
    }

    fn order(&self, a: Cell, b: Cell) -> Result<Order> {
        if a.tag == MISSING || b.tag == MISSING {
            return Ok(Order::Missing);
        }
        if a == b {
            return Ok(Order::Ordered(Ordering::Equal));
        }
        let (a, b) = (self.reading.scalar(a)?, self.reading.scalar(b)?);
        if let Some(ordering) = a.compare_exactly(&b) {
            return Ok(Order::Ordered(ordering));
        }
        Ok(match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => ordered(a, b),
            (None, None) => Order::Ordered(a.order(&b)),
            _ => Order::Mixed,
        })
    }
}

/// Compares floats. All NaNs are the same.
fn ordered(a: f64, b: f64) -> Order {
    match a.partial_cmp(&b) {
        Some(ordering) => Order::Ordered(ordering),
        None if a.is_nan() && b.is_nan() => Order::Ordered(Ordering::Equal),
        None => Order::Different,
    }
}

/// Compares numbers that may be ints, which floats of this size do not tell apart: then by their digits.
fn closely(a: f64, b: f64, digits: impl FnOnce() -> (Option<String>, String)) -> Order {
    /// From here on, each float is an int.
    const FIRST_INT: f64 = (1_u64 << 53) as f64;
    if a == b && a.abs() >= FIRST_INT {
        let (left, right) = digits();
        if let Some(ordering) = left.and_then(|left| compare_digits(&left, &right)) {
            return Order::Ordered(ordering);
        }
    }
    ordered(a, b)
}

fn holds(order: &Order, operator: Operator) -> bool {
    match order {
        Order::Missing => false,
        Order::Different | Order::Mixed => operator == Operator::Unequal,
        Order::Ordered(ordering) => match operator {
            Operator::Equal => ordering.is_eq(),
            Operator::Unequal => ordering.is_ne(),
            Operator::Less => ordering.is_lt(),
            Operator::AtMost => ordering.is_le(),
            Operator::More => ordering.is_gt(),
            Operator::AtLeast => ordering.is_ge(),
        },
    }
}

/// Returns the operator for exchanged sides.
fn turned(operator: Operator) -> Operator {
    match operator {
        Operator::Equal | Operator::Unequal => operator,
        Operator::Less => Operator::More,
        Operator::AtMost => Operator::AtLeast,
        Operator::More => Operator::Less,
        Operator::AtLeast => Operator::AtMost,
    }
}

/// Lists all paths of a condition.
fn collect<'a>(expression: &'a Expression, paths: &mut Vec<&'a PathRef>) {
    let mut of = |operand: &'a Operand| {
        if let Operand::Path(path) = operand {
            paths.push(path);
        }
    };
    match expression {
        Expression::All(parts) | Expression::Any(parts) => parts.iter().for_each(|part| collect(part, paths)),
        Expression::Not(inner) => collect(inner, paths),
        Expression::Compare(left, _, right) | Expression::Contains(left, right) => {
            of(left);
            of(right);
        }
        Expression::Missing(path) | Expression::Truth(path) => paths.push(path),
    }
}
