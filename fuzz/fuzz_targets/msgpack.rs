#![no_main]

#[global_allocator]
static ALLOCATOR: persistable_fuzz::allocation::Watched = persistable_fuzz::allocation::Watched;

libfuzzer_sys::fuzz_target!(|input: &[u8]| persistable_fuzz::run("msgpack", input));
