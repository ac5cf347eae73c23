//! URLs and options.

use persistable_objects::{Error, ErrorKind, Options, open, with_absolute_paths};
use persistable_servers::messages::{Message, serve};

#[test]
fn an_unknown_kind_is_told_with_those_that_there_are() {
    let error = open("ftp://host/folder").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("s3://"), "{error}");
}

#[test]
fn an_unknown_option_is_refused_with_the_nearest_name() {
    let error = open("memory://x?conurrency=3").unwrap_err();
    assert_eq!(error.to_string(), "this kind of store has no option \"conurrency\". Did you mean \"concurrency\"?");
    let error = open("memory://x?something_else_entirely=3").unwrap_err();
    assert!(error.to_string().contains("retry_timeout"), "{error}");
}

#[test]
fn wrong_values_are_refused() {
    for wrong in
        ["retries=x", "timeout=0", "timeout=1h", "part_size=1MiB", "part_size=9MiB", "concurrency=0", "assume=all"]
    {
        let error = open(&format!("memory://x?{wrong}")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{wrong}");
    }
    for right in ["retries=0", "timeout=500ms", "timeout=2m", "part_size=5MiB", "part-size=6M", "assume=create"] {
        open(&format!("memory://x?{right}")).unwrap();
    }
}

#[test]
fn wrong_urls_are_refused() {
    for wrong in ["memory", "memory://x#y", "memory://x/a//b", "memory://x/..", "memory://x/%4", "memory://x/%ff"] {
        assert_eq!(open(wrong).unwrap_err().kind(), ErrorKind::Invalid, "{wrong}");
    }
    assert_eq!(open("memory://x/a%20b/").unwrap().location(), "memory://x/a b");
}

#[test]
fn what_is_set_counts_before_the_url() {
    let options = Options::new("memory://x?assume=nothing").set("assume", "create");
    assert!(options.open().unwrap().can().unwrap().create);
}

#[test]
fn a_url_without_a_bucket_or_a_host_is_refused_at_once() {
    for (wrong, what) in [
        ("s3://", "bucket"),
        ("s3:///folder", "bucket"),
        ("gs://?anonymous=true", "bucket"),
        ("az://?account=a", "container"),
        ("https:///folder", "host"),
        ("sftp:///folder", "host"),
    ] {
        let error = open(wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{wrong}");
        assert!(error.to_string().contains(&format!("names no {what}")), "{wrong}: {error}");
    }
    open("memory://").unwrap();
}

#[test]
fn an_error_of_a_service_reads_well_with_and_without_a_message() {
    for (body, told) in [
        ("<Error><Code>SignatureDoesNotMatch</Code><Message></Message></Error>", "403 SignatureDoesNotMatch. The "),
        ("<Error><Code>SignatureDoesNotMatch</Code></Error>", "403 SignatureDoesNotMatch. The "),
        ("<Error><Code>AccessDenied</Code><Message>Not you.</Message></Error>", "403 AccessDenied: Not you. Ask "),
    ] {
        let server = serve(move |_| Message::answer("403 Forbidden", &[], body));
        let options = Options::new("s3://bucket/x").set("endpoint", server);
        let store = options.set("access_key_id", "a").set("secret_access_key", "b").open().unwrap();
        let error = store.get("y", None).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

/// Returns the error of a first request to an S3 at this endpoint.
fn error_at(endpoint: &str, options: &[(&str, &str)]) -> Error {
    let begun = Options::new("s3://bucket/x").set("endpoint", endpoint).set("retries", "0");
    let options = options.iter().fold(begun, |options, (name, value)| options.set(*name, *value));
    options.open().unwrap().get("y", None).unwrap_err()
}

const KEYS: [(&str, &str); 2] = [("access_key_id", "a"), ("secret_access_key", "b")];

#[test]
fn advice_depends_on_whether_there_were_credentials() {
    let refusing = serve(|_| Message::answer("403 Forbidden", &[], "<Error><Code>InvalidAccessKeyId</Code></Error>"));
    let error = error_at(&refusing, &KEYS);
    assert_eq!(error.kind(), ErrorKind::NoCredentials);
    assert!(error.advice().unwrap().contains("does not accept these keys"), "{error}");
    let error = error_at(&refusing, &[("anonymous", "true")]);
    assert!(error.advice().unwrap().contains("take `anonymous` away"), "{error}");
    let error = Options::new("s3://b").set("access_key_id", "a").set("secret_access_key", "").open().unwrap_err();
    assert!(error.to_string().contains("must be set together"), "{error}");
}

#[test]
fn a_host_that_does_not_exist_is_not_tried_again() {
    let error = error_at("http://no-such-host.invalid", &KEYS);
    // Where no name server can be asked at all, nothing is known of the host.
    if error.to_string().contains("not known") {
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::NoSuchStore, false), "{error}");
    }
    assert!(error.advice().unwrap().contains("`endpoint`"), "{error}");
    let error = error_at("http://127.0.0.1:1", &KEYS);
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Unavailable, true));
    assert!(error.advice().unwrap().contains("`endpoint`") && error.to_string().contains("127.0.0.1:1"), "{error}");
}

