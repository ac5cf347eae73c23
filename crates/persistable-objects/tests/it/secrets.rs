//! Secrets never show: in no error, no `Debug`, no log.

use std::fmt::Debug;

use persistable_base::fork::Table;
use persistable_objects::{ErrorKind, Only, Options};
use tracing::field::Field;
use tracing::{Event, Subscriber, span};

use crate::places::server;

const SECRET: &str = "ThisIsTheVerySecretKey0123456789";
const TOKEN: &str = "ThisIsTheVerySecretToken0123456789";

/// All that anybody logged, at the finest level. A child that another test forks meanwhile logs as well.
static LINES: Table<Vec<String>> = Table::new(Vec::new());

struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LINES.lock().push(format!("{} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

impl Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let mut line = span.metadata().name().to_owned();
        span.record(&mut |field: &Field, value: &dyn Debug| line.push_str(&format!(" {field}={value:?}")));
        LINES.lock().push(line);
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        values.record(&mut |field: &Field, value: &dyn Debug| LINES.lock().push(format!("{field}={value:?}")));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = event.metadata().target().to_owned();
        event.record(&mut |field: &Field, value: &dyn Debug| line.push_str(&format!(" {field}={value:?}")));
        LINES.lock().push(line);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

fn listen() {
    log::set_logger(&Log).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    tracing::subscriber::set_global_default(Log).unwrap();
}

fn assert_hidden(text: &str) {
    assert!(!text.contains(SECRET) && !text.contains(TOKEN), "a secret shows: {text}");
}

/// Does a number of things, most of which fail, and looks at all that can be seen.
fn check(options: &Options) -> Vec<ErrorKind> {
    assert_hidden(&format!("{options:?}"));
    let store = match options.open() {
        Ok(store) => store,
        Err(error) => {
            assert_hidden(&format!("{error} {error:?}"));
            return vec![error.kind()];
        }
    };
    assert_hidden(&format!("{store:?} {store:#?} {}", store.location()));
    let outcomes = [
        store.get("a", None).map(drop),
        store.put("a", b"x", &Only::Always).map(drop),
        store.put("a", b"x", &Only::IfAbsent).map(drop),
        store.delete(&["a", "b"]),
        store.list("", None, &mut |_| std::ops::ControlFlow::Break(())),
    ];
    let errors = outcomes.into_iter().filter_map(Result::err);
    errors
        .map(|error| {
            assert_hidden(&format!("{error} {error:?} {error:#?}"));
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                assert_hidden(&format!("{cause} {cause:?}"));
                source = cause.source();
            }
            error.kind()
        })
        .collect()
}

fn s3(endpoint: &str) -> Options {
    Options::new(format!("s3://bucket/x?secret_access_key={SECRET}&session_token={TOKEN}"))
        .set("endpoint", endpoint)
        .set("access_key_id", "dev")
        .set("retries", "1")
        .set("timeout", "2s")
}

#[test]
fn secrets_of_s3_never_show() {
    let Some(server) = server("PERSISTABLE_TEST_S3") else { return };
    listen();
    let kinds = check(&s3(&server));
    assert!(kinds.iter().all(|kind| *kind == ErrorKind::NoCredentials) && kinds.len() == 5, "{kinds:?}");
    let kinds = check(&s3("http://127.0.0.1:1"));
    assert!(kinds.iter().all(|kind| *kind == ErrorKind::Unavailable) && kinds.len() == 5, "{kinds:?}");
    // Not HTTP at all, and no host at all.
    let ssh = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = ssh.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut client in ssh.incoming().flatten() {
            let _ = std::io::Write::write_all(&mut client, b"SSH-2.0-OpenSSH\r\n");
        }
    });
    assert_eq!(check(&s3(&format!("http://127.0.0.1:{port}"))).len(), 5);
    assert_eq!(check(&s3(&format!("https://127.0.0.1:{port}"))).len(), 5);
    check(&s3("http://no-such-host.invalid"));
    check(&s3("not a URL"));
    check(&s3("http://127.0.0.1:1").set("no_such_option", SECRET));
    check(&Options::new(format!("s3://user:{SECRET}@bucket/x")));
    check(&Options::new(format!("s3://bucket/x?secret_access_key={SECRET}%4")));
    let lines = std::mem::take(&mut *LINES.lock());
    assert!(lines.iter().any(|line| line.contains("trying again")), "nothing was logged");
    lines.iter().for_each(|line| assert_hidden(line));
}
