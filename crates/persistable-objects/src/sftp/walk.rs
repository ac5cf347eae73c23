//! Listing: files of a folder and those below it.

use russh_sftp::client::error::Error;
use russh_sftp::protocol::{File, StatusCode};

use crate::objects::ListedObject;
use crate::sftp::fault::{is_missing, status};
use crate::sftp::files::{folder_of, is_temporary};
use crate::sftp::link::Link;

/// Returns all files whose names begin with a prefix, in the order of bytes. `path_of` makes a path of a name.
pub(super) async fn walk(
    link: &Link,
    prefix: &str,
    path_of: impl Fn(&str) -> String,
) -> Result<Vec<ListedObject>, Error> {
    let mut folders = vec![folder_of(prefix).to_owned()];
    let mut entries = Vec::new();
    while let Some(folder) = folders.pop() {
        for file in read_folder(link, &path_of(&folder)).await? {
            let name = format!("{folder}{}", file.filename);
            if matches!(file.filename.as_str(), "." | "..") || is_temporary(&file.filename) {
                continue;
            }
            if file.attrs.is_dir() {
                let below = format!("{name}/");
                if below.starts_with(prefix) {
                    folders.push(below);
                }
            } else if name.starts_with(prefix) {
                let size = file.attrs.size.unwrap_or_default();
                entries.push((ListedObject { name, size, age: None, tag: None }, file.attrs.mtime));
            }
        }
    }
    // A file that is replaced within the same second keeps its time, unless that second is over by the server's clock.
    let newest = entries.iter().filter_map(|(_, written)| *written).max().unwrap_or_default();
    for (entry, written) in &mut entries {
        let settled = written.filter(|written| newest.saturating_sub(*written) >= SETTLED_SECONDS);
        entry.tag = settled.map(|written| format!("{}-{written}", entry.size));
    }
    let mut entries: Vec<ListedObject> = entries.into_iter().map(|(entry, _)| entry).collect();
    entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

/// The times of files are in seconds.
const SETTLED_SECONDS: u32 = 2;

/// A temporary file to which nobody has written for so many seconds is left from a killed process.
const LONGEST_WRITE_SECONDS: u32 = 3600;

/// Deletes the temporary files of a folder that killed processes left. The server's clock tells their age: at least that by which
/// they are older than the newest file of the folder.
pub(super) async fn sweep(link: &Link, path: &str) -> Result<(), Error> {
    let files = read_folder(link, path).await?;
    let newest = files.iter().filter_map(|file| file.attrs.mtime).max().unwrap_or_default();
    let is_left = |file: &File| {
        let age = file.attrs.mtime.map(|written| newest.saturating_sub(written));
        is_temporary(&file.filename) && !file.attrs.is_dir() && age > Some(LONGEST_WRITE_SECONDS)
    };
    for file in files.iter().filter(|file| is_left(file)) {
        remove(link, format!("{path}{}", file.filename)).await?;
    }
    Ok(())
}

/// Deletes all temporary files in the folders whose paths begin with a text, and the folders where nothing else is.
pub(super) async fn clear(link: &Link, prefix: &str) -> Result<(), Error> {
    let parent = folder_of(prefix);
    let is_meant = |file: &File| file.attrs.is_dir() && format!("{parent}{}", file.filename).starts_with(prefix);
    let found = read_folder(link, parent).await?;
    let mut folders: Vec<String> =
        found.iter().filter(|file| is_meant(file)).map(|file| format!("{parent}{}", file.filename)).collect();
    let mut index = 0;
    while let Some(folder) = folders.get(index).cloned() {
        for file in read_folder(link, &folder).await? {
            let path = format!("{folder}/{}", file.filename);
            match (file.attrs.is_dir(), file.filename.as_str()) {
                (_, "." | "..") => {}
                (true, _) => folders.push(path),
                (false, name) if is_temporary(name) => remove(link, path).await?,
                _ => {}
            }
        }
        index += 1;
    }
    for folder in folders.into_iter().rev() {
        // It fails if something is left there.
        let _ = link.session.rmdir(folder).await;
        link.last_byte.note();
    }
    Ok(())
}

async fn remove(link: &Link, path: String) -> Result<(), Error> {
    match link.session.remove(path).await {
        Err(error) if !is_missing(&error) => Err(error),
        _ => {
            link.last_byte.note();
            Ok(())
        }
    }
}

/// A folder that is not there has no files.
async fn read_folder(link: &Link, path: &str) -> Result<Vec<File>, Error> {
    let trimmed = path.trim_end_matches('/');
    let handle = match link.session.opendir(if trimmed.is_empty() { "/" } else { trimmed }).await {
        Ok(handle) => handle.handle,
        Err(error) if is_missing(&error) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    let outcome = loop {
        match link.session.readdir(&*handle).await {
            Ok(batch) => files.extend(batch.files),
            Err(error) if status(&error) == Some(StatusCode::Eof) => break Ok(()),
            Err(error) => break Err(error),
        }
        link.last_byte.note();
    };
    let _ = link.session.close(handle).await;
    outcome.map(|()| files)
}
