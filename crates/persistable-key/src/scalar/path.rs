//! Paths, which count in their normal form.

use std::borrow::Cow;

use serde::Serializer;
use serde_json::Value as Json;

use crate::error::ParamError;
use crate::json;
use crate::kind::{Kind, SMALL_WEIGHT_BYTES};
use crate::put::put_blob;

pub(crate) struct Path;

impl Kind for Path {
    type Body = String;

    const NAME: &'static str = "path";
    const TAG: u8 = 0x11;

    fn put(path: &String, out: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        put_blob(out, normal(path).as_bytes());
        Ok(())
    }

    fn write<S: Serializer>(path: &String, _: usize, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&normal(path))
    }

    fn read(json: &Json, _: usize) -> Result<String, ParamError> {
        json::text(Self::NAME, json).map(String::from)
    }

    fn weight_bytes(path: &String) -> usize {
        SMALL_WEIGHT_BYTES + path.len()
    }

    fn brief(path: &String) -> String {
        format!("{:?}", normal(path))
    }
}

/// Drops `.` components, repeated separators and a trailing one; resolves nothing.
fn normal(text: &str) -> Cow<'_, str> {
    if is_normal(text) {
        return Cow::Borrowed(text);
    }
    let components: Vec<&str> = text.split('/').filter(|component| !matches!(*component, "" | ".")).collect();
    let joined = components.join("/");
    Cow::Owned(if text.starts_with('/') {
        format!("/{joined}")
    } else if joined.is_empty() {
        String::from(".")
    } else {
        joined
    })
}

fn is_normal(text: &str) -> bool {
    matches!(text, "." | "/")
        || text.strip_prefix('/').unwrap_or(text).split('/').all(|component| !matches!(component, "" | "."))
}
