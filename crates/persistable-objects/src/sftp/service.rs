//! The service over a connection, which is made anew when it fails.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::Duration;

use bytes::Bytes;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::{FileAttributes, OpenFlags};

use crate::can::{Can, Replace};
use crate::error::ErrorKind;
use crate::objects::{UploadId, Version};
use crate::policy::RetryPolicy;
use crate::process::PerProcess;
use crate::runtime::block_on;
use crate::service::{About, Answer, Ask, Condition, Ended, Fault, From, Page, Part, Piece, Service, Upload};
use crate::sftp::fault::{fault, is_missing};
use crate::sftp::files::{self, Placed};
use crate::sftp::link::Link;
use crate::sftp::ssh::Ssh;
use crate::sftp::{pipeline, walk};
use crate::stop::Stop;

/// How many files one call deletes.
const MOST_DELETED: usize = 100;

#[derive(Debug)]
pub(super) struct Sftp {
    ssh: Ssh,
    timeout: Duration,
    /// The store's own folder.
    prefix: String,
    link: PerProcess<Mutex<Option<Arc<Link>>>>,
}

impl Sftp {
    pub(super) fn new(ssh: Ssh, policy: RetryPolicy, prefix: String) -> Self {
        Self { ssh, timeout: policy.timeout, prefix, link: PerProcess::new() }
    }

    /// Returns the folders in which files were, the deepest first. Those below a folder whose name begins with a dot are used again
    /// and again, and stay.
    fn folders_of(&self, names: &[String]) -> Vec<String> {
        let mut folders = BTreeSet::new();
        for name in names {
            let inside = name.strip_prefix(&self.prefix).filter(|inside| !inside.starts_with('.')).unwrap_or_default();
            folders.extend(inside.match_indices('/').filter_map(|(end, _)| inside.get(..end)));
        }
        folders.into_iter().rev().map(|folder| path_of(&format!("{}{folder}", self.prefix))).collect()
    }

    /// Returns the connection of this process. One thread makes it, and others wait.
    fn link(&self, stop: Stop<'_>) -> Result<Arc<Link>, Fault> {
        let slot = self.link.get(|| Ok::<_, Fault>(Mutex::new(None)))?;
        let mut slot = loop {
            match slot.try_lock() {
                Ok(slot) => break slot,
                Err(TryLockError::Poisoned(poisoned)) => break poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {
                    stop.pause(Duration::from_millis(5)).map_err(|_| Fault::interrupted())?;
                }
            }
        };
        if let Some(link) = &*slot {
            return Ok(Arc::clone(link));
        }
        let connected = block_on(stop, Link::connect(&self.ssh))?;
        let link = Arc::new(connected.ok_or_else(Fault::interrupted)??);
        *slot = Some(Arc::clone(&link));
        Ok(link)
    }

    /// Forgets a connection that failed.
    fn forget(&self, link: &Arc<Link>) {
        if let Ok(slot) = self.link.get(|| Ok::<_, Fault>(Mutex::new(None))) {
            let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
            slot.take_if(|known| Arc::ptr_eq(known, link));
        }
    }

    /// Does something over the connection.
    fn run<T: Send, F: Future<Output = Result<T, SftpError>> + Send>(
        &self,
        stop: Stop<'_>,
        is_write: bool,
        act: impl FnOnce(Arc<Link>) -> F,
    ) -> Result<T, Fault> {
        let link = self.link(stop)?;
        link.last_byte.note();
        let done = block_on(stop, link.last_byte.unless_stalled(act(Arc::clone(&link)), self.timeout));
        let fault = match done? {
            None => return Err(Fault::interrupted()),
            Some(Some(Ok(done))) => return Ok(done),
            Some(Some(Err(error))) => fault(&error, is_write),
            Some(None) => {
                let message = format!("no byte came or went for {} s", self.timeout.as_secs_f64());
                Fault { may_have_landed: is_write, ..Fault::new(Ended::Passing, message) }
            }
        };
        if fault.ended == Ended::Passing {
            self.forget(&link);
        }
        Err(fault)
    }

