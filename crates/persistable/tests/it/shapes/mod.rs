//! Dependencies in maps, structs, enums, tuples and pointers, and of any type.

mod declare;
mod evolution;
mod keys;
mod use_of;
