//! A bad network between the store and a real S3: nothing is lost, nothing is wrong, nothing hangs. And few requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use persistable_objects::{Can, ErrorKind, Got, Objects, Only, Options, Put, Replace};

use crate::places::{body, names, put, s3_options, server};
use crate::transfer::{content, file, nothing};
use persistable_servers::proxy::{Action, Proxy};

/// A store behind a proxy. It is known what Ceph can do, so that it is not probed.
fn behind() -> Option<(Proxy, Arc<dyn Objects>)> {
    let (proxy, options) = options()?;
    Some((proxy, options.open().unwrap()))
}

fn options() -> Option<(Proxy, Options)> {
    let proxy = Proxy::before(&server("PERSISTABLE_TEST_S3")?);
    let can = Can { create: true, replace: Replace::Unquoted };
    let options = s3_options(&proxy.url()).assume(can).set("timeout", "2s");
    Some((proxy, options))
}

const BUSY: &str =
    "HTTP/1.1 503 Slow Down\r\nContent-Length: 41\r\nRetry-After: 0\r\n\r\n<Error><Code>SlowDown</Code></Error>     ";
const CONFLICT: &str =
    "HTTP/1.1 409 Conflict\r\nContent-Length: 57\r\n\r\n<Error><Code>ConditionalRequestConflict</Code></Error>   ";
const DENIED: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 41\r\n\r\n<Error><Code>AccessDenied</Code></Error> ";
const ERROR: &str = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";
const LOST: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 16\r\n\r\n<html>no</html> ";

#[test]
fn each_verb_sends_one_request() {
    let Some((proxy, store)) = behind() else { return };
    let version = put(&*store, "a", &body("one"), &Only::Always);
    put(&*store, "b", &body("one"), &Only::IfAbsent);
    put(&*store, "a", &body("two"), &Only::IfStill(version));
    assert_eq!(proxy.methods(), ["PUT"; 3]);
    let Got::Found(found) = store.get("a", None).unwrap() else { panic!() };
    assert_eq!(store.get("a", Some(&found.version)).unwrap(), Got::Same);
    assert_eq!(store.get("absent", None).unwrap(), Got::Absent);
    store.get_range("a", 0..3).unwrap();
    assert_eq!(proxy.methods(), ["GET"; 4]);
    assert_eq!(names(&*store, "", None), ["a", "b"]);
    assert_eq!(proxy.methods(), ["GET"]);
    store.delete(&["a", "b", "absent"]).unwrap();
    assert_eq!(proxy.methods(), ["POST"]);
    // Idle connections are used again, and nothing else.
    std::thread::sleep(Duration::from_millis(300));
    put(&*store, "c", &body("one"), &Only::IfAbsent);
    assert_eq!(proxy.methods(), ["PUT"]);
}

