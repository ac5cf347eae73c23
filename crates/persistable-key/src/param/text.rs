//! Text and paths.

use std::path::{Component, Path, PathBuf};

use super::Param;
use crate::error::ParamError;
use crate::value::Value;

impl Param for str {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Text(self.into()))
    }
}

impl Param for String {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Text(self.clone()))
    }
}

impl Param for char {
    fn to_value(&self) -> Result<Value, ParamError> {
        Ok(Value::Text(String::from(*self)))
    }
}

/// The path as it is written; what it leads to does not matter.
impl Param for Path {
    fn to_value(&self) -> Result<Value, ParamError> {
        let mut text = String::new();
        for component in self.components() {
            let part = component.as_os_str().to_str().ok_or_else(not_unicode)?;
            match component {
                Component::RootDir => text.push('/'),
                Component::Prefix(_) => text.push_str(&part.replace('\\', "/")),
                Component::CurDir | Component::ParentDir | Component::Normal(_) => {
                    if !text.is_empty() && !text.ends_with('/') {
                        text.push('/');
                    }
                    text.push_str(part);
                }
            }
        }
        Ok(Value::Path(text))
    }
}

impl Param for PathBuf {
    fn to_value(&self) -> Result<Value, ParamError> {
        self.as_path().to_value()
    }
}

fn not_unicode() -> ParamError {
    ParamError::new(
        "Path",
        "is not valid Unicode",
        "rename the file, or encode the path as bytes with `#[param(encode_with = …)]`",
    )
}
