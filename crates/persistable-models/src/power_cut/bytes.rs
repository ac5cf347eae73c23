//! The bytes of a file: in memory, and on the disk.

/// The bytes of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Bytes {
    on_disk: Vec<u8>,
    pub(super) in_memory: Vec<u8>,
    is_sync_lost: bool,
}

impl Bytes {
    pub(super) const NONE: Self = Self { on_disk: Vec::new(), in_memory: Vec::new(), is_sync_lost: false };

    /// Takes bytes that are on the disk.
    pub(super) fn on_disk(bytes: Vec<u8>) -> Self {
        Self { on_disk: bytes.clone(), in_memory: bytes, is_sync_lost: false }
    }

    pub(super) fn sync(&mut self, is_done: bool) {
        self.is_sync_lost |= !is_done;
        if !self.is_sync_lost {
            self.on_disk.clone_from(&self.in_memory);
        }
    }

    pub(super) fn are_on_disk(&self) -> bool {
        self.on_disk == self.in_memory
    }

    /// Lists what may be there after a cut.
    pub(super) fn after_a_cut(&self) -> Vec<Vec<u8>> {
        if self.are_on_disk() {
            return vec![self.in_memory.clone()];
        }
        let (old, new) = (&self.on_disk, &self.in_memory);
        let half = new.len() / 2;
        let tail = |from: usize| old.get(from.min(old.len())..).unwrap_or_default();
        let kept = |count: usize| new.get(..count.min(new.len())).unwrap_or_default();
        let mut all = vec![
            new.clone(),
            old.clone(),
            // The size is on the disk, and none of the data.
            [kept(old.len().min(half)), &vec![0; new.len() - old.len().min(half)]].concat(),
            kept(half).to_vec(),
            // A page of the new, and behind it the old.
            [kept(half), tail(half)].concat(),
        ];
        all.sort();
        all.dedup();
        all
    }
}
