//! An array is its dtype, its shape and its elements, however they lie in memory.

use ndarray::{Array0, Array1, Array2, Array3, ArrayD, Axis, IxDyn, ShapeBuilder, arr0, array, s};
use persistable_key::{ArrayDigester, Dtype, Param, Value};

use crate::{bytes, sample::Random, value};

fn digest(param: impl Param) -> [u8; 32] {
    match value(param) {
        Value::Array(array) => *array.digest(),
        other => panic!("{other:?}"),
    }
}

fn counted(shape: (usize, usize, usize)) -> Array3<f64> {
    let mut next = 0.0;
    Array3::from_shape_simple_fn(shape, || {
        next += 0.5;
        next
    })
}

#[test]
fn the_digest_is_that_of_the_little_endian_elements() {
    let elements = array![[1_i16, 2], [3, 4]];
    assert_eq!(digest(&elements), *blake3::hash(&[1, 0, 2, 0, 3, 0, 4, 0]).as_bytes());
    let people = value(&elements).for_people();
    assert_eq!((&people["dtype"], people["shape"].to_string()), (&"int16".into(), "[2,2]".into()));
}

#[test]
fn every_layout_in_memory_gives_the_same_bytes() {
    let c = counted((50, 70, 60));
    let mut f = Array3::zeros((50, 70, 60).f());
    f.assign(&c);
    assert_eq!(f.strides(), [1, 50, 3500]);
    let mut wide = Array3::zeros((100, 70, 180));
    wide.slice_mut(s![..;2, .., ..;3]).assign(&c);
    let mut backwards = c.clone();
    backwards.invert_axis(Axis(0));
    backwards.invert_axis(Axis(2));
    let mut stored_backwards = Array3::zeros((50, 70, 60));
    stored_backwards.assign(&backwards);
    stored_backwards.invert_axis(Axis(0));
    stored_backwards.invert_axis(Axis(2));

    let expected = bytes(&c);
    assert_eq!(bytes(&f), expected);
    assert_eq!(bytes(wide.slice(s![..;2, .., ..;3])), expected);
    assert_eq!(bytes(&stored_backwards), expected);
    assert_eq!(bytes(c.view()), expected);
    assert_eq!(bytes(c.to_shared()), expected);
    assert_eq!(bytes(c.clone().into_dyn()), expected);
    assert_ne!(bytes(c.t()), expected);
    assert_ne!(bytes(&backwards), expected);
}

