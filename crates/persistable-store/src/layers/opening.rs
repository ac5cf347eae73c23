//! Making one store of several.

use std::sync::Arc;

use super::{Layer, Layers};
use crate::error::{Error, ErrorKind, Result};
use crate::location::Location;
use crate::store::Store;

impl Store {
    /// Makes one store of several: it looks in the first one first, and publishes in all.
    ///
    /// ```
    /// use std::io::Write;
    /// use persistable_store::{ArtifactId, Draft, PayloadName, Settings, Store, Wait};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (cache, bucket) = (Store::memory(), Store::memory());
    /// let id = ArtifactId::new(PayloadName::new("greeting")?, [7; 32]);
    /// let lease = bucket.lease(&id, Wait::Forever, &mut |_| {})?;
    /// let mut staging = bucket.stage(&lease, ".txt", &Settings::default())?;
    /// staging.writer()?.write_all(b"hello")?;
    /// bucket.publish(&lease, staging, Draft::new("text", 1))?;
    ///
    /// let both = Store::layers([cache.clone(), bucket])?;
    /// let artifact = both.find(&id)?.ok_or("it is in the bucket")?;
    /// assert_eq!(artifact.payload(&Settings::default())?.bytes()?.as_ref(), b"hello");
    /// assert!(cache.find(&id)?.is_some(), "it was copied up");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// **Reading.** An artifact is looked for from the first layer to the last. What is found below is copied, byte for byte, to the
    /// layers above when its payload is read. If an artifact is damaged in a layer, it is read from a layer below, and that copy is
    /// replaced. A layer that is full or read-only is no failure: the log says once that it can't be used.
    ///
    /// **Writing.** The last layer has the leases, so it decides who generates. Results are committed there, and then copied to the
    /// layers above. If it can't be reached, what the layers above have is still loaded, and generating fails.
    ///
    /// **Two results for one key.** Layers may have been written to separately, so that they have different results. A reader gets
    /// the one of the first layer that has any. When the artifact is generated, replaced or amended through the layers, the last
    /// layer counts: the others get what it has then. Removing an artifact removes it from all layers.
    ///
    /// Layers among the stores count as the stores that they consist of.
    ///
    /// **Trust.** A copy in a layer is not [own](crate::Trust::Own), so it needs a signature if it may run code. The whole is
    /// [trusted](crate::StoreOptions::trusted) if every layer was opened as trusted.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidOption`] if there are no stores, or if two of them are the same.
    pub fn layers(stores: impl IntoIterator<Item = Self>) -> Result<Self> {
        let stores: Vec<_> = stores.into_iter().flat_map(|store| store.parts().to_vec()).collect();
        let Some((last, above)) = stores.split_last() else {
            return Err(Error::new(ErrorKind::InvalidOption, "layers need at least one store"));
        };
        if above.is_empty() {
            return Ok(last.clone());
        }
        for (index, store) in above.iter().enumerate() {
            if stores.iter().skip(index + 1).any(|other| other.identity() == store.identity()) {
                let error = Error::new(ErrorKind::InvalidOption, "it is in the layers twice");
                return Err(error.advise("Name each store once").at(store.location()));
            }
        }
        let names: Vec<_> = stores.iter().map(|store| store.location().to_string()).collect();
        let layers = Layers {
            location: Location::Name(names.join(" over ")),
            above: above.iter().cloned().map(Layer::new).collect(),
            last: last.clone(),
        };
        Ok(Self::over_layers(Arc::new(layers.shared()), &stores))
    }
}
