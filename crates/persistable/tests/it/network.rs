//! A bad network between steps and a real S3 server: nothing is wrong, nothing is lost, nothing hangs, and few requests are sent.

use std::thread;
use std::time::{Duration, Instant};

use persistable::{ErrorKind, Persistable, Store, StoreOptions};
use persistable_servers::proxy::{Action, Proxy};
use persistable_servers::{Address, server};

use crate::support::{Counter, Squares};

/// A proxy before the server, and a folder there.
struct Network {
    proxy: Proxy,
    through: Address,
    directly: Address,
}

impl Network {
    fn new() -> Option<Self> {
        let server = server("PERSISTABLE_TEST_S3")?;
        let proxy = Proxy::before(&server);
        // It is known what Ceph can do, so that it is not probed.
        let through = Address::s3_at(&proxy.url()).with("assume", "create,replace-unquoted").with("timeout", "2s");
        let directly = Address { url: through.url.clone(), ..Address::s3_at(&server) };
        Some(Self { proxy, through, directly })
    }

    /// Opens the store as another machine, by way of the proxy.
    fn store(&self) -> Store {
        open(&self.through)
    }

    /// Returns the methods of the requests since the last call. Records are put once a process, and do not count.
    fn methods(&self) -> Vec<String> {
        let lines = self.proxy.seen().into_iter().filter(|line| !line.contains("/records/"));
        lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    }

    /// Loads what another machine finds that has a good network.
    fn loaded(&self, n: u64) -> Vec<u64> {
        let squares = Persistable::open(open(&self.directly), Squares::new(n)).unwrap();
        squares.load().unwrap().to_vec()
    }
}

fn open(address: &Address) -> Store {
    let options = StoreOptions::new().without_cache();
    let options = address.options.iter().fold(options, |options, (name, value)| options.set(name, value));
    options.open(&address.url).unwrap()
}

fn squares(n: u64) -> Vec<u64> {
    (0..n).map(|number| number * number).collect()
}

#[test]
fn a_step_sends_few_requests() {
    let Some(network) = Network::new() else { return };
    let step = Persistable::open(network.store(), Squares::new(4)).unwrap();
    step.load().unwrap_err();
    assert_eq!(network.methods(), ["GET"], "a miss");
    step.load_generate().unwrap();
    let methods = network.methods();
    assert_eq!(methods.iter().filter(|method| *method == "PUT").count(), 4, "{methods:?}");
    assert!(methods.len() <= 6, "at most two looks: {methods:?}");
    let again = Persistable::open(network.store(), Squares::new(4)).unwrap();
    again.load().unwrap();
    assert_eq!(network.methods(), ["GET", "GET"], "a hit");
}

#[test]
fn steps_get_through_whatever_happens_on_the_way() {
    let Some(network) = Network::new() else { return };
    let troubles =
        [Action::Cut, Action::Reset, Action::HalfAnswer, Action::LoseAnswer, Action::Delay(Duration::from_millis(300))];
    for (number, (trouble, method)) in
        troubles.iter().flat_map(|trouble| ["PUT ", "GET "].map(|method| (trouble, method))).enumerate()
    {
        if method == "GET " && matches!(trouble, Action::HalfAnswer) {
            // Half of a 404 may come from anybody on the way. It is an error, and not a miss.
            continue;
        }
        let n = number as u64 + 2;
        let step = Squares::new(n);
        let generations = step.generations.clone();
        network.proxy.clear();
        network.proxy.rule(method, trouble.clone(), 3);
        let generated = Persistable::open(network.store(), step).unwrap().load_generate().unwrap();
        assert_eq!(*generated, squares(n));
        network.proxy.clear();
        network.proxy.rule("GET ", trouble.clone(), 2);
        let again = Persistable::open(network.store(), Squares { n, generations: generations.clone() }).unwrap();
        assert_eq!(*again.load_generate().unwrap(), *generated, "{trouble:?}");
        assert_eq!(generations.count(), 1, "{trouble:?}");
        assert_eq!(network.loaded(n), squares(n), "{trouble:?}");
    }
}

#[test]
fn no_write_is_lost_or_done_twice_although_its_answer_is_lost() {
    let Some(network) = Network::new() else { return };
    // The lease, the payload, the manifest, and the lease that is given back.
    for lost in 0..4 {
        let n = 20 + lost as u64;
        network.proxy.clear();
        network.proxy.rule("PUT ", Action::Delay(Duration::ZERO), lost);
        network.proxy.rule("PUT ", Action::LoseAnswer, 1);
        let step = Squares::new(n);
        let generations = step.generations.clone();
        let first = Persistable::open(network.store(), step).unwrap();
        first.load_generate().unwrap();
        // If giving back the lease failed, this would wait for it.
        Persistable::open(network.store(), Squares { n, generations: generations.clone() })
            .unwrap()
            .generate()
            .unwrap();
        assert_eq!(generations.count(), 2);
        assert_eq!(network.loaded(n), squares(n));
    }
}

#[test]
fn of_many_machines_one_generates_although_answers_are_lost() {
    let Some(network) = Network::new() else { return };
    for n in 30..33 {
        let generations = Counter::default();
        network.proxy.clear();
        network.proxy.rule("PUT ", Action::LoseAnswer, 4);
        network.proxy.rule("GET ", Action::Cut, 2);
        thread::scope(|scope| {
            for _ in 0..6 {
                let (store, generations) = (network.store(), generations.clone());
                scope.spawn(move || {
                    let step = Persistable::open(store, Squares { n, generations }).unwrap();
                    assert_eq!(*step.load_generate().unwrap(), squares(n));
                });
            }
        });
        assert_eq!(generations.count(), 1);
        assert_eq!(network.loaded(n), squares(n));
    }
}

#[test]
fn a_step_does_not_hang_when_the_server_does() {
    let Some(network) = Network::new() else { return };
    let store = open(&network.through.clone().with("retries", "1"));
    network.proxy.rule("GET ", Action::Hang, 99);
    network.proxy.rule("PUT ", Action::Hang, 99);
    let step = Squares::new(40);
    let generations = step.generations.clone();
    let begin = Instant::now();
    let error = Persistable::open(store, step).unwrap().load_generate().unwrap_err();
    assert_eq!((error.kind(), generations.count()), (ErrorKind::Unavailable, 0), "{error}");
    // Two tries of two seconds each, on a machine that is busy with other things too.
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
}
