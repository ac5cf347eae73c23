//! The kinds of stores that the suite runs on.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use persistable_objects::{Got, Memory, Objects, Only, Options};
use persistable_servers::Address;
use persistable_store::{ArtifactId, Remote, RemoteSettings, Store, StoreOptions};
use tempfile::TempDir;

use crate::map_kind::{Map, Objects as MapObjects};
use crate::stores::{own_entries, tree};

/// An empty store that no other test uses.
pub(crate) struct Place {
    pub(crate) store: Store,
    open: Box<dyn Fn() -> Store + Send + Sync>,
    objects: Option<Below>,
    /// Whether another process can reach the store too.
    pub(crate) is_shared: bool,
    /// Whether payloads that were loaded once are kept.
    pub(crate) is_cached: bool,
    _folders: Vec<TempDir>,
}

impl Place {
    fn new(open: impl Fn() -> Store + Send + Sync + 'static) -> Self {
        Self {
            store: open(),
            open: Box::new(open),
            objects: None,
            is_shared: true,
            is_cached: false,
            _folders: Vec::new(),
        }
    }

    pub(crate) fn folder() -> Option<Self> {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().to_owned();
        Some(Self { _folders: vec![root], ..Self::new(move || Store::create(&path).unwrap()) })
    }

    pub(crate) fn memory() -> Option<Self> {
        let store = Store::memory();
        Some(Self { is_shared: false, ..Self::new(move || store.clone()) })
    }

    /// A kind of store that somebody else wrote.
    pub(crate) fn map() -> Option<Self> {
        let objects = MapObjects::default();
        Some(Self { is_shared: false, ..Self::new(move || Store::over(Map::new(&objects))) })
    }

    /// A bucket in memory.
    pub(crate) fn bucket() -> Option<Self> {
        let memory = Memory::new();
        let below = Below(Arc::new(memory.clone()));
        let store = move || StoreOptions::new().without_cache().over(Arc::new(memory.clone())).unwrap();
        Some(Self { objects: Some(below), is_shared: false, ..Self::new(store) })
    }

    #[cfg(feature = "s3")]
    pub(crate) fn s3() -> Option<Self> {
        Address::s3().map(Self::at)
    }

    /// The same, with payloads in a cache.
    #[cfg(feature = "s3")]
    pub(crate) fn s3_cached() -> Option<Self> {
        let cache = tempfile::tempdir().unwrap();
        let place = Self::cached_at(Address::s3()?, cache.path());
        Some(Self { _folders: vec![cache], ..place })
    }

    #[cfg(feature = "azure")]
    pub(crate) fn azure() -> Option<Self> {
        Address::azure().map(Self::at)
    }

    #[cfg(feature = "gcs")]
    pub(crate) fn gcs() -> Option<Self> {
        Address::gcs().map(Self::at)
    }

    #[cfg(feature = "sftp")]
    pub(crate) fn sftp() -> Option<Self> {
        Address::sftp().map(Self::at)
    }

    fn at(address: Address) -> Self {
        let below = Below(objects_at(&address));
        Self { objects: Some(below), ..Self::new(move || store_at(&address, StoreOptions::new().without_cache())) }
    }

    fn cached_at(address: Address, cache: &Path) -> Self {
        let (below, cache) = (Below(objects_at(&address)), cache.to_owned());
        Self {
            objects: Some(below),
            is_cached: true,
            ..Self::new(move || store_at(&address, StoreOptions::new().cache(&cache)))
        }
    }

