//! The macros of `persistable`: `#[derive(PersistableParams)]` and `#[track_code]`.
//!
//! Use them through `persistable`, which re-exports both. The code that they write refers to that crate by name.

mod attributes;
mod bounds;
mod constructor;
mod dyn_step;
mod encode;
mod enum_of_params;
mod enum_of_steps;
mod enums;
mod field;
mod lifetimes;
mod structs;
mod track_code;
mod type_name;
mod untracked;
mod variant;

use proc_macro::TokenStream;
use syn::{Data, DeriveInput, Error, parse_macro_input};

/// Makes a struct's fields its parameters, or an enum a parameter.
///
/// Every field is part of the key, by its name. Its type implements `Param`. Most types of the standard library do, and
/// so does each type that derives this. The order of the fields, and of an enum's variants, does not matter, with one
/// exception: see [dependencies](#dependencies).
///
/// A struct is a set of params (`PersistableParams`). In a field of another struct, it is a record with its type's
/// name. An enum in a field is the name of its variant, with its data.
///
/// ```
/// use persistable::PersistableParams;
///
/// #[derive(PersistableParams)]
/// enum Window {
///     Whole,
///     Centred { width: usize },
/// }
///
/// #[derive(PersistableParams)]
/// struct Smoothing {
///     window: Window,
///     #[param(default = 1.0)]
///     sigma: f64,
///     #[param(untracked)]
///     threads: usize,
/// }
///
/// let narrow = Smoothing::with_defaults(Window::Centred { width: 3 }, 1);
/// let parallel = Smoothing { threads: 8, ..Smoothing::with_defaults(Window::Centred { width: 3 }, 1) };
/// assert_eq!(narrow.params()?.digest()?, parallel.params()?.digest()?);
///
/// let whole = Smoothing::with_defaults(Window::Whole, 1);
/// assert_ne!(narrow.params()?.digest()?, whole.params()?.digest()?);
/// # Ok::<(), persistable::ParamError>(())
/// ```
///
/// # Attributes of a field
///
/// | `#[param(…)]` | effect |
/// | --- | --- |
/// | `default = expr` | The struct gets a constructor `with_defaults` with its own visibility. It takes the fields without a default, in their order. |
/// | `untracked` | The field is not part of the key, and its type need not be a `Param`: a thread count, a progress bar. It can't hold a step. |
/// | `added_with_default = expr` | While the field has this value, it is absent from the key. So artifacts from before the field existed are still found. It is also the field's `default`, if no other is given. See *Never change it* below. |
/// | `renamed_from = "old"` | The key keeps the earlier name. People see the new one. |
/// | `encode_with = path` | For types of other crates. The function takes a reference to the field and returns a `Param`, or a `Result<_, ParamError>` of one. This is in the key. |
/// | `bytes` | The field, an `AsRef<[u8]>`, is bytes in the key, and not a list of numbers. |
/// | `dependency` | The field holds steps, and is not a param: see [dependencies](#dependencies). |
///
/// **Never change the value of `added_with_default`.** Artifacts from the earlier default would be taken for artifacts
/// of the new one.
///
/// Attributes can be combined. In the fields of an enum's variants, `default` is not allowed. If these fields have no
/// names, `renamed_from` and `added_with_default` are not allowed either. If none of a variant's fields is in the key,
/// the variant has the key of one without data.
///
/// # Attributes of a type or a variant
///
/// | `#[param(…)]` | effect |
/// | --- | --- |
/// | `name = "…"` | The name in the key, instead of the type's or the variant's own. After renaming, keep the earlier name with it. |
/// | `transparent` | The struct must have exactly one field. Its key is that of the bare value of the field. |
/// | `dependency_order = [a, b]` | The struct's dependencies are in the key in this order. After reordering the fields, keep the earlier order with it. |
///
/// # Dependencies
///
/// The type of a field marked as a `dependency` implements `AsDependencies`: handles of steps, and containers of them.
/// A struct or an enum with such fields can be a dependency of a step itself. Then it can't be a param.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use persistable::{AnyPersistable, Persistable, PersistableParams};
/// # use persistable::{Run, Step, StepResult, io};
/// # #[derive(PersistableParams)] struct Points { n: usize }
/// # impl Step for Points {
/// #     type Payload = Vec<u8>; type Io = io::Bytes;
/// #     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u8>> { Ok(vec![0; self.n]) }
/// # }
///
/// #[derive(PersistableParams)]
/// enum Source {
///     File(String),
///     Step(#[param(dependency)] Persistable<Points>),
/// }
///
/// #[derive(PersistableParams)]
/// struct Folds {
///     seed: u64,
///     #[param(dependency)]
///     folds: Vec<Vec<Persistable<Points>>>,
/// }
///
/// #[derive(PersistableParams)]
/// struct Fit {
///     #[param(dependency)]
///     source: Source,
///     #[param(dependency)]
///     folds: Folds,
///     #[param(dependency)]
///     by_name: BTreeMap<String, Persistable<Points>>,
///     #[param(dependency)]
///     weights: AnyPersistable<Vec<f64>>,
///     #[param(dependency, added_with_default = None)]
///     prior: Option<Persistable<Points>>,
/// }
/// ```
///
/// For a dependency, `added_with_default` takes a value without steps, such as `None`. Without this attribute, a `None`
/// is part of the key.
///
/// The order of the fields matters in one case: all of them are handles, or arrays of handles, of steps of different
/// types. Then the key lists the steps in the order of the fields. If you reorder them, write the earlier order:
/// `dependency_order = [points, labels]`. After that, their order no longer matters.
///
/// # The name of a type
///
/// A type's name is its own, without modules. Type arguments are part of the name, as in `Pair<u8, String>`. Lifetimes
/// are not. So each type argument needs a name, by the trait `TypeName`. Types of the standard library have one, and
/// this derive gives one to any struct or enum, even without fields. In the key, a `PhantomData<T>` is the name of `T`:
///
/// ```
/// use std::marker::PhantomData;
///
/// use persistable::PersistableParams;
///
/// #[derive(PersistableParams)]
/// struct Fast;
/// #[derive(PersistableParams)]
/// struct Exact;
///
/// #[derive(PersistableParams)]
/// struct Simulation<Method, #[param(untracked)] OnProgress> {
///     method: PhantomData<Method>,
///     #[param(untracked)]
///     on_progress: OnProgress,
/// }
///
/// let fast = Simulation { method: PhantomData::<Fast>, on_progress: |_: f64| () };
/// let exact = Simulation { method: PhantomData::<Exact>, on_progress: |_: f64| () };
/// assert_ne!(fast.params()?.digest()?, exact.params()?.digest()?);
/// assert_eq!(Simulation::<Fast, ()>::type_name(), "Simulation<Fast>");
/// # Ok::<(), persistable::ParamError>(())
/// ```
///
/// With `#[param(untracked)]` before it, a type parameter is not part of the name, and needs no name. Use this for the
/// type of an untracked field.
///
/// # Errors
///
/// It does not compile for a union. It does not compile if an attribute is unknown or misplaced, or if two contradict
/// each other. It does not compile if two fields or variants would have the same name in the key.
#[proc_macro_derive(PersistableParams, attributes(param))]
pub fn derive_persistable_params(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let expanded = match &input.data {
        Data::Struct(data) => structs::expand(&input, data),
        Data::Enum(data) => enums::expand(&input, data),
        Data::Union(data) => Err(Error::new(
            data.union_token.span,
            "a union cannot be a parameter: nothing says which of its fields is meant; use an enum",
        )),
    };
    expanded.unwrap_or_else(|error| error.into_compile_error()).into()
}

