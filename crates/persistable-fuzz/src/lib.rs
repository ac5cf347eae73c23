//! Hostile input for whatever of persistable reads bytes: what each target does with an input, seeds for it, and a mutator
//! without feedback for where libFuzzer is not to be had. `fuzz/` has the same targets for libFuzzer.
//!
//! A target panics when a promise is broken. Beyond that, [`run`] sees to memory: a length that a few bytes state must not
//! be believed before there is anything of that length.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a panic is how a target tells"
)]

pub mod allocation;
mod caught;
mod formats;
mod keys;
mod links;
mod manifests;
mod mutate;
mod names;
mod place;
mod seeds;

pub use mutate::Mutator;
pub use seeds::seeds;

/// Something that takes any bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name, which is that of the program in `fuzz/` too.
    pub name: &'static str,
    /// Panics when a promise is broken.
    run: fn(&[u8]),
    /// No input is longer.
    longest: usize,
    /// How much memory a byte of input may take.
    expansion: usize,
}

impl Target {
    const fn new(name: &'static str, run: fn(&[u8])) -> Self {
        Self { name, run, longest: 64 << 10, expansion: 1 << 10 }
    }

    /// For formats that compress.
    const fn packed(name: &'static str, run: fn(&[u8]), longest: usize) -> Self {
        Self { name, run, longest, expansion: 128 << 10 }
    }
}

/// All targets.
pub const TARGETS: [Target; 12] = [
    Target::new("manifest", manifests::run),
    Target::new("links", links::run),
    Target::new("names", names::run),
    Target::new("key_json", keys::run),
    Target::new("npy", formats::npy),
    Target::new("msgpack", formats::msgpack),
    Target::new("json", formats::json),
    Target::new("csv", formats::csv),
    Target::new("avro", formats::avro),
    Target::new("arrow_ipc", formats::arrow_ipc),
    Target::packed("parquet", formats::parquet, 4 << 10),
    // Four bytes may say 128 KiB.
    Target::packed("zstd", formats::zstd, 1 << 10),
];

/// Any input may take so much memory.
const FREE_BYTES: usize = 8 << 20;

/// Runs a target of a name.
///
/// # Panics
///
/// When a promise is broken.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
    let input = &input[..input.len().min(target.longest)];
    let begin = allocation::begin(input);
    caught::try_out(|| (target.run)(input));
    let most = allocation::most_since(begin);
    assert!(most <= FREE_BYTES + target.expansion * input.len(), "{} bytes made it take {most} bytes", input.len());
}
