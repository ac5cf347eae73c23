//! `#[track_code]` on a step: a digest of its source.

use persistable::{CodeRecord, track_code};

trait Step {
    type Payload;

    fn generate(&self) -> Self::Payload;

    fn code_digest(&self) -> Option<&'static str> {
        None
    }

    fn code(&self) -> CodeRecord {
        CodeRecord::new()
    }
}

struct Sum(u32);

mod plain {
    use super::{Step, Sum, track_code};

    pub(super) struct Tracked;

    pub(super) const LINE: u32 = line!() + 1;
    #[track_code]
    impl Step for Tracked {
        type Payload = u32;

        fn generate(&self) -> u32 {
            let sum = Sum(1 + 2);
            sum.0
        }
    }
}

mod laid_out_otherwise {
    use super::{Step, Sum, track_code};

    pub(super) struct Tracked;

    #[track_code]
    #[rustfmt::skip]
    impl Step for Tracked {
        type Payload=u32;
        /// Documented,
        /// at length.
        fn generate( & self ) -> u32 { // commented
            let sum = Sum( 1+2 ); /* and
            commented */
            sum . 0
        }
    }
}

mod laid_out_like_this {
    use super::{Step, Sum, track_code};

    pub(super) struct Tracked;

    #[track_code]
    #[rustfmt::skip]
    impl Step for Tracked {
        type Payload = u32;

        fn generate(&self) -> u32 {
            let sum = Sum(1 + 2);
            sum.0
        }
    }
}

mod changed {
    use super::{Step, Sum, track_code};

    pub(super) struct Tracked;

    #[track_code]
    impl Step for Tracked {
        type Payload = u32;

        fn generate(&self) -> u32 {
            let sum = Sum(1 + 3);
            sum.0
        }
    }
}

fn digest_of(step: &impl Step) -> &'static str {
    step.code_digest().unwrap()
}

#[test]
fn a_tracked_step_has_a_digest_in_hex_and_works_as_before() {
    let digest = digest_of(&plain::Tracked);
    assert_eq!(digest.len(), 64);
    assert!(digest.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
    assert_eq!(plain::Tracked.generate(), 3);
}

#[test]
fn layout_comments_and_documentation_leave_the_digest_alone() {
    assert_eq!(digest_of(&laid_out_otherwise::Tracked), digest_of(&laid_out_like_this::Tracked));
}

#[test]
fn one_token_changes_the_digest() {
    assert_ne!(digest_of(&plain::Tracked), digest_of(&changed::Tracked));
}

#[test]
fn a_generic_step_is_tracked_too() {
    struct Twice<T>(T);

    #[track_code]
    impl<T> Step for Twice<T>
    where
        T: Clone,
    {
        type Payload = (T, T);

        fn generate(&self) -> (T, T) {
            (self.0.clone(), self.0.clone())
        }
    }
    assert!(Twice(1).code_digest().is_some());
}

#[test]
fn a_step_that_is_not_tracked_has_no_digest() {
    struct Untracked;
    impl Step for Untracked {
        type Payload = ();
        fn generate(&self) {}
    }
    assert_eq!(Untracked.code_digest(), None);
    assert!(Untracked.code().is_empty());
}

#[test]
fn the_record_of_a_step_has_its_block_with_the_same_digest() {
    let code = plain::Tracked.code();
    let [item] = code.items.as_slice() else { panic!("{code:?}") };
    assert_eq!(item.name, "it::derive::track_code::plain::impl Step for Tracked");
    assert_eq!(item.digests["tokens"], digest_of(&plain::Tracked));
    assert!(item.file.as_deref().unwrap().ends_with("track_code.rs"));
    assert_eq!(item.line, Some(plain::LINE));
}
