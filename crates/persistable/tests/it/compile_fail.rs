//! What cannot be a parameter is refused by the compiler, with the reason.

/// One of the programs names a payload IO for arrays.
#[cfg(feature = "ndarray")]
#[test]
fn what_cannot_be_a_parameter_does_not_compile_and_the_message_says_why() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}

/// Compiles without the features that are off by default.
#[cfg(not(any(feature = "json", feature = "ndarray")))]
#[test]
fn a_payload_io_whose_feature_is_off_does_not_compile_and_the_message_names_the_feature() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail_without_features/*.rs");
}
