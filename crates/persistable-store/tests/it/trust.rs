//! Whose artifacts are handed out where loading them may run code.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use persistable_store::{
    Draft, Error, ErrorKind, Keys, PayloadBytes, PrivateBytes, Result, Settings, SigningKey, Store, StoredPayload,
    Trust, Verification, seal,
};
use tempfile::TempDir;

use crate::child::{ARGUMENTS, prepare};
use crate::stores::{Content, FAST, assert_damaged, file, folder, folder_store, id, lease, load, publish, tree, write};

fn contents() -> [Content; 2] {
    [file("the payload"), folder(&[("a", "the payload"), ("sub/b", "in two files")])]
}

fn key() -> SigningKey {
    SigningKey::from_secret("between us")
}

fn publish_signed(store: &Store, content: &Content, signing_key: Option<SigningKey>) -> Result<()> {
    let lease = lease(store, &id("step", 1))?;
    let mut staging = store.stage(&lease, ".bin", &FAST)?;
    write(&mut staging, content)?;
    let mut draft = Draft::new("raw", 1);
    draft.signing_key = signing_key;
    store.publish(&lease, staging, draft).map(drop)
}

fn keys(key: Option<&SigningKey>) -> Keys {
    key.map_or_else(Keys::none, |key| Keys::signing(key.clone()))
}

fn find(store: &Store, trust: Trust, signing_key: Option<&SigningKey>, settings: &Settings) -> Result<StoredPayload> {
    store.find_trusted(&id("step", 1), trust, &keys(signing_key))?.unwrap().payload(settings)
}

/// Reads a payload in every way there is, all of which have to end alike.
fn read(store: &Store, trust: Trust, signing_key: Option<&SigningKey>) -> Result<()> {
    let is_folder = store.find(&id("step", 1))?.unwrap().manifest().payload.files.is_some();
    let find = || find(store, trust, signing_key, &FAST);
    let mut read: Vec<Result<()>> = vec![find().and_then(|mut payload| payload.path().map(drop))];
    if !is_folder {
        read.push(find().and_then(|mut payload| payload.bytes().map(drop)));
        read.push(find().and_then(|mut payload| payload.map().map(drop)));
        read.push(find().and_then(|mut payload| payload.map_private().map(drop)));
    }
    let kinds: Vec<_> = read.iter().map(|read| read.as_ref().map_err(Error::kind)).collect();
    assert!(kinds.windows(2).all(|pair| pair[0] == pair[1]), "{kinds:?}");
    read.remove(0)
}

fn own(store: &Store) -> Result<()> {
    read(store, Trust::Own, None)
}

fn assert_untrusted(result: Result<()>, why: &str) -> String {
    match result {
        Err(error) if error.kind() == ErrorKind::Untrusted => {
            assert!(error.to_string().contains(why), "{error}");
            error.to_string()
        }
        other => panic!("not refused because {why:?}, but {other:?}"),
    }
}

/// Copies a whole data folder, as a colleague, a backup or a container image does.
fn copy_of(root: &Path) -> (TempDir, Store) {
    let (copy, store) = folder_store();
    for name in tree(root).into_iter().filter(|name| !name.starts_with(".persistable")) {
        let (from, to) = (root.join(&name), copy.path().join(&name));
        match name.ends_with('/') {
            true => fs::create_dir_all(to).unwrap(),
            false => assert!(fs::copy(from, to).is_ok()),
        }
    }
    (copy, store)
}

fn part(root: &Path, part: &str) -> PathBuf {
    root.join(format!("{}{part}", id("step", 1)))
}

#[test]
fn what_this_account_wrote_here_is_trusted() {
    for content in contents() {
        let (_root, store) = folder_store();
        publish(&store, &id("step", 1), &content);
        own(&store).unwrap();
        publish(&store, &id("step", 1), &content);
        own(&store).unwrap();
        let memory = Store::memory();
        publish(&memory, &id("step", 1), &content);
        own(&memory).unwrap();
    }
}

