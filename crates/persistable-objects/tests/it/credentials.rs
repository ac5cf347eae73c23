//! Credentials from their usual places, on a real S3. Each place is set up for a child, by its environment and its home.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use persistable_objects::{ErrorKind, Got, Only, Options, open};

use crate::places::{fresh, server};
use persistable_servers::messages::{Message, serve};
use persistable_servers::proxy::{Action, Proxy};

/// Runs [`child`] with a home and an environment of its own. Nobody asks a metadata service.
fn in_home(home: &Path, variables: &[(&str, &str)], expected: &str) -> Duration {
    let begin = Instant::now();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["credentials::child", "--exact", "--ignored", "--nocapture"]);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    command.env("HOME", home).env("AWS_EC2_METADATA_DISABLED", "true").env("EXPECTED", expected);
    let output = command.envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    begin.elapsed()
}

#[test]
#[ignore = "the other tests run it"]
fn child() {
    let store = open(&std::env::var("URL").unwrap_or_else(|_| format!("s3://bucket/{}", fresh("who")))).unwrap();
    let expected = std::env::var("EXPECTED").unwrap();
    if expected == "many reads" {
        let read = || assert_eq!(store.get("a", None).unwrap(), Got::Absent);
        std::thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(read))));
        return;
    }
    let put = store.put("a", b"x", &Only::Always);
    match expected.as_str() {
        "done" => {
            put.unwrap();
            assert!(matches!(store.get("a", None).unwrap(), Got::Found(_)));
            store.delete(&["a"]).unwrap();
        }
        expected => {
            let error = put.unwrap_err();
            assert_eq!(format!("{:?}", error.kind()), expected, "{error}");
            assert!(!format!("{error} {error:?}").contains("devsecret"));
            let says = std::env::var("SAYS").unwrap_or_default();
            assert!(error.to_string().contains(&says), "{error}");
        }
    }
}

fn home(files: &[(&str, &str)]) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    home
}

#[test]
fn the_environment_is_read() {
    let Some(server) = server("PERSISTABLE_TEST_S3") else { return };
    let variables = [
        ("AWS_ENDPOINT_URL", server.as_str()),
        ("AWS_ACCESS_KEY_ID", "dev"),
        ("AWS_SECRET_ACCESS_KEY", "devsecret"),
        ("AWS_REGION", "us-east-1"),
    ];
    in_home(home(&[]).path(), &variables, "done");
}

#[test]
fn a_profile_is_read_with_its_endpoint_and_region() {
    let Some(server) = server("PERSISTABLE_TEST_S3") else { return };
    let config = format!("[profile team]\nregion = us-east-1\nendpoint_url = {server}\n");
    let keys = "[team]\naws_access_key_id = dev\naws_secret_access_key = devsecret\n";
    let home = home(&[(".aws/config", &config), (".aws/credentials", keys)]);
    in_home(home.path(), &[("AWS_PROFILE", "team")], "done");
    // A profile that is named counts before the environment.
    let variables = [
        ("AWS_ACCESS_KEY_ID", "somebody"),
        ("AWS_SECRET_ACCESS_KEY", "else"),
        ("URL", "s3://bucket/named?profile=team"),
    ];
    in_home(home.path(), &variables, "done");
}

#[test]
fn a_program_is_asked() {
    let Some(server) = server("PERSISTABLE_TEST_S3") else { return };
    let told = r#"{"Version": 1, "AccessKeyId": "dev", "SecretAccessKey": "devsecret"}"#;
    let home = home(&[("told", told)]);
    let file = home.path().join("told");
    let config = format!("[default]\nendpoint_url = {server}\ncredential_process = /bin/cat {}\n", file.display());
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    in_home(home.path(), &[], "done");
    std::fs::remove_file(file).unwrap();
    in_home(home.path(), &[], "NoCredentials");
}

#[test]
fn expired_credentials_are_asked_for_anew() {
    let Some(server) = server("PERSISTABLE_TEST_S3") else { return };
    let proxy = Proxy::before(&server);
    let told = r#"{"Version": 1, "AccessKeyId": "dev", "SecretAccessKey": "devsecret"}"#;
    let home = home(&[("told", told), ("program", "echo asked >>\"$HOME/asked\"; cat \"$HOME/told\"")]);
    let program = home.path().join("program");
    let config = format!("[default]\nendpoint_url = {}\ncredential_process = sh {}\n", proxy.url(), program.display());
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    let expired = "HTTP/1.1 400 Bad Request\r\nContent-Length: 41\r\n\r\n<Error><Code>ExpiredToken</Code></Error> ";
    proxy.rule("PUT ", Action::Answer(expired), 1);
    in_home(home.path(), &[], "done");
    assert_eq!(std::fs::read_to_string(home.path().join("asked")).unwrap(), "asked\nasked\n");
}

