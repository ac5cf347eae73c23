//! The calls by which a process changes its data folder, from strace's log, in order and with their data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use persistable_models::power_cut::Act;

use crate::child::Actor;
use crate::problem::Result;
use crate::strace::{self, Traced};

/// All calls that could change a file or a folder: those that [`parse`] does not know stop the recording.
const CALLS: &str = "openat,?creat,write,pwrite64,writev,pwritev,?pwritev2,fsync,fdatasync,sync_file_range,sync,syncfs,\
    ?rename,renameat,renameat2,?link,linkat,?symlink,symlinkat,?unlink,unlinkat,?rmdir,?mkdir,mkdirat,ftruncate,truncate,\
    fallocate,copy_file_range,sendfile,splice,mmap,fcntl";

/// Records what an actor does to a folder, `injecting` what strace is told to; also returns its end.
pub(super) fn record(
    actor: &Actor,
    task: &[&str],
    injecting: Option<&str>,
    folder: &Path,
) -> Result<(Vec<Act>, Traced)> {
    let trace = format!("trace={CALLS}");
    let mut options = vec!["-y", "-xx", "-s", "1000000", "-e", &trace];
    options.extend(injecting.into_iter().flat_map(|inject| ["-e", inject]));
    let traced = strace::run(&options, actor, task, folder)?;
    let mut acts = Vec::new();
    let mut unnamed = BTreeMap::new();
    for line in traced.calls.lines() {
        let act = parse(line, folder, &mut unnamed).map_err(|problem| format!("{problem}: {line:.500}"))?;
        acts.extend(act);
    }
    Ok((acts, traced))
}

/// Returns what a line of strace's log says was done below the folder. `unnamed` are the files that were created without a
/// name, by their descriptors: strace gives them one of its own.
fn parse(line: &str, folder: &Path, unnamed: &mut BTreeMap<String, PathBuf>) -> Result<Option<Act>> {
    let Some((_, call)) = line.split_once(' ') else { return Ok(None) };
    let Some((name, rest)) = call.trim_start().split_once('(') else { return Ok(None) };
    let Some((arguments, result)) = rest.rsplit_once(" = ") else { return Ok(None) };
    let arguments = Arguments::of(arguments.trim_end().trim_end_matches(')'));
    let is_below = |path: &PathBuf| path.starts_with(folder);
    if result.contains("(INJECTED)") {
        return Ok(Some(Act::FailedSync { path: arguments.descriptor(0)? })
            .filter(|act| act.paths().into_iter().any(is_below)));
    }
    if result.starts_with('-') || result.starts_with('?') {
        return Ok(None);
    }
    let act = match name {
        "openat" if arguments.word(2).contains("O_TMPFILE") => {
            let path = described(result)?;
            unnamed.insert(result.split('<').next().unwrap_or_default().to_owned(), path.clone());
            Some(Act::Open { path, is_emptied: false })
        }
        "openat" => {
            let (path, flags) = (arguments.path_at(0)?, arguments.word(2));
            let is_emptied = flags.contains("O_TRUNC");
            (is_emptied || flags.contains("O_CREAT")).then_some(Act::Open { path, is_emptied })
        }
        "write" => {
            let mut data = arguments.data(1)?;
            data.truncate(result.split(' ').next().unwrap_or_default().parse()?);
            Some(Act::Append { path: arguments.descriptor(0)?, data })
        }
        "fsync" | "fdatasync" => Some(Act::Sync { path: arguments.descriptor(0)? }),
        // A file that had no name gets one, by its descriptor or by the link that stands for that.
        "linkat" => {
            let link = arguments.path(1)?;
            let descriptor = match arguments.word(4) {
                "AT_EMPTY_PATH" => arguments.word(0).split('<').next(),
                _ => link.file_name().and_then(|name| name.to_str()),
            };
            let descriptor = descriptor.unwrap_or_default();
            let from = unnamed.get(descriptor).ok_or("a link is made of a file that has a name")?.clone();
            Some(Act::Rename { from, to: arguments.path_at(2)? })
        }
        "rename" => Some(Act::Rename { from: arguments.path(0)?, to: arguments.path(1)? }),
        "renameat" => Some(Act::Rename { from: arguments.path_at(0)?, to: arguments.path_at(2)? }),
        "renameat2" if arguments.word(4) == "RENAME_EXCHANGE" => {
            Some(Act::Exchange { a: arguments.path_at(0)?, b: arguments.path_at(2)? })
        }
        "renameat2" => Some(Act::Rename { from: arguments.path_at(0)?, to: arguments.path_at(2)? }),
        "mkdir" => Some(Act::MakeFolder { path: arguments.path(0)? }),
        "mkdirat" => Some(Act::MakeFolder { path: arguments.path_at(0)? }),
        "unlink" | "rmdir" => Some(Act::Remove { path: arguments.path(0)? }),
        "unlinkat" => Some(Act::Remove { path: arguments.path_at(0)? }),
        // Reading a map is no change; a shared one that can be written to would be.
        "mmap" if !(arguments.word(2).contains("PROT_WRITE") && arguments.word(3).contains("MAP_SHARED")) => None,
        // Bytes may be on the disk by then, as all that is not synced may be.
        "sync_file_range" => None,
        // Locks do not outlast a cut.
        "fcntl" => None,
        _ if arguments.mention(folder) => return Err("the recorder does not know what this call does".into()),
        _ => None,
    };
    Ok(act.filter(|act| act.paths().into_iter().any(is_below)))
}

/// The arguments of a call. All texts are written in hexadecimal, so no comma is part of one.
struct Arguments<'a>(Vec<&'a str>);

impl<'a> Arguments<'a> {
    fn of(text: &'a str) -> Self {
        Self(text.split(", ").collect())
    }

    fn word(&self, index: usize) -> &'a str {
        self.0.get(index).copied().unwrap_or_default()
    }

    /// A text between quotes.
    fn data(&self, index: usize) -> Result<Vec<u8>> {
        let text = self.word(index).strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        unescaped(text.ok_or("a text is cut off")?)
    }

    fn path(&self, index: usize) -> Result<PathBuf> {
        to_path(self.data(index)?)
    }

    /// The path of an open descriptor.
    fn descriptor(&self, index: usize) -> Result<PathBuf> {
        described(self.word(index))
    }

    /// A path that is relative to the descriptor before it.
    fn path_at(&self, index: usize) -> Result<PathBuf> {
        Ok(self.descriptor(index)?.join(self.path(index + 1)?))
    }

    /// Whether any argument is a path below a folder.
    fn mention(&self, folder: &Path) -> bool {
        let is_below = |path: Result<PathBuf>| path.is_ok_and(|path| path.starts_with(folder));
        (0..self.0.len()).any(|index| is_below(self.descriptor(index)) || is_below(self.path(index)))
    }
}

/// Returns the path that strace puts behind a descriptor.
fn described(descriptor: &str) -> Result<PathBuf> {
    let text = descriptor.trim_end_matches("(deleted)").split_once('<').and_then(|(_, text)| text.strip_suffix('>'));
    to_path(unescaped(text.ok_or("a descriptor has no path")?)?)
}

fn to_path(bytes: Vec<u8>) -> Result<PathBuf> {
    Ok(PathBuf::from(String::from_utf8(bytes)?))
}

/// Reads `\x2f\x74…`.
fn unescaped(text: &str) -> Result<Vec<u8>> {
    let digits = text.split("\\x").skip(1);
    let bytes: std::result::Result<Vec<u8>, _> = digits.map(|digits| u8::from_str_radix(digits, 16)).collect();
    Ok(bytes?)
}
