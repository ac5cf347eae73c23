//! Several keys, countersignatures, and the key of an account.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use persistable_store::{Draft, ErrorKind, Keys, Need, SigningKey, Store, StoreOptions, Trust};
use tempfile::TempDir;

use crate::stores::{FAST, file, folder, folder_store, id, lease, publish, tree, write};

fn key(secret: &str) -> SigningKey {
    SigningKey::from_secret(secret)
}

fn publish_signed(store: &Store, key: &SigningKey) {
    let held = lease(store, &id("step", 1)).unwrap();
    let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
    write(&mut staging, &file("the payload")).unwrap();
    let mut draft = Draft::new("raw", 1);
    draft.signing_key = Some(key.clone());
    store.publish(&held, staging, draft).unwrap();
}

/// Copies a data folder with the store's own records.
fn copy_of(root: &Path) -> (TempDir, Store) {
    let (copy, store) = folder_store();
    for name in tree(root).into_iter().filter(|name| !name.ends_with("/lock") && !name.contains("/staging")) {
        let (from, to) = (root.join(&name), copy.path().join(&name));
        match name.ends_with('/') {
            true => fs::create_dir_all(to).unwrap(),
            false => drop(fs::copy(from, to).unwrap()),
        }
    }
    (copy, store)
}

fn read(store: &Store, keys: &Keys) -> Result<(), ErrorKind> {
    let read = || store.find_trusted(&id("step", 1), Trust::Own, keys)?.unwrap().payload(&FAST)?.path().map(drop);
    read().map_err(|error| error.kind())
}

#[test]
fn signatures_of_each_accepted_key_count_and_the_first_key_signs() {
    let (mine, teams, strangers) = (key("known to me alone"), key("known to the team"), key("known to others"));
    let keys = Keys::signing(teams.clone()).accept(mine.clone());
    assert_eq!(keys.to_sign(), Some(teams.clone()));
    assert_eq!(Keys::none().accept(mine.clone()).to_sign(), None);
    for (signer, expected) in [(&mine, Ok(())), (&teams, Ok(())), (&strangers, Err(ErrorKind::Untrusted))] {
        let (root, store) = folder_store();
        publish_signed(&store, signer);
        let (_copy, copied) = copy_of(root.path());
        assert_eq!(read(&copied, &keys), expected);
        assert_eq!(read(&copied, &Keys::none().accept(signer.clone())), Ok(()));
    }
}

#[test]
fn a_store_may_have_keys_of_its_own() {
    let (root, store) = folder_store();
    let key = key("of the store");
    let open = |path: &Path| StoreOptions::new().signing_key(key.clone()).open(path).unwrap();
    publish(&open(root.path()), &id("step", 1), &file("the payload"));
    let (copy, copied) = copy_of(root.path());
    assert_eq!(read(&copied, &Keys::none()), Err(ErrorKind::Untrusted));
    assert_eq!(read(&open(copy.path()), &Keys::none()), Ok(()));
    let accepting = StoreOptions::new().accept_signatures_of(key.clone()).open(copy.path()).unwrap();
    assert_eq!(read(&accepting, &Keys::signing(SigningKey::from_secret("of the step"))), Ok(()));
    drop(store);
}

#[test]
fn what_was_signed_stays_signed_with_the_same_key_when_its_manifest_changes() {
    let (mine, teams) = (key("known to me alone"), key("known to the team"));
    for signer in [&mine, &teams] {
        let (root, store) = folder_store();
        publish_signed(&store, signer);
        let held = lease(&store, &id("step", 1)).unwrap();
        let keys = Keys::signing(teams.clone()).accept(mine.clone());
        store.amend(&held, &keys, &FAST, |manifest| manifest.step_type = Some("rust:a::B".to_owned())).unwrap();
        let other = if signer == &mine { &teams } else { &mine };
        let (_copy, copied) = copy_of(root.path());
        assert_eq!(read(&copied, &Keys::signing(signer.clone())), Ok(()));
        assert_eq!(read(&copied, &Keys::signing(other.clone())), Err(ErrorKind::Untrusted));
    }
}

#[test]
fn who_countersigns_trusts_it_and_changes_no_file_of_it() {
    for content in [file("the payload"), folder(&[("a", "1"), ("b/c", "2")])] {
        let (root, store) = folder_store();
        publish(&store, &id("step", 1), &content);
        let (copy, copied) = copy_of(root.path());
        let mine = Keys::signing(key("known to me alone"));
        let why = copied.distrust(&id("step", 1), &mine).unwrap().unwrap();
        assert!(why.to_string().contains("it is a copy") && why.to_string().contains("It is not signed"), "{why}");
        let before = fs::read(copy.path().join(format!("{}.manifest.json", id("step", 1)))).unwrap();
        copied.sign(&copied.find(&id("step", 1)).unwrap().unwrap(), &mine.to_sign().unwrap()).unwrap();
        assert_eq!(read(&copied, &mine), Ok(()));
        assert!(copied.distrust(&id("step", 1), &mine).unwrap().is_none());
        assert_eq!(read(&copied, &Keys::signing(key("guessed"))), Err(ErrorKind::Untrusted));
        assert_eq!(before, fs::read(copy.path().join(format!("{}.manifest.json", id("step", 1)))).unwrap());
        assert_eq!(read(&copy_of(copy.path()).1, &mine), Ok(()), "a copy has the countersignature");
    }
}

