//! A process that is killed, or that meets an error, at any system call of a publishing.

use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use persistable_store::{Store, Trust};
use tempfile::TempDir;

use crate::child::{REPORTED, content, spawn, suffix};
use crate::stores::{Content, FAST, folder_store, id, load, own_entries, publish_as};
use crate::strace;

/// The calls that change something; a question mark before those that not every architecture has.
const CALLS: [&str; 14] = [
    "openat",
    "write",
    "fsync",
    "fdatasync",
    "?rename",
    "renameat",
    "renameat2",
    "?unlink",
    "unlinkat",
    "?mkdir",
    "mkdirat",
    "?rmdir",
    "fcntl",
    "ftruncate",
];

/// What is published, over what.
struct Case {
    old: Option<&'static str>,
    new: &'static str,
}

impl Case {
    fn prepare(&self) -> (TempDir, Store) {
        let (root, store) = folder_store();
        if let Some(old) = self.old {
            publish_as(&store, &id("step", 1), suffix(old), "raw", &content(old), &FAST).unwrap();
        }
        (root, store)
    }

    fn new_content(&self) -> Content {
        content(self.new.trim_end_matches("-csv"))
    }

    /// Checks that the old or the new payload loads, and that all goes on from there.
    fn assert_sound(&self, root: &Path, store: &Store, acknowledged: bool, at: &str) {
        let found = load(store, &id("step", 1), &FAST).unwrap_or_else(|error| panic!("{at}: {error}"));
        let (old, new) = (self.old.map(content), Some(self.new_content()));
        assert!(found == new || (found == old && !acknowledged), "{at}: found {found:?}");

        if let Some(artifact) = store.find_trusted(&id("step", 1), Trust::Own, None).unwrap() {
            let payload = artifact.payload(&FAST).and_then(|mut payload| payload.path().map(drop));
            assert!(payload.is_ok(), "{at}: not one's own: {payload:?}");
        }
        let again = content("old-folder");
        publish_as(store, &id("step", 1), ".bin", "raw", &again, &FAST).unwrap_or_else(|error| panic!("{at}: {error}"));
        assert_eq!(load(store, &id("step", 1), &FAST).unwrap(), Some(again), "{at}");
        if !at.contains("SIGKILL") {
            // Who lives on with a disk that refuses to remove a file leaves it to a later process.
            assert!(spawn("count 1", root).wait().unwrap().success());
        }
        assert_eq!(own_entries(root, "staging"), [""; 0], "{at}: not swept");
    }

    /// Lets every call that touches the data folder be the one where it happens; returns how often it happened.
    fn at_every_call(&self, injection: &str, check: impl Fn(&strace::Traced, &str) -> bool) -> usize {
        let task = format!("persist {} synced", self.new);
        let calls = self.calls(&task);
        for (call, n) in &calls {
            let (root, store) = self.prepare();
            let inject = format!("inject={call}:{injection}:when={n}");
            let traced = strace::run(&["-e", &format!("trace={call}"), "-e", &inject], &task, root.path());
            let at = format!("{inject} ({:?} over {:?})", self.new, self.old);
            // strace ends as the traced process does.
            let killed = traced.output.status.signal() == Some(9);
            assert!(killed || traced.calls.contains("(INJECTED)"), "{at}: it did not happen: {}", traced.calls);
            let acknowledged = check(&traced, &at);
            self.assert_sound(root.path(), &store, acknowledged, &at);
        }
        calls.len()
    }

    /// Lists the calls by which an undisturbed publishing changes the data folder: each with how many of its kind the
    /// process has made by then.
    fn calls(&self, task: &str) -> Vec<(String, usize)> {
        let (root, store) = self.prepare();
        let traced = strace::run(&["-y", "-e", &format!("trace={}", CALLS.join(","))], task, root.path());
        assert!(traced.output.status.success(), "{}", traced.stderr());
        let mut counts = HashMap::new();
        let mut found = Vec::new();
        for line in traced.calls.lines() {
            let Some((process, call)) = line.split_once(' ') else { continue };
            let Some((name, arguments)) = call.trim_start().split_once('(') else { continue };
            let count = counts.entry((process, name)).or_insert(0);
            *count += 1;
            let changes = match name {
                "openat" => arguments.contains("O_CREAT"),
                "fcntl" => arguments.contains("F_SETLK"),
                _ => true,
            };
            if changes && arguments.contains(root.path().to_str().unwrap()) {
                found.push((name.to_owned(), *count));
            }
        }
        self.assert_sound(root.path(), &store, true, "undisturbed");
        found
    }

