//! URLs and options.

use persistable_objects::{ErrorKind, Options, open};
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
        ("<Error><Code>SignatureDoesNotMatch</Code><Message></Message></Error>", "403 SignatureDoesNotMatch. Set "),
        ("<Error><Code>SignatureDoesNotMatch</Code></Error>", "403 SignatureDoesNotMatch. Set "),
        ("<Error><Code>AccessDenied</Code><Message>Not you.</Message></Error>", "403 AccessDenied: Not you. Ask "),
    ] {
        let server = serve(move |_| Message::answer("403 Forbidden", &[], body));
        let options = Options::new("s3://bucket/x").set("endpoint", server);
        let store = options.set("access_key_id", "a").set("secret_access_key", "b").open().unwrap();
        let error = store.get("y", None).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}
