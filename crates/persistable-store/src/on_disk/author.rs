//! Who can have written a file, as the file system tells.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::time::UNIX_EPOCH;

use crate::format::Written;
use crate::machine;
use crate::trust::Author;

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
    match author_of(metadata) {
        Author::Own => match why_not_written_here(written, &written_of(metadata)) {
            Some(why) => Author::Foreign(why.to_owned()),
            None => Author::Own,
        },
        foreign @ Author::Foreign(_) => foreign,
    }
}

/// Compares what a manifest says of the file that was written here with the file that is there.
fn why_not_written_here(written: Option<&Written>, there: &Written) -> Option<&'static str> {
    match written {
        None => Some("its manifest does not say which file was written here"),
        // An inode's number can be guessed: it is no proof by itself.
        Some(Written { born: None, .. }) => Some(
            "its manifest has no birth time of its file, since the file system where it was written keeps none. So it can't be \
             told from a copy",
        ),
        Some(written) if written != there => {
            Some("it is a copy: its inode and birth time are not those of the file that was written here")
        }
        Some(_) => None,
    }
}

/// Returns what tells a file from a copy. Some file systems that keep no birth times say 1970.
pub(crate) fn written_of(metadata: &Metadata) -> Written {
    let born = metadata.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
    let born = born.filter(|born| !born.is_zero());
    Written { inode: metadata.ino(), born: born.map(|born| born.as_nanos().to_string()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

    use super::*;

    #[test]
    fn only_an_inode_and_a_birth_time_that_agree_show_that_a_file_was_written_here() {
        let of = |inode, born: Option<&str>| Written { inode, born: born.map(str::to_owned) };
        let there = of(7, Some("1795359599123456789"));
        assert_eq!(why_not_written_here(Some(&there), &there), None);
        for other in [of(8, Some("1795359599123456789")), of(7, Some("1795359599123456780")), of(7, None)] {
            assert!(why_not_written_here(Some(&other), &there).is_some(), "{other:?}");
        }
        assert!(why_not_written_here(None, &there).is_some());
        // A stranger who guesses the inode of a copy can't make the copy pass for one's own.
        assert!(why_not_written_here(Some(&of(7, None)), &of(7, None)).is_some());
        let file = tempfile::tempfile().unwrap().metadata().unwrap();
        assert!(written_of(&file).born.is_none_or(|born| born != "0"));
    }
}
