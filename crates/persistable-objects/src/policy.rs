//! How persistent and how concurrent to be.

use std::time::Duration;

/// What holds for all requests of a store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryPolicy {
    /// How often a request is sent again.
    pub retries: u32,
    /// After so long, no request is sent again.
    pub retry_timeout: Duration,
    /// A request fails if so long no byte went either way.
    pub timeout: Duration,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How many requests one transfer sends at once.
    pub concurrency: usize,
    /// How large a part is. All parts of an object but the last have one size: some services want that.
    pub part_bytes: u64,
}

/// The largest part. What is in memory is this times the concurrency.
pub(crate) const MOST_PART_BYTES: u64 = 8 << 20;
/// The smallest part that S3 takes.
pub(crate) const LEAST_PART_BYTES: u64 = 5 << 20;

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            retries: 6,
            retry_timeout: Duration::from_secs(120),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            concurrency: 8,
            part_bytes: MOST_PART_BYTES,
        }
    }
}
