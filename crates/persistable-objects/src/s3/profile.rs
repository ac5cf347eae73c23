//! The region and endpoint of a profile in `~/.aws/config`. (Its credentials are read elsewhere, at each need.)

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::options::values::Values;

/// What a profile says beside credentials.
#[derive(Debug, Default)]
pub(super) struct Profile {
    pub region: Option<String>,
    pub endpoint: Option<String>,
}

/// Reads the profile, if something is not set by options. A file that is not there says nothing.
pub(super) fn read(values: &Values) -> Profile {
    if values.text("region").is_some() && values.text("endpoint").is_some() {
        return Profile::default();
    }
    let name = values.text("profile").map(str::to_owned).or_else(|| std::env::var("AWS_PROFILE").ok());
    let text =
        file("AWS_CONFIG_FILE", "config").and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    parse(&text, name.as_deref().unwrap_or("default"))
}

/// Checks that a profile is there that the caller names.
pub(super) fn check(values: &Values) -> Result<()> {
    let Some(name) = values.text("profile") else { return Ok(()) };
    let files = [file("AWS_CONFIG_FILE", "config"), file("AWS_SHARED_CREDENTIALS_FILE", "credentials")];
    let is_header = |line: &str| {
        let section = line.trim().strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        section.is_some_and(|section| section.trim().trim_start_matches("profile ").trim() == name)
    };
    let has_it = |path: &PathBuf| std::fs::read_to_string(path).is_ok_and(|text| text.lines().any(is_header));
    if files.iter().flatten().any(has_it) {
        return Ok(());
    }
    let shown: Vec<String> = files.iter().flatten().map(|path| path.display().to_string()).collect();
    let message = format!("there is no profile {name:?} in {}", shown.join(" or "));
    Err(Error::invalid(message).advise("`aws configure list-profiles` shows those that there are"))
}

/// Returns the path of a file of profiles: what a variable names, or the one at home.
fn file(variable: &str, at_home: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    named.or_else(|| Some(std::env::home_dir()?.join(".aws").join(at_home)))
}

fn parse(text: &str, name: &str) -> Profile {
    let header = if name == "default" { "default".to_owned() } else { format!("profile {name}") };
    let mut profile = Profile::default();
    let mut is_here = false;
    for line in text.lines() {
        if let Some(section) = line.trim().strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            is_here = section.split_whitespace().eq(header.split_whitespace());
        } else if let Some((key, value)) = line.split_once('=').filter(|_| is_here && !line.starts_with([' ', '#'])) {
            match key.trim() {
                "region" => profile.region = Some(value.trim().to_owned()),
                "endpoint_url" => profile.endpoint = Some(value.trim().to_owned()),
                _ => {}
            }
        }
    }
    profile
}
