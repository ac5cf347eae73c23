//! Reading the index: columns, and paths through dependencies.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use persistable_store::Labels;
use rusqlite::Connection;

use crate::error::Result;
use crate::facts::now_in_milliseconds;
use crate::filter::{PathRef, Segment};
use crate::index::{self, BOOL, Cell, Column, FLOAT, IndexedStep, TERM};
use crate::links::Links;
use crate::params::segment;
use crate::scalar::{Other, Scalar};
use crate::state::State;

/// Columns of this many dependencies are looked at.
const MOST_PLACES: usize = 4096;
/// So many columns are kept.
const MOST_COLUMNS: usize = 12;

/// A column that was read: the step's number, the column's name, and its cells, if the step has such a column.
type Kept = (i64, String, Option<Rc<Column>>);

/// Several columns of one name, as artifacts may have several tags.
type Columns = Vec<Rc<Column>>;

/// The index as it is at one moment.
pub(crate) struct Reading<'a> {
    pub(crate) db: &'a Connection,
    now: i64,
    columns: RefCell<Vec<Kept>>,
    terms: RefCell<HashMap<u64, Rc<Other>>>,
    /// What people said, by step and fact. Each row of a table asks for it.
    labels: RefCell<HashMap<(i64, String), Columns>>,
    links: RefCell<Option<Rc<Links>>>,
}

/// Where nodes are in a step.
struct Slots {
    /// The slot of each node; a node of the step that has none has the largest number.
    of_node: HashMap<i64, usize>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(db: &'a Connection) -> Self {
        Self {
            db,
            now: now_in_milliseconds(),
            columns: RefCell::default(),
            terms: RefCell::default(),
            labels: RefCell::default(),
            links: RefCell::default(),
        }
    }

    /// Returns a stored column of a step.
    pub(crate) fn column(&self, step: &IndexedStep, name: &str) -> Result<Option<Rc<Column>>> {
        let known = self
            .columns
            .borrow()
            .iter()
            .find(|(id, known, _)| *id == step.id && known == name)
            .map(|found| found.2.clone());
        if let Some(known) = known {
            return Ok(known);
        }
        let column = index::column(self.db, step.id, name, step.rows)?.map(Rc::new);
        let mut columns = self.columns.borrow_mut();
        if columns.len() >= MOST_COLUMNS {
            columns.remove(0);
        }
        columns.push((step.id, name.to_owned(), column.clone()));
        Ok(column)
    }

    /// Returns whether the artifact in each slot is there.
    pub(crate) fn is_there(&self, step: &IndexedStep) -> Result<Vec<bool>> {
        self.has_state(step, State::is_there)
    }

    /// Returns for each slot whether the state of its artifact is one of these.
    pub(crate) fn has_state(&self, step: &IndexedStep, is_meant: fn(State) -> bool) -> Result<Vec<bool>> {
        let state = |cell: Cell| cell.as_int().is_some_and(|state| is_meant(State::of(state)));
        Ok(self
            .column(step, "@state")?
            .map_or_else(|| vec![false; step.rows], |states| states.iter().map(state).collect()))
    }

    /// Returns the node of a slot.
    pub(crate) fn node_at(&self, step: &IndexedStep, slot: usize) -> Result<Option<i64>> {
        let nodes = self.column(step, "@node")?;
        Ok(nodes.and_then(|nodes| nodes.get(slot)).and_then(Cell::as_int))
    }

    /// Returns which artifacts are there, and which of them others name.
    pub(crate) fn links(&self) -> Result<Rc<Links>> {
        if let Some(links) = self.links.borrow().as_ref() {
            return Ok(Rc::clone(links));
        }
        let links = Rc::new(Links::read(self.db)?);
        *self.links.borrow_mut() = Some(Rc::clone(&links));
        Ok(links)
    }

    /// Returns the value of a number.
    pub(crate) fn term(&self, number: u64) -> Result<Rc<Other>> {
        if let Some(term) = self.terms.borrow().get(&number) {
            return Ok(Rc::clone(term));
        }
        let term = Rc::new(index::term(self.db, number)?);
        self.terms.borrow_mut().insert(number, Rc::clone(&term));
        Ok(term)
    }

    /// Returns the value of a cell.
    pub(crate) fn scalar(&self, cell: Cell) -> Result<Scalar> {
        match cell.tag {
            TERM => Ok(Scalar::Other(self.term(cell.bits)?.as_ref().clone())),
            _ => index::scalar_of(self.db, cell),
        }
    }

    /// Returns the columns that a path means for a step's artifacts. There are several if several dependencies have the name,
    /// and none if the step has no such param.
    pub(crate) fn resolve(&self, step: &IndexedStep, path: &PathRef) -> Result<Vec<Rc<Column>>> {
        self.resolve_segments(step, &path.segments, path.is_fact)
    }

