//! A stub of Google Cloud Storage: its XML API, as far as it is used.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::messages::{Message, decoded, range, serve};

#[derive(Default)]
struct Bucket {
    objects: BTreeMap<String, (Vec<u8>, u64)>,
    uploads: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
    generation: u64,
}

/// Starts the stub, once for all tests.
pub fn start() -> String {
    static URL: Mutex<Option<String>> = Mutex::new(None);
    let start = || {
        let bucket = Arc::new(Mutex::new(Bucket::default()));
        serve(move |request| answer(&mut bucket.lock().unwrap(), request))
    };
    URL.lock().unwrap().get_or_insert_with(start).clone()
}

fn answer(bucket: &mut Bucket, request: &Message) -> Message {
    let (method, path, query) = request.asks();
    let Some(path) = path.strip_prefix("/bucket") else {
        return failed("404 Not Found", "NoSuchBucket");
    };
    let name = decoded(&path.trim_start_matches('/').replace('+', "%2B"));
    let query: BTreeMap<String, String> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(key), decoded(value))
        })
        .collect();
    match (method.as_str(), query.get("uploadId")) {
        ("GET", _) if name.is_empty() => list(bucket, &query),
        ("GET", _) => get(bucket, request, &name),
        ("PUT", Some(id)) => match bucket.uploads.get_mut(id) {
            Some(parts) => {
                parts.insert(query["partNumber"].parse().unwrap(), request.body.clone());
                Message::answer("200 OK", &[("ETag", format!("\"{}\"", query["partNumber"]))], "")
            }
            None => failed("404 Not Found", "NoSuchUpload"),
        },
        ("PUT", None) => put(bucket, request, &name),
        ("POST", Some(id)) => match bucket.uploads.remove(id) {
            Some(parts) => {
                let bytes = parts.into_values().flatten().collect();
                let generation = store(bucket, name, bytes);
                let body = "<CompleteMultipartUploadResult><ETag>\"x\"</ETag></CompleteMultipartUploadResult>";
                Message::answer("200 OK", &[("x-goog-generation", generation.to_string())], body)
            }
            None => failed("404 Not Found", "NoSuchUpload"),
        },
        ("POST", None) if query.contains_key("uploads") => {
            bucket.generation += 1;
            let id = format!("upload-{}", bucket.generation);
            bucket.uploads.insert(id.clone(), BTreeMap::new());
            let body =
                format!("<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>");
            Message::answer("200 OK", &[], body)
        }
        ("DELETE", Some(id)) => match bucket.uploads.remove(id) {
            Some(_) => Message::answer("204 No Content", &[], ""),
            None => failed("404 Not Found", "NoSuchUpload"),
        },
        ("DELETE", None) => match bucket.objects.remove(&name) {
            Some(_) => Message::answer("204 No Content", &[], ""),
            None => failed("404 Not Found", "NoSuchKey"),
        },
        _ => failed("501 Not Implemented", "NotImplemented"),
    }
}

fn failed(status: &str, code: &str) -> Message {
    Message::answer(status, &[], format!("<Error><Code>{code}</Code><Message>no</Message></Error>"))
}

fn store(bucket: &mut Bucket, name: String, bytes: Vec<u8>) -> u64 {
    bucket.generation += 1;
    bucket.objects.insert(name, (bytes, bucket.generation));
    bucket.generation
}

fn put(bucket: &mut Bucket, request: &Message, name: &str) -> Message {
    let there = bucket.objects.get(name).map_or(0, |(_, generation)| *generation);
    if request.header("x-goog-if-generation-match").is_some_and(|wanted| wanted != there.to_string()) {
        return failed("412 Precondition Failed", "PreconditionFailed");
    }
    let generation = store(bucket, name.to_owned(), request.body.clone());
    Message::answer("200 OK", &[("ETag", "\"x\"".into()), ("x-goog-generation", generation.to_string())], "")
}

fn get(bucket: &Bucket, request: &Message, name: &str) -> Message {
    let Some((bytes, generation)) = bucket.objects.get(name) else {
        return failed("404 Not Found", "NoSuchKey");
    };
    let mut headers = vec![
        ("ETag", "\"x\"".to_owned()),
        ("x-goog-generation", generation.to_string()),
        ("Last-Modified", "Sat, 28 Nov 2026 12:00:00 GMT".to_owned()),
        ("Date", "Sat, 28 Nov 2026 12:00:05 GMT".to_owned()),
    ];
    match request.header("range").map(|header| range(&header, bytes.len())) {
        None => Message::answer("200 OK", &headers, bytes.clone()),
        Some(None) => failed("416 Range Not Satisfiable", "InvalidRange"),
        Some(Some(range)) => {
            let told = format!("bytes {}-{}/{}", range.start, range.end - 1, bytes.len());
            headers.push(("Content-Range", told));
            Message::answer("206 Partial Content", &headers, &bytes[range])
        }
    }
}

fn list(bucket: &Bucket, query: &BTreeMap<String, String>) -> Message {
    const BATCH: usize = 50;
    let empty = String::new();
    let (prefix, after) = (query.get("prefix").unwrap_or(&empty), query.get("start-after").unwrap_or(&empty));
    let after = query.get("continuation-token").unwrap_or(after);
    let mut found = bucket.objects.iter().filter(|(name, _)| name.starts_with(prefix) && *name > after);
    let batch: Vec<_> = found.by_ref().take(BATCH).collect();
    let mut body = String::from("<ListBucketResult>");
    for (name, (bytes, generation)) in &batch {
        let name = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let (size, time) = (bytes.len(), "2026-11-28T12:00:00.000Z");
        body.push_str(&format!(
            "<Contents><Key>{name}</Key><Size>{size}</Size><LastModified>{time}</LastModified><ETag>\"l{generation}\"</ETag></Contents>"
        ));
    }
    if found.next().is_some() {
        body.push_str(&format!("<NextContinuationToken>{}</NextContinuationToken>", batch.last().unwrap().0));
    }
    body.push_str("</ListBucketResult>");
    Message::answer("200 OK", &[("Date", "Sat, 28 Nov 2026 12:00:05 GMT".to_owned())], body)
}
