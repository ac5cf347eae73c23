//! Machines that share a store on a real server, each behind a network that cuts, resets, delays and loses answers.
#![cfg(all(feature = "s3", feature = "sftp"))]

use std::thread;
use std::time::{Duration, Instant};

use persistable_objects::Objects;
use persistable_servers::Address;
use persistable_servers::proxy::{Action, Proxy};
use persistable_store::{ErrorKind, Store, StoreOptions, Wait};

use crate::kinds::{Below, listed, objects_at, store_at};
use crate::protocol::publish_under;
use crate::stores::{Content, FAST, file, id, load, load_amid_replacements};

const MACHINES: u64 = 5;
/// A wait that takes longer is stuck, however busy the machine is.
const STUCK: Duration = Duration::from_secs(180);
const BUSY: &str =
    "HTTP/1.1 503 Slow Down\r\nContent-Length: 41\r\nRetry-After: 0\r\n\r\n<Error><Code>SlowDown</Code></Error>     ";
const CONFLICT: &str =
    "HTTP/1.1 409 Conflict\r\nContent-Length: 57\r\n\r\n<Error><Code>ConditionalRequestConflict</Code></Error>   ";

fn action(roll: u64) -> Action {
    match roll % 7 {
        0 => Action::Cut,
        1 => Action::Reset,
        2 => Action::HalfAnswer,
        3 | 4 => Action::LoseAnswer,
        5 => Action::Answer(if roll.is_multiple_of(2) { BUSY } else { CONFLICT }),
        _ => Action::Delay(Duration::from_millis(roll % 2500)),
    }
}

/// How a machine reaches the store: what opens it, and what makes trouble for the next requests.
struct Machine {
    open: Box<dyn Fn() -> Store + Send>,
    disturb: Box<dyn Fn(u64) + Send>,
}

fn seconds() -> Duration {
    let told = std::env::var("PERSISTABLE_BAD_NETWORK_SECONDS");
    Duration::from_secs(told.map_or(4, |seconds| seconds.parse().unwrap()))
}

/// Lets machines generate, remove and load a few steps. Each load gives a result of its step, and in the end nothing else is left.
fn let_them_run(machines: Vec<Machine>, store: &Store, objects: &dyn Objects) {
    let end = Instant::now() + seconds();
    let published: usize = thread::scope(|scope| {
        let run = |(number, machine): (u64, Machine)| scope.spawn(move || run(number, &machine, end));
        let running: Vec<_> = (0..).zip(machines).map(run).collect();
        running.into_iter().map(|running| running.join().unwrap()).sum()
    });
    assert!(published > 0);
    for key in 0..3 {
        let step = id("step", key);
        let held = store.lease(&step, Wait::AtMost(STUCK), &mut |_| {}).unwrap();
        publish_under(store, &held, &file("the last")).unwrap();
        drop(held);
        assert_eq!(load(store, &step, &FAST).unwrap(), Some(file("the last")));
    }
    let names: Vec<_> = listed(objects).into_iter().filter(|name| !name.starts_with(".persistable/")).collect();
    assert_eq!(names.len(), 6, "{names:?}");
}

fn run(number: u64, machine: &Machine, end: Instant) -> usize {
    let (mut chance, mut store, mut published) = (number, (machine.open)(), 0);
    while Instant::now() < end {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(number * 2 + 1);
        let roll = chance >> 33;
        let step = id("step", (roll % 3) as u8);
        (machine.disturb)(roll);
        let content = file(&format!("{step} of {number} by {roll}"));
        let act = || -> persistable_store::Result<bool> {
            let held = store.lease(&step, Wait::AtMost(STUCK), &mut |_| {})?;
            match roll % 7 {
                0 => store.remove(&held).map(|_| false),
                _ => publish_under(&store, &held, &content).map(|()| true),
            }
        };
        match act() {
            Ok(is_published) => published += usize::from(is_published),
            Err(error) => {
                let is_expected = matches!(error.kind(), ErrorKind::LeaseLost | ErrorKind::Unavailable);
                assert!(is_expected, "{:?}: {error}", error.kind());
            }
        }
        match load_amid_replacements(&store, &step, &FAST) {
            Ok(Some(Content::File(bytes))) => assert!(String::from_utf8(bytes).unwrap().starts_with(step.stem())),
            Ok(found) => assert_eq!(found, None),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}"),
        }
        if roll.is_multiple_of(13) {
            store = (machine.open)();
        }
    }
    published
}

#[test]
fn machines_on_bad_networks_to_a_bucket_mix_up_nothing_and_leave_nothing() {
    let Some(server) = persistable_servers::server("PERSISTABLE_TEST_S3") else { return };
    let address = Address::s3_at(&server).with("assume", "create,replace-unquoted");
    let below = Below(objects_at(&address));
    let open = {
        let address = address.clone();
        move |endpoint: String| {
            let address = address.clone().with("endpoint", endpoint).with("timeout", "1s").with("lease_time", "3s");
            store_at(&address, StoreOptions::new().without_cache())
        }
    };
    let proxies: Vec<_> = (0..MACHINES).map(|_| Proxy::before(&server)).collect();
    let machine = |proxy: &Proxy| {
        let (proxy, url, open) = (proxy.clone(), proxy.url(), open.clone());
        let disturb = move |roll: u64| {
            proxy.clear();
            for (at, method) in ["PUT ", "GET ", "POST ", "DELETE "].into_iter().enumerate() {
                if (roll >> at).is_multiple_of(3) {
                    proxy.rule(method, action(roll >> (at + 3)), 1 + (roll >> 9) as usize % 2);
                }
            }
        };
        Machine { open: Box::new(move || open(url.clone())), disturb: Box::new(disturb) }
    };
    let_them_run(proxies.iter().map(machine).collect(), &open(server.clone()), &*below.0);
    assert!(proxies.iter().all(|proxy| proxy.seen().len() > 10));
}

/// Each machine goes by a link of its own, so that they do not know that they are one process. The connections of all but one are
/// killed again and again.
#[test]
fn machines_whose_connections_break_over_sftp_mix_up_nothing_and_leave_nothing() {
    let Some(address) = Address::sftp() else { return };
    let below = Below(objects_at(&address));
    let path = std::path::PathBuf::from(format!("/{}", address.url.splitn(4, '/').nth(3).unwrap()));
    std::fs::create_dir_all(&path).unwrap();
    let programs = tempfile::tempdir().unwrap();
    let program = programs.path().join("ssh");
    let script = "#!/bin/sh\nexec timeout -s KILL 0.$(od -An -N1 -tu1 /dev/urandom | tr -d ' ')5 ssh \"$@\"\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let machine = |number: u64| {
        let link = path.with_file_name(format!("{}-{number}", path.file_name().unwrap().display()));
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let mut address = address.clone().with("lease_time", "3s").with("retries", "12");
        address.url = format!("{}-{number}", address.url);
        if number > 0 {
            address = address.with("ssh", program.to_str().unwrap());
        }
        let open = move || store_at(&address, StoreOptions::new().without_cache());
        Machine { open: Box::new(open), disturb: Box::new(|_| ()) }
    };
    let store = store_at(&address.clone().with("lease_time", "3s"), StoreOptions::new().without_cache());
    let_them_run((0..MACHINES).map(machine).collect(), &store, &*below.0);
}