    fn resolve_segments(&self, step: &IndexedStep, segments: &[Segment], is_fact: bool) -> Result<Vec<Rc<Column>>> {
        let Some((first, rest)) = segments.split_first() else { return Ok(Vec::new()) };
        if is_fact && first.name == "tag" {
            return self.labels_once(step, "tag");
        }
        if is_fact && rest.is_empty() {
            return Ok(self.fact(step, &first.name)?.into_iter().collect());
        }
        if !is_fact && segments.iter().all(|part| part.index.is_none()) {
            let name = segments.iter().map(|part| segment(&part.name)).collect::<Vec<_>>().join(".");
            if let Some(column) = self.column(step, &name)? {
                return Ok(vec![column]);
            }
        }
        let Some(below) = index::step(self.db, &first.name)? else { return Ok(Vec::new()) };
        if rest.is_empty() {
            return Ok(Vec::new());
        }
        let places = self.places(step)?;
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let columns = self.resolve_segments(&below, rest, is_fact)?;
        if columns.is_empty() {
            return Ok(Vec::new());
        }
        let slots = self.slots(&below)?;
        let mut found = Vec::new();
        for slots in chosen(&places, &slots, first.index) {
            for column in &columns {
                let cells = slots.iter().map(|slot| column.get(*slot).unwrap_or_default());
                found.push(Rc::new(cells.collect::<Column>()));
            }
        }
        Ok(found)
    }

    /// Returns the dependencies of a step's artifacts, as columns of nodes, in their order.
    pub(crate) fn places(&self, step: &IndexedStep) -> Result<Vec<Rc<Column>>> {
        let mut places = Vec::new();
        while places.len() < MOST_PLACES
            && let Some(column) = self.column(step, &format!("@below.{}", places.len()))?
        {
            places.push(column);
        }
        Ok(places)
    }

    /// Returns the payload names of a step's dependencies, each once.
    pub(crate) fn steps_below(&self, step: &IndexedStep) -> Result<Vec<IndexedStep>> {
        let mut steps: Vec<IndexedStep> = Vec::new();
        for place in self.places(step)? {
            // Most places have one kind of dependency, and a sample shows it.
            let stride = (place.len() / 64).max(1);
            for cell in place.iter().step_by(stride) {
                let Some(node) = cell.as_int() else { continue };
                let id = index::node_by_id(self.db, node)?.step;
                if steps.iter().all(|known| known.id != id) {
                    steps.push(index::step_by_id(self.db, id)?);
                }
            }
        }
        Ok(steps)
    }

    /// Returns, for each slot of a step, the slot of the dependency at a place, if it is of the step `below` and known.
    pub(crate) fn slots_below(&self, place: &Column, below: &IndexedStep) -> Result<Vec<usize>> {
        let slots = self.slots(below)?;
        let slot = |cell: Cell| cell.as_int().and_then(|node| slots.of_node.get(&node)).copied().unwrap_or(usize::MAX);
        Ok(place.iter().map(slot).collect())
    }

    fn slots(&self, step: &IndexedStep) -> Result<Slots> {
        let mut of_node = HashMap::with_capacity(step.rows);
        let nodes = self.column(step, "@node")?;
        for (slot, cell) in nodes.iter().flat_map(|nodes| nodes.iter().enumerate()) {
            if let Some(node) = cell.as_int() {
                of_node.insert(node, slot);
            }
        }
        of_node.extend(index::without_slot(self.db, step.id)?.into_iter().map(|node| (node, usize::MAX)));
        Ok(Slots { of_node })
    }

    fn fact(&self, step: &IndexedStep, name: &str) -> Result<Option<Rc<Column>>> {
        let constant = |cell| Ok(Some(Rc::new(Column::of(cell, step.rows))));
        let age = |cell: Cell| match cell.as_int() {
            Some(then) => Cell { tag: FLOAT, bits: ((self.now - then) as f64 / 1000.0).to_bits() },
            None => Cell::MISSING,
        };
        match name {
            "name" => constant(self.made_up(&Scalar::text(&step.name))),
            "age" => {
                let persisted = self.column(step, ".persisted")?;
                Ok(persisted.map(|persisted| Rc::new(persisted.iter().map(age).collect())))
            }
            "state" => {
                let states = self.column(step, "@state")?;
                let word = |cell: Cell| match cell.as_int() {
                    Some(state) => self.made_up(&Scalar::text(State::of(state).as_str())),
                    None => Cell::MISSING,
                };
                Ok(states.map(|states| Rc::new(states.iter().map(word).collect())))
            }
            "unreferenced" => {
                let links = self.links()?;
                let nodes = self.column(step, "@node")?;
                let is_unnamed = |cell: Cell| truth(cell.as_int().is_some_and(|node| !links.is_named(node)));
                Ok(nodes.map(|nodes| Rc::new(nodes.iter().map(is_unnamed).collect())))
            }
            "orphaned" => {
                let links = self.links()?;
                let mut orphaned = vec![truth(false); step.rows];
                for place in self.places(step)? {
                    let is_gone = |cell: Cell| cell.as_int().is_some_and(|node| !links.is_there(node));
                    let gone = orphaned.iter_mut().zip(place.iter()).filter(|(_, cell)| is_gone(*cell));
                    gone.for_each(|(orphaned, _)| *orphaned = truth(true));
                }
                Ok(Some(Rc::new(orphaned.into_iter().collect())))
            }
            "used" => self.uses(step).map(Some),
            "pinned" | "note" => Ok(self.labels_once(step, name)?.into_iter().next()),
            _ => self.column(step, &format!(".{name}")),
        }
    }

