//! A warning before something is persisted that will not be loaded again.

use std::collections::BTreeSet;

use persistable_base::fork::Table;

use crate::inner::Inner;
use crate::log::Event;
use crate::step::Step;

/// Warns, once for each store, if loading the payload may run code and nothing will show that this account persisted it.
pub(crate) fn warn<S: Step>(inner: &Inner<S>) {
    static WARNED: Table<BTreeSet<String>> = Table::new(BTreeSet::new());
    let Inner { store, options, .. } = inner;
    if !inner.payload_io.runs_code() || !store.is_untrusted_unsigned(options.trust, &options.keys) {
        return;
    }
    let location = store.location();
    let is_new = WARNED.lock().insert(location.to_string());
    if is_new {
        inner.tell(&Event::Unsigned { store: location, advice: options.unsigned_advice });
    }
}
