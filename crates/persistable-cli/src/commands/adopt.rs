//! Artifacts of persistable 1.x.

use persistable_catalogue::{Former, former};

use crate::console::Console;
use crate::failure::{Exit, Result};
use crate::grid::{self, Column};
use crate::named_store;
use crate::people::{age, clean, counted, cut, size};

/// Show what persistable 1.x left in a folder, and what can be done with it
#[derive(clap::Args, Debug)]
pub(crate) struct Adopt {
    /// The folder. Without it, PERSISTABLE_STORE says it, or the working folder
    #[arg(value_name = "STORE", value_hint = clap::ValueHint::AnyPath)]
    store: Option<String>,
}

impl Adopt {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let named = match &self.store {
            Some(store) => named_store::open(store, false)?,
            None => named_store::default()?,
        };
        let found = former(&named.store)?;
        if console.is_json {
            console.json(&found)?;
            return Ok(Exit::Done);
        }
        if found.is_empty() {
            return console.line("persistable 1.x left nothing here").map(|()| Exit::Done);
        }
        let columns = [
            Column::text("step").whole(),
            Column::text("params"),
            Column::number("size"),
            Column::text("age").whole(),
            Column::text("what can be done"),
        ];
        grid::write(console, &columns, found.iter().map(row).collect())?;
        let bytes = found.iter().map(|former| former.size_bytes).sum();
        console.remark(&format!("{} of persistable 1.x, {}", counted(found.len(), "artifact"), size(bytes)));
        Ok(Exit::Done)
    }
}

fn row(former: &Former) -> Vec<String> {
    vec![
        former.name.clone(),
        cut(&former.params.to_string(), 40),
        size(former.size_bytes),
        age(former.modified),
        clean(&former.advice.to_string()),
    ]
}
