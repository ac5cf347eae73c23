//! What is in order, and what is not.

use persistable_catalogue::{Catalogue, Query, Result, StatusOptions};
use serde_json::{Value, json};

use crate::account_key;

/// Returns how a selection is, as JSON with the issues in words.
pub(super) fn of(catalogue: &mut Catalogue, query: &Query, inputs: bool, secret: Option<&str>) -> Result<Value> {
    let mut options = StatusOptions::new().keys(account_key::keys(secret));
    if !inputs {
        options = options.ignore_inputs();
    }
    let status = catalogue.status(query, &options)?;
    let findings: Vec<Value> = status
        .findings
        .iter()
        .map(|finding| {
            let issues: Vec<Value> =
                finding.issues.iter().map(|issue| json!({ "what": issue, "text": issue.to_string() })).collect();
            json!({ "artifact": finding.artifact, "issues": issues })
        })
        .collect();
    Ok(json!({ "steps": status.steps, "findings": findings, "strays": status.strays }))
}
