//! What cannot be a parameter is refused by the compiler, with the reason.

#[test]
fn what_cannot_be_a_parameter_does_not_compile_and_the_message_says_why() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
