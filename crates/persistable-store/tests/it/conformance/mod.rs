//! One suite for every kind of store.

mod damage;
mod forks;
mod labels;
mod leasing;
mod misuse;
mod publishing;
mod reading;
mod shown;
