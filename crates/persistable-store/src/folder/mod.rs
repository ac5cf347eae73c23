//! A folder of the local file system as a store.

mod accounts;
mod amend;
mod area;
mod browse;
mod companions;
mod find;
mod group_sync;
mod kind;
mod lately;
mod lock;
mod process;
mod publish;
mod publishing;
mod records;
mod remove;
mod replace;
mod root;
mod sharing;
mod site;
mod stage;
mod sweep;

pub(crate) use kind::Folder;
pub use process::Process;
pub use sharing::share_log;
