//! Compares an upload and a download of 1 GiB with what `object_store` does at its best, on the S3 server of the tests:
//!
//! `scripts/servers/with s3 -- cargo run --release -p persistable-objects --all-features --example transfer`

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "it is a measurement, whose reader is its author"
)]

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Instant;

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use persistable_objects::{Only, Options};

const PART: usize = 8 << 20;
const ROUNDS: usize = 5;

fn main() {
    let endpoint = std::env::var("PERSISTABLE_TEST_S3").expect("start the server by scripts/servers/with");
    let size = std::env::args().nth(1).map_or(1 << 30, |size| size.parse::<usize>().unwrap() << 20);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ours = Options::new("s3://bucket/bench")
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
    let source = random_file(size);
    let mut best = [f64::INFINITY; 4];
    for round in 0..ROUNDS {
        let mut now = [0.0; 4];
        now[0] = timed(|| drop(ours.upload("ours", &source, &Only::Always, &mut |_| Ok(())).unwrap()));
        let to = tempfile::tempfile().unwrap();
        now[1] = timed(|| drop(ours.fetch("ours", &to).unwrap()));
        if round == 0 {
            println!("peak of memory before theirs ran: {} MiB", peak_mib());
        }
        ours.delete(&["ours"]).unwrap();
        now[2] = timed(|| runtime.block_on(upload(&theirs, &source, size)));
        let to = tempfile::tempfile().unwrap();
        now[3] = timed(|| runtime.block_on(download(&theirs, &to, size)));
        runtime.block_on(theirs.delete(&Path::from("bench/theirs"))).unwrap();
        println!("seconds: {now:.2?}");
        best.iter_mut().zip(now).for_each(|(best, now)| *best = best.min(now));
    }
    let [up, down, their_up, their_down] = best;
    println!(
        "upload {:.2} s, {:.2} of theirs; download {:.2} s, {:.2} of theirs",
        up,
        up / their_up,
        down,
        down / their_down
    );
}

async fn upload(store: &Arc<dyn ObjectStore>, source: &File, size: usize) {
    let upload = store.put_multipart(&Path::from("bench/theirs")).await.unwrap();
    let mut writer = WriteMultipart::new_with_chunk_size(upload, PART);
    for offset in (0..size).step_by(PART) {
        writer.wait_for_capacity(8).await.unwrap();
        let mut bytes = vec![0; PART.min(size - offset)];
        source.read_exact_at(&mut bytes, offset as u64).unwrap();
        writer.put(bytes.into());
    }
    writer.finish().await.unwrap();
}

async fn download(store: &Arc<dyn ObjectStore>, to: &File, size: usize) {
    let path = Path::from("bench/theirs");
    to.set_len(size as u64).unwrap();
    let parts = stream::iter((0..size as u64).step_by(PART)).map(|begin| {
        let range = begin..(begin + PART as u64).min(size as u64);
        let path = path.clone();
        async move { Ok::<_, object_store::Error>((begin, store.get_range(&path, range).await?)) }
    });
    parts
        .buffer_unordered(8)
        .try_for_each(|(begin, bytes)| async move {
            to.write_all_at(&bytes, begin).unwrap();
            Ok(())
        })
        .await
        .unwrap();
}

fn timed(act: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    act();
    begin.elapsed().as_secs_f64()
}

fn random_file(size: usize) -> File {
    let mut file = tempfile::tempfile().unwrap();
    let mut state = 1_u64;
    let mut block = vec![0_u8; 1 << 20];
    for _ in 0..size >> 20 {
        for word in block.chunks_exact_mut(8) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            word.copy_from_slice(&state.to_le_bytes());
        }
        file.write_all(&block).unwrap();
    }
    file
}

/// The most memory that this process ever had.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() >> 10
}
