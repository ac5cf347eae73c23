//! The record of the code that `#[track_code]` saw when it was compiled.

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};

use persistable_base::fork::Table;
use persistable_store::Digest;

use crate::code::{CodeItem, CodeRecord};
use crate::step::Step;

/// What an item's digest is of.
const TOKENS: &str = "tokens";

/// A function or a type whose code is known. [`track_code`](crate::track_code) implements it.
#[diagnostic::on_unimplemented(
    message = "the code of `{Self}` is not tracked",
    label = "has no `#[track_code]`",
    note = "write `#[track_code]` on the type's own `impl` block, the one without a trait",
    note = "a step's code belongs to the step that it generates: name the functions and types here that it uses"
)]
pub trait TrackedCode {
    /// Adds the item and all that it uses.
    fn add_to(code: &mut TrackedItems);
}

/// An item as the compiler saw it.
#[derive(Debug)]
pub struct TrackedItem {
    /// Its module and its name in there.
    pub name: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The line in that file where `#[track_code]` stands, counted from 1.
    pub line: u32,
    /// The digest of its tokens.
    pub digest: &'static str,
}

/// The items of a record that is being made.
#[derive(Debug, Default)]
pub struct TrackedItems {
    record: CodeRecord,
    entered: HashSet<(&'static str, &'static str, u32)>,
}

impl TrackedItems {
    /// Returns none.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an item, and returns whether what it uses is still to be added: not where it was entered before, as in a cycle.
    ///
    /// `T` is what the item belongs to: where a type is generic, each of its forms may use something else.
    pub fn enter<T: ?Sized>(&mut self, item: &TrackedItem) -> bool {
        if !self.entered.insert((std::any::type_name::<T>(), item.file, item.line)) {
            return false;
        }
        let code_item = |name: &str| CodeItem::new(name, TOKENS, item.digest).at(item.file, item.line);
        let is_same = |other: &CodeItem| other.file.as_deref() == Some(item.file) && other.line == Some(item.line);
        let mut name = item.name.to_owned();
        // Two functions inside functions of one module can have one name: the second one gets a number.
        for number in 2.. {
            if self.record.items.iter().any(|other| other.name == name && is_same(other))
                || self.record.add(code_item(&name))
            {
                break;
            }
            name = format!("{}#{number}", item.name);
        }
        true
    }

    /// Returns the record.
    #[must_use]
    pub fn take(&mut self) -> CodeRecord {
        std::mem::take(&mut self.record)
    }
}

/// The digests of what was tracked, by the types of the steps. A compiled program's code stays as it is.
static DIGESTS: Table<BTreeMap<TypeId, Digest>> = Table::new(BTreeMap::new());

/// Returns the digest of a step's code, where `#[track_code]` wrote it, with its tag. Only the first call for a type is slow.
pub(crate) fn digest_of<S: Step>(step: &S) -> Option<(String, Digest)> {
    step.code_digest()?;
    let of_type = TypeId::of::<S>();
    let known = DIGESTS.lock().get(&of_type).copied();
    let digest = match known {
        Some(digest) => digest,
        None => {
            let digest = step.code().digest(TOKENS)?;
            DIGESTS.lock().insert(of_type, digest);
            digest
        }
    };
    Some((TOKENS.to_owned(), digest))
}
