//! What is known of a type so far, part by part.

use std::cell::{Cell, RefCell};

use super::tree::TypeShape;

/// How often a part is tried again with other values.
pub(super) const ATTEMPTS: u8 = 10;
/// A bound for types beyond all reason. What is not known by then is `any`.
const QUESTIONS: usize = 200_000;
/// How deeply types may be nested in each other.
pub(super) const DEPTH: usize = 64;

pub(super) type Id = usize;

/// What is known of one part of the type.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// How often it refused what it was given.
    pub(super) failures: u8,
}

#[derive(Clone, Debug, Default)]
pub(super) enum Kind {
    /// Not seen yet.
    #[default]
    Unknown,
    Any,
    Plain(&'static str),
    Option(Id),
    List(Id),
    Tuple(Vec<Id>),
    Map(Id, Id),
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
    /// The same type as an outer part.
    Above(Id),
}

#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) node: Id,
    /// How often the struct refused the field's name: another field is read under it too.
    pub(super) refusals: u8,
}

#[derive(Clone, Debug)]
pub(super) struct Variant {
    pub(super) name: &'static str,
    pub(super) content: Option<Id>,
    /// When a value of it was read, as the number of the news.
    pub(super) done: Option<usize>,
    /// Whether another value of it brings nothing new.
    pub(super) is_settled: bool,
    pub(super) failures: u8,
}

/// What is known of a type so far.
pub(super) struct Explorer {
    nodes: RefCell<Vec<Node>>,
    news: Cell<usize>,
    questions: Cell<usize>,
    pub(super) is_human_readable: bool,
}

impl Explorer {
    pub(super) fn new(is_human_readable: bool) -> Self {
        Self {
            nodes: RefCell::new(vec![Node::default()]),
            news: Cell::new(0),
            questions: Cell::new(0),
            is_human_readable,
        }
    }

    pub(super) fn news(&self) -> usize {
        self.news.get()
    }

    /// Takes note that something was learned.
    fn learned(&self) {
        self.news.set(self.news.get() + 1);
    }

    /// Counts a question, and returns whether it is one too many.
    pub(super) fn is_exhausted(&self) -> bool {
        self.questions.set(self.questions.get() + 1);
        self.questions.get() > QUESTIONS
    }

    pub(super) fn node(&self, id: Id) -> Node {
        self.nodes.borrow().get(id).cloned().unwrap_or_default()
    }

    pub(super) fn failures(&self, id: Id) -> u8 {
        self.nodes.borrow().get(id).map_or(0, |node| node.failures)
    }

    pub(super) fn add(&self) -> Id {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(Node::default());
        nodes.len() - 1
    }

    /// Changes what is known of a part, where `change` says that something is new.
    pub(super) fn change(&self, id: Id, change: impl FnOnce(&mut Node) -> bool) {
        if self.nodes.borrow_mut().get_mut(id).is_some_and(change) {
            self.learned();
        }
    }

    /// Takes note of what a part turned out to be. A part that asks for something else each time can be anything.
    pub(super) fn is_kind(&self, id: Id, same: impl FnOnce(&Kind) -> bool, new: impl FnOnce() -> Kind) {
        let known = self.node(id).kind;
        let kind = match known {
            Kind::Unknown => new(),
            Kind::Any => return,
            known if same(&known) => return,
            _ => Kind::Any,
        };
        self.change(id, |node| {
            node.kind = kind;
            true
        });
    }

    /// Takes note that a part refused what it was given, unless a part of it gave the reason since `before`.
    pub(super) fn failed(&self, id: Id, before: usize) {
        if self.news() == before {
            self.change(id, |node| {
                let is_new = node.failures < ATTEMPTS;
                node.failures = node.failures.saturating_add(1).min(ATTEMPTS);
                is_new
            });
        }
    }

    /// Puts together what is known of the type.
    pub(super) fn shape(&self) -> TypeShape {
        self.shape_of(0, &mut Vec::new())
    }

    /// Returns whether there were so many questions that no more are to be asked.
    pub(super) fn has_asked_enough(&self) -> bool {
        self.questions.get() >= QUESTIONS
    }

    /// Puts together what is known of a part that is inside of `above`.
    fn shape_of(&self, id: Id, above: &mut Vec<Id>) -> TypeShape {
        let kind = self.node(id).kind;
        if let Kind::Above(outer) = kind {
            let levels = above.iter().rev().position(|other| *other == outer);
            return levels.map_or(TypeShape::Any, |levels| TypeShape::Above(levels + 1));
        }
        above.push(id);
        let shape = match kind {
            Kind::Unknown | Kind::Any | Kind::Above(_) => TypeShape::Any,
            Kind::Plain(name) => TypeShape::Plain(name),
            Kind::Option(inner) => TypeShape::Option(Box::new(self.shape_of(inner, above))),
            Kind::List(inner) => TypeShape::List(Box::new(self.shape_of(inner, above))),
            Kind::Tuple(parts) => TypeShape::Tuple(parts.iter().map(|part| self.shape_of(*part, above)).collect()),
            Kind::Map(key, value) => {
                TypeShape::Map(Box::new(self.shape_of(key, above)), Box::new(self.shape_of(value, above)))
            }
            Kind::Struct(fields) => TypeShape::Struct(
                fields.iter().map(|field| (field.name.to_owned(), self.shape_of(field.node, above))).collect(),
            ),
            Kind::Enum(variants) => TypeShape::Enum(
                variants
                    .iter()
                    .map(|variant| {
                        let content = variant.content.map(|content| self.shape_of(content, above));
                        let unknown = variant.done.is_none().then_some(TypeShape::Any);
                        (variant.name.to_owned(), content.or(unknown))
                    })
                    .collect(),
            ),
        };
        above.pop();
        shape
    }

    /// Takes note that a struct refused the name of a field.
    pub(super) fn refused(&self, id: Id, index: usize) {
        self.change(id, |node| match &mut node.kind {
            Kind::Struct(fields) => fields.get_mut(index).is_some_and(|field| {
                field.refusals += 1;
                true
            }),
            _ => false,
        });
    }
}

impl Variant {
    /// Takes note of a value of the variant, at a time; returns whether that is new.
    pub(super) fn tried(&mut self, is_success: bool, brought_news: bool, time: usize) -> bool {
        let before = (self.done, self.is_settled, self.failures);
        if is_success {
            self.done = self.done.or(Some(time));
            self.is_settled |= !brought_news;
        } else if !brought_news {
            self.failures = self.failures.saturating_add(1).min(ATTEMPTS);
        }
        before != (self.done, self.is_settled, self.failures)
    }
}