#[test]
fn an_idle_connection_that_the_server_closed_costs_nothing() {
    let Some((proxy, store)) = behind() else { return };
    for number in 0..20 {
        proxy.rule("PUT ", Action::CloseAfter, 1);
        put(&*store, &number.to_string(), &body("one"), &Only::IfAbsent);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(proxy.methods(), ["PUT"; 20]);
}

#[test]
fn a_caller_may_be_in_an_async_runtime_of_its_own() {
    let Some((_, store)) = behind() else { return };
    for builder in [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()] {
        let mut builder = builder;
        builder.build().unwrap().block_on(async { put(&*store, "a", &body("one"), &Only::Always) });
    }
}

#[test]
fn a_refused_put_sends_two() {
    let Some((proxy, store)) = behind() else { return };
    put(&*store, "a", &body("one"), &Only::IfAbsent);
    proxy.seen();
    assert!(matches!(store.put("a", &body("two"), &Only::IfAbsent).unwrap(), Put::Refused(Some(_))));
    assert_eq!(proxy.methods(), ["PUT", "GET"]);
}

#[test]
fn transfers_send_one_request_for_each_part() {
    let Some((proxy, store)) = behind() else { return };
    let sent = file(20 << 20);
    store.upload("a", &sent, &Only::Always, &mut nothing).unwrap();
    let mut methods = proxy.methods();
    methods.sort_unstable();
    // The last GET asks for the version, which Ceph does not tell.
    assert_eq!(methods, ["GET", "POST", "POST", "PUT", "PUT", "PUT"]);
    store.fetch("a", &tempfile::tempfile().unwrap()).unwrap();
    assert_eq!(proxy.methods(), ["GET"; 3]);
    store.upload("b", &file(1000), &Only::Always, &mut nothing).unwrap();
    assert_eq!(proxy.methods(), ["PUT"]);
}

#[test]
fn the_probe_of_ceph_finds_what_it_can() {
    let Some(server) = server("PERSISTABLE_TEST_S3") else { return };
    let proxy = Proxy::before(&server);
    let store = s3_options(&proxy.url()).open().unwrap();
    let can = store.can().unwrap();
    assert!(can.create && can.replace.is_possible(), "{can}");
    assert!(proxy.seen().len() <= 12);
    store.can().unwrap();
    assert_eq!(proxy.seen(), [""; 0]);
    assert_eq!(names(&*store, "", None), [""; 0]);
}

#[test]
fn no_put_is_refused_by_its_own_write_whose_answer_was_lost() {
    let Some((proxy, store)) = behind() else { return };
    proxy.rule("PUT ", Action::LoseAnswer, 1);
    let version = put(&*store, "a", &body("one"), &Only::IfAbsent);
    assert_eq!(proxy.methods(), ["PUT", "GET"]);
    proxy.rule("PUT ", Action::LoseAnswer, 1);
    put(&*store, "a", &body("two"), &Only::IfStill(version));
    assert_eq!(proxy.methods(), ["PUT", "GET"]);
    // The second look is in trouble too.
    proxy.rule("PUT ", Action::LoseAnswer, 1);
    proxy.rule("GET ", Action::Cut, 2);
    put(&*store, "b", &body("one"), &Only::IfAbsent);
}

#[test]
fn puts_get_through_whatever_happens_on_the_way() {
    let Some((proxy, store)) = behind() else { return };
    let troubles = [
        Action::Cut,
        Action::Reset,
        Action::HalfAnswer,
        Action::LoseAnswer,
        Action::Answer(BUSY),
        Action::Answer(ERROR),
        Action::Answer(CONFLICT),
        Action::Delay(Duration::from_millis(300)),
    ];
    for (number, trouble) in troubles.into_iter().enumerate() {
        for only in [Only::IfAbsent, Only::Always] {
            let (name, bytes) = (format!("{number}/{only:?}"), body("one"));
            proxy.clear();
            proxy.rule("PUT ", trouble.clone(), 2);
            let version = put(&*store, &name, &bytes, &only);
            let Got::Found(found) = store.get(&name, None).unwrap() else { panic!("{trouble:?}: lost") };
            assert_eq!((found.bytes, found.version), (bytes, version), "{trouble:?}");
        }
    }
}

#[test]
fn of_many_that_create_one_succeeds_although_answers_are_lost() {
    let Some((proxy, _)) = behind() else { return };
    let can = Can { create: true, replace: Replace::Unquoted };
    let store = s3_options(&proxy.url()).assume(can).open().unwrap();
    for round in 0..5 {
        proxy.rule("PUT ", Action::LoseAnswer, 4);
        let name = format!("race/{round}");
        let done: usize = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let bytes = body("mine");
                        match store.put(&name, &bytes, &Only::IfAbsent).unwrap() {
                            Put::Done(_) => Some(bytes),
                            Put::Refused(_) => None,
                        }
                    })
                })
                .collect();
            let winners: Vec<_> = racers.into_iter().filter_map(|racer| racer.join().unwrap()).collect();
            let Got::Found(found) = store.get(&name, None).unwrap() else { panic!() };
            assert_eq!(winners, [found.bytes]);
            winners.len()
        });
        assert_eq!(done, 1);
    }
}

#[test]
fn reads_get_through_and_are_whole() {
    let Some((proxy, store)) = behind() else { return };
    let bytes = body(&"x".repeat(100_000));
    put(&*store, "a", &bytes, &Only::Always);
    for trouble in [Action::Cut, Action::Reset, Action::HalfAnswer, Action::Answer(BUSY), Action::Answer(ERROR)] {
        proxy.rule("GET ", trouble, 2);
        assert!(matches!(store.get("a", None).unwrap(), Got::Found(found) if found.bytes == bytes));
    }
    // Only the whole answer tells what is missing: the object or the bucket.
    proxy.rule("GET ", Action::HalfAnswer, 2);
    assert_eq!(store.get("absent", None).unwrap(), Got::Absent);
}

#[test]
fn transfers_get_through_and_are_whole() {
    let Some((proxy, store)) = behind() else { return };
    let sent = file(30 << 20);
    for trouble in [Action::Cut, Action::Reset, Action::HalfAnswer, Action::LoseAnswer, Action::Answer(BUSY)] {
        proxy.clear();
        proxy.rule("partNumber", trouble.clone(), 2);
        proxy.rule("POST /bucket/suite", trouble.clone(), 1);
        assert!(matches!(store.upload("a", &sent, &Only::Always, &mut nothing).unwrap(), Put::Done(_)));
        proxy.clear();
        proxy.rule("GET ", trouble, 3);
        let to = tempfile::tempfile().unwrap();
        store.fetch("a", &to).unwrap();
        assert!(content(&to) == content(&sent));
    }
    // The finish is done, and its answer is lost.
    proxy.rule("?uploadId=", Action::LoseAnswer, 1);
    let other = file(9 << 20);
    assert!(matches!(store.upload("b", &other, &Only::Always, &mut nothing).unwrap(), Put::Done(_)));
}

