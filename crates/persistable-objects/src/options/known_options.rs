//! All options: their names, and where they may come from.

/// An option.
#[derive(Debug)]
pub(crate) struct KnownOption {
    pub name: &'static str,
    /// Other names that people know it by.
    pub aliases: &'static [&'static str],
    /// Variables of the environment, the first one that is set counts.
    pub variables: &'static [&'static str],
    pub is_secret: bool,
    /// Whether it names a file. A relative path means the folder that is the current one when the store is opened.
    pub is_path: bool,
    /// Which kind of credentials it is a part of, if any.
    pub credential_kind: Option<CredentialKind>,
}

/// A kind of credentials, which prove who asks. If one is set, the others of the environment do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CredentialKind {
    Anonymous,
    Key,
    Token,
    ConnectionString,
    Client,
    AzureCli,
    ServiceAccount,
    ServiceAccountKey,
    ApplicationCredentials,
}

const fn plain(
    name: &'static str,
    aliases: &'static [&'static str],
    variables: &'static [&'static str],
) -> KnownOption {
    KnownOption { name, aliases, variables, is_secret: false, is_path: false, credential_kind: None }
}

const fn path(name: &'static str, aliases: &'static [&'static str], variables: &'static [&'static str]) -> KnownOption {
    KnownOption { name, aliases, variables, is_secret: false, is_path: true, credential_kind: None }
}

const fn secret(
    name: &'static str,
    aliases: &'static [&'static str],
    variables: &'static [&'static str],
) -> KnownOption {
    KnownOption { name, aliases, variables, is_secret: true, is_path: false, credential_kind: None }
}

impl KnownOption {
    const fn by(self, kind: CredentialKind) -> Self {
        Self { credential_kind: Some(kind), ..self }
    }
}

/// What every kind takes.
pub(crate) const COMMON: &[KnownOption] = &[
    plain("timeout", &["read_timeout"], &["PERSISTABLE_TIMEOUT"]),
    plain("connect_timeout", &[], &["PERSISTABLE_CONNECT_TIMEOUT"]),
    plain("retries", &["max_retries"], &["PERSISTABLE_RETRIES"]),
    plain("retry_timeout", &[], &["PERSISTABLE_RETRY_TIMEOUT"]),
    plain("concurrency", &[], &["PERSISTABLE_CONCURRENCY"]),
    plain("part_size", &[], &["PERSISTABLE_PART_SIZE"]),
    plain("assume", &[], &[]),
];

/// Certificates of one's own authority.
const CA_FILE: KnownOption = path("ca_file", &["ca_bundle"], &["AWS_CA_BUNDLE", "SSL_CERT_FILE"]);

pub(crate) const S3: &[KnownOption] = &[
    CA_FILE,
    plain(
        "endpoint",
        &["endpoint_url", "aws_endpoint", "aws_endpoint_url"],
        &["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"],
    ),
    plain("region", &["aws_region", "aws_default_region"], &["AWS_REGION", "AWS_DEFAULT_REGION"]),
    plain("profile", &["aws_profile"], &[]).by(CredentialKind::Key),
    // From the environment, these are read with the other places of credentials.
    plain("access_key_id", &["aws_access_key_id", "access_key", "key"], &[]).by(CredentialKind::Key),
    secret("secret_access_key", &["aws_secret_access_key", "secret_key", "secret"], &[]).by(CredentialKind::Key),
    secret("session_token", &["aws_session_token", "token"], &[]).by(CredentialKind::Key),
    plain("anonymous", &["anon", "skip_signature", "no_sign_request"], &["AWS_SKIP_SIGNATURE"])
        .by(CredentialKind::Anonymous),
    plain("virtual_hosted_style", &["virtual_hosted_style_request"], &["AWS_VIRTUAL_HOSTED_STYLE_REQUEST"]),
    plain("request_payer", &["requester_pays"], &["AWS_REQUEST_PAYER"]),
    plain("server_side_encryption", &["sse", "aws_server_side_encryption"], &["AWS_SERVER_SIDE_ENCRYPTION"]),
    plain("kms_key_id", &["sse_kms_key_id", "aws_sse_kms_key_id"], &["AWS_SSE_KMS_KEY_ID"]),
    plain("unsigned_payload", &["aws_unsigned_payload"], &["AWS_UNSIGNED_PAYLOAD"]),
];

