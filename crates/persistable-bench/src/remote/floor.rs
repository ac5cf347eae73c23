//! What `object_store` does at its best: several parts at once, on a runtime of as many threads as there are cores.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use tokio::runtime::Runtime;

use super::server::VARIABLE;
use crate::harness::timed;
use crate::result::Result;

const PART_BYTES: u64 = 8 << 20;
const PARTS_AT_ONCE: usize = 8;

/// How many small reads are under way at once.
pub(crate) const READS_AT_ONCE: usize = 32;

/// `object_store`, with its runtime.
pub(crate) struct Floor {
    runtime: Runtime,
    store: Arc<dyn ObjectStore>,
}

impl Floor {
    pub(crate) fn new() -> Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = AmazonS3Builder::new()
            .with_bucket_name("bucket")
            .with_endpoint(std::env::var(VARIABLE)?)
            .with_region("us-east-1")
            .with_allow_http(true)
            .with_access_key_id("dev")
            .with_secret_access_key("devsecret")
            .build()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        Ok(Self { runtime, store: Arc::new(store) })
    }

    /// Uploads a file.
    pub(crate) fn upload(&self, name: &str, source: &File) -> Result<Duration> {
        let size = source.metadata()?.len();
        let work = async {
            let upload = self.store.put_multipart(&Path::from(name)).await?;
            let mut writer = WriteMultipart::new_with_chunk_size(upload, PART_BYTES as usize);
            for begin in (0..size).step_by(PART_BYTES as usize) {
                writer.wait_for_capacity(PARTS_AT_ONCE).await?;
                let mut bytes = vec![0; PART_BYTES.min(size - begin) as usize];
                source.read_exact_at(&mut bytes, begin)?;
                writer.put(bytes.into());
            }
            writer.finish().await?;
            Ok(())
        };
        Ok(timed(|| self.runtime.block_on(work))?.1)
    }

    /// Downloads into a file.
    pub(crate) fn download(&self, name: &str, size: u64, to: &File) -> Result<Duration> {
        let path = Path::from(name);
        let work = async {
            to.set_len(size)?;
            let parts = stream::iter((0..size).step_by(PART_BYTES as usize)).map(|begin| {
                let range = begin..(begin + PART_BYTES).min(size);
                let path = path.clone();
                async move { Result::Ok((begin, self.store.get_range(&path, range).await?)) }
            });
            let written = parts.buffer_unordered(PARTS_AT_ONCE);
            written.try_for_each(|(begin, bytes)| async move { Ok(to.write_all_at(&bytes, begin)?) }).await
        };
        Ok(timed(|| self.runtime.block_on(work))?.1)
    }

    pub(crate) fn delete(&self, name: &str) -> Result<()> {
        Ok(self.runtime.block_on(self.store.delete(&Path::from(name)))?)
    }

    /// Reads a whole object.
    pub(crate) fn read(&self, name: &Path) -> Result<usize> {
        Ok(self.runtime.block_on(async { Result::Ok(self.store.get(name).await?.bytes().await?) })?.len())
    }

    /// Reads whole objects, many at once.
    pub(crate) fn read_all(&self, names: &[Path]) -> Result<Duration> {
        let work = async {
            let reads =
                stream::iter(names).map(|name| async move { Result::Ok(self.store.get(name).await?.bytes().await?) });
            reads.buffer_unordered(READS_AT_ONCE).try_for_each(|_| async { Ok(()) }).await
        };
        Ok(timed(|| self.runtime.block_on(work))?.1)
    }

    /// Lists all objects below a folder.
    pub(crate) fn names(&self, folder: &str) -> Result<Vec<Path>> {
        let folder = Path::from(folder);
        let listed = self.store.list(Some(&folder)).map_ok(|object| object.location).try_collect();
        Ok(self.runtime.block_on(listed)?)
    }
}
