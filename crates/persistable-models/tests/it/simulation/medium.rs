//! The real folder, as a simulated process sees it.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use persistable_models::broken::{PutOff, is_manifest, is_payload, list_swept, named_aside, write_over};
use persistable_models::{Layer, Operation};
use persistable_store::Digest;
use persistable_store::medium::{Medium as _, NameInFolder, System};
use serde_json::Value;

use super::fault::{Fault, is_broken};
use super::machine::Life;
use super::remembered::Remembered;

/// What a process has of the folder.
#[derive(Debug)]
pub(super) struct Simulated {
    life: Arc<Life>,
    remembered: Remembered,
    /// What [`Fault::ManifestFirst`] and [`Fault::ManifestLast`] put off.
    put_off: PutOff,
}

impl Simulated {
    pub(super) fn new(life: Arc<Life>) -> Self {
        Self { life, remembered: Remembered::default(), put_off: PutOff::default() }
    }

    /// Returns where something is that is asked for at a path.
    fn seen(&self, path: &Path) -> PathBuf {
        match path
            .ancestors()
            .find(|above| is_payload(above) && above.parent().is_some_and(|data| data.ends_with("data")))
        {
            Some(payload) if is_broken(Fault::OneLook) => self.remembered.path(payload, path),
            _ => path.to_owned(),
        }
    }

    /// Does what was put off, if anything was.
    fn make_up(&self) -> io::Result<()> {
        self.put_off.make_up(&|| self.life.step())
    }

    /// Moves a manifest into place, with what a fault makes of it.
    fn commit(&self, from: &Path, to: &Path) -> io::Result<()> {
        if is_broken(Fault::NoManifestOfBoth) && alternatives(&fs::read(from)?).is_some() {
            return System.remove_file(from);
        }
        if is_broken(Fault::ForgottenPayload) {
            forget_all_but_one_alternative(from)?;
        }
        System.rename(from, to)?;
        self.make_up()
    }
}

impl Layer for Simulated {
    fn before(&self, _operation: Operation<'_>) -> io::Result<()> {
        self.life.step()
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        if is_manifest(path) {
            return System.open(path).inspect(|file| self.remembered.note_manifest(file));
        }
        let open = || System.open(&self.seen(path));
        let is_remembered = is_broken(Fault::OneRound) && is_payload(path) && !self.remembered.is_looked_at(path);
        if is_remembered { self.remembered.open(open) } else { open() }
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        self.remembered.note_look(path);
        System.metadata(&self.seen(path))
    }

    fn followed_metadata(&self, path: &Path) -> io::Result<Metadata> {
        System.followed_metadata(&self.seen(path))
    }

    /// In an order that does not differ from run to run.
    fn list(&self, folder: &Path) -> io::Result<Vec<NameInFolder>> {
        let folder = &self.seen(folder);
        let mut entries = if is_broken(Fault::LivingSwept) { list_swept(folder) } else { System.list(folder) }?;
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        if is_manifest(to) {
            return self.commit(from, to);
        }
        if is_payload(to) && is_broken(Fault::ManifestFirst) {
            self.put_off.move_later(from, to);
            return Ok(());
        }
        if is_payload(to) && is_broken(Fault::WrittenOver) && System.metadata(to).is_ok_and(|there| there.is_file()) {
            write_over(from, to, &|| self.life.step())?;
            return System.remove_file(from);
        }
        let is_late = is_manifest(from) && is_broken(Fault::ManifestLast);
        if is_late {
            self.put_off.move_later(from, to);
            return Ok(());
        }
        System.rename(from, to)
    }

    fn rename_to_free(&self, from: &Path, to: &Path) -> io::Result<()> {
        if is_manifest(to) {
            System.rename_to_free(from, to)?;
            return self.make_up();
        }
        if is_payload(to) && is_broken(Fault::ManifestFirst) {
            return self.rename(from, to);
        }
        System.rename_to_free(from, to)
    }

