//! A folder of the local file system as a store.

mod area;
mod author;
mod companions;
mod disk;
mod find;
mod glance;
mod kind;
mod lately;
mod lock;
mod payload;
mod payload_file;
mod payload_folder;
mod process;
mod publish;
mod publishing;
mod records;
mod remove;
mod replace;
mod root;
mod stage;
mod sweep;
mod times;
mod verified;

pub(crate) use kind::Folder;
pub use process::Process;
