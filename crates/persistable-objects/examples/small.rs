//! Compares 1,000 small reads on threads with as many concurrent ones of `object_store`, on the S3 server of the tests:
//!
//! `scripts/servers/with s3 -- cargo run --release -p persistable-objects --all-features --example small`

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "it is a measurement, whose reader is its author"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use futures_util::{StreamExt, stream};
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use persistable_objects::{Only, Options};

const COUNT: usize = 1000;
const AT_ONCE: usize = 32;

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let endpoint = std::env::var("PERSISTABLE_TEST_S3").expect("start the server by scripts/servers/with");
    let ours = Options::new("s3://bucket/small")
        .set("endpoint", &endpoint)
        .set("access_key_id", "dev")
        .set("secret_access_key", "devsecret")
        .open()
        .unwrap();
    let theirs: Arc<dyn ObjectStore> = Arc::new(
        AmazonS3Builder::new()
            .with_bucket_name("bucket")
            .with_endpoint(&endpoint)
            .with_region("us-east-1")
            .with_allow_http(true)
            .with_access_key_id("dev")
            .with_secret_access_key("devsecret")
            .build()
            .unwrap(),
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let names: Vec<String> = (0..COUNT).map(|number| format!("{number:04}")).collect();
    on_threads(&names, |name| drop(ours.put(name, &[b'x'; 1024], &Only::Always).unwrap()));
    for _ in 0..5 {
        let get = || on_threads(&names, |name| drop(ours.get(name, None).unwrap()));
        let (own, their) = (timed(get), timed(|| runtime.block_on(read(&theirs, &names))));
        println!("{COUNT} reads: {own:.3} s, {:.2} of theirs ({their:.3} s)", own / their);
    }
    ours.delete(&names.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
}

fn on_threads(names: &[String], act: impl Fn(&str) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    act(name);
                }
            });
        }
    });
}

async fn read(store: &Arc<dyn ObjectStore>, names: &[String]) {
    let reads = stream::iter(names).map(|name| async move {
        let path = Path::from(format!("small/{name}"));
        store.get(&path).await.unwrap().bytes().await.unwrap()
    });
    reads.buffer_unordered(AT_ONCE).for_each(|_| async {}).await;
}

fn timed(act: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    act();
    begin.elapsed().as_secs_f64()
}
