//! Object storage and SFTP behind one small blocking trait, [`Objects`].
//!
//! Persistable keeps results in *stores*. A store in a bucket or on an SFTP server rests on this crate. The crate knows objects
//! only: bytes under names. It knows nothing of artifacts, leases or keys.
//!
//! ```
//! use persistable_objects::{Got, Objects, Only, Put, open};
//!
//! let store = open("memory://example")?; // Or "s3://bucket/folder?endpoint=http://127.0.0.1:9000", …
//! let Put::Done(version) = store.put("lease", b"held by 4f1c", &Only::IfAbsent)? else { panic!() };
//! assert_eq!(store.get("lease", Some(&version))?, Got::Same);
//! // Another one comes too late.
//! assert!(matches!(store.put("lease", b"held by 77aa", &Only::IfAbsent)?, Put::Refused(Some(_))));
//! # Ok::<(), persistable_objects::Error>(())
//! ```
//!
//! # Kinds of stores
//!
//! | URL | Cargo feature | conditions | what is special |
//! | --- | --- | --- | --- |
//! | `memory://name` | – | all | For tests: [`Memory`] runs into trouble on demand. Each call opens an empty one |
//! | `s3://bucket/folder` | `s3` | probed | One request deletes 1000 objects |
//! | `gs://bucket/folder` | `gcs` | all, by generation | One object changes once a second at most |
//! | `az://container/folder`, `abfss://container@account…/folder` | `azure` | all | Uploads can't be aborted. They vanish after a week |
//! | `sftp://user@host:port/path`, `sftp://host/~/path` | `sftp` | only "if absent" | Over the user's own `ssh`, with its configuration |
//! | `https://host/path` | `http` | – | Can be read only, and not listed |
//!
//! # Options
//!
//! An option stands in the URL's query, or is set by [`Options::set`], or comes from the environment. An unknown one is refused.
//!
//! | option | default | meaning | environment |
//! | --- | --- | --- | --- |
//! | `timeout` | `30s` | A request fails if no byte went for so long | `PERSISTABLE_TIMEOUT` |
//! | `connect_timeout` | `10s` | How long to wait for a connection | `PERSISTABLE_CONNECT_TIMEOUT` |
//! | `retries` | `6` | How often a request is sent again | `PERSISTABLE_RETRIES` |
//! | `retry_timeout` | `2m` | After so long, no request is sent again | `PERSISTABLE_RETRY_TIMEOUT` |
//! | `concurrency` | `8` | How many parts of one transfer are under way | `PERSISTABLE_CONCURRENCY` |
//! | `part_size` | `8MiB` | From 5 to 8 MiB. A transfer has this times `concurrency` in memory | `PERSISTABLE_PART_SIZE` |
//! | `assume` | – | What the store can do, so that it is not probed: see [`Can`] | – |
//! | `ca_file` | – | Certificates of one's own authority | `AWS_CA_BUNDLE`, `SSL_CERT_FILE` |
//!
//! - **S3:** `endpoint` (`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`), `region` (`AWS_REGION`, `AWS_DEFAULT_REGION`), `profile`,
//!   `access_key_id`, `secret_access_key`, `session_token`, `anonymous`, `virtual_hosted_style`, `request_payer`,
//!   `server_side_encryption`, `kms_key_id`, `unsigned_payload`. Credentials that are not given are looked for: in the
//!   environment, in the profile (keys, SSO, `credential_process`), and in tokens of containers. The metadata service comes last,
//!   and has one second.
//! - **GCS:** `endpoint`, `service_account`, `service_account_key`, `application_credentials` (`GOOGLE_APPLICATION_CREDENTIALS`),
//!   `anonymous`. Else `gcloud`'s own file, then the metadata service.
//! - **Azure:** `account` (`AZURE_STORAGE_ACCOUNT_NAME`), `account_key`, `sas_token`, `connection_string`, `tenant_id`,
//!   `client_id`, `client_secret`, `federated_token_file`, `use_azure_cli`, `anonymous`, `endpoint`.
//! - **SFTP:** `ssh` (the program), `ssh_config`, `identity_file`. It never asks for a password.
//! - **HTTP:** `bearer_token`, or a user and password in the URL.
//!
//! # For developers
//!
//! ```text
//! objects   the trait, and what it takes and returns        options   URLs, options, where values come from
//! over      a store over another one
//! engine    retries, second looks, parts, the probe          secret    redaction
//! service   one request, sent once: what a kind must do      stop      the caller's function that ends a wait
//! cloud     a service over object_store, for four kinds      runtime   tokio, one for each process id
//! s3 gcs azure http sftp memory                              process   what a forked child must not share
//! ```
//!
//! - The **engine** is blocking code. It knows no HTTP and no Tokio. A kind implements `Service`, whose verbs send one request.
//! - **Second looks.** A conditional put that is not answered by a clean success is followed by a get. The body holds a random
//!   value of the caller's, so equal bytes mean that this very write landed. So no write is refused by itself.
//! - **The runtime has no thread.** The calling threads drive it. A child of a fork leaks what its parent had, and makes its own.
//!   Nothing slow runs in a future: files are read and written between requests, on scoped threads.
//! - **`object_store` does not retry here.** Our own HTTP layer lies below it. It watches progress, keeps the answers' headers for
//!   ages and errors, and counts on nobody else's timeouts.
//! - **Tests** are in `tests/it`. `make stores-test` starts Ceph, Azurite and OpenSSH on loopback, and runs one suite against all
//!   kinds. Without their variables (`PERSISTABLE_TEST_S3`, …) these tests say that they are skipped.

#![cfg_attr(
    not(all(feature = "s3", feature = "gcs", feature = "azure", feature = "http", feature = "sftp")),
    allow(dead_code, reason = "what the kinds share is used in full by all of them only")
)]

#[cfg(feature = "azure")]
mod azure;
mod can;
#[cfg(feature = "cloud")]
mod cloud;
mod engine;
mod error;
#[cfg(feature = "gcs")]
mod gcs;
#[cfg(feature = "http")]
mod http;
#[cfg(any(feature = "cloud", feature = "sftp"))]
mod last_byte;
mod memory;
mod name;
mod objects;
mod open;
mod options;
mod over;
mod policy;
#[cfg(any(feature = "cloud", feature = "sftp"))]
mod process;
mod random;
#[cfg(any(feature = "cloud", feature = "sftp"))]
mod runtime;
#[cfg(feature = "s3")]
mod s3;
mod secret;
mod service;
#[cfg(feature = "sftp")]
mod sftp;
mod stop;

pub use can::{Can, Replace};
pub use error::{Error, ErrorKind, Result};
pub use memory::{Memory, Trouble, Verb};
pub use objects::{Fetched, Got, ListedObject, Object, Objects, Only, Put, UploadId, Version};
pub use open::{Options, open, with_absolute_paths};
pub use over::Over;
pub use stop::{for_at_most, until_told};
