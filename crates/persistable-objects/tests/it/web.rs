//! A folder that a web server shows.

use persistable_objects::{Can, ErrorKind, Got, Only, Options, open};

use persistable_servers::messages::{Message, range, serve};

const BYTES: &[u8] = b"0123456789";

/// Serves one object to those who know a password.
fn server() -> String {
    serve(|request| {
        let (method, path, _) = request.asks();
        // "me:secret word"
        if request.header("authorization").as_deref() != Some("Basic bWU6c2VjcmV0IHdvcmQ=") {
            return Message::answer("401 Unauthorized", &[], "");
        }
        if method != "GET" || path != "/data/a%20b" {
            return Message::answer("404 Not Found", &[], "<html>");
        }
        let headers = |told| {
            let time = || "Sat, 28 Nov 2026 12:00:00 GMT".to_owned();
            vec![("ETag", "W/\"1\"".to_owned()), ("Last-Modified", time()), ("Date", time()), ("Content-Range", told)]
        };
        if request.header("if-none-match").as_deref() == Some("W/\"1\"") {
            return Message::answer("304 Not Modified", &headers(String::new())[..3], "");
        }
        match request.header("range").map(|header| range(&header, BYTES.len())) {
            None => Message::answer("200 OK", &headers(String::new())[..3], BYTES),
            Some(None) => Message::answer("416 Range Not Satisfiable", &[], ""),
            Some(Some(range)) => {
                let told = format!("bytes {}-{}/{}", range.start, range.end - 1, BYTES.len());
                Message::answer("206 Partial Content", &headers(told), &BYTES[range])
            }
        }
    })
}

#[test]
fn a_web_server_can_be_read() {
    let url = server().replace("http://", "http://me:secret%20word@");
    let store = open(&format!("{url}/data")).unwrap();
    assert!(!store.location().contains("secret"));
    let Got::Found(found) = store.get("a b", None).unwrap() else { panic!() };
    assert_eq!(found.bytes, BYTES);
    assert_eq!(store.get("a b", Some(&found.version)).unwrap(), Got::Same);
    assert_eq!(store.get("absent", None).unwrap(), Got::Absent);
    assert_eq!(store.get_range("a b", 2..5).unwrap().unwrap(), b"234");
    assert_eq!(store.get_range("a b", 20..25).unwrap().unwrap(), b"");
    let to = tempfile::tempfile().unwrap();
    assert_eq!(store.fetch("a b", &to).unwrap().unwrap().size, 10);
}

#[test]
fn a_web_server_is_not_written_to() {
    let store = open(&format!("{}/data", server())).unwrap();
    assert_eq!(store.can().unwrap(), Can::default());
    assert_eq!(store.put("a", b"x", &Only::Always).unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(store.put("a", b"x", &Only::IfAbsent).unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(store.delete(&["a"]).unwrap_err().kind(), ErrorKind::Unsupported);
    let listed = store.list("", None, &mut |_| std::ops::ControlFlow::Continue(()));
    assert_eq!(listed.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn a_missing_password_is_not_a_miss_and_shows_nowhere() {
    let url = server();
    let store = open(&format!("{url}/data")).unwrap();
    assert_eq!(store.get("absent", None).unwrap_err().kind(), ErrorKind::NoCredentials);
    let wrong = Options::new(format!("{url}/data")).set("bearer_token", "a-very-secret-token");
    let store = wrong.open().unwrap();
    let error = store.get("absent", None).unwrap_err();
    assert!(!format!("{error:?} {error} {store:?} {wrong:?}").contains("very-secret"));
}

#[test]
fn half_an_answer_that_there_is_nothing_is_asked_for_again() {
    use persistable_servers::proxy::{Action, Proxy};
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::before(&persistable_servers::files::show(folder.path()));
    let store = Options::new(proxy.url()).set("retries", "2").open().unwrap();
    proxy.rule("GET ", Action::HalfAnswer, 2);
    assert_eq!(store.get("absent", None).unwrap(), Got::Absent);
    assert_eq!(proxy.methods(), ["GET"; 3]);
    proxy.rule("GET ", Action::HalfAnswer, 3);
    let error = store.get("absent", None).unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Unavailable, true), "{error}");
    assert!(error.to_string().contains("broke off"), "{error}");
}

#[test]
fn a_server_is_trusted_only_with_its_authority() {
    let Some(url) = crate::places::server("PERSISTABLE_TEST_HTTPS") else { return };
    let authority = crate::places::server("PERSISTABLE_TEST_HTTPS_CA").unwrap();
    let trusting = Options::new(&url).without_environment().set("ca_file", authority).open().unwrap();
    assert!(matches!(trusting.get("a", None).unwrap(), Got::Found(found) if found.bytes == b"over TLS"));
    let begin = std::time::Instant::now();
    let error = Options::new(&url).without_environment().open().unwrap().get("a", None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(!error.is_retryable() && error.advice().unwrap().contains("ca_file"), "{error}");
    assert!(begin.elapsed() < std::time::Duration::from_secs(5));
    let missing = Options::new(&url).set("ca_file", "/no/such/file").open().unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Invalid);
}

/// Serves a file to all, and does not know of ranges. Python's `http.server` is such a one.
fn server_without_ranges(bytes: Vec<u8>) -> String {
    serve(move |request| match request.asks().1.as_str() {
        "/data/a" => {
            let headers = [("Last-Modified", "Sat, 28 Nov 2026 12:00:00 GMT".to_owned())];
            Message::answer("200 OK", &headers, bytes.clone())
        }
        _ => Message::answer("404 Not Found", &[], ""),
    })
}

#[test]
fn a_web_server_that_sends_no_parts_can_be_read() {
    let bytes: Vec<u8> = (0..20_000_001_u32).map(|number| (number % 251) as u8).collect();
    let store =
        Options::new(format!("{}/data", server_without_ranges(bytes.clone()))).set("retries", "0").open().unwrap();
    assert_eq!(store.get_range("a", 2..5).unwrap().unwrap(), bytes[2..5]);
    assert_eq!(store.get_range("a", 0..1).unwrap().unwrap(), bytes[0..1]);
    assert_eq!(store.get_range("a", 20_000_000..20_000_009).unwrap().unwrap(), bytes[20_000_000..]);
    assert_eq!(store.get_range("a", 20_000_005..20_000_009).unwrap().unwrap(), b"");
    assert_eq!(store.get_range("absent", 0..1).unwrap(), None);
    let to = tempfile::tempfile().unwrap();
    assert_eq!(store.fetch("a", &to).unwrap().unwrap().size, bytes.len() as u64);
    assert!(crate::transfer::content(&to) == bytes);
    assert_eq!(store.fetch("absent", &to).unwrap(), None);
}
