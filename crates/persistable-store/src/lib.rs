//! Where artifacts live.
