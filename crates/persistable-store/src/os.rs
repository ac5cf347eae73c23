//! The few operations of the operating system that the standard library lacks.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use rustix::fs::{Access, AtFlags, CWD, OFlags, RenameFlags};

use crate::fork::Lazy;

/// Opens a file for reading, but not through a symbolic link, and without waiting for a pipe's other end.
pub(crate) fn open_no_follow(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)
}

/// Begins to write a part of a file to the disk that was just written to the file, without waiting for it.
///
/// Linux does that when it is told that the part is not needed. It also forgets what is on the disk already, which of that
/// part nothing is. It is advice: nothing depends on whether it is taken.
pub(crate) fn begin_to_sync(file: &File, offset: u64, size_bytes: u64) {
    #[cfg(target_os = "linux")]
    let _ = rustix::fs::fadvise(file, offset, size_bytes.try_into().ok(), rustix::fs::Advice::DontNeed);
    #[cfg(not(target_os = "linux"))]
    let _ = (file, offset, size_bytes);
}

/// Whether opening failed because there is a symbolic link.
pub(crate) fn is_link(error: &io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP)
}

/// Takes the exclusive lock of one byte of a file, which need not be there; `false` where another process has it.
///
/// The lock belongs to the process and ends with it. It is not inherited by forked children, so a worker that outlives
/// its killed parent holds nothing up. Within a process it excludes nobody: [`crate::lease`] does.
pub(crate) fn try_lock_byte(file: &File, offset: i64) -> io::Result<bool> {
    #[cfg(persistable_sabotage)]
    if crate::sabotage::is("no-lock") {
        return Ok(true);
    }
    match set_lock(file, offset, libc::F_WRLCK) {
        Ok(_) => Ok(true),
        Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Lets go of the lock of a byte.
pub(crate) fn unlock_byte(file: &File, offset: i64) -> io::Result<()> {
    set_lock(file, offset, libc::F_UNLCK).map(|_| ()).map_err(Into::into)
}

/// Returns the id of the process that has the lock of a byte, where one of this machine has.
pub(crate) fn lock_holder(file: &File, offset: i64) -> Option<u32> {
    let mut lock = byte_lock(offset, libc::F_WRLCK);
    fcntl(file, FcntlArg::F_GETLK(&mut lock)).ok()?;
    if lock.l_type == libc::F_UNLCK as libc::c_short {
        None
    } else {
        u32::try_from(lock.l_pid).ok().filter(|id| *id > 0)
    }
}

fn set_lock(file: &File, offset: i64, kind: libc::c_int) -> nix::Result<libc::c_int> {
    fcntl(file, FcntlArg::F_SETLK(&byte_lock(offset, kind)))
}

fn byte_lock(offset: i64, kind: libc::c_int) -> libc::flock {
    libc::flock {
        l_type: kind as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: offset,
        l_len: 1,
        l_pid: 0,
    }
}

/// Returns the name of the program that a process of this machine runs, where the system tells.
pub(crate) fn program_of(process: u32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).ok()?;
    Some(name.trim_end().to_owned())
}

/// Exchanges two directory entries in one step.
pub(crate) fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    rustix::fs::renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).map_err(Into::into)
}

/// Makes the entries of a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(persistable_sabotage)]
    if crate::sabotage::is("lost-error") {
        let _ = File::open(path)?.sync_all();
        return Ok(());
    }
    File::open(path)?.sync_all()
}

/// Returns the name of this program's file.
pub(crate) fn program() -> Option<String> {
    static PROGRAM: Lazy<Option<String>> = Lazy::new(|| {
        let path = std::env::current_exe().ok()?;
        Some(path.file_name()?.to_string_lossy().into_owned())
    });
    PROGRAM.clone()
}

/// Returns this machine's name.
pub(crate) fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Returns the id of the account that this process acts for.
pub(crate) fn user_id() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Returns how an account is called, for people.
pub(crate) fn user_name(id: u32) -> String {
    match nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(id)) {
        Ok(Some(user)) => format!("{} (user {id})", user.name),
        _ => format!("user {id}"),
    }
}

/// Takes the right to write to a file or a folder from its group and from others, as far as the file system keeps such
/// rights: where it does not, nothing there passes for one's own.
pub(crate) fn keep_others_from_writing(path: &Path, metadata: &Metadata) {
    let mode = metadata.mode();
    if mode & 0o022 != 0 {
        let _ = fs::set_permissions(path, Permissions::from_mode(mode & 0o7777 & !0o022));
    }
}

/// Creates a file that, by its mode, nobody else can ever write to, whatever the process's mask says.
pub(crate) fn create_own(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o644).open(path)
}

/// Opens a file to read and write it as it is, or creates it; but not through a symbolic link.
pub(crate) fn open_lasting(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW.bits() as i32;
    OpenOptions::new().read(true).write(true).create(true).truncate(false).custom_flags(flags).open(path)
}

/// Creates a folder that nobody else can look into.
pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Creates a folder in one that is there, unless it is there already.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        created => created,
    }
}

/// Creates a folder below the data folder with the parents it lacks, but never the data folder itself: where it is gone,
/// as on a share that was unmounted, its place is not where to write.
pub(crate) fn create_folder_below(root: &Path, folder: &Path) -> io::Result<()> {
    match (create_folder(folder), folder.parent()) {
        (Err(error), Some(parent)) if error.kind() == io::ErrorKind::NotFound && parent != root => {
            create_folder_below(root, parent)?;
            create_folder(folder)
        }
        (created, _) => created,
    }
}

/// Fails where this account may not create files in a folder: by its mode, since it is mounted read-only, or immutable.
pub(crate) fn check_writable(folder: &Path) -> io::Result<()> {
    let ask = |flags| rustix::fs::accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, flags);
    // What is immutable says EPERM, and so does a container that knows the older call only.
    let answer = ask(AtFlags::EACCESS)
        .or_else(|error| if error == rustix::io::Errno::PERM { ask(AtFlags::empty()) } else { Err(error) });
    match answer {
        Err(error @ (rustix::io::Errno::ACCESS | rustix::io::Errno::PERM | rustix::io::Errno::ROFS)) => {
            Err(error.into())
        }
        // Not every file system can tell.
        _ => Ok(()),
    }
}

/// Whether there is something at a path that is no file, such as a folder, a pipe or a socket.
pub(crate) fn is_no_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

/// Whether there is a symbolic link at a path.
pub(crate) fn is_link_at(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

/// Whether two descriptions of a file are of the same one.
pub(crate) fn same_file(a: &Metadata, b: &Metadata) -> bool {
    a.dev() == b.dev() && a.ino() == b.ino()
}