#[test]
fn single_sign_on_works_in_both_forms() {
    let Some(server) = server("PERSISTABLE_TEST_S3") else { return };
    // The portal hands out the keys of the role to those who have the token.
    let portal = serve(|request| {
        let (_, _, query) = request.asks();
        if request.header("x-amz-sso_bearer_token").as_deref() != Some("portal-token")
            || !query.contains("role_name=Dev")
        {
            return Message::answer("401 Unauthorized", &[], "");
        }
        let keys = r#"{"roleCredentials": {"accessKeyId": "dev", "secretAccessKey": "devsecret", "sessionToken": "",
            "expiration": 4102444800000}}"#;
        Message::answer("200 OK", &[], keys)
    });
    let token = r#"{"startUrl": "https://team.example/start", "accessToken": "portal-token", "expiresAt": "2099-01-01T00:00:00Z"}"#;
    let role = "sso_account_id = 1\nsso_role_name = Dev\n";
    let place = "sso_region = eu-central-1\nsso_start_url = https://team.example/start\n";
    let forms = [
        (format!("[profile team]\nendpoint_url = {server}\n{role}{place}"), "f5f0b7ea5f9b4b2a"),
        (
            format!("[profile team]\nendpoint_url = {server}\nsso_session = us\n{role}[sso-session us]\n{place}"),
            "any-name",
        ),
    ];
    for (config, name) in forms {
        let cache = format!(".aws/sso/cache/{name}.json");
        let home = home(&[(".aws/config", &config), (&cache, token)]);
        in_home(home.path(), &[("AWS_PROFILE", "team"), ("AWS_SSO_ENDPOINT", &portal)], "done");
        std::fs::remove_file(home.path().join(cache)).unwrap();
        in_home(home.path(), &[("AWS_PROFILE", "team"), ("AWS_SSO_ENDPOINT", &portal)], "NoCredentials");
    }
}

#[test]
fn without_credentials_the_error_comes_soon() {
    let Some(server) = server("PERSISTABLE_TEST_S3") else { return };
    let took = in_home(home(&[]).path(), &[("AWS_ENDPOINT_URL", &server)], "NoCredentials");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn half_a_pair_of_keys_is_refused() {
    let half = Options::new("s3://bucket").without_environment().set("access_key_id", "dev");
    assert_eq!(half.open().unwrap_err().kind(), ErrorKind::Invalid);
}

#[test]
fn a_program_that_hangs_is_ended_and_named() {
    let home = home(&[("program", "echo 'Touch your key' >&2; echo $$ >\"$HOME/pid\"; exec sleep 300")]);
    let program = home.path().join("program");
    let config = format!("[default]\ncredential_process = sh {}\n", program.display());
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    let url = "s3://bucket/x?endpoint=http://127.0.0.1:9&timeout=500ms&retries=0";
    let took = in_home(home.path(), &[("URL", url), ("SAYS", "Touch your key")], "NoCredentials");
    assert!(took < Duration::from_secs(60), "{took:?}");
    let pid = std::fs::read_to_string(home.path().join("pid")).unwrap();
    assert!(!Path::new("/proc").join(pid.trim()).exists(), "it still runs");
}

#[test]
fn many_requests_at_once_run_the_program_once() {
    let server = serve(|_| Message::answer("404 Not Found", &[], "<Error><Code>NoSuchKey</Code></Error>"));
    let told = r#"{"Version": 1, "AccessKeyId": "dev", "SecretAccessKey": "devsecret"}"#;
    let home = home(&[("told", told), ("program", "echo asked >>\"$HOME/asked\"; sleep 0.3; cat \"$HOME/told\"")]);
    let program = home.path().join("program");
    let config = format!("[default]\ncredential_process = sh {}\n", program.display());
    std::fs::create_dir(home.path().join(".aws")).unwrap();
    std::fs::write(home.path().join(".aws/config"), config).unwrap();
    in_home(home.path(), &[("URL", &format!("s3://bucket/x?endpoint={server}&retries=0"))], "many reads");
    assert_eq!(std::fs::read_to_string(home.path().join("asked")).unwrap(), "asked\n");
}

#[test]
fn a_profile_that_is_not_there_is_refused_before_a_request() {
    let error = Options::new("s3://bucket").without_environment().set("profile", "nobody-has-this").open().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("there is no profile \"nobody-has-this\" in "), "{error}");
}
