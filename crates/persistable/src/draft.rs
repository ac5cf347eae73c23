//! What a manifest says beyond the payload.

use persistable_base::clock;
use persistable_store::{DependencyRecord, Draft, Error};

use crate::inner::Inner;
use crate::made::Made;
use crate::step::Step;

pub(crate) fn of<S: Step>(inner: &Inner<S>, made: &Made) -> Result<Draft, Error> {
    let Inner { tree, options, payload_io: io, store, .. } = inner;
    let mut draft = Draft::new(io.name(), io.version());
    draft.version = tree.version().map(str::to_owned);
    draft.set_params(tree.params())?;
    draft.params_digest = Some(tree.params_digest().into());
    draft.dependencies = tree
        .dependencies()
        .iter()
        .map(|tree| {
            let mut record = DependencyRecord::new(tree.payload_name(), tree.key().to_string());
            let used = made.used(&tree.key());
            record.payload_digest = used.and_then(|used| used.digest);
            record.accepted = used.map(|used| used.accepted.clone()).unwrap_or_default();
            record
        })
        .collect();
    draft.params_for_people = tree.file_for_people();
    draft.provenance.persisted_at = humantime::format_rfc3339_millis(clock::now()).to_string();
    draft.provenance.generation_seconds = made.generation_seconds;
    draft.provenance.program_version.clone_from(&options.program_version);
    draft.provenance.library = Some(options.library.to_owned());
    draft.provenance.code_digest.clone_from(&made.code_digest);
    draft.provenance.environment = made.environment(store);
    draft.step_type.clone_from(&made.step_type);
    draft.accepted_step_types.clone_from(&made.accepted_step_types);
    draft.payload_shape = inner.payload_shape().map(str::to_owned);
    draft.code = made.stamp(store);
    draft.inputs.clone_from(&made.inputs);
    draft.provenance.source_revision.clone_from(&options.source_revision);
    draft.signing_key = options.keys.to_sign();
    Ok(draft)
}
