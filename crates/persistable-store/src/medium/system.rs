//! The real operating system.

use std::fs::{self, DirBuilder, File, FileTimes, Metadata, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use rustix::fs::{Access as Asked, AtFlags, CWD, OFlags, RenameFlags};

use super::{Access, Entries, Medium, NameInFolder};

/// The operating system that this process runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

/// Whether this process may link a descriptor itself, as far as is known. Before Linux 6.10, only one with special rights may.
/// To look the file up in `/proc` takes as long as half of the rest.
#[cfg(target_os = "linux")]
static LINKS_DESCRIPTORS: AtomicBool = AtomicBool::new(true);

/// The file systems of Linux for which one call makes durable all that was written: ext4 and its elders, XFS, Btrfs, F2FS, ZFS,
/// overlays and memory.
#[cfg(target_os = "linux")]
const SYNCED_AS_A_WHOLE: [u32; 7] =
    [0xEF53, 0x5846_5342, 0x9123_683E, 0xF2F5_2010, 0x2FC1_2FC1, 0x794C_7630, 0x0102_1994];

/// Those of them that keep the name of a file that was created without one, if file and folder are synced after it got the name:
/// ext4 and XFS.
#[cfg(target_os = "linux")]
const KEEPS_NAMES: [u32; 2] = [0xEF53, 0x5846_5342];
/// So much is written in about the time that one sync takes, if several are under way.
#[cfg(target_os = "linux")]
const BYTES_A_SYNC: u64 = 100 << 10;
/// So much the system often has not written yet, also if nobody writes much.
#[cfg(target_os = "linux")]
const MUCH: u64 = 32 << 20;

/// Returns how much the system has not written to its disks yet.
#[cfg(target_os = "linux")]
fn unwritten_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let kibibytes = |name: &str| -> Option<u64> {
        text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
    };
    Some((kibibytes("Dirty:")? + kibibytes("Writeback:")?) << 10)
}

