//! SFTP over an `ssh` that breaks, hangs, or may not log in.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use persistable_objects::{ErrorKind, Got, Only, Options, Put, UploadId};

use crate::places::{body, fresh, names, put, server};
use crate::transfer::{content, file, nothing};

/// A folder of its own on the server, reached by a script instead of `ssh`.
fn by(script: &str) -> Option<(Options, tempfile::TempDir)> {
    let url = server("PERSISTABLE_TEST_SFTP")?;
    let config = server("PERSISTABLE_TEST_SFTP_CONFIG")?;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("ssh");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let options = Options::new(format!("{url}/{}", fresh("ssh"))).set("ssh_config", config);
    Some((options.set("ssh", program.to_str().unwrap()), folder))
}

/// So many bytes go each way over one connection. It is more than one transfer needs, and less than two.
const MOST_BYTES: usize = 30 << 20;

#[test]
fn a_connection_that_breaks_is_made_again() {
    // The time decides nothing: a slow machine breaks connections at the same bytes. The shell has our pipe open as well. So it is
    // killed when the last byte came.
    let limit = format!("stdbuf -o0 head -c {MOST_BYTES}");
    let script = format!("echo >>\"$0.connections\"; {limit} | ssh \"$@\" | {{ {limit}; kill -KILL $$; }}");
    let Some((options, folder)) = by(&script) else { return };
    let store = options.open().unwrap();
    const ROUNDS: usize = 4;
    for round in 0..ROUNDS {
        let sent = file(20 << 20);
        assert!(matches!(store.upload("large", &sent, &Only::Always, &mut nothing).unwrap(), Put::Done(_)));
        let to = tempfile::tempfile().unwrap();
        store.fetch("large", &to).unwrap();
        assert!(content(&to) == content(&sent));
        let (name, bytes) = (format!("small-{round}"), body("small"));
        put(&*store, &name, &bytes, &Only::IfAbsent);
        assert!(matches!(store.get(&name, None).unwrap(), Got::Found(found) if found.bytes == bytes));
    }
    // What is left of broken writes is under temporary names. No listing shows it.
    assert_eq!(names(&*store, "", None).len(), ROUNDS + 1);
    let connections = std::fs::read(folder.path().join("ssh.connections")).unwrap().len();
    assert!(connections > ROUNDS / 2, "{connections}");
}

#[test]
fn a_login_that_hangs_ends() {
    let Some((options, _folder)) = by("exec sleep 30") else { return };
    let store = options.set("connect_timeout", "500ms").set("retries", "0").open().unwrap();
    let begin = Instant::now();
    assert_eq!(store.get("a", None).unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

#[test]
fn what_ssh_says_is_told() {
    let kinds = [
        ("user@host: Permission denied (publickey).", ErrorKind::NoCredentials),
        ("Host key verification failed.", ErrorKind::NoCredentials),
        ("ssh: Could not resolve hostname nowhere: Name or service not known", ErrorKind::NoSuchStore),
        ("subsystem request failed on channel 0", ErrorKind::Unsupported),
        ("ssh: Could not resolve hostname x: Temporary failure in name resolution", ErrorKind::Unavailable),
        ("Can not open user config file /nope: No such file or directory", ErrorKind::Invalid),
        ("ssh: connect to host x port 22: Connection refused", ErrorKind::Unavailable),
    ];
    for (said, kind) in kinds {
        let Some((options, _folder)) = by(&format!("echo '{said}' >&2; exit 255")) else { return };
        let error = options.set("retries", "0").open().unwrap().get("a", None).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(said.trim_end_matches('.')) && error.advice().is_some(), "{error}");
        assert!(!error.to_string().contains(".."), "{error}");
    }
    let Some((options, _folder)) = by("") else { return };
    let error = options.set("ssh", "/no/such/program").open().unwrap().get("a", None).unwrap_err();
    assert!(error.to_string().contains("/no/such/program"), "{error}");
}

#[test]
fn a_host_is_not_an_option_of_ssh() {
    for wrong in ["sftp://-oProxyCommand=x/a", "sftp://-l@host/a", "sftp:///a", "sftp://me:password@host/a"] {
        let error = persistable_objects::open(wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{wrong}");
        assert!(!error.to_string().contains("password@"));
    }
}

#[test]
fn an_upload_of_somewhere_else_is_not_aborted() {
    let Some((options, _folder)) = by("exec ssh \"$@\"") else { return };
    let store = options.open().unwrap();
    put(&*store, "kept", b"x", &Only::Always);
    for wrong in ["kept", "../kept", ".~kept", ""] {
        assert_eq!(store.abort("a", &UploadId::new(wrong)).unwrap_err().kind(), ErrorKind::Invalid);
    }
    assert!(matches!(store.get("kept", None).unwrap(), Got::Found(_)));
}

#[test]
fn a_folder_that_cant_be_made_is_told_with_how_to_write_a_path_at_home() {
    let Some((options, _folder)) = by("exec ssh \"$@\"") else { return };
    let store = options.open().unwrap();
    put(&*store, "file", b"x", &Only::Always);
    let error = store.put("file/below", b"x", &Only::Always).unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::NoSuchStore, false), "{error}");
    assert!(error.advice().unwrap().contains("sftp://host/~/folder"), "{error}");
    assert!(error.to_string().contains("No such file. The folder can't be made"), "{error}");
}

/// A folder on the server, which runs on this machine, and the same as a store.
fn folder() -> Option<(std::path::PathBuf, std::sync::Arc<dyn persistable_objects::Objects>)> {
    let (options, _) = by("exec ssh \"$@\"")?;
    let store = options.set("ssh", "ssh").open().unwrap();
    let path = store.location().trim_start_matches("sftp://").split_once('/').unwrap().1.to_owned();
    Some((std::path::Path::new("/").join(path), store))
}

