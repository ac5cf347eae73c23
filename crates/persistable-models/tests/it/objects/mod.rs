//! The protocol of leases and commits on object storage: **the real code** of stores of objects, over a bucket in memory.
//!
//! Machines take turns by a seed. Each request is a step. Holders pause for longer than a lease lives, machines die, answers are
//! lost, clocks differ. `Mutant` lists ways to break the protocol from outside, and each of them has to be noticed.

mod actors;
mod scenarios;
mod turns;
mod world;
