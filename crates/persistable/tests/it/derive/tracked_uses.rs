//! `#[track_code(uses(…))]`: the code that a step calls is part of its record.

use persistable::{CodeRecord, PersistableParams, Run, Step, StepResult, io, track_code};

/// Writes a module of a step and its helpers, of which `$body` is the innermost.
macro_rules! pipeline {
    ($module:ident, $body:expr) => {
        mod $module {
            use super::*;

            pub mod text {
                use persistable::track_code;

                #[track_code]
                pub fn clean(number: u32) -> u32 {
                    let body: fn(u32) -> u32 = $body;
                    body(number)
                }
            }

            #[track_code(uses(text::clean))]
            fn cleaned(number: u32) -> u32 {
                text::clean(number)
            }

            #[derive(PersistableParams)]
            pub struct Fit {
                pub n: u32,
            }

            #[track_code(uses(cleaned))]
            impl Step for Fit {
                type Payload = u32;
                type Io = io::MessagePack;
                fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
                    Ok(cleaned(self.n))
                }
            }
        }
    };
}

pipeline!(earlier, |number| number + 1);
pipeline!(same, |number| number + 1);
pipeline!(present, |number| number + 2);

/// The names in a record, without the modules, in order.
fn names(code: &CodeRecord) -> Vec<&str> {
    let mut names: Vec<&str> = code.items.iter().filter_map(|item| item.name.rsplit("::").next()).collect();
    names.sort_unstable();
    names
}

/// The digests in a record, in the order of the names.
fn digests(code: &CodeRecord) -> Vec<&str> {
    code.items.iter().map(|item| item.digests["tokens"].as_str()).collect()
}

#[test]
fn a_helpers_helper_is_part_of_the_record() {
    let code = earlier::Fit { n: 1 }.code();
    assert_eq!(names(&code), ["clean", "cleaned", "impl Step for Fit"]);
    assert_eq!(code.items[2].name, "it::derive::tracked_uses::earlier::text::clean");
    assert!(code.items.iter().all(|item| item.line.is_some() && item.file.is_some()));
}

#[test]
fn a_change_in_a_helper_changes_its_item_and_no_other() {
    let [earlier, same, present] =
        [earlier::Fit { n: 1 }.code(), same::Fit { n: 1 }.code(), present::Fit { n: 1 }.code()];
    assert_eq!(digests(&earlier), digests(&same));
    assert_eq!(digests(&earlier)[..2], digests(&present)[..2]);
    assert_ne!(digests(&earlier)[2], digests(&present)[2]);
}

/// A step whose code is `#[track_code(uses(…))]`.
macro_rules! step_that_uses {
    ($($used:ty),*) => {{
        #[derive(PersistableParams)]
        struct Using;

        #[track_code(uses($($used),*))]
        impl Step for Using {
            type Payload = u32;
            type Io = io::MessagePack;
            fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
                Ok(1)
            }
        }
        Using.code()
    }};
}

#[test]
fn two_functions_may_use_each_other_and_themselves() {
    #[track_code(uses(is_odd, is_even))]
    fn is_even(n: u32) -> bool {
        n == 0 || is_odd(n - 1)
    }
    #[track_code(uses(is_even))]
    fn is_odd(n: u32) -> bool {
        n != 0 && is_even(n - 1)
    }
    assert!(is_even(4));
    assert_eq!(names(&step_that_uses!(is_odd)), ["impl Step for Using", "is_even", "is_odd"]);
}

mod imported {
    use persistable::track_code;

    #[track_code]
    pub fn helper() {}
}

#[test]
fn an_imported_function_is_used_by_its_own_name_or_by_its_path() {
    use imported::helper;
    helper();
    assert_eq!(names(&step_that_uses!(helper)), ["helper", "impl Step for Using"]);
    assert_eq!(names(&step_that_uses!(imported::helper, helper)), ["helper", "impl Step for Using"]);
}