pub(crate) const GCS: &[KnownOption] = &[
    CA_FILE,
    plain("endpoint", &["base_url", "google_base_url"], &["GOOGLE_BASE_URL", "STORAGE_EMULATOR_HOST"]),
    path(
        "service_account",
        &["google_service_account", "service_account_path"],
        &["GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH"],
    )
    .by(CredentialKind::ServiceAccount),
    secret("service_account_key", &["google_service_account_key"], &["GOOGLE_SERVICE_ACCOUNT_KEY"])
        .by(CredentialKind::ServiceAccountKey),
    path("application_credentials", &["google_application_credentials"], &["GOOGLE_APPLICATION_CREDENTIALS"])
        .by(CredentialKind::ApplicationCredentials),
    plain("anonymous", &["anon", "skip_signature"], &["GOOGLE_SKIP_SIGNATURE"]).by(CredentialKind::Anonymous),
];

pub(crate) const AZURE: &[KnownOption] = &[
    CA_FILE,
    plain("endpoint", &["azure_storage_endpoint"], &["AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"]),
    plain(
        "account",
        &["account_name", "azure_storage_account_name"],
        &["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"],
    ),
    secret(
        "account_key",
        &["access_key", "azure_storage_account_key"],
        &["AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_KEY"],
    )
    .by(CredentialKind::Key),
    secret("sas_token", &["sas_key", "azure_storage_sas_token"], &["AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY"])
        .by(CredentialKind::Token),
    secret("connection_string", &["azure_storage_connection_string"], &["AZURE_STORAGE_CONNECTION_STRING"])
        .by(CredentialKind::ConnectionString),
    plain("tenant_id", &["authority_id"], &["AZURE_TENANT_ID", "AZURE_STORAGE_TENANT_ID"]).by(CredentialKind::Client),
    plain("client_id", &[], &["AZURE_CLIENT_ID", "AZURE_STORAGE_CLIENT_ID"]).by(CredentialKind::Client),
    secret("client_secret", &[], &["AZURE_CLIENT_SECRET", "AZURE_STORAGE_CLIENT_SECRET"]).by(CredentialKind::Client),
    path("federated_token_file", &[], &["AZURE_FEDERATED_TOKEN_FILE"]).by(CredentialKind::Client),
    plain("use_azure_cli", &["azure_use_azure_cli"], &["AZURE_USE_AZURE_CLI"]).by(CredentialKind::AzureCli),
    plain("anonymous", &["anon", "skip_signature"], &["AZURE_SKIP_SIGNATURE"]).by(CredentialKind::Anonymous),
];

pub(crate) const HTTP: &[KnownOption] = &[CA_FILE, secret("bearer_token", &["token"], &[])];

pub(crate) const SFTP: &[KnownOption] = &[
    plain("ssh", &["ssh_command"], &["PERSISTABLE_SSH"]),
    path("ssh_config", &["config"], &[]),
    path("identity_file", &["identity"], &[]),
];

pub(crate) const MEMORY: &[KnownOption] = &[];

/// Whether an option names a file in any kind of store.
pub(crate) fn is_path(name: &str) -> bool {
    find(&[COMMON, S3, GCS, AZURE, HTTP, SFTP], name).is_some_and(|known| known.is_path)
}

/// Finds an option by any of its names.
pub(crate) fn find<'a>(tables: &[&'a [KnownOption]], name: &str) -> Option<&'a KnownOption> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    tables
        .iter()
        .flat_map(|table| table.iter())
        .find(|known| known.name == name || known.aliases.contains(&name.as_str()))
}

/// Returns the known name that looks most like this one.
pub(crate) fn nearest(tables: &[&'static [KnownOption]], name: &str) -> Option<&'static str> {
    let names = tables.iter().flat_map(|table| table.iter());
    let names = names.flat_map(|known| std::iter::once(&known.name).chain(known.aliases));
    let (distance, nearest) = names.map(|known| (distance(known, name), *known)).min()?;
    (distance <= 2.max(name.len() / 3)).then_some(nearest)
}

/// How many letters to change, add or drop to make one of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut before = line;
        let mut left = line + 1;
        for (place, candidate) in row.iter_mut().skip(1).zip(&other) {
            let above = *place;
            *place = (above + 1).min(left + 1).min(before + usize::from(letter != *candidate));
            (before, left) = (above, *place);
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
