//! A folder of the local file system as a store.

mod accounts;
mod area;
mod companions;
mod find;
mod glance;
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
mod survey;
mod sweep;

pub(crate) use kind::Folder;
pub use process::Process;
pub use sharing::share_log;
