//! The path of a type, which tells types of one name apart.

use persistable::PersistableParams;

mod v1 {
    #[derive(persistable::PersistableParams)]
    pub struct Fit {
        pub depth: u32,
    }

    #[derive(persistable::PersistableParams)]
    #[param(name = "Fit")]
    pub struct Renamed {
        pub depth: u32,
    }
}

mod v2 {
    #[derive(persistable::PersistableParams)]
    pub struct Fit {
        pub depth: u32,
    }
}

#[test]
fn two_types_of_one_name_have_two_paths() {
    assert_eq!(v1::Fit::type_name(), v2::Fit::type_name());
    assert_eq!(v1::Fit::type_path(), "it::derive::type_paths::v1::Fit");
    assert_eq!(v2::Fit::type_path(), "it::derive::type_paths::v2::Fit");
}

#[test]
fn a_path_has_the_types_own_name_whatever_name_was_declared() {
    assert_eq!(v1::Renamed::type_name(), "Fit");
    assert_eq!(v1::Renamed::type_path(), "it::derive::type_paths::v1::Renamed");
}