    /// Places a temporary file under its name, on a condition.
    fn place(&self, stop: Stop<'_>, temporary: &str, name: &str, condition: Condition<'_>) -> Result<(), Fault> {
        let (from, to) = (temporary.to_owned(), path_of(name));
        let placed = match condition {
            Condition::None => self.run(stop, true, |link| async move { files::place(&link, &from, &to).await }),
            Condition::Absent => self.run(stop, true, |link| async move { files::place_new(&link, &from, &to).await }),
            Condition::Still { .. } => {
                Err(Fault::new(Ended::Final(ErrorKind::Unsupported), "SFTP has no such condition"))
            }
        };
        match placed? {
            Placed::Done => Ok(()),
            Placed::Gone => Err(Fault::new(Ended::Passing, "another process deleted what was written")),
            Placed::Taken => Err(Fault::new(Ended::Refused, "a file is there already")),
        }
    }
}

/// The first folder `~` stands for the user's own, where the server begins.
fn path_of(name: &str) -> String {
    match name.strip_prefix("~/") {
        Some(rest) => rest.to_owned(),
        None => format!("/{name}"),
    }
}

/// Returns the path of an upload's file. Its id comes from a note of somebody.
fn path_of_upload(upload: Upload<'_>) -> Result<String, Fault> {
    let id = upload.id.as_str();
    if !files::is_temporary(id) {
        return Err(Fault::new(Ended::Final(ErrorKind::Invalid), format!("{id:?} is not an upload of SFTP")));
    }
    Ok(format!("{}{id}", files::folder_of(&path_of(upload.name))))
}

/// The version of bytes. They hold a random value of the writer's, or are equal to what is there.
fn version_of(bytes: &[u8]) -> Version {
    Version::new(format!("blake3-{}", blake3::hash(bytes).to_hex()))
}

/// The version of a file that is too large to be read at once. Such files are written under fresh names.
fn version_of_file(attributes: &FileAttributes) -> Version {
    Version::new(format!("{}-{}", attributes.size.unwrap_or_default(), attributes.mtime.unwrap_or_default()))
}

impl Service for Sftp {
    fn about(&self) -> About {
        About { can: None, has_quotes: false, finishes_on_condition: true, most_deleted: MOST_DELETED }
    }

    fn says(&self, stop: Stop<'_>) -> Result<Option<Can>, Fault> {
        Ok(Some(Can { create: self.link(stop)?.can_link, replace: Replace::No }))
    }

    fn get(&self, stop: Stop<'_>, name: &str, ask: &Ask<'_>) -> Result<Answer, Fault> {
        let (path, asked) = (path_of(name), ask.range.clone());
        self.run(stop, false, |link| async move {
            let handle = match link.session.open(path, OpenFlags::READ, FileAttributes::empty()).await {
                Ok(handle) => handle.handle,
                Err(error) if is_missing(&error) => return Ok(Answer::Absent),
                Err(error) => return Err(error),
            };
            let read = async {
                let attributes = link.session.fstat(&*handle).await?.attrs;
                let size = attributes.size.unwrap_or_default();
                let range = asked.unwrap_or(0..size);
                let range = range.start.min(size)..range.end.min(size);
                let is_whole = range == (0..size);
                let bytes = pipeline::read(&link, &handle, range).await?;
                let version = if is_whole { version_of(&bytes) } else { version_of_file(&attributes) };
                Ok(Answer::Found(Piece { bytes, size, version, age: None }))
            };
            let answer = read.await;
            let _ = link.session.close(handle).await;
            answer
        })
    }

    fn put(&self, stop: Stop<'_>, name: &str, bytes: Bytes, condition: Condition<'_>) -> Result<Version, Fault> {
        let version = version_of(&bytes);
        let temporary = format!("{}{}", files::folder_of(&path_of(name)), files::temporary());
        let path = temporary.clone();
        let written = self.run(stop, false, |link| async move { files::write(&link, &path, bytes).await });
        let placed = written.and_then(|()| self.place(stop, &temporary, name, condition));
        if placed.as_ref().is_err_and(|fault| fault.ended != Ended::Refused) {
            let _ = self.run(stop, false, |link| async move { link.session.remove(temporary).await });
        }
        placed.map(|()| version)
    }

