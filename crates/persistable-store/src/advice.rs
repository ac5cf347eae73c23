//! What several errors advise.

/// What to do if another has the lease.
pub(crate) const LOST_LEASE: &str = "Nothing was changed. Load it, or generate it again";
/// What to do with a file that this account makes by itself.
pub(crate) const REMOVE_FILE: &str = "Remove it, and it is made anew";
/// Where a cache may be.
pub(crate) const ANOTHER_CACHE: &str = "another folder, by the option \"cache\" or by the variable PERSISTABLE_CACHE";