    fn killed_at_every_call(&self) {
        let kills = self.at_every_call("signal=SIGKILL", |traced, at| {
            let status = traced.output.status;
            assert_eq!(status.signal(), Some(9), "{at}: {}", traced.stderr());
            false
        });
        assert!(kills > 20, "there were only {kills} calls to be killed at");
    }

    fn failing_at_every_call(&self, error: &str) {
        let failures = self.at_every_call(&format!("error={error}"), |traced, at| {
            let stderr = traced.stderr();
            assert!(!stderr.contains("persistable-store/src"), "{at}: panicked: {stderr}");
            assert_ne!(traced.output.status.signal(), Some(9), "{at}");
            // Whatever fails before the task begins has another code.
            let reported = traced.output.status.code() == Some(REPORTED);
            assert!(!reported || !stderr.contains("Damaged"), "{at}: a failing call is not damage: {stderr}");
            traced.output.status.success()
        });
        assert!(failures > 20, "there were only {failures} calls to fail");
    }
}

const FIRST: Case = Case { old: None, new: "new-file" };
const REPLACING: Case = Case { old: Some("old-file"), new: "new-file" };
const REPLACING_FOLDER: Case = Case { old: Some("old-folder"), new: "new-folder" };
const REPLACING_OTHER: Case = Case { old: Some("old-folder"), new: "new-file-csv" };

#[test]
fn a_first_publishing_killed_anywhere_leaves_nothing_or_all() {
    FIRST.killed_at_every_call();
}

#[test]
fn a_replacing_publishing_killed_anywhere_leaves_the_old_or_the_new() {
    REPLACING.killed_at_every_call();
}

#[test]
fn a_replacing_folder_killed_anywhere_leaves_the_old_or_the_new() {
    REPLACING_FOLDER.killed_at_every_call();
}

#[test]
fn a_replacing_payload_of_another_suffix_killed_anywhere_leaves_the_old_or_the_new() {
    REPLACING_OTHER.killed_at_every_call();
}

#[test]
fn a_first_publishing_without_room_is_an_error_or_done() {
    FIRST.failing_at_every_call("ENOSPC");
}

#[test]
fn a_replacing_publishing_without_room_is_an_error_or_done() {
    REPLACING.failing_at_every_call("ENOSPC");
}

#[test]
fn a_replacing_folder_meeting_a_broken_disk_is_an_error_or_done() {
    REPLACING_FOLDER.failing_at_every_call("EIO");
}

#[test]
fn a_first_publishing_meeting_a_broken_disk_is_an_error_or_done() {
    FIRST.failing_at_every_call("EIO");
}

#[test]
fn where_folders_cannot_be_exchanged_the_payload_gets_another_name() {
    let case = &REPLACING_FOLDER;
    for n in 1.. {
        let (root, store) = case.prepare();
        // The first exchange is refused, and the process is killed at each rename after it.
        let traced = strace::run(
            &[
                "-e",
                "trace=?rename,renameat2",
                "-e",
                "inject=renameat2:error=EINVAL",
                "-e",
                &format!("inject=?rename:signal=SIGKILL:when={n}"),
            ],
            "persist new-folder synced",
            root.path(),
        );
        assert!(traced.calls.contains("RENAME_EXCHANGE") || n <= 2, "{}", traced.calls);
        case.assert_sound(root.path(), &store, traced.output.status.success(), &format!("SIGKILL at rename {n}"));
        if traced.output.status.success() {
            assert!(n > 4, "too few renames: {}", traced.calls);
            return;
        }
    }
}
