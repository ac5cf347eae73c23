//! A signing key that is kept in a file of the account.
//!
//! Whoever can read the file can sign in the name of the account. So the file is used only if nobody else can.

use std::borrow::Cow;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

use crate::advice::REMOVE_FILE;
use crate::error::{Context, Error, ErrorKind, Result};
use crate::format::SigningKey;
use crate::keys::Need;
use crate::machine;

/// The secret is so many random bytes, which the file has as hex digits.
const SECRET_BYTES: usize = 32;
/// No secret is longer. A file that people wrote may have any text.
const MOST_BYTES: u64 = 4 << 10;
/// A shorter one can be guessed.
const LEAST_BYTES: usize = 16;

impl SigningKey {
    /// Returns the key whose secret is in a file of this account, and which nobody else knows. If the file is missing, and the
    /// key is needed [to sign](Need::ToSign), the file is made with a random secret. Several processes that make it at once get
    /// the same key. `None` if the file is missing and the key is needed only to check signatures.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Untrusted`]: the file is not a regular file, belongs to another account, can be used by others, or has no
    ///   secret. The message says what to do.
    /// - The errors of reading and writing.
    pub fn of_account(file: &Path, need: Need) -> Result<Option<Self>> {
        if let Some(key) = read(file)? {
            return Ok(Some(key));
        }
        if need == Need::ToCheck {
            return Ok(None);
        }
        make(file)?;
        match read(file)? {
            Some(key) => Ok(Some(key)),
            None => Err(Error::new(ErrorKind::Unavailable, "it was removed right after it was made").at(file)),
        }
    }
}

fn read(path: &Path) -> Result<Option<SigningKey>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = match OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) if rustix::io::Errno::from_io_error(&error) == Some(rustix::io::Errno::LOOP) => {
            return Err(refused(path, "it is a symbolic link", "Put the file itself there"));
        }
        Err(error) => return Err(Error::io("open", path, error)),
    };
    let metadata = file.metadata().context("look at", path)?;
    let (owner, me, mode) = (metadata.uid(), machine::user_id(), metadata.mode() & 0o7777);
    if !metadata.is_file() {
        return Err(refused(path, "it is not a regular file", REMOVE_FILE));
    }
    if owner != me {
        let (owner, me) = (machine::user_name(owner), machine::user_name(me));
        return Err(refused(path, &format!("it belongs to {owner}, and this is {me}"), REMOVE_FILE));
    }
    if mode & 0o077 != 0 {
        let why = format!("other accounts can use it (its mode is {mode:03o})");
        let advice =
            format!("If nobody has read it, run: chmod 600 '{}'. Else remove it, and it is made anew", path.display());
        return Err(refused(path, &why, advice));
    }
    let mut text = String::new();
    file.take(MOST_BYTES).read_to_string(&mut text).context("read", path)?;
    let secret = text.trim();
    if secret.len() < LEAST_BYTES {
        return Err(refused(path, &format!("it has no secret of at least {LEAST_BYTES} characters"), REMOVE_FILE));
    }
    Ok(Some(SigningKey::from_secret(secret)))
}

/// Makes the file, unless another process does so at the same time. It appears with all of its content.
fn make(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder).context("create the folder", folder)?;
    let mut random = [0; SECRET_BYTES];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut random))
        .context("read", Path::new("/dev/urandom"))?;
    let secret = format!("{}\n", blake3::Hash::from_bytes(random).to_hex());
    let staged = folder.join(format!(".signing-key~{}", machine::unique_text()));
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&staged)?;
        file.write_all(secret.as_bytes())?;
        file.sync_all()
    };
    let named = write().and_then(|()| name(&staged, path));
    // It goes where it was not moved.
    let _ = std::fs::remove_file(&staged);
    match named {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        named => named.context("create", path),
    }
}

/// Gives a file its name, unless something has this name.
fn name(staged: &Path, path: &Path) -> io::Result<()> {
    match std::fs::hard_link(staged, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            // Not every file system has hard links.
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            renameat_with(CWD, staged, CWD, path, RenameFlags::NOREPLACE).map_err(|_| error)
        }
        linked => linked,
    }
}

fn refused(path: &Path, why: &str, advice: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Untrusted, format!("this signing key is not used: {why}")).advise(advice).at(path)
}
