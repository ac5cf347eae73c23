//! The system calls by which a process changes its data folder.

use std::collections::HashMap;
use std::path::Path;

use crate::problem::Result;
use crate::run::Run;
use crate::scenario::{Scenario, Stage};
use crate::strace::{self, Traced};

/// The calls that change something; a question mark before those that not every architecture has.
pub(crate) const MUTATING: &str = "openat,?creat,write,pwrite64,writev,pwritev,?pwritev2,fsync,fdatasync,sync_file_range,\
    ?rename,renameat,renameat2,?link,linkat,?symlink,symlinkat,?unlink,unlinkat,?rmdir,?mkdir,mkdirat,?chmod,fchmod,fchmodat,\
    ?fchmodat2,ftruncate,truncate,fallocate,copy_file_range,sendfile,splice,utimensat,setxattr,fsetxattr,fcntl";

/// One call of an undisturbed persist.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Call {
    pub(crate) name: String,
    /// How many of its name the thread has made by then.
    pub(crate) n: usize,
}

impl Call {
    /// Returns the option by which strace makes something happen at it.
    pub(crate) fn injecting(&self, what: &str) -> String {
        format!("inject={}:{what}:when={}", self.name, self.n)
    }

    pub(crate) fn is_sync(&self) -> bool {
        matches!(self.name.as_str(), "fsync" | "fdatasync" | "sync_file_range")
    }
}

impl Scenario {
    /// Runs it with something happening at a call of its own; also returns the call with its arguments.
    pub(crate) fn run_with(
        &self,
        call: &Call,
        what: &str,
        verb: &'static str,
        folder: &Path,
    ) -> Result<(Traced, String)> {
        let trace = format!("trace={}", call.name);
        let inject = call.injecting(what);
        let traced = strace::run(&["-y", "-e", &trace, "-e", &inject], &self.actor, &self.task(verb), folder)?;
        let root = folder.to_str().unwrap_or_default();
        let is_hit = |line: &&str| line.contains("(INJECTED)") || line.contains(" = ?");
        let hits: Vec<&str> = traced.calls.lines().filter(is_hit).collect();
        // strace counts calls by thread: what two threads do at the same time is hit in both.
        let in_folder: Vec<&str> = hits.iter().copied().filter(|line| line.contains(root)).collect();
        if in_folder.is_empty() {
            return Err(format!("{}: {inject} did not happen in the data folder, but at {hits:?}", self.title()).into());
        }
        let hit = in_folder.join("\n");
        Ok((traced, hit))
    }

    /// Says how to see it again.
    pub(crate) fn how(&self, call: &Call, what: &str, verb: &'static str) -> String {
        let before = if self.is_replacing { ", after persisting \"old\"" } else { "" };
        let (inject, task) = (call.injecting(what), self.task(verb).join(" "));
        format!("{}: strace -f -e {inject} <the actor in {}> {task} <folder>{before}", self.title(), self.actor.name())
    }

    /// Lists the calls by which an undisturbed persist changes the data folder.
    pub(crate) fn calls(&self, run: &Run, stage: &Stage) -> Result<Vec<Call>> {
        let folder = self.prepare(run, stage)?;
        let trace = format!("trace={MUTATING}");
        let traced = strace::run(&["-y", "-e", &trace], &self.actor, &self.task("persist"), folder.path())?;
        if traced.outcome().generation() != Some("new") {
            return Err(format!("{}: undisturbed it comes to {}", self.title(), traced.outcome()).into());
        }
        let root = folder.path().to_str().ok_or("the scratch folder's path is no Unicode")?;
        let calls = changing(&traced.calls, root);
        if calls.len() < 15 {
            return Err(format!("{}: only {} calls change its folder", self.title(), calls.len()).into());
        }
        Ok(calls)
    }
}

/// Lists the paths below a folder that a call has among its arguments.
pub(crate) fn paths_in<'a>(call: &'a str, root: &str) -> Vec<&'a str> {
    call.split(['"', '<', '>']).filter(|text| text.starts_with(root)).collect()
}

fn changing(traced: &str, root: &str) -> Vec<Call> {
    let mut counts = HashMap::new();
    let mut found = Vec::new();
    for line in traced.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let Some((name, arguments)) = call.trim_start().split_once('(') else { continue };
        let count = counts.entry((thread, name)).or_insert(0);
        *count += 1;
        let changes = match name {
            "openat" => arguments.contains("O_CREAT") || arguments.contains("O_TRUNC"),
            "fcntl" => arguments.contains("F_SETLK"),
            _ => true,
        };
        let call = Call { name: name.to_owned(), n: *count };
        // Two threads may be at the same count.
        if changes && arguments.contains(root) && !found.contains(&call) {
            found.push(call);
        }
    }
    found
}
