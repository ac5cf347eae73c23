//! The index: what manifests say, in columns, in an SQLite file outside of the store. It is a cache, and may be deleted.

mod chunk;
mod columns;
mod database;
mod indexed;
mod labels;
mod nodes;
mod terms;
mod uses;

pub(crate) use chunk::Cell;
pub(crate) use chunk::{BOOL, FLOAT, INT, MISSING, NULL, TERM};
pub(crate) use columns::{Column, ColumnWriter, column, column_names};
pub(crate) use database::{Index, file_of, meta, seal_path, set_meta, version};
pub(crate) use indexed::{Indexed, digest_of, indexed_of};
pub(crate) use labels::{known_labels, labelled, labels_stamp, set_labels, unsettled_labels};
pub(crate) use nodes::{
    IndexedStep, Node, Stamp, add_edges, mark, neighbours, node, node_by_id, node_of_stem, nodes_above,
    nodes_by_prefix, parts_of, place, stamp_of, step, step_by_id, steps, unsettled, without_slot,
};
pub(crate) use terms::{Terms, cell_of, scalar_of, term};
pub(crate) use uses::{logs_read_up_to, note_use, set_log_read_up_to, uses};