#[test]
fn another_service_at_the_endpoint_is_told() {
    let answers = [
        ("404 Not Found", vec![], "<html>", "another service"),
        ("405 Method Not Allowed", vec![], "", "another service"),
        (
            "302 Found",
            vec![("Location", "https://login.example/x?token=hidden".to_owned())],
            "",
            "https://login.example/x",
        ),
        ("400 Bad Request", vec![], "The plain HTTP request was sent to an HTTPS port", "https://"),
        (
            "400 Bad Request",
            vec![],
            "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-3</Region></Error>",
            "region=eu-west-3",
        ),
    ];
    for (status, headers, body, told) in answers {
        let server = serve(move |_| Message::answer(status, &headers, body));
        let error = error_at(&server, &KEYS);
        assert!(error.advice().unwrap().contains(told) && !error.is_retryable(), "{status}: {error}");
        assert!(!error.to_string().contains("hidden"), "{error}");
    }
    let plain = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = plain.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut client in plain.incoming().flatten() {
            let _ = std::io::Write::write_all(&mut client, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let error = error_at(&format!("https://{address}"), &KEYS);
    assert!(error.advice().unwrap().contains("http://"), "{error}");
}

#[test]
fn an_endpoint_has_no_user_and_no_query() {
    for wrong in
        ["me:hidden@host", "http://me:hidden@host", "http://host?token=hidden", "host:9000", "http://", "ftp://x"]
    {
        let s3 = Options::new("s3://bucket").set("endpoint", wrong).open().unwrap_err();
        let azure = Options::new("az://c").set("account", "a").set("endpoint", wrong).open().unwrap_err();
        for error in [s3, azure] {
            assert_eq!(error.kind(), ErrorKind::Invalid, "{wrong}");
            assert!(!error.to_string().contains("hidden"), "{error}");
        }
    }
    assert_eq!(
        Options::new("gs://b").set("endpoint", "localhost:4443").open().unwrap().location(),
        "gs://b?endpoint=http://localhost:4443"
    );
}

#[test]
fn a_relative_path_is_resolved_when_the_store_is_opened() {
    let error = Options::new("https://host/x").set("ca_file", "no-such-file.pem").open().unwrap_err();
    let whole = std::path::absolute("no-such-file.pem").unwrap();
    assert!(error.to_string().contains(whole.to_str().unwrap()), "{error}");
}

#[cfg(feature = "s3")]
#[test]
fn an_endpoint_that_ends_with_the_bucket_is_refused() {
    for endpoint in ["http://127.0.0.1:9000/bucket", "https://host/bucket/", "https://host/path/bucket"] {
        let error = Options::new("s3://bucket/x").set("endpoint", endpoint).open().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.advice().unwrap().contains("Take /bucket away"), "{error}");
    }
    for endpoint in ["http://bucket", "http://bucket:9000/", "http://host/path"] {
        Options::new("s3://bucket/x").set("endpoint", endpoint).open().unwrap();
    }
}

#[test]
fn a_relative_path_among_options_becomes_absolute() {
    let absolute = |path: &str| std::path::absolute(path).unwrap().to_str().unwrap().to_owned();
    let given = [("config", "ssh config"), ("identity", "~/.ssh/id"), ("timeout", "5s"), ("ca_file", "/ca.pem")];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let url = "sftp://host/x?ssh_config=a%20b&timeout=5s&identity_file=~/id";
    let (url, given) = with_absolute_paths(url, given);
    let encoded = absolute("a b").replace(' ', "%20");
    assert_eq!(url, format!("sftp://host/x?ssh_config={encoded}&timeout=5s&identity_file=~/id"));
    let values: Vec<_> = given.into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, [&absolute("ssh config"), "~/.ssh/id", "5s", "/ca.pem"]);
}

#[test]
fn a_file_that_is_not_there_is_refused_before_a_request() {
    let cases = [
        ("sftp://host/x", "identity_file"),
        ("sftp://host/x", "ssh_config"),
        ("gs://bucket", "service_account"),
        ("gs://bucket", "application_credentials"),
        ("az://container?account=a", "federated_token_file"),
        ("s3://bucket", "ca_file"),
    ];
    for (url, name) in cases {
        let error = Options::new(url).without_environment().set(name, "/no/such/file").open().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{name}");
        assert!(error.to_string().contains(name) && error.to_string().contains("/no/such/file"), "{error}");
    }
    let junk = tempfile::NamedTempFile::new().unwrap();
    let wrong = Options::new("gs://bucket").set("application_credentials", junk.path().to_str().unwrap());
    let error = wrong.open().unwrap().get("a", None).unwrap_err();
    assert!(error.advice().unwrap().contains("`application_credentials`"), "{error}");
    let junk = Options::new("s3://bucket").without_environment().set("ca_file", junk.path().to_str().unwrap());
    assert!(junk.open().unwrap_err().to_string().contains("no certificate"));
}
