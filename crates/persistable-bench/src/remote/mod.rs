//! A store on an S3 server on this machine, against `object_store` at its best on the same bytes.

mod cached;
mod floor;
mod gibibyte;
mod server;
mod small;

pub(crate) use gibibyte::of_child;
pub(crate) use server::VARIABLE;

use crate::folder::Scratch;
use crate::report::Table;
use crate::result::Result;

pub(crate) fn run(scratch: &Scratch) -> Result<String> {
    let mut table = Table::of_comparisons();
    let peaks = gibibyte::run(scratch, &mut table)?;
    small::run(&mut table)?;
    cached::run(scratch, &mut table)?;
    Ok(format!("{}\n{peaks}\n", table.into_text()))
}