impl Medium for System {
    fn open(&self, path: &Path) -> io::Result<File> {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)
    }

    fn open_lasting(&self, path: &Path) -> io::Result<File> {
        let flags = OFlags::NOFOLLOW.bits() as i32;
        let mut options = OpenOptions::new();
        options.read(true).write(true).truncate(false).custom_flags(flags);
        // In a sticky folder, Linux refuses to create what is there and belongs to another, though its mode allows to write.
        match options.open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => options.create(true).open(path),
            opened => opened,
        }
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).mode(0o644).open(path)
    }

    #[cfg(target_os = "linux")]
    fn create_unnamed(&self, folder: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).mode(0o644).custom_flags(OFlags::TMPFILE.bits() as i32).open(folder)
    }

    #[cfg(not(target_os = "linux"))]
    fn create_unnamed(&self, _folder: &Path) -> io::Result<File> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn name(&self, file: &File, path: &Path) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if LINKS_DESCRIPTORS.load(Ordering::Relaxed) {
            use rustix::io::Errno as E;
            match rustix::fs::linkat(file, "", CWD, path, AtFlags::EMPTY_PATH) {
                // It may be the descriptor that can't be linked. The other way tells.
                Err(E::NOENT | E::PERM | E::ACCESS | E::INVAL | E::NOSYS | E::OPNOTSUPP) => {}
                linked => return linked.map_err(Into::into),
            }
        }
        let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
        rustix::fs::linkat(CWD, unnamed, CWD, path, AtFlags::SYMLINK_FOLLOW)?;
        #[cfg(target_os = "linux")]
        LINKS_DESCRIPTORS.store(false, Ordering::Relaxed);
        Ok(())
    }

    fn write(&self, mut file: &File, bytes: &[u8]) -> io::Result<usize> {
        file.write(bytes)
    }

    fn close(&self, file: File) {
        drop(file);
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        fs::symlink_metadata(path)
    }

    fn followed_metadata(&self, path: &Path) -> io::Result<Metadata> {
        fs::metadata(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<NameInFolder>> {
        self.entries(folder)?.collect()
    }

    fn entries(&self, folder: &Path) -> io::Result<Entries> {
        Ok(Box::new(fs::read_dir(folder)?.map(|entry| {
            let entry = entry?;
            Ok(NameInFolder { name: entry.file_name(), kind: entry.file_type()? })
        })))
    }

    #[cfg(target_os = "linux")]
    fn watch(&self, folder: &Path) -> Option<Box<dyn super::WatchFolder>> {
        Some(Box::new(super::watch::Watched::begin(folder)?))
    }

    #[cfg(target_os = "linux")]
    fn is_local(&self, folder: &Path) -> bool {
        super::watch::is_local(folder)
    }

    fn create_folder(&self, path: &Path, access: Access) -> io::Result<()> {
        match access {
            Access::Usual => fs::create_dir(path),
            Access::Private => DirBuilder::new().mode(0o700).create(path),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn rename_to_free(&self, from: &Path, to: &Path) -> io::Result<()> {
        rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE).map_err(Into::into)
    }

    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()> {
        rustix::fs::renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).map_err(Into::into)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn remove_tree(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn set_permissions(&self, path: &Path, permissions: Permissions) -> io::Result<()> {
        fs::set_permissions(path, permissions)
    }

    fn set_modified(&self, file: &File, time: SystemTime) -> io::Result<()> {
        file.set_times(FileTimes::new().set_modified(time))
    }

    fn check_writable(&self, folder: &Path) -> io::Result<()> {
        let ask = |flags| rustix::fs::accessat(CWD, folder, Asked::WRITE_OK | Asked::EXEC_OK, flags);
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

    fn sync_file(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    /// Others than these either have no call for it, or it does not reach the disk, as on some network file systems.
    #[cfg(target_os = "linux")]
    fn open_to_sync_all(&self, folder: &Path) -> io::Result<Option<File>> {
        let folder = File::open(folder)?;
        let kind = rustix::fs::fstatfs(&folder)?.f_type;
        Ok(SYNCED_AS_A_WHOLE.iter().any(|known| i128::from(*known) == i128::from(kind)).then_some(folder))
    }

    #[cfg(target_os = "linux")]
    fn sync_all(&self, folder: &File) -> io::Result<()> {
        Ok(rustix::fs::syncfs(folder)?)
    }

    #[cfg(target_os = "linux")]
    fn is_quicker_one_by_one(&self, folder: &File, files: usize) -> bool {
        let kind = rustix::fs::fstatfs(folder).map(|found| i128::from(found.f_type));
        kind.is_ok_and(|kind| KEEPS_NAMES.iter().any(|known| i128::from(*known) == kind))
            && unwritten_bytes().is_some_and(|bytes| bytes > MUCH + BYTES_A_SYNC * files as u64)
    }

    /// Linux does that when it is told that the part is not needed. It also forgets what is on the disk already, which of
    /// that part nothing is.
    fn begin_to_sync(&self, file: &File, offset: u64, size_bytes: u64) {
        #[cfg(target_os = "linux")]
        let _ = rustix::fs::fadvise(file, offset, size_bytes.try_into().ok(), rustix::fs::Advice::DontNeed);
        #[cfg(not(target_os = "linux"))]
        let _ = (file, offset, size_bytes);
    }

    #[cfg(target_os = "linux")]
    fn write_back(&self, file: &File, waits: bool) -> io::Result<()> {
        super::write_back::write_back(file, waits)
    }

    fn try_lock(&self, file: &File, offset: i64) -> io::Result<bool> {
        match set_lock(file, offset, libc::F_WRLCK) {
            Ok(_) => Ok(true),
            Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn unlock(&self, file: &File, offset: i64) -> io::Result<()> {
        set_lock(file, offset, libc::F_UNLCK).map(|_| ()).map_err(Into::into)
    }

    fn lock_holder(&self, file: &File, offset: i64) -> Option<u32> {
        let mut lock = byte_lock(offset, libc::F_WRLCK);
        fcntl(file, FcntlArg::F_GETLK(&mut lock)).ok()?;
        if lock.l_type == libc::F_UNLCK as libc::c_short {
            None
        } else {
            u32::try_from(lock.l_pid).ok().filter(|id| *id > 0)
        }
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

    use super::*;

    #[test]
    fn a_file_without_a_name_gets_one_by_either_way_and_never_that_of_another() {
        let folder = tempfile::tempdir().unwrap();
        for links_descriptors in [true, false] {
            let path = folder.path().join(format!("{links_descriptors}"));
            LINKS_DESCRIPTORS.store(links_descriptors, Ordering::Relaxed);
            let Ok(file) = System.create_unnamed(folder.path()) else { return };
            System.write(&file, b"first").unwrap();
            System.name(&file, &path).unwrap();
            let other = System.create_unnamed(folder.path()).unwrap();
            assert_eq!(System.name(&other, &path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read(&path).unwrap(), b"first");
            let nowhere = folder.path().join("missing/name");
            assert_eq!(System.name(&other, &nowhere).unwrap_err().kind(), io::ErrorKind::NotFound);
        }
        LINKS_DESCRIPTORS.store(true, Ordering::Relaxed);
    }
}
