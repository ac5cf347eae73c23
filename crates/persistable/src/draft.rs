//! What a manifest says beyond the payload.

use persistable_store::{DependencyRecord, Draft, Error};

use crate::inner::Inner;
use crate::log;
use crate::slot::Held;
use crate::step::Step;

pub(crate) fn of<S: Step>(inner: &Inner<S>, held: &Held<S::Payload>) -> Result<Draft, Error> {
    let Inner { tree, options, payload_io: io, .. } = inner;
    let mut draft = Draft::new(io.name(), io.version());
    draft.version = tree.version().map(str::to_owned);
    draft.set_params(&serde_json::Value::Object(tree.params().to_json()))?;
    draft.params_digest = Some(tree.params_digest().into());
    draft.dependencies = tree
        .dependencies()
        .iter()
        .map(|tree| DependencyRecord::new(tree.payload_name(), tree.key().to_string()))
        .collect();
    draft.params_for_people = format!("{:#}\n", tree.for_people());
    draft.provenance.persisted_at = humantime::format_rfc3339_millis(log::now()).to_string();
    draft.provenance.generation_seconds = held.generation_seconds;
    draft.provenance.program_version.clone_from(&options.program_version);
    draft.provenance.library = Some(options.library.to_owned());
    draft.provenance.code_digest.clone_from(&held.code_digest);
    draft.provenance.source_revision.clone_from(&options.source_revision);
    draft.signing_key.clone_from(&options.signing_key);
    Ok(draft)
}