    fn name(&self, file: &File, path: &Path) -> io::Result<()> {
        if is_payload(path) && is_broken(Fault::ManifestFirst) {
            return self.rename(&named_aside(file, path)?, path);
        }
        System.name(file, path)?;
        if is_manifest(path) { self.make_up() } else { Ok(()) }
    }

    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()> {
        if is_broken(Fault::RemovedFirst) {
            System.remove_tree(b).or_else(|_| System.remove_file(b))?;
            self.life.step()?;
            return System.rename(a, b);
        }
        System.exchange(a, b)?;
        self.life.has_exchanged();
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        if is_broken(Fault::ManifestLast) {
            if is_manifest(path) {
                self.put_off.remove_later(path);
                return Ok(());
            }
            if path.to_string_lossy().ends_with(".params.json") {
                System.remove_file(path)?;
                return self.make_up();
            }
        }
        System.remove_file(path)
    }

    /// Removes files one by one.
    fn remove_tree(&self, path: &Path) -> io::Result<()> {
        for entry in self.list(path)? {
            let path = path.join(&entry.name);
            self.life.step()?;
            if entry.kind.is_dir() { self.remove_tree(&path)? } else { System.remove_file(&path)? }
        }
        self.life.step()?;
        System.remove_folder(path)
    }

    fn close(&self, file: File) {
        if let Ok(metadata) = file.metadata() {
            self.life.machine.locks.drop_all_on(metadata.ino(), self.life.id);
        }
    }

    fn try_lock(&self, file: &File, offset: i64) -> io::Result<bool> {
        let (locks, byte) = (&self.life.machine.locks, (file.metadata()?.ino(), offset));
        let is_locked = locks.try_lock(byte, self.life.id) || is_broken(Fault::NoLocks);
        if !is_locked && is_broken(Fault::TryDropsAll) {
            locks.drop_all_on(byte.0, self.life.id);
        }
        if let Some(late) = self.life.late.lock().unwrap().take() {
            locks.unlock(late, self.life.id);
        }
        Ok(is_locked)
    }

    fn unlock(&self, file: &File, offset: i64) -> io::Result<()> {
        let (locks, byte) = (&self.life.machine.locks, (file.metadata()?.ino(), offset));
        if is_broken(Fault::LateUnlock) {
            *self.life.late.lock().unwrap() = Some(byte);
            return Ok(());
        }
        locks.unlock(byte, self.life.id);
        if is_broken(Fault::UnlockDropsAll) {
            locks.drop_all_on(byte.0, self.life.id);
        }
        Ok(())
    }

    fn lock_holder(&self, file: &File, offset: i64) -> Option<u32> {
        self.life.machine.locks.holder((file.metadata().ok()?.ino(), offset))
    }
}

/// Returns the payloads that a manifest names beside the first, if there are any.
fn alternatives(manifest: &[u8]) -> Option<Vec<Value>> {
    let manifest: Value = serde_json::from_slice(manifest).ok()?;
    let alternatives = manifest.get("alternatives")?.as_array()?;
    (!alternatives.is_empty()).then(|| alternatives.clone())
}

fn forget_all_but_one_alternative(path: &Path) -> io::Result<()> {
    let bytes = fs::read(path)?;
    let Some(mut kept) = alternatives(&bytes) else { return Ok(()) };
    kept.truncate(1);
    let mut manifest: Value = serde_json::from_slice(&bytes)?;
    manifest["alternatives"] = kept.into();
    manifest.as_object_mut().expect("a manifest is an object").remove("manifest_digest");
    let text = serde_json::to_string_pretty(&manifest)?;
    let body = text.strip_suffix("\n}").expect("an object ends so");
    let digest = Digest::of(body.as_bytes());
    fs::write(path, format!("{body},\n  \"manifest_digest\": \"{digest}\"\n}}\n"))
}
