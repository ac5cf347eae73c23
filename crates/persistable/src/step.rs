//! What a user of the library writes: a step.

use heck::ToSnakeCase;
use persistable_store::Digest;

use crate::code::CodeRecord;
use crate::error::Error;
use crate::io::PayloadIo;
use crate::params::PersistableParams;
use crate::resources::Resources;
use crate::run::Run;
use crate::step_result::StepResult;

/// A step generates a payload.
///
/// Its fields are its [parameters and dependencies](PersistableParams). This trait adds the code. Two methods are
/// important: [`generate_payload`](Self::generate_payload), and [`validate_payload`](Self::validate_payload), which
/// checks every payload that is generated or loaded. The payload must depend only on the step's tracked fields.
///
/// ```
/// use persistable::{Persistable, PersistableParams, Run, Step, StepResult, io};
///
/// #[derive(PersistableParams)]
/// struct Squares {
///     n: u64,
/// }
///
/// impl Step for Squares {
///     type Payload = Vec<u64>;
///     type Io = io::MessagePack;
///
///     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u64>> {
///         Ok((0..self.n).map(|i| i * i).collect())
///     }
///
///     fn validate_payload(&self, payload: &Vec<u64>) -> StepResult<()> {
///         if payload.len() as u64 == self.n { Ok(()) } else { Err("there is not one square for each number".into()) }
///     }
/// }
///
/// # fn main() -> Result<(), persistable::Error> {
/// # let folder = tempfile::tempdir().expect("a folder");
/// # let data_dir = folder.path();
/// let squares = Persistable::open(data_dir, Squares { n: 4 })?;
/// assert_eq!(*squares.payload()?, [0, 1, 4, 9]);
/// # Ok(())
/// # }
/// ```
pub trait Step: PersistableParams + Send + Sync + Sized + 'static {
    /// The type of the payload.
    type Payload: Send + Sync + 'static;

    /// The format of the stored payload. [`io`](crate::io) lists the formats of this crate.
    // Where a step has a lifetime, the compiler quotes the last line, and with it the advice.
    #[rustfmt::skip]
    type Io: PayloadIo<Self::Payload> + Default
        + 'static; // A step owns its fields: write `String` for `&str`, `Vec<T>` for `&[T]`.

    /// Generates the payload.
    ///
    /// # Errors
    ///
    /// Any error. Then nothing is persisted, and the caller gets the error with all its causes.
    fn generate_payload(&self, run: &Run<'_>) -> StepResult<Self::Payload>;

    /// Refuses a payload that can't be right. It is called for every payload that was generated or loaded.
    ///
    /// # Errors
    ///
    /// Any error that says what is wrong with the payload.
    fn validate_payload(&self, payload: &Self::Payload) -> StepResult<()> {
        let _ = payload;
        Ok(())
    }

    /// Returns the payload's name: the type's name in snake case. It is part of the key and of the file names.
    ///
    /// Two types with the same name in different modules have the same default. If one process opens both with equal
    /// params in one store, that is an error. If two processes do, the second one gets a warning when it loads. Give
    /// one of them another name.
    ///
    /// A generic type has no default, since snake case would not tell all its forms apart. Implement this method, or
    /// call [`Builder::payload_name`](crate::Builder::payload_name).
    fn payload_name(&self) -> String {
        let name = Self::type_name();
        if name.contains('<') { name.into_owned() } else { name.to_snake_case() }
    }

    /// Returns the version of this step's code. It is part of the key. If the same parameters must give another payload
    /// than before, raise it.
    fn version(&self) -> Option<String> {
        None
    }

    /// Returns the payload IO. Override this to configure one, such as a compression level.
    fn payload_io(&self) -> Self::Io {
        Self::Io::default()
    }

    /// Returns what the step needs while it is generated in a [run](crate::Runner). It is not part of the key. Default: one
    /// core.
    fn resources(&self) -> Resources {
        Resources::new()
    }

    /// Runs after the payload was generated, validated and persisted.
    ///
    /// # Errors
    ///
    /// Any error. The payload stays persisted.
    fn post_generate(&self, payload: &Self::Payload, run: &Run<'_>) -> StepResult<()> {
        let _ = (payload, run);
        Ok(())
    }

    /// Runs after the payload was loaded and validated.
    ///
    /// # Errors
    ///
    /// Any error. The payload stays loaded.
    fn post_load(&self, payload: &Self::Payload, run: &Run<'_>) -> StepResult<()> {
        let _ = (payload, run);
        Ok(())
    }

    /// Returns a digest of the source of this block. [`track_code`](crate::track_code) writes this method.
    fn code_digest(&self) -> Option<&'static str> {
        None
    }

    /// Returns the record of the code that generates the payload: this block, and what it uses.
    /// [`track_code`](crate::track_code) writes this method. Without it, the record is empty.
    fn code(&self) -> CodeRecord {
        CodeRecord::new()
    }

    /// Returns the digest of the code without some items, under a tag under which it is quickly had.
    #[doc(hidden)]
    fn quick_code(&self, without: &[String]) -> Option<(String, Digest)> {
        let _ = without;
        None
    }

    /// Returns the items of the code that are other values than before the generation: caches, and the like.
    #[doc(hidden)]
    fn code_state(&self) -> Vec<String> {
        Vec::new()
    }

    /// Returns the language and the type's path, which tells steps apart that share a name.
    #[doc(hidden)]
    fn step_type(&self) -> Option<String> {
        Some(format!("rust:{}", Self::type_path()))
    }

    /// Returns whether the code of the step made the payload that it returned last, rather than what was there already.
    #[doc(hidden)]
    fn is_generated(&self) -> bool {
        true
    }

    /// Looks at a payload that was generated, once it is in memory. What it refuses stays there.
    #[doc(hidden)]
    fn kept(&self, payload: &Self::Payload, is_pending: bool) -> StepResult<()> {
        let _ = (payload, is_pending);
        Ok(())
    }

    /// Is told that a payload is loaded or persisted although the validator refuses it. An error of its own ends that.
    #[doc(hidden)]
    fn tell_invalid(&self, error: &Error) -> StepResult<()> {
        let _ = error;
        Ok(())
    }
}
