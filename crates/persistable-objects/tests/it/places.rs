//! The stores that the suite runs on.

use std::collections::HashMap;
use std::sync::Arc;

use persistable_objects::{Memory, Objects, Only, Options, Put};
use persistable_servers::Address;
pub(crate) use persistable_servers::{fresh, server};

/// Where a suite runs. Each test has a folder of its own there.
pub(crate) struct Place {
    pub(crate) store: Arc<dyn Objects>,
    /// How to open the same folder once more; nothing for memory.
    pub(crate) options: Option<Options>,
    /// Azure forgets parts by itself, after a week.
    pub(crate) has_no_abort: bool,
}

impl Place {
    fn open(address: Address) -> Self {
        let options = options(address);
        Self { store: options.open().expect("the store opens"), options: Some(options), has_no_abort: false }
    }

    pub(crate) fn memory() -> Option<Self> {
        Some(Self { store: Arc::new(Memory::new()), options: None, has_no_abort: false })
    }

    #[cfg(feature = "s3")]
    pub(crate) fn s3() -> Option<Self> {
        Address::s3().map(Self::open)
    }

    #[cfg(feature = "azure")]
    pub(crate) fn azure() -> Option<Self> {
        let mut place = Self::open(Address::azure()?);
        place.has_no_abort = true;
        Some(place)
    }

    #[cfg(feature = "gcs")]
    pub(crate) fn gcs() -> Option<Self> {
        Address::gcs().map(Self::open)
    }

    #[cfg(feature = "sftp")]
    pub(crate) fn sftp() -> Option<Self> {
        Address::sftp().map(Self::open)
    }
}

fn options(address: Address) -> Options {
    address.options.iter().fold(Options::new(address.url), |options, (name, value)| options.set(name, value))
}

/// Takes everything away: the servers have little room.
impl Drop for Place {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let names = names(&*self.store, "", None);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            self.store.delete(&names).expect("the folder is cleared");
        }
    }
}

/// A folder of its own in the test bucket.
#[cfg(feature = "s3")]
pub(crate) fn s3_options(endpoint: &str) -> Options {
    options(Address::s3_at(endpoint))
}

/// A body as callers write them: no two are equal.
pub(crate) fn body(text: &str) -> Vec<u8> {
    fresh(text).into_bytes()
}

/// Puts something, and returns its version.
pub(crate) fn put(store: &dyn Objects, name: &str, bytes: &[u8], only: &Only) -> persistable_objects::Version {
    match store.put(name, bytes, only).unwrap_or_else(|error| panic!("{error}")) {
        Put::Done(version) => version,
        Put::Refused(found) => panic!("refused: {found:?}"),
    }
}

/// Returns all names below a prefix, in the order of the listing.
pub(crate) fn names(store: &dyn Objects, prefix: &str, after: Option<&str>) -> Vec<String> {
    sizes(store, prefix, after).0
}

pub(crate) fn sizes(store: &dyn Objects, prefix: &str, after: Option<&str>) -> (Vec<String>, HashMap<String, u64>) {
    let (mut names, mut sizes) = (Vec::new(), HashMap::new());
    let listed = store.list(prefix, after, &mut |entries| {
        for entry in entries {
            sizes.insert(entry.name.clone(), entry.size);
            names.push(entry.name);
        }
        std::ops::ControlFlow::Continue(())
    });
    listed.unwrap_or_else(|error| panic!("{error}"));
    (names, sizes)
}

/// Makes one test of each function for each place.
macro_rules! everywhere {
    ($($test:ident),* $(,)?) => {
        crate::places::at!(memory: $($test),*);
        crate::places::everywhere_else!($($test),*);
    };
}
pub(crate) use everywhere;

/// The same without memory, which a forked child does not share.
macro_rules! everywhere_else {
    ($($test:ident),* $(,)?) => {
        #[cfg(feature = "s3")]
        crate::places::at!(s3: $($test),*);
        #[cfg(feature = "azure")]
        crate::places::at!(azure: $($test),*);
        #[cfg(feature = "gcs")]
        crate::places::at!(gcs: $($test),*);
        #[cfg(feature = "sftp")]
        crate::places::at!(sftp: $($test),*);
    };
}
pub(crate) use everywhere_else;

/// Makes one test of each function for one place.
macro_rules! at {
    ($place:ident: $($test:ident),*) => {
        mod $place {
            $(#[test]
            fn $test() {
                if let Some(place) = crate::places::Place::$place() {
                    super::$test(&place);
                }
            })*
        }
    };
}
pub(crate) use at;
