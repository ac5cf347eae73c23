//! What lies at the names of one artifact.

/// The content of a payload, by number: later ones are greater. Its two parts may be read one after the other.
pub(crate) type Content = u8;

/// What somebody else wrote there.
pub(crate) const DAMAGE: Content = 99;

/// A payload as a manifest records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Record {
    /// Which of the two names it has: as when the suffix changes, or an exchange is not to be had.
    pub(crate) name: usize,
    pub(crate) content: Content,
}

/// A manifest: the payload first, then the alternatives. No two commits are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Manifest {
    pub(crate) commit: u8,
    pub(crate) records: Vec<Record>,
}

/// A directory entry: what is there, and what may be there after a power cut instead, as it was not synced since.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Entry<T> {
    now: Option<T>,
    unsynced: Vec<Option<T>>,
}

impl<T: Clone + PartialEq> Entry<T> {
    pub(crate) fn new(now: Option<T>) -> Self {
        Self { now, unsynced: Vec::new() }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.now.as_ref()
    }

    pub(crate) fn set(&mut self, now: Option<T>) {
        let before = std::mem::replace(&mut self.now, now);
        if !self.unsynced.contains(&before) {
            self.unsynced.push(before);
        }
    }

    fn sync(&mut self) {
        self.unsynced.clear();
    }

    /// A name that got back what was removed elsewhere has nothing.
    fn without(self, destroyed: &[T]) -> Self {
        Self { now: self.now.filter(|now| !destroyed.contains(now)), ..self }
    }

    fn after_a_cut(&self) -> impl Iterator<Item = Self> + '_ {
        std::iter::once(&self.now).chain(&self.unsynced).map(|now| Self::new(now.clone()))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Disk {
    pub(crate) manifest: Entry<Manifest>,
    pub(crate) payloads: [Entry<Content>; 2],
    /// What the payload that was published last has changed places with, and lies in staging; and what is removed from there.
    pub(crate) staged: Option<Content>,
    pub(crate) destroyed: Vec<Content>,
    /// Who has the lease.
    pub(crate) holder: Option<usize>,
    pub(crate) commits: u8,
    /// The greatest content whose publishing returned, and the greatest that anybody began to publish.
    pub(crate) acknowledged: Content,
    pub(crate) begun: Content,
    /// Whether anybody has begun to remove it, and whether a removal has returned.
    pub(crate) is_removed: bool,
    pub(crate) is_gone: bool,
    /// Whether there may be damage.
    pub(crate) is_damaged: bool,
}

impl Disk {
    pub(crate) fn empty() -> Self {
        Self {
            manifest: Entry::new(None),
            payloads: [Entry::new(None), Entry::new(None)],
            staged: None,
            destroyed: Vec::new(),
            holder: None,
            commits: 0,
            acknowledged: 0,
            begun: 0,
            is_removed: false,
            is_gone: false,
            is_damaged: false,
        }
    }

    /// With content 1, published, at the first name.
    pub(crate) fn with_one() -> Self {
        let records = vec![Record { name: 0, content: 1 }];
        Self {
            manifest: Entry::new(Some(Manifest { commit: 0, records })),
            payloads: [Entry::new(Some(1)), Entry::new(None)],
            acknowledged: 1,
            begun: 1,
            commits: 1,
            ..Self::empty()
        }
    }

    /// The same, to whose payload something has happened.
    pub(crate) fn with_damage() -> Self {
        let payloads = [Entry::new(Some(DAMAGE)), Entry::new(None)];
        Self { payloads, is_damaged: true, ..Self::with_one() }
    }

    /// Begins to publish what is newer than all before.
    pub(crate) fn begin(&mut self) -> Content {
        self.begun += 1;
        self.begun
    }

    pub(crate) fn commit(&mut self, records: Vec<Record>) {
        self.manifest.set(Some(Manifest { commit: self.commits, records }));
        self.commits += 1;
    }

    /// Brings a payload into place, by an exchange where there is one.
    pub(crate) fn exchange(&mut self, new: Record) {
        let entry = &mut self.payloads[new.name];
        self.staged = entry.get().copied();
        entry.set(Some(new.content));
    }

    pub(crate) fn remove_staged(&mut self) {
        self.destroyed.extend(self.staged.take());
    }

    pub(crate) fn sync(&mut self) {
        self.manifest.sync();
        self.payloads.iter_mut().for_each(Entry::sync);
    }

    /// All that a power cut may leave: of each entry, what it is or what it was since the last sync.
    pub(crate) fn after_a_cut(&self) -> Vec<Self> {
        let mut cut = Vec::new();
        for manifest in self.manifest.after_a_cut() {
            for first in self.payloads[0].after_a_cut() {
                for second in self.payloads[1].after_a_cut() {
                    let payloads = [first.clone(), second].map(|entry| entry.without(&self.destroyed));
                    let mut left = Self { manifest: manifest.clone(), payloads, holder: None, ..self.clone() };
                    // Where the exchange was lost, it is the new one that lies in staging.
                    left.staged =
                        left.staged.filter(|staged| left.payloads.iter().all(|entry| entry.get() != Some(staged)));
                    // A first publishing that nobody was told of may leave damage behind.
                    let is_damaged = self.is_damaged || self.acknowledged == 0 && left.loads().is_none();
                    cut.push(Self { is_damaged, ..left });
                }
            }
        }
        cut
    }

    /// What loads when nobody is at work: `Some(0)` is nothing, and `None` is damage.
    pub(crate) fn loads(&self) -> Option<Content> {
        let Some(manifest) = self.manifest.get() else { return Some(0) };
        let is_there = |record: &&Record| self.payloads[record.name].get() == Some(&record.content);
        manifest.records.iter().find(is_there).map(|record| record.content)
    }
}
