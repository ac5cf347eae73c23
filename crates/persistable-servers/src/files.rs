//! A web server that shows a local folder, and no listing.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use crate::messages::{Message, decoded, range, serve};

/// Shows a folder until the process ends, and returns its URL.
pub fn show(folder: impl Into<PathBuf>) -> String {
    let folder = folder.into();
    serve(move |request| {
        let (method, path, _) = request.asks();
        let name = decoded(&path.replace('+', "%2B"));
        let bytes = match (method.as_str(), fs::read(folder.join(name.trim_start_matches('/')))) {
            ("GET", Ok(bytes)) => bytes,
            ("GET", Err(_)) => return Message::answer("404 Not Found", &[], "<html>"),
            _ => return Message::answer("405 Method Not Allowed", &[], ""),
        };
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let tag = format!("\"{:x}\"", hasher.finish());
        if request.header("if-none-match").as_ref() == Some(&tag) {
            return Message::answer("304 Not Modified", &[("ETag", tag)], "");
        }
        match request.header("range").map(|header| range(&header, bytes.len())) {
            None => Message::answer("200 OK", &[("ETag", tag)], bytes),
            Some(None) => Message::answer("416 Range Not Satisfiable", &[], ""),
            Some(Some(range)) => {
                let told = format!("bytes {}-{}/{}", range.start, range.end - 1, bytes.len());
                Message::answer("206 Partial Content", &[("ETag", tag), ("Content-Range", told)], &bytes[range])
            }
        }
    })
}
