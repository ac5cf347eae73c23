//! The macros of `persistable`: `#[derive(PersistableParams)]` and `#[track_code]`.
//!
//! Use them through `persistable`, which re-exports both: what they write refers to that crate by name.

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
/// Every field counts, by its name: what it holds implements `Param`, which most types of the standard library do and
/// what derives this does. The order of the fields, and of an enum's variants, does not matter, but for one case: see
/// [dependencies](#dependencies). A struct is a set of
/// params (`PersistableParams`) and can stand in a field of another, as a record with its type's name; an enum stands in
/// a field as the name of its variant, with its data.
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
/// | `default = expr` | The struct gets a constructor `with_defaults`, as visible as itself, that takes the fields without a default, in their order. |
/// | `untracked` | The field is no part of the key, and its type need not be a `Param`: a thread count, a progress handle. It can't hold a step. |
/// | `added_with_default = expr` | The field is absent from the key while its value has the bytes of this default, so that artifacts from before the field existed are still found. It is also the field's `default`, if no other is given. Never change this value: artifacts from when it was the default would be taken for those of the new one. |
/// | `renamed_from = "old"` | The key keeps the earlier name; people see the new one. |
/// | `encode_with = path` | The function, which takes a reference to the field and returns a `Param` or a `Result<_, ParamError>` of one, says what stands in the key: for types of other crates. |
/// | `bytes` | The field, an `AsRef<[u8]>`, is bytes and not a list of numbers. |
/// | `dependency` | The field holds steps, and is not a param: see [dependencies](#dependencies). |
///
/// They combine where that makes sense. In the fields of an enum's variants, `default` has no place,
/// and where these have no names, neither have `renamed_from` and `added_with_default`. A variant that has lost all its
/// fields from the key this way is keyed like one without data.
///
/// # Attributes of a type or a variant
///
/// | `#[param(…)]` | effect |
/// | --- | --- |
/// | `name = "…"` | The name that stands in the key instead of the type's or the variant's own: keep it after renaming. |
/// | `transparent` | The struct, which has exactly one field, is keyed as the bare value of that field. |
/// | `dependency_order = [a, b]` | The struct's dependencies are in the key in this order: keep it after reordering the fields. |
///
/// # Dependencies
///
/// A field marked as a `dependency` holds what implements `AsDependencies`: handles of steps, and containers of them. A struct or an
/// enum with such fields can be a dependency of a step in turn. Then it can't be a param.
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
/// `added_with_default` is given a value without steps, such as `None`. Without it, a `None` counts.
///
/// The order of the fields matters where all of them are handles, or arrays of handles, of steps of different types. There, the
/// key lists the steps in the order of the fields. After reordering them, write the order they had: `dependency_order = [points, labels]`. From
/// then on it does not matter.
///
/// # The name of a type
///
/// A type's name is its own, without modules. What it is generic over is part of the name, as in `Pair<u8, String>`.
/// Lifetimes are not. So each type argument has a name, by the trait `TypeName`: types of the standard library
/// have one, and this derive gives one to any struct or enum, also to a marker without fields. A `PhantomData<T>` counts by
/// the name of `T`:
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
/// With `#[param(untracked)]` before it, a type parameter is not part of the name, and needs none: use it for the type of an
/// untracked field.
///
/// # Errors
///
/// Does not compile for a union, for attributes that are unknown, misplaced or contradict each other, and for two fields
/// or variants that would stand in the key under one name.
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

/// Records the source of a step's code, so that an artifact made by other code can be told apart.
///
/// It stands on three kinds of items:
///
/// | on | effect |
/// | --- | --- |
/// | `impl Step for …` | Writes the methods `code` and `code_digest` of the step. |
/// | a function | `uses` can name the function. |
/// | `impl Type`, a type's own methods | `uses` can name the type. |
///
/// What counts of an item are its tokens at compile time. Layout, comments and documentation do not count.
/// Code that the item calls elsewhere counts if `uses` names it. In turn, that code counts with what it names itself. Two
/// items may use each other.
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
/// For a function, the macro writes an empty type of the same name and visibility beside it. A `use` imports both. So a
/// module cannot have a tracked function and a type or a module of one name. If the compiler says "expected type, found
/// function", the function that `uses` names lacks `#[track_code]`.
///
/// A generic function counts as it is written, for all types at once. To track a method, put `#[track_code]` on the
/// `impl` block. A type can have one tracked block of its own.
///
/// # Errors
///
/// Does not compile on anything else, on a single method, and where `code` or `code_digest` is written out already.
#[proc_macro_attribute]
pub fn track_code(arguments: TokenStream, item: TokenStream) -> TokenStream {
    track_code::expand(arguments.into(), item.into()).unwrap_or_else(|error| error.into_compile_error()).into()
}