#[test]
fn a_function_of_any_form_is_tracked() {
    #[track_code]
    fn generic<T, const N: usize>(value: &T) -> [T; N]
    where
        T: Clone,
    {
        std::array::from_fn(|_| value.clone())
    }
    #[track_code]
    async fn later() {}
    #[track_code]
    const fn constant(bytes: &'static [u8]) -> impl Iterator<Item = u8> + use<> {
        Copies(bytes)
    }
    #[track_code]
    #[allow(unsafe_code)]
    unsafe extern "C" fn foreign() {}
    #[track_code]
    fn r#match() {}

    struct Copies(&'static [u8]);
    impl Iterator for Copies {
        type Item = u8;
        fn next(&mut self) -> Option<u8> {
            self.0.split_off_first().copied()
        }
    }
    assert_eq!(generic::<u8, 2>(&1), [1, 1]);
    assert_eq!(constant(b"a").count(), 1);
    drop(later());
    r#match();
    let _: unsafe extern "C" fn() = foreign;
    let code = step_that_uses!(generic, later, constant, foreign, r#match);
    assert_eq!(names(&code), ["constant", "foreign", "generic", "impl Step for Using", "later", "match"]);
}

#[test]
fn functions_of_one_name_inside_functions_are_two_items() {
    fn outer(take: impl FnOnce(CodeRecord)) {
        #[track_code]
        fn inner() -> u32 {
            2
        }
        inner();
        take(step_that_uses!(inner));
    }
    #[track_code]
    fn inner() -> u32 {
        1
    }
    inner();
    let here = step_that_uses!(inner);
    outer(|there| assert_ne!(digests(&here), digests(&there)));
}

mod methods {
    use persistable::track_code;

    pub struct Model<T>(pub T);

    #[track_code(uses(half))]
    impl<T: Into<f64> + Copy> Model<T> {
        pub fn scaled(&self) -> f64 {
            half(self.0.into())
        }
    }

    #[track_code]
    fn half(x: f64) -> f64 {
        x / 2.0
    }
}

#[test]
fn the_methods_of_a_type_are_one_item_that_is_used_by_the_types_name() {
    use methods::Model;
    assert!(Model(1_u8).scaled() < 1.0);
    let code = step_that_uses!(Model<u8>, Model<f32>);
    assert_eq!(names(&code), ["half", "impl Model<T>", "impl Step for Using"]);
}

#[test]
fn a_steps_own_methods_are_used_as_self() {
    #[derive(PersistableParams)]
    struct Fit;

    #[track_code]
    impl Fit {
        fn one(&self) -> u32 {
            1
        }
    }

    #[track_code(uses(Self))]
    impl Step for Fit {
        type Payload = u32;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
            Ok(self.one())
        }
    }
    assert_eq!(names(&Fit.code()), ["impl Fit", "impl Step for Fit"]);
}

/// What a strict crate denies is not what the macro writes.
#[deny(warnings, missing_docs, missing_debug_implementations, unused_qualifications, clippy::all, clippy::pedantic)]
pub mod strict {
    use persistable::track_code;

    /// Nothing.
    #[track_code]
    pub fn nothing() {}

    /// Methods.
    #[derive(Debug)]
    pub struct Methods(pub u8);

    #[track_code(uses(nothing))]
    impl Methods {
        /// Its number.
        #[must_use]
        pub fn number(&self) -> u8 {
            nothing();
            self.0
        }
    }

    #[track_code]
    #[cfg(any())]
    fn configured_away() -> Missing {}

    #[cfg(any())]
    #[track_code]
    fn configured_away_too() -> Missing {}
}

#[test]
fn the_strictest_lints_hold() {
    assert_eq!(strict::Methods(1).number(), 1);
    let code = step_that_uses!(strict::Methods);
    assert_eq!(names(&code), ["impl Methods", "impl Step for Using", "nothing"]);
}