#[test]
fn an_element_seen_many_times_counts_many_times() {
    let row = array![1.0, 2.0];
    let broadcast = row.broadcast((3, 2)).unwrap();
    assert_eq!(bytes(broadcast), bytes(array![[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]));
}

#[test]
fn shape_and_dtype_are_part_of_the_identity() {
    let shapes = [bytes(array![1.0, 2.0]), bytes(array![[1.0, 2.0]]), bytes(array![[1.0], [2.0]])];
    assert!(shapes[0] != shapes[1] && shapes[1] != shapes[2] && shapes[0] != shapes[2]);
    assert_ne!(bytes(array![0_i32]), bytes(array![0_u32]));
    assert_ne!(bytes(array![0.0_f32]), bytes(array![0.0_f64]));
    assert_ne!(bytes(array![0.0]), bytes(array![-0.0]));
    assert_eq!(bytes(array![1_usize]), bytes(array![1_u64]));
    assert_eq!(bytes(array![-1_isize]), bytes(array![-1_i64]));
}

#[test]
fn empty_arrays_and_arrays_without_dimensions_have_a_digest() {
    let nothing = *blake3::hash(b"").as_bytes();
    assert_eq!(digest(Array1::<f64>::zeros(0)), nothing);
    assert_eq!(digest(Array2::<f64>::zeros((3, 0))), nothing);
    assert_eq!(digest(Array2::<f64>::zeros((0, 3)).t()), nothing);
    assert_eq!(digest(arr0(1_u8)), *blake3::hash(&[1]).as_bytes());
    let zero_d: Array0<f64> = arr0(1.5);
    assert_eq!(bytes(&zero_d), bytes(ArrayD::from_elem(IxDyn(&[]), 1.5)));
}

#[test]
fn every_nan_is_the_same_and_nothing_else_is_a_nan() {
    let f64s = |bits: u64| digest(array![1.0, f64::from_bits(bits), f64::INFINITY]);
    for bits in [0x7ff0_0000_0000_0001, 0xfff8_0000_0000_0000, u64::MAX] {
        assert_eq!(f64s(bits), f64s(f64::NAN.to_bits()));
    }
    for bits in [0x7ff0_0000_0000_0000, 0xfff0_0000_0000_0000, 0x7fef_ffff_ffff_ffff, 1 << 63] {
        assert_eq!(f64s(bits), plain(&[1.0, f64::from_bits(bits), f64::INFINITY]));
    }
    let f32s = |bits: u32| digest(array![1.0, f32::from_bits(bits)]);
    for bits in [0x7f80_0001, 0xffc0_0000, u32::MAX] {
        assert_eq!(f32s(bits), f32s(0x7fc0_0000));
    }
    assert_ne!(f32s(0x7f80_0000), f32s(0x7fc0_0000));
    let f16s = |bits: u16| ArrayDigester::digest(Dtype::Float16, &bits.to_le_bytes());
    assert_eq!(f16s(0xfc01), *blake3::hash(&[0x00, 0x7e]).as_bytes());
    assert_eq!(f16s(0xfc00), *blake3::hash(&[0x00, 0xfc]).as_bytes());
}

fn plain(elements: &[f64]) -> [u8; 32] {
    let bytes: Vec<u8> = elements.iter().flat_map(|element| element.to_le_bytes()).collect();
    *blake3::hash(&bytes).as_bytes()
}

#[test]
fn a_large_array_has_the_plain_digest_of_its_elements() {
    for elements in [1 << 20, (1 << 20) + 1, 8_192, 8_193, 777_777] {
        let array = Array1::from_shape_fn(elements, |index| index as f64 * 0.1);
        assert_eq!(digest(&array), plain(array.as_slice().unwrap()), "{elements} elements");
        let mut backwards = Array1::from_iter(array.iter().rev().copied());
        backwards.invert_axis(Axis(0));
        assert_eq!(digest(&backwards), digest(&array), "{elements} elements, backwards");
    }
}

#[test]
fn bytes_of_any_number_have_their_plain_digest() {
    let mut random = Random(5);
    let bytes: Vec<u8> = (0..(5 << 20) + 1).map(|_| random.below(256) as u8).collect();
    for size in [0, 1, 1 << 16, (1 << 16) + 1, (2 << 16) - 1, 3 << 16, (1 << 20) + 1, 4 << 20, (4 << 20) + 1, 5 << 20] {
        let bytes = &bytes[..size];
        let expected = *blake3::hash(bytes).as_bytes();
        assert_eq!(ArrayDigester::digest(Dtype::Uint8, bytes), expected, "{size} bytes");
        let mut digester = ArrayDigester::new(Dtype::Uint8);
        digester.update(bytes);
        assert_eq!(digester.finish(), expected, "{size} bytes added");
    }
}

#[test]
fn a_nan_anywhere_in_a_large_array_becomes_the_one_nan() {
    let mut random = Random(3);
    for _ in 0..4 {
        let mut elements = vec![0.5; 600_000];
        let mut with_payloads = elements.clone();
        for _ in 0..3 {
            let place = random.below(600_000) as usize;
            elements[place] = f64::from_bits(0x7ff8_0000_0000_0000);
            with_payloads[place] = f64::from_bits(0xfff0_0000_0000_0001 + random.below(1 << 50));
        }
        let expected = plain(&elements);
        assert_eq!(digest(Array1::from(with_payloads.clone())), expected);

        let mut digester = ArrayDigester::new(Dtype::Float64);
        for piece in with_payloads.chunks(70_001) {
            digester.update(&piece.iter().flat_map(|element| element.to_le_bytes()).collect::<Vec<u8>>());
        }
        assert_eq!(digester.finish(), expected);
    }
}

#[test]
fn truth_values_of_other_languages_are_zero_or_one() {
    assert_eq!(ArrayDigester::digest(Dtype::Bool, &[0, 7, 1]), digest(array![false, true, true]));
}

#[test]
fn arrays_of_text_are_objects() {
    let words = array![String::from("a"), String::from("bc")];
    let mut nodes = bytes("a");
    nodes.extend(bytes("bc"));
    assert_eq!(digest(&words), *blake3::hash(&nodes).as_bytes());
}

#[cfg(feature = "num-complex")]
#[test]
fn complex_numbers_are_their_parts() {
    use num_complex::Complex;

    let elements = array![Complex::new(1.0, -f64::NAN), Complex::new(-0.0, 2.0)];
    let nan = f64::from_bits(0x7ff8_0000_0000_0000);
    assert_eq!(digest(&elements), plain(&[1.0, nan, -0.0, 2.0]));
}