#[test]
fn what_is_not_there_is_a_miss_and_what_is_damaged_is_damage() {
    let (root, store) = folder_store();
    assert!(store.find_trusted(&id("step", 1), Trust::Own, &keys(Some(&key()))).unwrap().is_none());
    publish(&store, &id("step", 1), &file("payload"));
    fs::remove_file(part(root.path(), ".bin")).unwrap();
    fs::write(part(root.path(), ".bin"), "poyload").unwrap();
    assert_damaged(own(&store), "both not trusted and not what was committed");
    fs::write(part(root.path(), ".manifest.json"), "{}").unwrap();
    assert_damaged(store.find_trusted(&id("step", 1), Trust::Own, &Keys::none()), "no manifest");
}

#[test]
fn a_copy_is_not_trusted_though_it_belongs_to_this_account() {
    for content in contents() {
        let (root, store) = folder_store();
        publish(&store, &id("step", 1), &content);
        let (_copy, copied) = copy_of(root.path());
        assert_eq!(load(&copied, &id("step", 1), &FAST).unwrap(), Some(content));
        assert_untrusted(own(&copied), "it is a copy");
        read(&copied, Trust::Anyone, None).unwrap();
    }
}

#[test]
fn what_others_could_have_written_to_is_not_trusted() {
    for (content, parts) in contents()
        .into_iter()
        .zip([&[".manifest.json", ".bin"][..], &[".manifest.json", ".bin", ".bin/a", ".bin/sub", ".bin/sub/b"][..]])
    {
        let (root, store) = folder_store();
        publish(&store, &id("step", 1), &content);
        for path in parts.iter().map(|name| part(root.path(), name)) {
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            for extra in [0o020, 0o002] {
                fs::set_permissions(&path, Permissions::from_mode(mode | extra)).unwrap();
                let told = assert_untrusted(own(&store), "others may write to it");
                assert!(told.contains(path.to_str().unwrap()), "{told}");
            }
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            own(&store).unwrap();
        }
    }
}

#[test]
fn what_belongs_to_another_account_is_not_trusted() {
    const NOBODY: u32 = 65_534;
    for (content, parts) in contents()
        .into_iter()
        .zip([&[".manifest.json", ".bin"][..], &[".manifest.json", ".bin", ".bin/a", ".bin/sub", ".bin/sub/b"][..]])
    {
        let (root, store) = folder_store();
        publish(&store, &id("step", 1), &content);
        for path in parts.iter().map(|name| part(root.path(), name)) {
            if chown(&path, Some(NOBODY), None).is_err() {
                return; // Only the administrator can give files away.
            }
            assert_untrusted(own(&store), "user 65534");
            read(&store, Trust::Anyone, None).unwrap();
            chown(&path, Some(0), None).unwrap();
            own(&store).unwrap();
        }
    }
}

