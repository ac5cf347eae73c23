//! What several payload IOs share.
#![allow(dead_code, unused_imports, reason = "payload IOs are behind features, and each uses some of it")]

pub(super) mod error_keeper;
pub(super) mod fit;
pub(super) mod guard;
pub(super) mod problem;
pub(super) mod scratch;
pub(super) mod strict;
pub(super) mod unread;
