//! What is answered to the question why.

use serde::Serialize;

use crate::address::Address;
use crate::diff::Difference;
use crate::state::State;

/// Why a step is not persisted, or why an artifact was generated.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Why {
    /// The payload name.
    pub name: String,
    /// The key; `None` if only some params were told.
    pub key: Option<String>,
    /// The answers, the most important one first.
    pub answers: Vec<Answer>,
    /// The artifacts that are nearest, with what differs.
    pub nearest: Vec<Nearest>,
    /// How many artifacts of this name were compared.
    pub compared: usize,
}

/// An answer.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Answer {
    /// It is persisted.
    Here {
        /// The artifact.
        artifact: Address,
    },
    /// It is persisted, but its manifest can't be used.
    Unusable {
        /// The artifact.
        artifact: Address,
        /// How it is.
        state: State,
        /// What is wrong.
        problem: String,
    },
    /// It was persisted, and was removed.
    Removed {
        /// When.
        removed_at: String,
        /// Why.
        reason: String,
        /// The program that removed it.
        program: Option<String>,
        /// Whether it is there again.
        is_there_again: bool,
    },
    /// An artifact has the same values, but some have another kind: `1` and `1.0`, a text and a path.
    LookAlike {
        /// The artifact.
        artifact: Address,
    },
    /// An artifact is the same but for its version.
    OtherVersion {
        /// The artifact.
        artifact: Address,
    },
    /// An artifact is the same, but lacks some params. They may have been added to the step since.
    ParamAdded {
        /// The artifact.
        artifact: Address,
        /// The params.
        params: Vec<String>,
    },
    /// An artifact is the same, but a param has another name.
    ParamRenamed {
        /// The artifact.
        artifact: Address,
        /// Its name in the artifact.
        from: String,
        /// Its name now.
        to: String,
    },
    /// An artifact of another payload name has the same params and dependencies.
    OtherName {
        /// The artifact.
        artifact: Address,
    },
    /// There is no artifact of this payload name.
    NothingOfThisName {
        /// Payload names that are there.
        names: Vec<String>,
    },
    /// It was the first of its payload name.
    First,
}

/// An artifact, and how it differs from the one that was asked for.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Nearest {
    /// The artifact.
    pub artifact: Address,
    /// When it was persisted, in milliseconds since 1970.
    pub persisted: Option<i64>,
    /// What differs. It has it before; the step that was asked for has it after.
    pub differences: Vec<Difference>,
}