    /// Returns when the artifacts were used last. Each was used when it was persisted.
    fn uses(&self, step: &IndexedStep) -> Result<Rc<Column>> {
        let persisted = self.column(step, ".persisted")?;
        let mut used =
            persisted.map_or_else(|| Column::of(Cell::MISSING, step.rows), |persisted| persisted.as_ref().clone());
        for (slot, at) in index::uses(self.db, step.id)? {
            if used.get(slot).and_then(Cell::as_int).is_none_or(|known| known < at) {
                used.set(slot, Cell::int(at));
            }
        }
        Ok(Rc::new(used))
    }

    fn labels_once(&self, step: &IndexedStep, name: &str) -> Result<Vec<Rc<Column>>> {
        if let Some(known) = self.labels.borrow().get(&(step.id, name.to_owned())) {
            return Ok(known.clone());
        }
        let columns = if name == "tag" { self.tags(step)? } else { vec![self.label(step, name)?] };
        self.labels.borrow_mut().insert((step.id, name.to_owned()), columns.clone());
        Ok(columns)
    }

    /// Returns a column for the first tags of the artifacts, one for the second ones, and so on.
    fn tags(&self, step: &IndexedStep) -> Result<Vec<Rc<Column>>> {
        let mut columns = vec![Column::of(Cell::MISSING, step.rows)];
        for (slot, text) in index::labelled(self.db, step.id)? {
            let labels: Labels = serde_json::from_slice(&text).unwrap_or_default();
            for (at, tag) in labels.tags.iter().enumerate() {
                if columns.len() <= at {
                    columns.push(Column::of(Cell::MISSING, step.rows));
                }
                if let Some(column) = columns.get_mut(at) {
                    column.set(slot, self.made_up(&Scalar::text(tag)));
                }
            }
        }
        Ok(columns.into_iter().map(Rc::new).collect())
    }

    /// Returns what people said of the artifacts.
    fn label(&self, step: &IndexedStep, name: &str) -> Result<Rc<Column>> {
        let mut column = match name {
            "pinned" => Column::of(self.made_up(&Scalar::Bool(false)), step.rows),
            _ => Column::of(Cell::MISSING, step.rows),
        };
        for (slot, text) in index::labelled(self.db, step.id)? {
            let labels: Labels = serde_json::from_slice(&text).unwrap_or_default();
            let scalar = match name {
                "pinned" => Scalar::Bool(labels.pinned.is_some()),
                _ => labels.note.map_or(Scalar::Missing, |note| Scalar::text(&note)),
            };
            column.set(slot, self.made_up(&scalar));
        }
        Ok(Rc::new(column))
    }

    /// Returns a cell of a value that no column in the index has.
    fn made_up(&self, scalar: &Scalar) -> Cell {
        if let Scalar::Other(other) = scalar {
            let mut terms = self.terms.borrow_mut();
            // Numbers in the index are small.
            let number = u64::from_le_bytes(*other.digest.first_chunk().unwrap_or(&[0; 8])) | 1 << 63;
            terms.entry(number).or_insert_with(|| Rc::new(other.clone()));
            return Cell { tag: TERM, bits: number };
        }
        index::cell_of(self.db, scalar).ok().flatten().unwrap_or_default()
    }
}

fn truth(truth: bool) -> Cell {
    Cell { tag: BOOL, bits: u64::from(truth) }
}

/// Returns the slots of the dependencies that a name means, in a list for each place that may have one.
fn chosen(places: &[Rc<Column>], slots: &Slots, index: Option<usize>) -> Vec<Vec<usize>> {
    let slot = |cell: Cell| cell.as_int().and_then(|node| slots.of_node.get(&node)).copied();
    let Some(index) = index else {
        let all = places.iter().map(|place| place.iter().map(slot).collect::<Vec<_>>());
        let with_any = all.filter(|slots| slots.iter().any(Option::is_some));
        return with_any.map(|slots| slots.into_iter().map(|slot| slot.unwrap_or(usize::MAX)).collect()).collect();
    };
    let rows = places.first().map_or(0, |place| place.len());
    let of_row = |row: usize| {
        let cells = places.iter().filter_map(|place| place.get(row));
        cells.filter_map(slot).nth(index).unwrap_or(usize::MAX)
    };
    vec![(0..rows).map(of_row).collect()]
}
