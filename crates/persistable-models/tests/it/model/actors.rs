//! Who uses the folder. An actor does one thing at a time: looks at one name, moves something to one, or syncs.

use super::disk::{Content, DAMAGE, Disk, Manifest, Record};

/// In which way the protocol is broken, if in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    Nothing,
    NoLease,
    NoManifestOfBoth,
    NoSyncOfManifestOfBoth,
    ForgottenAlternatives,
    NoSyncOfPayload,
    NoLastSync,
    SweepWithoutSync,
    ManifestBeforePayload,
    NoSecondRound,
    NoLookAgain,
    NoLookAtTheRecordAgain,
    OldIsRemovedFirst,
    QuarantineWithoutLook,
    RemovalOfPayloadFirst,
    RemovalWithoutSync,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Actor {
    Publisher {
        new: Record,
        at: u8,
        old: Vec<Record>,
    },
    Reader(Reader),
    /// Reads, and if it met damage, takes the lease, reads again, puts the artifact aside and publishes.
    Healer {
        content: Content,
        at: u8,
        reader: Reader,
    },
    Remover {
        at: u8,
        names: Vec<usize>,
    },
    Done,
}

/// What an actor's step did.
pub(crate) enum Step {
    Went,
    /// It waits for the lease.
    Waits,
    Ended,
}

impl Actor {
    /// Publishes under one of the two names.
    pub(crate) fn publisher(name: usize) -> Self {
        Self::Publisher { new: Record { name, content: 0 }, at: 0, old: Vec::new() }
    }

    pub(crate) fn healer() -> Self {
        Self::Healer { content: 0, at: 0, reader: Reader::new() }
    }

    pub(crate) fn remover() -> Self {
        Self::Remover { at: 0, names: Vec::new() }
    }

    pub(crate) fn reader() -> Self {
        Self::Reader(Reader::new())
    }

    pub(crate) fn step(&mut self, me: usize, disk: &mut Disk, broken: Broken) -> Step {
        match self {
            Self::Publisher { new, at, old } => publish(me, disk, broken, new, at, old),
            Self::Reader(reader) => match reader.step(disk, broken) {
                None => Step::Went,
                Some(found) => {
                    reader.check(found, disk);
                    Step::Ended
                }
            },
            Self::Healer { content, at, reader } => heal(me, disk, broken, content, at, reader),
            Self::Remover { at, names } => remove(me, disk, broken, at, names),
            Self::Done => Step::Ended,
        }
    }
}

fn take_lease(me: usize, disk: &mut Disk, broken: Broken) -> bool {
    if disk.holder.is_some() && broken != Broken::NoLease {
        return false;
    }
    disk.holder = Some(me);
    // What the holder before left behind is swept.
    if disk.staged.is_some() && broken != Broken::SweepWithoutSync {
        disk.sync();
    }
    disk.remove_staged();
    true
}