    /// A folder over another folder.
    pub(crate) fn layers() -> Option<Self> {
        let roots = vec![tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let paths: Vec<_> = roots.iter().map(|root| root.path().to_owned()).collect();
        let open = move || Store::layers(paths.iter().map(|path| Store::create(path).unwrap())).unwrap();
        Some(Self { _folders: roots, ..Self::new(open) })
    }

    /// Memory over objects.
    pub(crate) fn layers_of_objects() -> Option<Self> {
        let (memory, objects) = (Store::memory(), persistable_objects::Memory::new());
        let open = move || {
            let remote = Store::over(Remote::new(Arc::new(objects.clone()), RemoteSettings::default()));
            Store::layers([memory.clone(), remote]).unwrap()
        };
        Some(Self { is_shared: false, ..Self::new(open) })
    }

    /// Objects whose payloads are kept in a cache. What changes behind the store's back does not show at once, since the cache still
    /// has what was committed. The tests of the cache are about that.
    pub(crate) fn cached() -> Option<Self> {
        let (objects, cache) = (persistable_objects::Memory::new(), tempfile::tempdir().unwrap());
        let options = StoreOptions::new().cache(cache.path());
        let open = move || options.over(Arc::new(objects.clone())).unwrap();
        Some(Self { is_shared: false, _folders: vec![cache], ..Self::new(open) })
    }

    /// Opens the store once more: the same process, and a value of its own.
    pub(crate) fn again(&self) -> Store {
        (self.open)()
    }

    /// Returns the names of all files and objects of artifacts, if the store has such.
    pub(crate) fn names(&self) -> Option<Vec<String>> {
        let mut names = match (&self.objects, self.store.path()) {
            (Some(objects), _) => listed(&*objects.0),
            (None, Some(root)) => tree(root).into_iter().filter(|name| !name.ends_with('/')).collect(),
            (None, None) => return None,
        };
        names.retain(|name| !name.starts_with(".persistable/"));
        Some(names)
    }

    /// Checks that nothing is left of an artifact but what its manifest names, if there is a manifest.
    pub(crate) fn assert_tidy(&self, id: &ArtifactId) {
        let Some(names) = self.names() else { return };
        let artifact = self.store.find(id).unwrap();
        let file = artifact.as_ref().map(|artifact| artifact.manifest().payload.file.as_str()).unwrap_or_default();
        let is_expected = |name: &str| {
            let is_payload = name == file || name.starts_with(&format!("{file}/"));
            is_payload || name == manifest(id) || name == format!("{id}.params.json")
        };
        let left: Vec<_> = names.iter().filter(|name| name.starts_with(id.stem()) && !is_expected(name)).collect();
        assert_eq!(left, [""; 0], "of {names:?}");
        if let Some(root) = self.store.path() {
            assert_eq!(own_entries(root, "staging"), [""; 0]);
        }
    }

    /// Changes a file or an object behind the store's back. Returns false if the store has no such.
    pub(crate) fn change(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> bool {
        match (&self.objects, self.store.path()) {
            (Some(objects), _) => {
                let Got::Found(found) = objects.0.get(name, None).unwrap() else { panic!("there is no {name}") };
                let mut bytes = found.bytes;
                change(&mut bytes);
                objects.0.put(name, &bytes, &Only::Always).unwrap();
            }
            (None, Some(root)) => {
                let mut bytes = fs::read(root.join(name)).unwrap();
                change(&mut bytes);
                fs::write(root.join(name), bytes).unwrap();
            }
            (None, None) => return false,
        }
        true
    }

    /// Deletes a file or an object behind the store's back. Returns false if the store has no such.
    pub(crate) fn delete(&self, name: &str) -> bool {
        match (&self.objects, self.store.path()) {
            (Some(objects), _) => objects.0.delete(&[name]).unwrap(),
            (None, Some(root)) => fs::remove_file(root.join(name)).unwrap(),
            (None, None) => return false,
        }
        true
    }

    /// Returns the name of a payload's file, or of its first file if it is a folder.
    pub(crate) fn payload_file(&self, id: &ArtifactId) -> String {
        let artifact = self.store.find(id).unwrap().unwrap();
        let record = &artifact.manifest().payload;
        match &record.files {
            Some(files) => format!("{}/{}", record.file, files[0].path),
            None => record.file.clone(),
        }
    }
}

pub(crate) fn listed(objects: &dyn Objects) -> Vec<String> {
    let mut names = Vec::new();
    let mut each = |entries: Vec<persistable_objects::ListedObject>| {
        names.extend(entries.into_iter().map(|entry| entry.name));
        std::ops::ControlFlow::Continue(())
    };
    objects.list("", None, &mut each).unwrap_or_else(|error| panic!("{error}"));
    names
}

/// What is below a remote store. It is cleared at the end, since the servers have little room.
pub(crate) struct Below(pub(crate) Arc<dyn Objects>);

impl Drop for Below {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let names = listed(&*self.0);
            self.0.delete(&names.iter().map(String::as_str).collect::<Vec<_>>()).expect("the folder is cleared");
        }
    }
}

/// Opens what is at an address.
pub(crate) fn objects_at(address: &Address) -> Arc<dyn Objects> {
    let given = address.options.iter().filter(|(name, _)| name != "lease_time");
    given.fold(Options::new(&address.url), |options, (name, value)| options.set(name, value)).open().unwrap()
}

/// Opens a store at an address.
pub(crate) fn store_at(address: &Address, options: StoreOptions) -> Store {
    let options = address.options.iter().fold(options, |options, (name, value)| options.set(name, value));
    options.open(&address.url).unwrap()
}

pub(crate) fn manifest(id: &ArtifactId) -> String {
    format!("{id}.manifest.json")
}

/// Makes one test of each function for each kind.
macro_rules! everywhere {
    ($($test:ident),* $(,)?) => {
        crate::kinds::at!(map: $($test),*);
        crate::kinds::everywhere_real!($($test),*);
    };
}
pub(crate) use everywhere;

/// The same without the kind that these tests define.
macro_rules! everywhere_real {
    ($($test:ident),* $(,)?) => {
        crate::kinds::at!(folder: $($test),*);
        crate::kinds::at!(memory: $($test),*);
        crate::kinds::at!(bucket: $($test),*);
        #[cfg(feature = "s3")]
        crate::kinds::at!(s3: $($test),*);
        #[cfg(feature = "s3")]
        crate::kinds::at!(s3_cached: $($test),*);
        #[cfg(feature = "azure")]
        crate::kinds::at!(azure: $($test),*);
        #[cfg(feature = "gcs")]
        crate::kinds::at!(gcs: $($test),*);
        #[cfg(feature = "sftp")]
        crate::kinds::at!(sftp: $($test),*);
        crate::kinds::at!(layers: $($test),*);
        crate::kinds::at!(layers_of_objects: $($test),*);
        crate::kinds::at!(cached: $($test),*);
    };
}
pub(crate) use everywhere_real;

/// Makes one test of each function for one kind.
macro_rules! at {
    ($place:ident: $($test:ident),*) => {
        mod $place {
            $(#[test]
            fn $test() {
                if let Some(place) = crate::kinds::Place::$place() {
                    super::$test(&place);
                }
            })*
        }
    };
}
pub(crate) use at;
