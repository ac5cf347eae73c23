//! What the tests of payload IOs share: the promises that each of them keeps, through a store and at the bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(dead_code, reason = "payload IOs are behind features, and each uses some of it")]

use std::io::{self, Write};

use persistable_store::{ArtifactId, Draft, PayloadName, Settings, Store, Wait, may_run_code};

use crate::StepResult;
use crate::io::{PayloadIo, Source, Target};

/// Saves a payload in a store and loads it from there.
pub(super) fn through<P, I: PayloadIo<P>>(store: &Store, io: &I, payload: &P) -> P {
    let id = ArtifactId::new(PayloadName::new("payload").unwrap(), [7; 32]);
    let settings = Settings::default();
    let lease = store.lease(&id, Wait::Forever, &mut |_| {}).unwrap();
    let mut staging = store.stage(&lease, &io.suffix(), &settings).unwrap();
    io.save(payload, &mut Target::new(&mut staging)).unwrap();
    store.publish(&lease, staging, Draft::new(io.name(), io.version())).unwrap();
    let artifact = store.find(&id).unwrap().unwrap();
    let record = &artifact.manifest().payload;
    assert!(record.file.ends_with(&io.suffix()) && io.reads(&record.io, record.io_version));
    io.load(&mut Source::new(&mut artifact.payload(&settings).unwrap())).unwrap()
}

/// Saves a payload in a folder and in memory, and returns what comes back from each.
pub(super) fn through_both<P, I: PayloadIo<P>>(io: &I, payload: &P) -> [P; 2] {
    let folder = tempfile::tempdir().unwrap();
    [through(&Store::create(folder.path()).unwrap(), io, payload), through(&Store::memory(), io, payload)]
}

#[track_caller]
pub(super) fn comes_back<P: PartialEq + std::fmt::Debug, I: PayloadIo<P>>(io: &I, payload: P) {
    for loaded in through_both(io, &payload) {
        assert_eq!(loaded, payload);
    }
}

pub(super) fn try_save<P, I: PayloadIo<P>>(io: &I, payload: &P) -> StepResult<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut target = Target::within(&mut bytes, io.suffix());
    io.save(payload, &mut target)?;
    target.finish()?;
    assert_eq!(
        io.runs_code(),
        may_run_code(&io.name()),
        "it is to be in the table of `persistable-store::payload_ios`"
    );
    Ok(bytes)
}

#[track_caller]
pub(super) fn saved<P, I: PayloadIo<P>>(io: &I, payload: &P) -> Vec<u8> {
    try_save(io, payload).unwrap()
}

#[track_caller]
pub(super) fn not_saved<P, I: PayloadIo<P>>(io: &I, payload: &P) -> String {
    try_save(io, payload).expect_err("it should be refused").to_string()
}

pub(super) fn load<P, I: PayloadIo<P>>(io: &I, bytes: &[u8]) -> StepResult<P> {
    io.load(&mut Source::within(|| Ok(bytes.to_vec()), io.suffix()))
}

#[track_caller]
pub(super) fn not_loaded<P, I: PayloadIo<P>>(io: &I, bytes: &[u8]) -> String {
    match load::<P, I>(io, bytes) {
        Ok(_) => panic!("it should be refused"),
        Err(error) => error.to_string(),
    }
}

/// Loads every beginning of the bytes, and the bytes with each of them changed in several ways. What comes of it is either
/// an error or a payload, and never a panic, an abort or a feast of memory.
pub(super) fn survives_damage<P, I: PayloadIo<P>>(io: &I, bytes: &[u8]) {
    for end in 0..bytes.len() {
        let _ = load::<P, I>(io, &bytes[..end]);
    }
    let mut changed = bytes.to_vec();
    for at in 0..bytes.len() {
        for change in [0x01, 0x80, 0xff] {
            changed[at] ^= change;
            let _ = load::<P, I>(io, &changed);
            changed[at] = bytes[at];
        }
        changed[at] = 0x7f;
        let _ = load::<P, I>(io, &changed);
        changed[at] = bytes[at];
    }
}

/// A disk that is full after some bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Wherever the disk is full, the error says so, so that it can be told from a payload that doesn't fit its format.
#[track_caller]
pub(super) fn says_when_the_disk_is_full<P, I: PayloadIo<P>>(io: &I, payload: &P) {
    for room in 0..saved(io, payload).len() {
        let mut full = Full(room);
        let mut target = Target::within(&mut full, io.suffix());
        let error = io.save(payload, &mut target).and_then(|()| target.finish()).expect_err("the disk is full");
        let error = error.downcast_ref::<io::Error>().expect("an I/O error");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "with room for {room} bytes");
    }
}
