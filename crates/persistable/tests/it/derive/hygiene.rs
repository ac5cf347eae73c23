//! The derive works wherever a struct can be written.

use persistable::PersistableParams as _;
use serde_json::json;

use super::{keyed, typed};

/// Nothing of the standard prelude is in scope, and what the generated code uses is called something else here.
mod without_a_prelude {
    #![no_implicit_prelude]
    #![allow(dead_code, non_camel_case_types)]

    pub(super) struct Option;
    pub(super) struct Result;
    pub(super) struct Ok;
    pub(super) struct Vec;
    type u8 = ();
    type str = ();
    mod core {}
    mod std {}

    #[derive(::persistable::PersistableParams)]
    pub(super) struct Everything<T, const N: ::core::primitive::usize> {
        pub(super) plain: T,
        #[param(default = 1)]
        pub(super) defaulted: ::core::primitive::u32,
        #[param(added_with_default = 1)]
        pub(super) added: ::core::primitive::u32,
        #[param(renamed_from = "was")]
        pub(super) renamed: ::core::primitive::bool,
        #[param(bytes)]
        pub(super) raw: [::core::primitive::u8; N],
        #[param(untracked)]
        pub(super) ignored: Option,
    }

    #[derive(::persistable::PersistableParams)]
    pub(super) enum Choice {
        Unit,
        Positional(::core::primitive::u32),
        Named { value: ::core::primitive::u32 },
    }

    #[derive(::persistable::PersistableParams)]
    pub(super) enum Steps<D, const N: ::core::primitive::usize> {
        Unit,
        Positional([::core::primitive::u32; N], #[param(dependency)] D),
        Named {
            #[param(untracked)]
            default: Option,
            #[param(dependency, renamed_from = "was")]
            dependencies: D,
            #[param(added_with_default = 1)]
            fields: ::core::primitive::u32,
            #[param(dependency, added_with_default = ::core::option::Option::None)]
            data: ::core::option::Option<D>,
        },
    }

    #[derive(::persistable::PersistableParams)]
    #[param(dependency_order = [1, 0])]
    pub(super) struct Holds<D>(
        #[param(dependency)] pub(super) D,
        #[param(dependency, added_with_default = ::std::vec::Vec::new())] pub(super) ::std::vec::Vec<Steps<D, 1>>,
    );

    #[derive(::persistable::PersistableParams)]
    #[param(transparent)]
    pub(super) struct Inner(pub(super) ::core::primitive::u32);
}

#[test]
fn nothing_needs_to_be_in_scope() {
    use without_a_prelude::{Choice, Everything, Inner, Option};
    let everything = Everything { plain: 1_u8, defaulted: 1, added: 1, renamed: true, raw: [1], ignored: Option };
    assert_eq!(
        keyed(&everything),
        json!({"plain": {"int": 1}, "defaulted": {"int": 1}, "was": {"bool": true}, "raw": {"bytes": "01"}})
    );
    assert_eq!(typed(&Inner(1)), json!({"int": 1}));
    assert_eq!(typed(&Choice::Positional(1))["enum"]["data"], json!({"tuple": [{"int": 1}]}));
    assert_eq!(typed(&Choice::Named { value: 1 })["enum"]["member"], "Named");
    assert_eq!(typed(&Choice::Unit)["enum"]["member"], "Unit");
}

#[test]
fn nothing_needs_to_be_in_scope_for_dependencies() {
    use super::dependencies::handles::{held, points};
    use without_a_prelude::{Holds, Option, Steps};
    let named = |data| Steps::Named { default: Option, dependencies: points(3), fields: 1, data };
    let steps = vec![Steps::Unit, Steps::Positional([1], points(2)), named(None), named(Some(points(4)))];
    let holds = Holds(points(1), steps);
    assert_eq!(held(&holds.tracked_persistable_dependencies()), [2, 3, 3, 4, 1]);
}

#[test]
fn a_raw_identifier_is_named_without_its_prefix() {
    #[derive(persistable::PersistableParams)]
    #[allow(non_camel_case_types)]
    struct r#match {
        #[param(default = 1)]
        r#type: u8,
    }
    #[derive(persistable::PersistableParams)]
    #[allow(non_camel_case_types)]
    enum r#enum {
        r#struct { r#fn: u8 },
    }
    assert_eq!(r#match::type_name(), "match");
    assert_eq!(keyed(&r#match::with_defaults()), json!({"type": {"int": 1}}));
    assert_eq!(
        typed(&r#enum::r#struct { r#fn: 1 }),
        json!({"enum": {"type": "enum", "member": "struct", "data": {"record": {"type": "", "fields": {"fn": {"int": 1}}}}}})
    );
}

#[test]
fn fields_can_have_any_name() {
    #[derive(persistable::PersistableParams)]
    struct Names {
        fields: u8,
        value: u8,
        default: u8,
        bytes: u8,
        error: u8,
        #[param(added_with_default = 1)]
        name: u8,
    }
    let names = Names { fields: 1, value: 2, default: 3, bytes: 4, error: 5, name: 6 };
    assert_eq!(keyed(&names)["name"], json!({"int": 6}));
    assert_eq!(keyed(&names)["fields"], json!({"int": 1}));
}

#[test]
fn fields_that_are_configured_away_are_no_params() {
    /// Documented, like its fields.
    #[derive(persistable::PersistableParams)]
    struct Configured {
        /// Always here.
        always: u8,
        #[cfg(any())]
        #[param(renamed_from = "always")]
        never: Missing,
        #[cfg(not(any()))]
        also: u8,
    }
    assert_eq!(keyed(&Configured { always: 1, also: 2 }), json!({"always": {"int": 1}, "also": {"int": 2}}));
}

#[test]
fn structs_written_by_a_macro_work_too() {
    macro_rules! params {
        ($name:ident { $($field:ident: $ty:ty = $default:expr),* }) => {
            #[derive(persistable::PersistableParams)]
            struct $name { $(#[param(default = $default)] $field: $ty),* }
        };
    }
    params!(Points { n: usize = 1 + 1, name: String = String::new() });
    assert_eq!(keyed(&Points::with_defaults()), json!({"n": {"int": 2}, "name": {"text": ""}}));
}

/// What a strict crate denies is not what the derive writes.
#[deny(warnings, missing_docs, unused_qualifications, clippy::all, clippy::pedantic, clippy::unwrap_used)]
mod strict {
    /// Params.
    #[derive(persistable::PersistableParams)]
    pub(super) struct Strict {
        /// Gone with the next version.
        #[deprecated]
        #[param(added_with_default = 1)]
        pub(super) old: u8,
        /// The rest.
        #[param(renamed_from = "first")]
        pub(super) new: Vec<Choice>,
    }

    /// Nothing to choose from.
    #[derive(persistable::PersistableParams)]
    pub(super) enum Never {}

    /// A choice.
    #[derive(persistable::PersistableParams)]
    pub(super) enum Choice {
        /// The one.
        One(u8),
        /// The other.
        Other {
            /// Its value.
            #[param(added_with_default = 1)]
            value: u8,
        },
    }
}

#[test]
fn the_strictest_lints_hold() {
    let strict = strict::Strict::with_defaults(vec![strict::Choice::One(1), strict::Choice::Other { value: 1 }]);
    assert_eq!(typed(&None::<strict::Never>), json!({"null": null}));
    assert_eq!(keyed(&strict)["first"]["list"][1], json!({"enum": {"type": "Choice", "member": "Other"}}));
}
