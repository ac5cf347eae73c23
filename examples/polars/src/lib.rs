//! The payload IO for frames of polars that the documentation of `persistable::io` shows, and a test of it.

#[path = "../../../crates/persistable/src/io/polars_ipc.rs"]
mod polars_ipc;

pub use polars_ipc::PolarsIpc;

#[cfg(test)]
mod tests {
    use persistable::{Persistable, PersistableParams, Run, Step, StepResult};
    use polars::prelude::{Column, DataFrame};

    use super::PolarsIpc;

    #[derive(PersistableParams)]
    struct Table {
        rows: u32,
    }

    impl Step for Table {
        type Payload = DataFrame;
        type Io = PolarsIpc;

        fn generate_payload(&self, _: &Run<'_>) -> StepResult<DataFrame> {
            let numbers: Vec<u32> = (0..self.rows).collect();
            let names: Vec<String> = numbers.iter().map(|number| format!("row {number}")).collect();
            let columns = vec![Column::new("number".into(), numbers), Column::new("name".into(), names)];
            Ok(DataFrame::new_infer_height(columns)?)
        }
    }

    #[test]
    fn a_frame_loads_as_it_was_persisted() {
        let folder = tempfile::tempdir().unwrap();
        let generated = Persistable::open(folder.path(), Table { rows: 3 }).unwrap().generate().unwrap();
        let loaded = Persistable::open(folder.path(), Table { rows: 3 }).unwrap().load().unwrap();
        assert_eq!(loaded.shape(), (3, 2));
        assert!(loaded.equals(&generated));
    }
}
