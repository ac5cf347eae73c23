//! What is always true of a kind of store.

/// What is always true of a kind of store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether [`Stage::publish`](crate::backend::Stage::publish) can take over an artifact of another store byte for byte: the
    /// manifest as it is, and the payload under the file name in this manifest. If not, a copy is sealed anew.
    pub takes_over: bool,
    /// Whether the store knows which artifacts this account wrote. If not, an artifact that may run code is trusted only if it is
    /// signed.
    pub knows_own: bool,
    /// Whether no other process can see what is written here.
    pub is_of_this_process: bool,
    /// How many artifacts the store looks for at the same time, if several are wanted: 1, unless a look takes a request.
    pub looks_at_once: usize,
}

impl Default for Facts {
    fn default() -> Self {
        Self { takes_over: false, knows_own: true, is_of_this_process: false, looks_at_once: 1 }
    }
}
