//! How it ended to make sure that a step is persisted.

/// How it ended to make sure that a step is persisted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ensured {
    /// It was there.
    Present,
    /// It was generated or persisted just now.
    Generated,
    /// Another process or thread has the lease.
    Taken,
}
