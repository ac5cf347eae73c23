//! Generic params: what a type is generic over is part of its name, and of its bounds only what the key needs.

use std::fmt::Display;
use std::marker::PhantomData;

use persistable::{Param, PersistableParams};
use serde_json::json;

use super::{bytes, keyed, typed};

#[derive(PersistableParams)]
struct Pair<A, B = u8> {
    first: A,
    second: Vec<B>,
}

#[test]
fn a_generic_struct_is_a_param_where_what_it_holds_is_one() {
    let pair = Pair { first: "a", second: vec![1_u8] };
    assert_eq!(keyed(&pair), json!({"first": {"text": "a"}, "second": {"list": [{"int": 1}]}}));
}

#[test]
fn what_a_type_is_generic_over_is_part_of_its_name_without_modules() {
    #[derive(PersistableParams)]
    struct Grid<const N: usize> {
        cells: [u8; N],
    }
    assert_eq!(Pair::<u8, String>::type_name(), "Pair<u8, String>");
    assert_eq!(Pair::<u8>::type_name(), "Pair<u8, u8>", "a parameter's default can change");
    assert_eq!(Grid::<2>::type_name(), "Grid<2>");
    assert_ne!(bytes(&Pair::<u8> { first: 1, second: vec![] }), bytes(&Pair::<u16> { first: 1, second: vec![] }));
    assert_eq!(typed(&Grid { cells: [1, 2] })["record"]["type"], "Grid<2>");
}

#[test]
fn a_renamed_generic_type_keeps_its_name_and_what_it_is_generic_over() {
    #[derive(PersistableParams)]
    #[param(name = "Pair")]
    struct Couple<A, B> {
        first: A,
        second: Vec<B>,
    }
    assert_eq!(Couple::<u8, String>::type_name(), "Pair<u8, String>");
    assert_eq!(bytes(&Couple { first: 1_u8, second: vec![2_u8] }), bytes(&Pair { first: 1_u8, second: vec![2_u8] }));
}

#[test]
fn a_lifetime_is_no_part_of_the_name() {
    #[derive(PersistableParams)]
    struct Borrowed<'a> {
        text: &'a str,
    }
    #[derive(PersistableParams)]
    struct Both<'a, T> {
        text: &'a str,
        other: T,
    }
    let text = String::from("a");
    assert_eq!(Borrowed::type_name(), "Borrowed");
    assert_eq!(typed(&Borrowed { text: &text })["record"]["type"], "Borrowed");
    assert_eq!(typed(&Both { text: &text, other: 1_u8 })["record"]["type"], "Both<u8>");
    assert_eq!(name_of(&Both { text: &text, other: Borrowed { text: &text } }), "Both<Borrowed>");
}

fn name_of<T: PersistableParams>(_: &T) -> std::borrow::Cow<'static, str> {
    T::type_name()
}

trait Unit {
    type Number;
}

#[derive(PersistableParams)]
struct Metric;

impl Unit for Metric {
    type Number = f64;
}

#[test]
fn only_what_the_key_needs_is_required_of_type_parameters() {
    fn length<T: Display>(value: &T) -> usize {
        value.to_string().len()
    }
    #[derive(PersistableParams)]
    struct Needs<T, U, E, #[param(untracked)] S, B>
    where
        U: Unit,
        E: Display,
    {
        tracked: T,
        associated: Vec<U::Number>,
        #[param(encode_with = length)]
        encoded: E,
        #[param(untracked)]
        _untracked: S,
        #[param(bytes)]
        raw: B,
        #[param(untracked)]
        _marker: PhantomData<(U, S)>,
    }
    let needs: Needs<_, Metric, _, _, _> = Needs {
        tracked: 1_u8,
        associated: vec![0.5],
        encoded: std::net::Ipv4Addr::LOCALHOST,
        _untracked: std::thread::current(),
        raw: [1_u8],
        _marker: PhantomData,
    };
    assert_eq!(
        keyed(&needs),
        json!({
            "tracked": {"int": 1}, "associated": {"list": [{"float": 0.5}]}, "encoded": {"int": 9},
            "raw": {"bytes": "01"}
        })
    );
}