    fn delete(&self, stop: Stop<'_>, names: &[String]) -> Result<(), Fault> {
        let paths: Vec<String> = names.iter().map(|name| path_of(name)).collect();
        let folders = self.folders_of(names);
        self.run(stop, true, |link| async move {
            for path in paths {
                match link.session.remove(path).await {
                    Ok(_) => link.last_byte.note(),
                    Err(error) if is_missing(&error) => {}
                    Err(error) => return Err(error),
                }
            }
            for folder in folders {
                // It fails if something is left there.
                let _ = link.session.rmdir(folder).await;
                link.last_byte.note();
            }
            Ok(())
        })
    }

    fn list(&self, stop: Stop<'_>, prefix: &str, from: From<'_>) -> Result<Page, Fault> {
        let mut entries = self.run(stop, false, |link| async move { walk::walk(&link, prefix, path_of).await })?;
        if let From::After(after) = from {
            entries.retain(|entry| entry.name.as_str() > after);
        }
        Ok(Page { entries, next: None })
    }

    fn begin(&self, stop: Stop<'_>, name: &str) -> Result<UploadId, Fault> {
        let id = UploadId::new(files::temporary());
        let path = path_of_upload(Upload { name, id: &id })?;
        self.run(stop, true, |link| async move {
            let handle = files::create(&link, &path).await?;
            link.session.close(handle).await
        })?;
        Ok(id)
    }

    fn part(&self, stop: Stop<'_>, upload: Upload<'_>, part: Part, bytes: Bytes) -> Result<String, Fault> {
        let path = path_of_upload(upload)?;
        let is_there = self.run(stop, true, |link| async move {
            let handle = match link.session.open(path, OpenFlags::WRITE, FileAttributes::empty()).await {
                Ok(handle) => handle.handle,
                Err(error) if is_missing(&error) => return Ok(false),
                Err(error) => return Err(error),
            };
            let written = pipeline::write(&link, &handle, part.offset, bytes).await;
            let closed = link.session.close(handle).await;
            written.and(closed.map(|_| true))
        })?;
        if is_there { Ok(part.index.to_string()) } else { Err(lost()) }
    }

    fn finish(
        &self,
        stop: Stop<'_>,
        upload: Upload<'_>,
        _: &[String],
        condition: Condition<'_>,
    ) -> Result<Version, Fault> {
        let temporary = path_of_upload(upload)?;
        let path = temporary.clone();
        let version = self.run(stop, false, |link| async move {
            let handle =
                match link.session.open(path, OpenFlags::READ | OpenFlags::WRITE, FileAttributes::empty()).await {
                    Ok(handle) => handle.handle,
                    Err(error) if is_missing(&error) => return Ok(None),
                    Err(error) => return Err(error),
                };
            let attributes = match files::sync(&link, &handle).await {
                Ok(()) => link.session.fstat(&*handle).await,
                Err(error) => Err(error),
            };
            let _ = link.session.close(handle).await;
            Ok(Some(version_of_file(&attributes?.attrs)))
        })?;
        let version = version.ok_or_else(lost)?;
        self.place(stop, &temporary, upload.name, condition).map(|()| version)
    }

    fn sweep(&self, stop: Stop<'_>, folder: &str) -> Result<(), Fault> {
        self.run(stop, true, |link| async move { walk::sweep(&link, &path_of(folder)).await })
    }

    fn clear(&self, stop: Stop<'_>, prefix: &str) -> Result<(), Fault> {
        self.run(stop, true, |link| async move { walk::clear(&link, &path_of(prefix)).await })
    }

    fn abort(&self, stop: Stop<'_>, upload: Upload<'_>) -> Result<(), Fault> {
        let path = path_of_upload(upload)?;
        self.run(stop, true, |link| async move {
            match link.session.remove(path).await {
                Err(error) if !is_missing(&error) => Err(error),
                _ => Ok(()),
            }
        })
    }
}

fn lost() -> Fault {
    Fault::new(Ended::Lost, "there is no such upload: it was finished or aborted")
}
