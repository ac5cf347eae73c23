//! The folder protocol of `spec/artifact-v1.md`, reduced to what lies at the names of one artifact: all interleavings of
//! readers, publishers, healers and removers, of which one may die at any step, with the power cut at any moment.

mod actors;
mod checks;
mod disk;
mod explore;