#[test]
fn a_deleted_folder_of_files_leaves_no_empty_folders() {
    let Some((path, store)) = folder() else { return };
    let names = ["a~1.zarr/b/c", "a~1.zarr/d", "a~2.zarr/b/c", ".own/leases/a"];
    names.iter().for_each(|name| drop(put(&*store, name, b"1", &Only::Always)));
    store.delete(&[names[0], names[1], names[3]]).unwrap();
    let mut left: Vec<_> = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, [".own", "a~2.zarr"]);
    assert!(path.join(".own/leases").is_dir(), "others are about to write there");
    store.delete(&names).unwrap();
    put(&*store, names[0], b"1", &Only::IfAbsent);
    store.delete(&names).unwrap();
}

#[test]
fn what_killed_processes_left_in_a_folder_of_files_is_cleared() {
    let Some((path, store)) = folder() else { return };
    for folder in ["a~1.zarr/b/c", "a~1.zarr/empty", "a~2.zarr"] {
        std::fs::create_dir_all(path.join(folder)).unwrap();
        std::fs::File::create(path.join(folder).join(".~0123456789abcdef")).unwrap();
    }
    std::fs::File::create(path.join("a~1.zarr/b/.~mine")).unwrap();
    std::fs::File::create(path.join("a~1.~0123456789abcdef")).unwrap();
    store.clear("a~1").unwrap();
    let mut left: Vec<_> = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["a~1.zarr", "a~1.~0123456789abcdef", "a~2.zarr"]);
    let below = |folder: &str| std::fs::read_dir(path.join(folder)).unwrap().count();
    assert_eq!((below("a~1.zarr"), below("a~1.zarr/b"), below("a~2.zarr")), (1, 1, 1), "what is not ours stays");
    store.clear("nothing~").unwrap();
    store.delete(&["a~1.zarr/b/.~mine"]).unwrap();
}

#[test]
fn temporary_files_of_killed_processes_are_swept() {
    let Some((path, store)) = folder() else { return };
    put(&*store, "a", b"1", &Only::Always);
    let hour = Duration::from_secs(3600);
    for (name, age) in [(".~0123456789abcdef", 2 * hour), (".~0123456789abcdee", hour / 2), (".~mine", 2 * hour)] {
        let file = std::fs::File::create(path.join(name)).unwrap();
        file.set_modified(std::time::SystemTime::now() - age).unwrap();
    }
    store.sweep("").unwrap();
    store.sweep("nowhere/").unwrap();
    let mut left: Vec<_> = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, [".~0123456789abcdee", ".~mine", "a"]);
    store.delete(&["a"]).unwrap();
}

/// A store whose `ssh` is a script, which may answer by itself.
fn scripted(url: &str, script: &str) -> (Options, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("ssh");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    (Options::new(url).without_environment().set("ssh", program.to_str().unwrap()), folder)
}

#[test]
fn a_server_that_stalls_after_its_greeting_is_given_up() {
    // Version 3, with the extension that is asked for more.
    let greeting = r"printf '\000\000\000\040\002\000\000\000\003\000\000\000\022limits@openssh.com\000\000\000\0011'";
    let (options, _folder) = scripted("sftp://host/folder", &format!("{greeting}; exec sleep 300"));
    let store = options.set("connect_timeout", "300ms").set("retries", "0").open().unwrap();
    let begin = Instant::now();
    assert_eq!(store.get("a", None).unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", begin.elapsed());
}

/// A folder behind OpenSSH's server, which may not do some requests.
fn without(requests: &str) -> Option<(std::sync::Arc<dyn persistable_objects::Objects>, [tempfile::TempDir; 2])> {
    const SERVER: &str = "/usr/lib/openssh/sftp-server";
    if !std::path::Path::new(SERVER).exists() {
        server("PERSISTABLE_TEST_SFTP").inspect(|_| panic!("{SERVER} is missing"));
        return None;
    }
    let data = tempfile::tempdir().unwrap();
    let url = format!("sftp://host{}", data.path().display());
    let (options, script) = scripted(&url, &format!("exec {SERVER} -P {requests}"));
    Some((options.set("retries", "0").open().unwrap(), [data, script]))
}

#[test]
fn a_server_without_an_atomic_replacement_replaces_and_leaves_nothing_aside() {
    let Some((store, [data, _script])) = without("posix-rename") else { return };
    for text in ["first", "second", "third"] {
        put(&*store, "name", text.as_bytes(), &Only::Always);
        assert!(matches!(store.get("name", None).unwrap(), Got::Found(found) if found.bytes == text.as_bytes()));
    }
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 1);
}

#[test]
fn what_cant_be_replaced_is_not_lost() {
    let Some((store, [data, _script])) = without("posix-rename,rename") else { return };
    std::fs::write(data.path().join("name"), "first").unwrap();
    assert_eq!(store.put("name", b"second", &Only::Always).unwrap_err().kind(), ErrorKind::Denied);
    assert_eq!(std::fs::read(data.path().join("name")).unwrap(), b"first");
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 1, "the new file is left");
}

#[test]
fn a_changed_key_of_a_host_is_told_by_its_line_and_without_a_banner() {
    let said = "@@@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @@@ IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY! \
                Offending ED25519 key in /home/me/.ssh/known_hosts:7 Host key verification failed.";
    let (options, _folder) = scripted("sftp://host/folder", &format!("echo '{said}' >&2; exit 255"));
    let error = options.set("retries", "0").open().unwrap().get("a", None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCredentials);
    assert!(error.to_string().contains("is not the one in /home/me/.ssh/known_hosts:7"), "{error}");
    assert!(!error.to_string().contains("NASTY"), "{error}");
}
