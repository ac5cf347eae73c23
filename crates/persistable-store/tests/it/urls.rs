//! Opening stores by URLs, with options.

use std::path::Path;

use persistable_store::{ErrorKind, Keys, Store, StoreOptions, Trust};

use crate::stores::{FAST, file, id, load, publish};

/// Returns the message of the error of opening a location.
fn refused(options: &StoreOptions, location: &str) -> String {
    let error = options.open(location).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOption, "{error}");
    assert!(!error.is_retryable());
    error.to_string()
}

#[test]
fn a_store_in_memory_is_the_same_for_the_same_name() {
    let store = Store::open("memory://urls").unwrap();
    publish(&store, &id("step", 1), &file("payload"));
    drop(store);
    for again in [Store::open("memory://urls"), Store::create("memory://urls/"), Store::try_from("memory://urls")] {
        let again = again.unwrap();
        assert_eq!(load(&again, &id("step", 1), &FAST).unwrap(), Some(file("payload")));
        assert_eq!((again.path(), again.location().to_string()), (None, "memory://urls".to_owned()));
    }
    assert!(Store::open("memory://others").unwrap().find(&id("step", 1)).unwrap().is_none());
}

#[test]
fn a_file_url_is_a_folder() {
    let root = tempfile::tempdir().unwrap();
    let url = format!("file://{}/a%20b", root.path().to_str().unwrap());
    assert_eq!(Store::open(&url).unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(Store::create(&url).unwrap().path(), Some(&*root.path().join("a b")));
    assert!(Store::open(&url).is_ok());
}

#[test]
fn an_unknown_kind_of_url_is_refused_with_the_known_ones() {
    let message = refused(&StoreOptions::new(), "S4://bucket/folder");
    assert!(message.contains("s3://, gs://, az://, https://, sftp:// or memory://"), "{message}");
    assert!(!Path::new("S4:").exists(), "nothing was created");
    assert!(Store::create("s4://bucket").is_err() && !Path::new("s4:").exists());
}

#[test]
fn options_that_a_folder_does_not_have_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().to_str().unwrap();
    let new = StoreOptions::new;
    for (options, name) in [
        (new().set("endpoint", "secret"), "endpoint"),
        (new().cache("/cache"), "cache"),
        (new().cache_size(7), "cache_size"),
    ] {
        for place in [path, "memory://refused"] {
            let message = refused(&options, place);
            assert!(message.contains(&format!("{name:?}")) && !message.contains("secret"), "{message}");
        }
    }
    let options = new().logs("/nowhere").interrupt(|| false).without_cache();
    assert_eq!(options.open(path).unwrap().log_folder(), Some(root.path()), "a folder keeps its logs itself");
}

#[test]
fn no_secret_is_shown() {
    let options = StoreOptions::new().set("secret_access_key", "hush").cache("/cache");
    let shown = format!("{options:?}");
    assert!(shown.contains("secret_access_key") && shown.contains("/cache") && !shown.contains("hush"), "{shown}");
    for url in ["s3x://user:hush@bucket", "memory://name?token=hush", "file://hush@host/path"] {
        assert!(!refused(&StoreOptions::new(), url).contains("hush"));
    }
}

#[cfg(feature = "s3")]
#[test]
fn a_store_that_is_shown_is_short_and_holds_no_secret() {
    let url = "s3://bucket/folder?region=x&access_key_id=who&secret_access_key=hush&session_token=hush";
    let store = StoreOptions::new().without_cache().open(url).unwrap();
    let shown = format!("{store:?} {} {:?}", store.location(), store.artifacts());
    assert!(shown.contains("s3://bucket/folder") && !shown.contains("hush") && shown.len() < 2000, "{shown}");
}

#[test]
fn a_trusted_store_trusts_every_artifact() {
    let root = tempfile::tempdir().unwrap();
    let copy = root.path().join("copy");
    publish(&Store::create(root.path().join("data")).unwrap(), &id("step", 1), &file("payload"));
    let copied = std::process::Command::new("cp").arg("-r").arg(root.path().join("data")).arg(&copy).status();
    assert!(copied.unwrap().success());
    let read = |store: &Store| {
        let found = store.find_trusted(&id("step", 1), Trust::Own, &Keys::none()).and_then(|found| {
            let mut payload = found.unwrap().payload(&FAST)?;
            payload.bytes().map(|bytes| bytes.to_vec())
        });
        let leased = store.lease(&id("step", 1), persistable_store::Wait::Forever, &mut |_| {}).unwrap();
        let leased = leased.found_trusted(Trust::Own, &Keys::none()).and_then(|found| {
            let mut payload = found.unwrap().payload(&FAST)?;
            payload.bytes().map(|bytes| bytes.to_vec())
        });
        [found, leased]
    };
    for read in read(&Store::open(&copy).unwrap()) {
        assert_eq!(read.unwrap_err().kind(), ErrorKind::Untrusted);
    }
    let trusted = StoreOptions::new().trusted(true).open(&copy).unwrap();
    assert!(trusted.is_trusted());
    for read in read(&trusted) {
        assert_eq!(read.unwrap(), b"payload");
    }
}

#[test]
fn logs_of_a_store_that_is_no_folder_go_where_one_says() {
    assert_eq!(Store::open("memory://logs").unwrap().log_folder(), None);
    let logs = tempfile::tempdir().unwrap();
    let options = StoreOptions::new().logs(logs.path().join("deep"));
    let folders = ["memory://logs", "memory://logs/2"].map(|url| {
        let store = options.open(url).unwrap();
        store.log_folder().unwrap().to_owned()
    });
    assert_ne!(folders[0], folders[1]);
    assert!(folders.iter().all(|folder| folder.is_dir() && folder.parent() == Some(&*logs.path().join("deep"))));
}

#[test]
fn an_option_that_can_never_work_is_refused_when_the_store_is_opened() {
    let new = StoreOptions::new;
    let by_number = || new().set("endpoint", "http://127.0.0.1:9").set("virtual_hosted_style", "true");
    for (options, url, told) in [
        (by_number(), "s3://bucket/a", "take `virtual_hosted_style` away"),
        (new(), "s3://buck et/a", "Check the bucket"),
        (new().set("server_side_encryption", "foo"), "s3://bucket/a", "AES256, aws:kms"),
        (new().set("account", "mine").set("account_key", "not a key"), "az://box/a", "is not base64"),
        (new().set("session_token", "token\n"), "s3://bucket/a", "\"session_token\" has a line break"),
        (new(), "sftp://host:folder", "Write sftp://host/~/folder"),
        (new(), "sftp://ann@host:~/folder", "Write sftp://ann@host/~/folder"),
    ] {
        let message = refused(&options, url);
        assert!(message.contains(told) && !message.contains("not a key"), "{message}");
    }
}