fn publish(me: usize, disk: &mut Disk, broken: Broken, new: &mut Record, at: &mut u8, old: &mut Vec<Record>) -> Step {
    let both = |new: Record, old: &[Record]| std::iter::once(new).chain(old.iter().copied()).collect();
    *at += 1;
    match *at {
        1 if !take_lease(me, disk, broken) => {
            *at = 0;
            return Step::Waits;
        }
        1 => new.content = disk.begin(),
        2 => match disk.manifest.get() {
            Some(manifest) if broken == Broken::ForgottenAlternatives => *old = vec![manifest.records[0]],
            Some(manifest) => old.clone_from(&manifest.records),
            None if broken == Broken::ManifestBeforePayload => disk.commit(vec![*new]),
            None => {}
        },
        3 if old.is_empty() => {
            disk.payloads[new.name].set(Some(new.content));
            *at = 6;
        }
        3 if broken == Broken::NoManifestOfBoth => {}
        3 => disk.commit(both(*new, old)),
        4 if broken == Broken::NoSyncOfManifestOfBoth => {}
        4 => disk.sync(),
        5 if broken == Broken::OldIsRemovedFirst => {
            disk.payloads[new.name].set(None);
            *at = 20;
        }
        5 => disk.exchange(*new),
        6 if broken == Broken::NoSyncOfPayload => {}
        6 => disk.sync(),
        7 => disk.commit(vec![*new]),
        8 if broken == Broken::NoLastSync => {}
        8 => disk.sync(),
        9 => {
            disk.acknowledged = disk.acknowledged.max(new.content);
            disk.remove_staged();
            if old.iter().all(|record| record.name == new.name) {
                disk.holder = None;
                return Step::Ended;
            }
        }
        10 => {
            disk.payloads[1 - new.name].set(None);
            disk.holder = None;
            return Step::Ended;
        }
        21 => {
            disk.payloads[new.name].set(Some(new.content));
            *at = 5;
        }
        _ => unreachable!(),
    }
    Step::Went
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reader {
    at: u8,
    manifest: Option<Manifest>,
    /// The record that is looked at, counted over two rounds.
    look: usize,
    /// What was seen of the first part.
    part: Option<Content>,
    /// What was read once the record was found whole.
    read: Option<Content>,
    is_damaged: bool,
    /// What was acknowledged when it began.
    least: Option<Content>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    Damage,
    Payload(Content),
    Mixture,
}

impl Reader {
    fn new() -> Self {
        Self { at: 0, manifest: None, look: 0, part: None, read: None, is_damaged: false, least: None }
    }

    fn again(&mut self) {
        *self = Self { least: self.least, ..Self::new() };
    }

    /// Looks at one part of a payload, or at the manifest.
    pub(crate) fn step(&mut self, disk: &Disk, broken: Broken) -> Option<Found> {
        self.least.get_or_insert(disk.acknowledged);
        let Some(manifest) = &self.manifest else {
            self.manifest = disk.manifest.get().cloned();
            self.at = 1;
            return self.manifest.is_none().then_some(Found::Nothing);
        };
        let records = &manifest.records;
        let has_several = records.len() > 1;
        let rounds = if has_several && broken != Broken::NoSecondRound { 2 } else { 1 };
        let record = records[self.look % records.len()];
        let there = disk.payloads[record.name].get().copied();
        match self.at {
            // Looks whether the record is there in full: one part, then the other.
            1 => (self.part, self.at) = (there, 2),
            2 if self.part == Some(record.content) && there == self.part => self.at = 3,
            2 if self.look + 1 < rounds * records.len() => (self.look, self.at) = (self.look + 1, 1),
            2 => (self.is_damaged, self.at) = (true, 5),
            // Reads it by its path: one part, then the other.
            3 => (self.part, self.at) = (there, 4),
            4 => {
                self.read = there.filter(|_| there == self.part);
                self.at = 5;
            }
            // Looks whether there was a commit meanwhile.
            5 if broken == Broken::NoLookAgain => return Some(self.result()),
            5 if disk.manifest.get() != self.manifest.as_ref() => self.again(),
            5 if !has_several || self.is_damaged || broken == Broken::NoLookAtTheRecordAgain => {
                return Some(self.result());
            }
            5 => self.at = 6,
            // Under a manifest of both, one may have given way to the other.
            6 => (self.part, self.at) = (there, 7),
            7 if self.part == Some(record.content) && there == self.part => return Some(self.result()),
            7 => self.again(),
            _ => unreachable!(),
        }
        None
    }

    fn result(&self) -> Found {
        if self.is_damaged {
            return Found::Damage;
        }
        self.read.map_or(Found::Mixture, Found::Payload)
    }

    /// A reader may find what was there at some time while it read.
    fn check(&self, found: Found, disk: &Disk) {
        let least = self.least.unwrap_or_default();
        match found {
            Found::Mixture => panic!("a mixture was read"),
            Found::Payload(content) => assert!((least..DAMAGE).contains(&content), "{content} after {least}"),
            Found::Nothing => assert!(least == 0 || disk.is_removed || disk.is_damaged, "nothing after {least}"),
            Found::Damage => assert!(disk.is_damaged, "damage, and nobody did any"),
        }
    }
}

fn heal(me: usize, disk: &mut Disk, broken: Broken, content: &mut Content, at: &mut u8, reader: &mut Reader) -> Step {
    match *at {
        0 | 2 if *at == 0 || broken != Broken::QuarantineWithoutLook => match reader.step(disk, broken) {
            None => {}
            Some(Found::Damage) => {
                *reader = Reader::new();
                *at += 1;
            }
            Some(found) => {
                reader.check(found, disk);
                if disk.holder == Some(me) {
                    disk.holder = None;
                }
                return Step::Ended;
            }
        },
        2 => *at = 3,
        1 if !take_lease(me, disk, broken) => return Step::Waits,
        1 => *at = 2,
        3 => {
            *content = disk.begin();
            disk.manifest.set(None);
            *at = 4;
        }
        4 => {
            put_payload_aside(disk);
            *at = 5;
        }
        5 => {
            disk.payloads[0].set(Some(*content));
            *at = 6;
        }
        6 => {
            disk.commit(vec![Record { name: 0, content: *content }]);
            *at = 7;
        }
        7 => {
            disk.sync();
            *at = 8;
        }
        8 => {
            disk.acknowledged = disk.acknowledged.max(*content);
            disk.holder = None;
            return Step::Ended;
        }
        _ => unreachable!(),
    }
    Step::Went
}

fn put_payload_aside(disk: &mut Disk) {
    for name in [0, 1] {
        if let Some(content) = disk.payloads[name].get().copied() {
            assert!(content > disk.acknowledged, "what was whole, and is relied on, is put aside");
            disk.payloads[name].set(None);
        }
    }
}

fn remove(me: usize, disk: &mut Disk, broken: Broken, at: &mut u8, names: &mut Vec<usize>) -> Step {
    *at += 1;
    match *at {
        1 if !take_lease(me, disk, broken) => {
            *at = 0;
            return Step::Waits;
        }
        1 => {
            disk.is_removed = true;
            let records = disk.manifest.get().map(|manifest| manifest.records.clone()).unwrap_or_default();
            *names = records.iter().map(|record| record.name).collect();
        }
        2 if broken == Broken::RemovalOfPayloadFirst => {
            disk.payloads[0].set(None);
            *at = 30;
        }
        31 => disk.manifest.set(None),
        2 => disk.manifest.set(None),
        3 if broken == Broken::RemovalWithoutSync => {}
        3 => disk.sync(),
        _ => match names.pop() {
            Some(name) => disk.payloads[name].set(None),
            None => {
                disk.is_gone = true;
                disk.holder = None;
                return Step::Ended;
            }
        },
    }
    Step::Went
}
