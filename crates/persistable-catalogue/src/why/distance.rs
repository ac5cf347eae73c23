//! How far each artifact of a step is from the one that was looked for.

use std::rc::Rc;

use crate::diff::Identified;
use crate::error::Result;
use crate::index::{self, Cell, Column, IndexedStep, MISSING, TERM};
use crate::params::leaves_of;
use crate::reading::Reading;
use crate::scalar::Scalar;

/// For each slot: how many leaves of the tree differ, and how far numbers are apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Distance {
    pub(crate) count: Vec<u32>,
    pub(crate) gap: Vec<f32>,
}

/// Trees deeper than this are compared by their keys.
const MOST_DEPTH: usize = 64;

/// Measures all artifacts of a step, whether they are there or not.
pub(crate) fn measure(reading: &Reading<'_>, step: &IndexedStep, wanted: &Identified) -> Result<Distance> {
    measure_below(reading, step, wanted, MOST_DEPTH)
}

fn measure_below(reading: &Reading<'_>, step: &IndexedStep, wanted: &Identified, depth: usize) -> Result<Distance> {
    let mut distance = Distance { count: vec![0; step.rows], gap: vec![0.0; step.rows] };
    let mut leaves = leaves_of(&wanted.params);
    leaves.push((".version".to_owned(), wanted.version.as_deref().map_or(Scalar::Missing, Scalar::text)));
    for name in index::column_names(reading.db, step.id)? {
        if !name.starts_with(['.', '@']) && leaves.iter().all(|(leaf, _)| *leaf != name) {
            leaves.push((name, Scalar::Missing));
        }
    }
    for (name, scalar) in &leaves {
        match reading.column(step, name)? {
            Some(column) => add_leaf(reading, &mut distance, &column, scalar)?,
            None if *scalar == Scalar::Missing => {}
            None => distance.count.iter_mut().for_each(|count| *count += 1),
        }
    }
    let places = reading.places(step)?;
    for index in 0..places.len().max(wanted.dependencies.len()) {
        add_place(reading, &mut distance, places.get(index), wanted, index, depth)?;
    }
    Ok(distance)
}

fn add_leaf(reading: &Reading<'_>, distance: &mut Distance, column: &Column, wanted: &Scalar) -> Result<()> {
    // A value that the index never saw is nowhere.
    let cell = index::cell_of(reading.db, wanted)?.unwrap_or(Cell { tag: u8::MAX, bits: 0 });
    // A text that looks like a number is near that number.
    let number = wanted.as_f64().or_else(|| wanted.to_string().parse().ok());
    for ((count, gap), found) in distance.count.iter_mut().zip(&mut distance.gap).zip(column.iter()) {
        if found == cell {
            continue;
        }
        *count += 1;
        let far = match (number, found.tag) {
            (Some(wanted), tag) if tag != MISSING && tag != TERM => {
                index::scalar_of(reading.db, found)?.as_f64().map_or(1.0, |found| apart(wanted, found))
            }
            (_, TERM) if reading.term(found.bits)?.text == wanted.to_string() => 0.0,
            _ => 1.0,
        };
        *gap += far as f32;
    }
    Ok(())
}

/// How far two numbers are apart, between 0 and 1.
pub(crate) fn apart(a: f64, b: f64) -> f64 {
    let size = a.abs() + b.abs();
    if a == b || size == 0.0 { 0.0 } else { ((a - b).abs() / size).min(1.0) }
}

fn add_place(
    reading: &Reading<'_>,
    distance: &mut Distance,
    place: Option<&Rc<Column>>,
    wanted: &Identified,
    index: usize,
    depth: usize,
) -> Result<()> {
    let rows = distance.count.len();
    let empty = Rc::new(Column::of(Cell::MISSING, rows));
    let place = place.unwrap_or(&empty);
    let Some(below) = wanted.dependencies.get(index) else {
        let there = distance.count.iter_mut().zip(place.iter()).filter(|(_, cell)| cell.tag != MISSING);
        there.for_each(|(count, _)| *count += 1);
        return Ok(());
    };
    let stem = format!("{}({})", below.name, below.key.get(..32).unwrap_or_default());
    let same = index::node_of_stem(reading.db, &stem)?.map(|node| Cell::int(node.id));
    let measured = match (&below.known, index::step(reading.db, &below.name)?) {
        (Some(known), Some(step)) if depth > 0 => {
            Some((measure_below(reading, &step, known, depth - 1)?, reading.slots_below(place, &step)?))
        }
        _ => None,
    };
    for (row, cell) in place.iter().enumerate() {
        if Some(cell) == same {
            continue;
        }
        let (Some(count), Some(gap)) = (distance.count.get_mut(row), distance.gap.get_mut(row)) else { continue };
        let found = measured.as_ref().and_then(|(measured, slots)| {
            let slot = *slots.get(row)?;
            Some((*measured.count.get(slot)?, *measured.gap.get(slot)?))
        });
        match found {
            // What is known of it may be nothing, as of one whose manifest is damaged; but it is another one.
            Some((below_count, below_gap)) => {
                *count += below_count.max(1);
                *gap += below_gap;
            }
            None => {
                *count += 1;
                *gap += 1.0;
            }
        }
    }
    Ok(())
}