#[test]
fn nothing_hangs_beyond_its_timeout() {
    let Some((proxy, options)) = options() else { return };
    let store = options.set("retries", "1").open().unwrap();
    for (request, rule) in [("get", "GET "), ("put", "PUT ")] {
        proxy.rule(rule, Action::Hang, 2);
        let begin = Instant::now();
        let error = match request {
            "get" => store.get("a", None).unwrap_err(),
            _ => store.put("a", b"x", &Only::Always).unwrap_err(),
        };
        assert!(begin.elapsed() < Duration::from_secs(8), "{:?}", begin.elapsed());
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.is_retryable());
        assert_eq!(error.is_outcome_unknown(), request == "put");
        assert!(error.to_string().contains("no byte came or went for 2 s"), "{error}");
    }
}

#[test]
fn a_slow_answer_is_not_a_timeout() {
    let Some((proxy, store)) = behind() else { return };
    let bytes = body(&"x".repeat(10_000));
    put(&*store, "a", &bytes, &Only::Always);
    proxy.seen();
    // Three seconds in all, where no byte may come for two.
    proxy.rule("GET ", Action::Trickle(Duration::from_millis(300)), 1);
    assert!(matches!(store.get("a", None).unwrap(), Got::Found(found) if found.bytes == bytes));
    assert_eq!(proxy.methods(), ["GET"]);
}

#[test]
fn a_thousand_objects_are_listed_and_deleted_with_few_requests() {
    let Some((proxy, options)) = options() else { return };
    // Ceph takes its time for a thousand, and says nothing meanwhile.
    let store = options.set("timeout", "60s").open().unwrap();
    let all: Vec<String> = (0..1100).map(|number| format!("{number:04}")).collect();
    std::thread::scope(|scope| {
        for names in all.chunks(69) {
            scope.spawn(|| names.iter().for_each(|name| drop(put(&*store, name, b"x", &Only::Always))));
        }
    });
    proxy.seen();
    assert_eq!(names(&*store, "", None), all);
    assert_eq!(proxy.methods(), ["GET"; 2]);
    assert_eq!(names(&*store, "", Some("0999")), all[1000..]);
    assert_eq!(proxy.methods(), ["GET"]);
    store.delete(&all.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    assert_eq!(proxy.methods(), ["POST"; 2]);
    assert_eq!(names(&*store, "", None), [""; 0]);
}

#[test]
fn a_hanging_request_is_interrupted() {
    let Some((proxy, options)) = options() else { return };
    let is_interrupted = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&is_interrupted);
    let store = options.set("timeout", "50s").interrupt(move || asked.load(Ordering::Relaxed)).open().unwrap();
    let sent = file(30 << 20);
    for transfer in [false, true] {
        is_interrupted.store(false, Ordering::Relaxed);
        proxy.rule(if transfer { "partNumber" } else { "PUT " }, Action::Hang, 9);
        let begin = Instant::now();
        let error = std::thread::scope(|scope| {
            let writer = scope.spawn(|| match transfer {
                true => store.upload("a", &sent, &Only::Always, &mut nothing).unwrap_err(),
                false => store.put("a", b"x", &Only::Always).unwrap_err(),
            });
            std::thread::sleep(Duration::from_millis(300));
            is_interrupted.store(true, Ordering::Relaxed);
            writer.join().unwrap()
        });
        assert_eq!(error.kind(), ErrorKind::Interrupted);
        assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
    }
}

#[test]
fn denied_and_strange_answers_are_not_misses() {
    let Some((proxy, store)) = behind() else { return };
    proxy.rule("GET ", Action::Answer(DENIED), 1);
    let error = store.get("a", None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(error.advice().unwrap().contains("s3:GetObject"), "{error}");
    proxy.rule("GET ", Action::Answer(LOST), 1);
    assert_eq!(store.get("a", None).unwrap_err().kind(), ErrorKind::Unavailable);
    let missing = Options::new("s3://no-such-bucket").set("endpoint", proxy.url()).set("access_key_id", "dev");
    let missing = missing.set("secret_access_key", "devsecret").open().unwrap();
    assert_eq!(missing.get("a", None).unwrap_err().kind(), ErrorKind::NoSuchStore);
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let store = s3_options("http://127.0.0.1:1").set("retries", "1").open().unwrap();
    let error = store.put("a", b"x", &Only::Always).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(!error.is_outcome_unknown());
    assert!(error.to_string().contains("refused"), "{error}");
}