#[test]
fn nobody_else_can_write_to_what_is_published_whatever_the_mask_and_the_payload_io() {
    for name in ["new-file", "new-folder"] {
        let (root, store) = folder_store();
        let mut command = Command::new("sh");
        command.args(["-c", "umask 0; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap()).args(ARGUMENTS);
        assert!(prepare(&mut command, &format!("persist {name} fast"), root.path()).status().unwrap().success());
        for path in tree(root.path()).iter().filter(|path| !path.starts_with(".persistable")) {
            let mode = fs::metadata(root.path().join(path)).unwrap().permissions().mode();
            assert_eq!(mode & 0o022, 0, "{path} has the mode {mode:o}");
        }
        own(&store).unwrap();
    }
}

#[test]
fn the_other_rights_that_a_payload_io_gave_its_files_stay() {
    let (root, store) = folder_store();
    let lease = lease(&store, &id("step", 1)).unwrap();
    let mut staging = store.stage(&lease, ".sh", &FAST).unwrap();
    let path = staging.path().unwrap();
    let around = fs::metadata(path.parent().unwrap()).unwrap().permissions().mode();
    assert_eq!(around & 0o077, 0, "others are kept out of where it is written");
    fs::write(path, "#!/bin/sh").unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o775)).unwrap();
    store.publish(&lease, staging, Draft::new("script", 1)).unwrap();
    assert_eq!(fs::metadata(part(root.path(), ".sh")).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn a_signed_artifact_is_trusted_wherever_it_comes_from_by_whoever_has_the_key() {
    for content in contents() {
        let (root, store) = folder_store();
        publish_signed(&store, &content, Some(key())).unwrap();
        own(&store).unwrap();
        let (copy, copied) = copy_of(root.path());
        fs::set_permissions(part(copy.path(), ".manifest.json"), Permissions::from_mode(0o666)).unwrap();
        read(&copied, Trust::Own, Some(&key())).unwrap();
        assert_untrusted(own(&copied), "others may write to it");
        assert_untrusted(read(&copied, Trust::Own, Some(&SigningKey::from_secret("guessed"))), "others may write");

        publish_signed(&store, &content, None).unwrap();
        assert_untrusted(read(&copy_of(root.path()).1, Trust::Own, Some(&key())), "it is a copy");
        read(&store, Trust::Own, Some(&key())).unwrap();
    }
}

#[test]
fn a_signature_is_a_member_before_the_seal_and_nothing_else_changes() {
    let (root, store) = folder_store();
    let text = || fs::read_to_string(part(root.path(), ".manifest.json")).unwrap();
    publish_signed(&store, &file("payload"), None).unwrap();
    assert!(!text().contains("signature"));

    publish_signed(&store, &file("payload"), Some(key())).unwrap();
    let text = text();
    let (signed, rest) = text.split_once(",\n  \"signature\": \"").unwrap();
    let (signature, seal) = rest.split_once('"').unwrap();
    assert_eq!(signature.len(), 64);
    assert!(seal.starts_with(",\n  \"manifest_digest\": \""));
    let sealed = format!("{signed},\n  \"signature\": \"{signature}\"");
    assert!(seal.contains(&persistable_store::Digest::of(sealed.as_bytes()).to_string()));
    assert!(!format!("{:?}", key()).contains("between"), "a key is not shown");
}

#[test]
fn a_signature_covers_every_byte_of_the_manifest() {
    let (root, store) = folder_store();
    publish_signed(&store, &file("payload"), Some(key())).unwrap();
    let (copy, copied) = copy_of(root.path());
    let path = part(copy.path(), ".manifest.json");
    let manifest = fs::read(&path).unwrap();
    let body = str::from_utf8(seal::text_of(&manifest).unwrap()).unwrap();
    let forged = |body: &str| {
        fs::write(&path, seal::close(body)).unwrap();
        read(&copied, Trust::Own, Some(&key()))
    };
    forged(body).unwrap();
    assert_untrusted(forged(&body.replace("\"io\": \"raw\"", "\"io\": \"war\"")), "it is a copy");
    let (signed, signature) = body.split_once(",\n  \"signature\"").unwrap();
    assert_untrusted(forged(signed), "it is a copy");
    assert_untrusted(forged(&format!("{signed},\n  \"more\": 1,\n  \"signature\"{signature}")), "it is a copy");
    assert_untrusted(forged(&body.to_uppercase().replace(&signed.to_uppercase(), signed)), "it is a copy");
}

#[test]
fn what_only_a_signature_vouches_for_is_verified_in_a_copy_whatever_the_settings() {
    let content = "the payload".repeat(100_000);
    let never = Settings { verification: Verification::Never, ..FAST };
    let (root, store) = folder_store();
    publish_signed(&store, &file(&content), Some(key())).unwrap();
    let (copy, copied) = copy_of(root.path());
    let payload = |store| find(store, Trust::Own, Some(&key()), &never).unwrap();
    assert!(matches!(payload(&store).map().unwrap(), PayloadBytes::Mapped(_)));
    assert!(matches!(payload(&copied).map().unwrap(), PayloadBytes::Owned(_)));
    assert!(matches!(payload(&copied).map_private().unwrap(), PrivateBytes::Owned(_)));
    assert!(!payload(&copied).path().unwrap().starts_with(copy.path()));
    let mut by_path = payload(&copied);
    assert_eq!(fs::read_to_string(by_path.path().unwrap()).unwrap(), content);

    fs::write(part(copy.path(), ".bin"), content.replace('y', "e")).unwrap();
    assert_damaged(payload(&copied).bytes(), "forged");
    assert_damaged(payload(&copied).map_private(), "forged");
    assert_damaged(payload(&copied).path().map(drop), "forged");
}

/// Replaces the payload "old", is interrupted right after the new one took its place, and puts the old one back.
fn interrupted_replacement(old: Option<SigningKey>, prepare: impl Fn(&Path)) -> (TempDir, Store) {
    let (root, store) = folder_store();
    publish_signed(&store, &file("old"), old).unwrap();
    prepare(root.path());
    fs::hard_link(part(root.path(), ".bin"), root.path().join("kept")).unwrap();
    fs::write(root.path().join(".persistable/quarantine"), "in the way").unwrap();
    fs::remove_file(part(root.path(), ".params.json")).unwrap();
    fs::create_dir(part(root.path(), ".params.json")).unwrap();
    publish_signed(&store, &file("new"), Some(key())).unwrap_err();
    assert_eq!(load(&store, &id("step", 1), &FAST).unwrap(), Some(file("new")));
    own(&store).unwrap();
    fs::rename(root.path().join("kept"), part(root.path(), ".bin")).unwrap();
    assert_eq!(load(&store, &id("step", 1), &FAST).unwrap(), Some(file("old")));
    fs::remove_dir(part(root.path(), ".params.json")).unwrap();
    (root, store)
}

#[test]
fn what_is_being_replaced_is_trusted_as_far_as_it_was_before() {
    let (root, store) = interrupted_replacement(None, |_| {});
    own(&store).unwrap();
    let (_copy, copied) = copy_of(root.path());
    assert_untrusted(read(&copied, Trust::Own, Some(&key())), "it is a copy");

    let (root, store) = interrupted_replacement(Some(key()), |_| {});
    own(&store).unwrap();
    read(&copy_of(root.path()).1, Trust::Own, Some(&key())).unwrap();

    let (root, _) = interrupted_replacement(Some(SigningKey::from_secret("another")), |_| {});
    assert_untrusted(read(&copy_of(root.path()).1, Trust::Own, Some(&key())), "it is a copy");

    let (_root, store) = interrupted_replacement(None, |root| {
        fs::set_permissions(part(root, ".manifest.json"), Permissions::from_mode(0o666)).unwrap();
    });
    assert_untrusted(own(&store), "does not say which file was written here");
}

#[test]
fn changing_what_a_manifest_says_keeps_its_signature_or_fails() {
    let (_root, folder) = folder_store();
    for store in [folder, Store::memory()] {
        publish_signed(&store, &file("payload"), Some(key())).unwrap();
        let amend = |key: Option<&SigningKey>| {
            let lease = lease(&store, &id("step", 1))?;
            store.amend(&lease, &keys(key), &FAST, |manifest| manifest.step_type = Some("rust:a::B".to_owned()))
        };
        for other in [None, Some(&SigningKey::from_secret("another"))] {
            let error = amend(other).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Denied);
            assert!(error.to_string().contains("signing key"), "{error}");
        }
        amend(Some(&key())).unwrap();
        assert_eq!(store.find(&id("step", 1)).unwrap().unwrap().manifest().step_type.as_deref(), Some("rust:a::B"));
        read(&store, Trust::Own, Some(&key())).unwrap();
    }
}

#[test]
fn what_was_not_signed_is_not_signed_by_changing_what_its_manifest_says() {
    let (root, store) = folder_store();
    publish_signed(&store, &file("payload"), None).unwrap();
    let held = lease(&store, &id("step", 1)).unwrap();
    store.amend(&held, &keys(Some(&key())), &FAST, |_| ()).unwrap();
    drop(held);
    own(&store).unwrap();
    assert_untrusted(read(&copy_of(root.path()).1, Trust::Own, Some(&key())), "it is a copy");
}
