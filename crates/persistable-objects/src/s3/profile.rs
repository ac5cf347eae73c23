//! The region and endpoint of a profile in `~/.aws/config`. (Its credentials are read elsewhere, at each need.)

use std::path::PathBuf;

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
    let path = std::env::var_os("AWS_CONFIG_FILE").map(PathBuf::from);
    let path = path.or_else(|| Some(std::env::home_dir()?.join(".aws/config")));
    let text = path.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    parse(&text, name.as_deref().unwrap_or("default"))
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
