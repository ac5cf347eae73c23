//! Stores beyond one folder: many processes at one S3 server, and at one SFTP server.

mod hammered;
mod once;
mod served_store;
mod tidy;

use self::served_store::{LEASE_TIME, ServedStore};
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::Run;

pub(crate) fn run(run: &Run) -> Result<Report> {
    let mut report = Report::default();
    report.say(format!(
        "The processes use one store on a real server on this machine, S3 (Ceph) or SFTP (OpenSSH). Each has a cache of its \
         own, as if it ran on a machine of its own. A lease lives for {LEASE_TIME:?}."
    ));
    let mut table = Table::new(&["", "S3", "SFTP"]);
    let stores = [ServedStore::s3()?, ServedStore::sftp()?];
    let mut rows = Vec::new();
    for store in &stores {
        let mut cells = Vec::new();
        cells.extend(once::run(run, store, &mut report)?);
        cells.extend(hammered::run(run, store, &mut report)?);
        rows.push(cells);
    }
    let [s3, sftp] = rows.as_slice() else { return Err("there are two servers".into()) };
    for ((what, on_s3), (_, on_sftp)) in s3.iter().zip(sftp) {
        table.row([*what, on_s3, on_sftp]);
    }
    report.table(table);
    report.say(
        "At the end, each key is asked for and then replaced twice. After that, a store holds one manifest and one payload \
         for each key. All leases are free, and no upload is unfinished.",
    );
    let cell = |row: usize| s3.get(row).map(|(_, cell)| cell.as_str()).unwrap_or_default();
    report.sum_up(format!("{} processes, {} of them killed, {} payloads had from S3", cell(2), cell(3), cell(4)));
    Ok(report)
}
