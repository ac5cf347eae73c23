//! Ways in which the real code is broken, one at a time, for the tests to notice.

/// One way: what a source is to contain, and what is compiled instead, in which `IS_ON` says whether to be broken.
#[derive(Debug)]
pub(crate) struct Mutant {
    pub(crate) name: &'static str,
    pub(crate) file: &'static str,
    pub(crate) original: &'static str,
    pub(crate) mutated: &'static str,
}

pub(crate) const MUTANTS: [Mutant; 20] = [
    Mutant {
        name: "a claim ends without a word",
        file: "lease.rs",
        original: "CLAIM_ENDED.notify_all();",
        mutated: "if !IS_ON { CLAIM_ENDED.notify_all(); }",
    },
    Mutant {
        name: "a claim of another thread counts for nothing",
        file: "lease.rs",
        original: "Some((holder, other)) if *holder == process =>",
        mutated: "Some((holder, other)) if *holder == process && !IS_ON =>",
    },
    Mutant {
        name: "a claim outlasts its lock by being dropped last",
        file: "lease.rs",
        original: "    _lock: Option<Lock>,\n    claim: Claim,\n}",
        mutated: "    _lock: Option<Lock>,\n    claim: Claim,\n}\nimpl Drop for Hold { fn drop(&mut self) { if IS_ON { \
                  self.claim.process = 0; CLAIMS.lock().remove(&self.claim.key); CLAIM_ENDED.notify_all(); } } }",
    },
    Mutant {
        name: "the lock file is closed while the process has other locks",
        file: "lock.rs",
        original: "Arc::strong_count(&open.file) == 2",
        mutated: "(Arc::strong_count(&open.file) == 2 || IS_ON)",
    },
    Mutant {
        name: "each lock opens the lock file for itself",
        file: "lock.rs",
        original: "Some(open) if open.process",
        mutated: "Some(open) if !IS_ON && open.process",
    },
    Mutant {
        name: "there are no locks between processes",
        file: "lock.rs",
        original: "Ok(false) => Ok(Tried::HeldBy(",
        mutated: "Ok(false) if IS_ON => return Ok(Tried::Locked(Self { place, offset, open: Some(open) })),\n            \
                  Ok(false) => Ok(Tried::HeldBy(",
    },
    Mutant {
        name: "what another thread generated is called persisted",
        file: "slot.rs",
        original: "&& Arc::ptr_eq(&held.payload, payload)",
        mutated: "&& (IS_ON || Arc::ptr_eq(&held.payload, payload))",
    },
    Mutant {
        name: "a slot is filled without a word",
        file: "slot.rs",
        original: "self.0.0.notify_all();",
        mutated: "if !IS_ON { self.0.0.notify_all(); }",
    },
    Mutant {
        name: "a slot is filled by two",
        file: "slot.rs",
        original: "Some((process, thread)) if process == me.0 => Err(thread),",
        mutated: "Some((process, thread)) if process == me.0 && !IS_ON => Err(thread),",
    },
    Mutant {
        name: "between the look and the wait there is time for a word",
        file: "fork.rs",
        original: "        if is_to_wait {\n",
        mutated: "        let turn = if IS_ON { drop(turn); self.turn.lock() } else { turn };\n        if is_to_wait {\n",
    },
    Mutant {
        name: "no manifest names both payloads",
        file: "folder/publish.rs",
        original: "        self.commit(manifest, signing_key)?;\n        self.sync_folder()?;\n        let target",
        mutated: "        if !IS_ON { self.commit(manifest, signing_key)?; }\n        self.sync_folder()?;\n        let target",
    },
    Mutant {
        name: "what an interrupted replacement left is forgotten",
        file: "folder/publish.rs",
        original: "let mut records = manifest.into_payloads();",
        mutated: "let mut records = manifest.into_payloads();\n            if IS_ON { records.truncate(1); }",
    },
    Mutant {
        name: "the manifest comes before the payload",
        file: "folder/publish.rs",
        original: "            None => self.move_in(payload, &self.root().join(&manifest.payload.file), id)?,",
        mutated: "            None => {\n                if IS_ON { publication.commit(&manifest, signing_key)?; }\n                \
                  self.move_in(payload, &self.root().join(&manifest.payload.file), id)?\n            }",
    },
    Mutant {
        name: "a payload is removed before the next one takes its place",
        file: "folder/publish.rs",
        original: "Ok(_) => os::exchange(payload, target),",
        mutated: "Ok(_) if IS_ON => remove_any(target).and_then(|_| crate::steps::fs::rename(payload, target)),\n            \
                  Ok(_) => os::exchange(payload, target),",
    },
    Mutant {
        name: "a payload is written over",
        file: "folder/publish.rs",
        original: "Ok(false) if !is_folder(payload)? =>",
        mutated: "Ok(false) if IS_ON => crate::steps::fs::write_over(payload, target),\n            \
                  Ok(false) if !is_folder(payload)? =>",
    },
    Mutant {
        name: "readers do not look again",
        file: "artifact.rs",
        original: "    pub fn may_have_changed(&self) -> Result<bool> {\n",
        mutated: "    pub fn may_have_changed(&self) -> Result<bool> {\n        if IS_ON { return Ok(false); }\n",
    },
    Mutant {
        name: "readers go through the payloads of a manifest once",
        file: "artifact.rs",
        original: "in records().chain(records()) {",
        mutated: "in records().chain(records()).take(if IS_ON { records().count() } else { usize::MAX }) {",
    },
    Mutant {
        name: "readers by path do not look again at what they chose",
        file: "artifact.rs",
        original: "self.chosen.with(|chosen| chosen.clone()) else",
        mutated: "self.chosen.with(|chosen| chosen.clone()).filter(|_| !IS_ON) else",
    },
    Mutant {
        name: "the manifest goes last",
        file: "folder/quarantine.rs",
        original: "        Ok(files)\n    }\n}",
        mutated: "        if IS_ON { files.reverse(); }\n        Ok(files)\n    }\n}",
    },
    Mutant {
        name: "what the living stage is swept",
        file: "folder/sweep.rs",
        original: "&& let Some(_hold) = self.try_hold(place, stem)",
        mutated: "&& let Some(_hold) = (if IS_ON { Some(None) } else { self.try_hold(place, stem).map(Some) })",
    },
];