#[test]
fn types_that_contain_themselves_resolve() {
    #[derive(PersistableParams)]
    struct Node<T> {
        value: T,
        next: Option<Box<Node<T>>>,
    }
    #[derive(PersistableParams)]
    enum Tree<T> {
        Leaf(T),
        Fork(Box<Tree<T>>, Box<Tree<T>>),
    }
    let node = Node { value: 1_u8, next: Some(Box::new(Node { value: 2, next: None })) };
    assert_eq!(keyed(&node)["next"]["record"]["fields"]["value"], json!({"int": 2}));
    let tree = Tree::Fork(Box::new(Tree::Leaf(1_u8)), Box::new(Tree::Leaf(2)));
    assert_eq!(typed(&tree)["enum"]["type"], "Tree<u8>");
    assert_eq!(typed(&tree)["enum"]["data"]["tuple"][1]["enum"]["member"], "Leaf");
}

#[test]
fn a_transparent_generic_struct_is_its_value() {
    #[derive(PersistableParams)]
    #[param(transparent)]
    struct Wrapper<T>(T);
    fn is_param(_: &impl Param) {}
    let wrapper = Wrapper(vec![1_u8]);
    is_param(&wrapper);
    assert_eq!(bytes(&wrapper), bytes(&vec![1_u8]));
}

#[test]
fn an_argument_is_named_as_it_was_declared() {
    #[derive(PersistableParams)]
    #[param(name = "Old")]
    struct New {
        size: u8,
    }
    #[derive(PersistableParams)]
    #[param(name = "Kind")]
    enum Renamed<T> {
        One(T),
    }
    assert_eq!(Pair::<New, Vec<Renamed<u8>>>::type_name(), "Pair<Old, Vec<Kind<u8>>>");
    assert_eq!(typed(&Renamed::One(New { size: 1 }))["enum"]["type"], "Kind<Old>");
}

#[test]
fn an_argument_of_another_module_is_told_apart_in_the_path_alone() {
    mod other {
        #[derive(persistable::PersistableParams)]
        pub struct Metric;
    }
    assert_eq!(Pair::<Metric, u8>::type_name(), Pair::<other::Metric, u8>::type_name());
    assert_eq!(
        Pair::<Option<other::Metric>, String>::type_path(),
        "it::derive::generics::Pair<Option<it::derive::generics::other::Metric>, String>"
    );
}

#[test]
fn an_untracked_argument_is_not_part_of_the_name_and_needs_none() {
    #[derive(PersistableParams)]
    struct Watched<T, #[param(untracked)] F: Fn(u8) = fn(u8)> {
        value: T,
        #[param(untracked)]
        on_progress: F,
    }
    let watched = Watched { value: 1_u8, on_progress: |_| {} };
    (watched.on_progress)(1);
    assert_eq!(typed(&watched)["record"]["type"], "Watched<u8>");

    #[derive(PersistableParams)]
    struct Other<#[param(untracked)] F> {
        #[param(default = 1)]
        value: u8,
        #[param(untracked)]
        on_progress: Option<F>,
    }
    let other = Other::with_defaults(Some(|| ()));
    assert_eq!(other.on_progress.map(|done| done()), Some(()));
    assert_eq!(name_of(&Other::with_defaults(None::<std::thread::Thread>)), "Other");
}

#[test]
fn a_marker_counts_by_its_name() {
    #[derive(PersistableParams)]
    struct Fast;
    #[derive(PersistableParams)]
    struct Exact;
    #[derive(PersistableParams)]
    struct Sim<M, U: Unit = Metric> {
        mode: PhantomData<M>,
        number: PhantomData<fn() -> U::Number>,
    }
    #[derive(PersistableParams)]
    struct Plain {
        mode: PhantomData<str>,
    }
    fn sim<M>() -> Sim<M> {
        Sim { mode: PhantomData, number: PhantomData }
    }
    assert_eq!(
        keyed(&sim::<Fast>()),
        json!({
            "mode": {"enum": {"type": "PhantomData", "member": "Fast"}},
            "number": {"enum": {"type": "PhantomData", "member": "fn() -> f64"}}
        })
    );
    assert_ne!(bytes(&sim::<Fast>()), bytes(&sim::<Exact>()));
    assert_eq!(keyed(&Plain { mode: PhantomData })["mode"]["enum"]["member"], "str");
}
