//! Who can have written a file, as the file system tells.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::time::UNIX_EPOCH;

use crate::format::Written;
use crate::machine;
use crate::trust::Author;

const NO_BIRTH_TIME: &str = "its manifest has no birth time of its file, since the file system where it was written keeps none. So \
                             it can't be told from a copy";

/// Says who can have written a file or a folder.
pub(crate) fn author_of(metadata: &Metadata) -> Author {
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    let (owner, me) = (metadata.uid(), machine::user_id());
    if owner != me {
        let message = format!("it belongs to {}, and this is {}", machine::user_name(owner), machine::user_name(me));
        return Author::Foreign(message);
    }
    let mode = metadata.mode();
    if mode & WRITABLE_BY_OTHERS != 0 {
        return Author::Foreign(format!("others may write to it (its mode is {:03o})", mode & 0o777));
    }
    Author::Own
}

/// Says who can have written a payload's file or folder, which a copy of it is not.
pub(crate) fn author_of_payload(metadata: &Metadata, written: Option<&Written>) -> Author {
    match (author_of(metadata), written) {
        (Author::Own, None) => Author::Foreign("its manifest does not say which file was written here".to_owned()),
        // An inode's number can be guessed: it is no proof by itself.
        (Author::Own, Some(Written { born: None, .. })) => Author::Foreign(NO_BIRTH_TIME.to_owned()),
        (Author::Own, Some(written)) if *written != written_of(metadata) => Author::Foreign(
            "it is a copy: its inode and birth time are not those of the file that was written here".to_owned(),
        ),
        (author, _) => author,
    }
}

/// Returns what tells a file from a copy. Some file systems that keep no birth times say 1970.
pub(crate) fn written_of(metadata: &Metadata) -> Written {
    let born = metadata.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
    let born = born.filter(|born| !born.is_zero());
    Written { inode: metadata.ino(), born: born.map(|born| born.as_nanos().to_string()) }
}
