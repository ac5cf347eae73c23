//! What errors say of themselves.

use persistable::ErrorKind;

#[test]
fn every_kind_has_a_name_that_is_its_own_in_snake_case() {
    for kind in ErrorKind::ALL {
        let camel_case: String = kind.as_str().split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        assert_eq!(camel_case, format!("{kind:?}"));
        assert_eq!(ErrorKind::ALL.iter().filter(|other| *other == kind).count(), 1);
    }
}
