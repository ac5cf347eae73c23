//! What is known of this process, its account and its machine; and texts that no other of them makes.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use persistable_base::clock;
use persistable_base::fork::{Lazy, Once};

/// What tells processes apart whose clocks stand still or go back, and containers whose host names are the same.
static CHANCE: Lazy<u32> = Lazy::new(|| (RandomState::new().hash_one(0) >> 32) as u32);

/// Returns a short text that no other call, process or machine makes, usable in a file name, without a `~`.
pub(crate) fn unique_text() -> String {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let now = clock::since_1970().as_nanos();
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    // Machines and containers that share a folder may give the same process id at the same time.
    let host = host_digits(8);
    format!("{now:x}-{host}-{:x}-{call:x}-{:x}", std::process::id(), *CHANCE)
}

/// Returns so many digits that tell machines apart.
pub(crate) fn host_digits(digits: usize) -> &'static str {
    static DIGITS: Lazy<String> =
        Lazy::new(|| blake3::hash(rustix::system::uname().nodename().to_bytes()).to_hex().to_string());
    DIGITS.get(..digits).unwrap_or(&DIGITS)
}

/// Returns this machine's name, as manifests tell it.
#[must_use]
pub fn host() -> &'static str {
    static HOST: Lazy<String> = Lazy::new(|| rustix::system::uname().nodename().to_string_lossy().into_owned());
    &HOST
}

/// The names that this program was given: the last one holds.
static NAMES: [Once<String>; 4] = [const { Once::new() }; 4];

/// Says how this program is called, in manifests and in records of removal. Without this, it is called as its file is: an
/// interpreter says which script it runs, and a command that runs in it how the command is called. Further names are not taken.
pub fn name_program(name: impl Into<String>) {
    let name = name.into();
    if named() != Some(&name)
        && let Some(free) = NAMES.iter().find(|place| place.get().is_none())
    {
        free.get_or_make(|| name);
    }
}

fn named() -> Option<&'static String> {
    NAMES.iter().filter_map(Once::get).last()
}

/// Returns how this program is called.
pub(crate) fn program() -> Option<String> {
    if let Some(name) = named() {
        return Some(name.clone());
    }
    static PROGRAM: Lazy<Option<String>> = Lazy::new(|| {
        let path = std::env::current_exe().ok()?;
        Some(path.file_name()?.to_string_lossy().into_owned())
    });
    PROGRAM.clone()
}

/// Returns the name of the program that a process of this machine runs, where the system tells.
pub(crate) fn program_of(process: u32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).ok()?;
    Some(name.trim_end().to_owned())
}

/// Returns the id of the account that this process acts for.
pub(crate) fn user_id() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Returns how an account is called, for people.
pub(crate) fn user_name(id: u32) -> String {
    match nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(id)) {
        Ok(Some(user)) => format!("{} (user {id})", user.name),
        _ => format!("user {id}"),
    }
}

/// Returns what this account can do to use what a group may use already; `None` if it is in the group.
pub(crate) fn joining_advice(group: u32) -> Option<String> {
    let is_member = rustix::process::getegid().as_raw() == group
        || rustix::process::getgroups().is_ok_and(|groups| groups.iter().any(|own| own.as_raw() == group));
    if is_member || user_id() == 0 {
        return None;
    }
    let user = match nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(user_id())) {
        Ok(Some(user)) => user.name,
        _ => user_id().to_string(),
    };
    let group = group_name(group);
    Some(format!(
        "Its group {group} may use it, and this account is not in the group. An administrator adds it: usermod -aG {group} {user}. \
         Then log in again"
    ))
}

/// Returns how a group is called, for people and for commands.
pub(crate) fn group_name(id: u32) -> String {
    match nix::unistd::Group::from_gid(nix::unistd::Gid::from_raw(id)) {
        Ok(Some(group)) => group.name,
        _ => id.to_string(),
    }
}