/// Returns a copy of a store with an artifact that the key countersigned in the copy.
fn countersigned_copy(root: &Path, store: &Store) -> (TempDir, Store, Keys) {
    publish(store, &id("step", 1), &file("the payload"));
    let (copy, copied) = copy_of(root);
    let mine = Keys::signing(key("known to me alone"));
    copied.sign(&copied.find(&id("step", 1)).unwrap().unwrap(), &mine.to_sign().unwrap()).unwrap();
    (copy, copied, mine)
}

#[test]
fn a_countersignature_is_for_one_manifest_and_one_payload() {
    let (root, store) = folder_store();
    let (copy, copied, mine) = countersigned_copy(root.path(), &store);
    let found = copied.find(&id("step", 1)).unwrap().unwrap();

    let payload = copy.path().join(format!("{}.bin", id("step", 1)));
    fs::write(&payload, "the paaload").unwrap();
    assert_eq!(read(&copied, &mine), Err(ErrorKind::Damaged));
    assert_eq!(copied.sign(&found, &mine.to_sign().unwrap()).unwrap_err().kind(), ErrorKind::Damaged);

    publish(&store, &id("step", 1), &file("something else"));
    for ending in [".bin", ".manifest.json"] {
        let name = format!("{}{ending}", id("step", 1));
        fs::copy(root.path().join(&name), copy.path().join(&name)).unwrap();
    }
    assert_eq!(read(&copied, &mine), Err(ErrorKind::Untrusted));
    let error = copied.sign(&found, &mine.to_sign().unwrap()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::LeaseLost | ErrorKind::Damaged), "{error}");
}

#[test]
fn a_record_of_the_right_name_is_no_countersignature() {
    let (root, store) = folder_store();
    let (copy, copied, mine) = countersigned_copy(root.path(), &store);
    assert_eq!(read(&copied, &mine), Ok(()));
    // Who answers for a store hears the name when it is looked for, and can answer with anything.
    for entry in fs::read_dir(copy.path().join(".persistable/records")).unwrap() {
        fs::write(entry.unwrap().path(), "{\"countersignature\": \"00\"}").unwrap();
    }
    assert_eq!(read(&copied, &mine), Err(ErrorKind::Untrusted));
}

#[test]
fn the_key_of_an_account_is_made_when_something_is_to_be_signed_and_stays_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("below/persistable/signing-key");
    assert_eq!(SigningKey::of_account(&path, Need::ToCheck).unwrap(), None);
    assert!(!path.parent().unwrap().exists());
    let made = SigningKey::of_account(&path, Need::ToSign).unwrap().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    for need in [Need::ToCheck, Need::ToSign] {
        assert_eq!(SigningKey::of_account(&path, need).unwrap().as_ref(), Some(&made));
    }
    let another = SigningKey::of_account(&folder.path().join("another"), Need::ToSign).unwrap().unwrap();
    assert!(made != another);
}

#[test]
fn threads_that_make_the_key_at_once_get_the_same_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signing-key");
    let keys: Vec<SigningKey> = std::thread::scope(|scope| {
        let make = || SigningKey::of_account(&path, Need::ToSign).unwrap().unwrap();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(tree(folder.path()), ["signing-key"]);
}

#[test]
fn a_key_that_others_may_know_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signing-key");
    let refused = |what: &str, advice: &str| {
        let error = SigningKey::of_account(&path, Need::ToSign).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Untrusted);
        assert!(error.to_string().contains(what) && error.advice().unwrap().contains(advice), "{error}");
    };
    let secret = "a".repeat(64);
    fs::write(&path, &secret).unwrap();
    for mode in [0o640, 0o604, 0o660, 0o620] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        refused("other accounts can use it", "chmod 600");
    }
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    SigningKey::of_account(&path, Need::ToCheck).unwrap().unwrap();
    fs::write(&path, "short").unwrap();
    refused("no secret", "Remove it");
    fs::rename(&path, folder.path().join("elsewhere")).unwrap();
    symlink("elsewhere", &path).unwrap();
    refused("symbolic link", "Put the file itself there");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    refused("not a regular file", "Remove it");
}