/// Records the source of a step's code, so that a change of the code is noticed.
///
/// It stands on three kinds of items:
///
/// | on | effect |
/// | --- | --- |
/// | `impl Step for …` | Writes the methods `code` and `code_digest` of the step. |
/// | a function | `uses` can name the function. |
/// | `impl Type`, a type's own methods | `uses` can name the type. |
///
/// The record has the tokens of an item at compile time. Layout, comments and documentation are not part of it. If the
/// item calls other code, name that code in `uses`. Then the record has that code too, and what its own `uses` names.
/// Two items may use each other.
///
/// ```
/// use persistable::{PersistableParams, Run, Step, StepResult, io, track_code};
///
/// mod text {
///     use persistable::track_code;
///
///     #[track_code]
///     pub fn trim(word: &str) -> &str {
///         word.trim_end_matches('.')
///     }
/// }
///
/// #[track_code(uses(text::trim))]
/// fn words(text: &str) -> Vec<String> {
///     text.split(' ').map(text::trim).map(str::to_owned).collect()
/// }
///
/// #[derive(PersistableParams)]
/// struct Words {
///     text: String,
/// }
///
/// #[track_code(uses(words))]
/// impl Step for Words {
///     type Payload = Vec<String>;
///     type Io = io::MessagePack;
///
///     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<String>> {
///         Ok(words(&self.text))
///     }
/// }
///
/// let step = Words { text: "One. Two.".to_owned() };
/// let code = step.code();
/// let names: Vec<&str> = code.items.iter().filter_map(|item| item.name.rsplit("::").next()).collect();
/// assert_eq!(names, ["impl Step for Words", "trim", "words"]);
/// ```
///
/// For a function, the macro also writes an empty type with the same name and visibility. A `use` imports both. So a
/// module can't have a tracked function and a type or module with the same name. If the compiler says "expected type,
/// found function", the function that `uses` names lacks `#[track_code]`.
///
/// A generic function is recorded once for all types. To track a method, put `#[track_code]` on the `impl` block. A
/// type can have one tracked block of its own.
///
/// # Errors
///
/// It does not compile on other items, on a single method, or if `code` or `code_digest` is already written.
#[proc_macro_attribute]
pub fn track_code(arguments: TokenStream, item: TokenStream) -> TokenStream {
    track_code::expand(arguments.into(), item.into()).unwrap_or_else(|error| error.into_compile_error()).into()
}
