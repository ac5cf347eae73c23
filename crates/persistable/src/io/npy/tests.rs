#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use ndarray::{
    Array, Array0, Array1, Array2, Array3, ArrayD, Axis, Dimension, Ix1, Ix2, IxDyn, ShapeBuilder, arr0, array, s,
};

use crate::io::testing::{
    comes_back, load, not_loaded, saved, says_when_the_disk_is_full, survives_damage, through, through_both,
};
use crate::io::{MappedArray, Npy};
use persistable_store::Store;

type Mapped2 = MappedArray<f64, Ix2>;

/// An NPY file by its header's text and its data.
fn file(header: &str, data: &[u8]) -> Vec<u8> {
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    let padding = 64 - (10 + header.len() + 1) % 64;
    let len = header.len() + padding + 1;
    file.extend((len as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(vec![b' '; padding]);
    file.push(b'\n');
    file.extend(data);
    file
}

#[test]
fn arrays_of_every_element_and_dimension_come_back() {
    comes_back(&Npy, array![0.1, -0.0, f64::INFINITY, f64::from_bits(1)]);
    comes_back(&Npy, array![[1_f32, 2.0], [3.0, 4.0]]);
    comes_back(&Npy, array![[i8::MIN, i8::MAX]]);
    comes_back(&Npy, array![i16::MIN, i16::MAX]);
    comes_back(&Npy, array![i32::MIN, i32::MAX]);
    comes_back(&Npy, array![i64::MIN, i64::MAX]);
    comes_back(&Npy, array![0, u8::MAX]);
    comes_back(&Npy, array![0, u16::MAX]);
    comes_back(&Npy, array![0, u32::MAX]);
    comes_back(&Npy, array![0, u64::MAX]);
    comes_back(&Npy, array![true, false]);
    comes_back(&Npy, arr0(1.5));
    comes_back(&Npy, ArrayD::<f64>::zeros(IxDyn(&[2, 1, 3, 1, 1, 2, 1])));
    comes_back(&Npy, Array1::<f64>::zeros(0));
    comes_back(&Npy, Array3::<u16>::zeros((3, 0, 2)));
    comes_back(&Npy, Array1::from_iter(0..300_000_u64));
    comes_back(&Npy, array![1.0, 2.0].into_shared());
    #[cfg(feature = "num-complex")]
    comes_back(&Npy, array![num_complex::Complex64::new(1.0, -2.0)]);
}

#[test]
fn not_a_number_is_kept_to_the_bit() {
    let bits = [f64::NAN.to_bits(), 0x7ff0_0000_0000_0001, 0xfff8_0000_0000_0123];
    for loaded in through_both(&Npy, &Array1::from_iter(bits.map(f64::from_bits))) {
        assert_eq!(loaded.map(|float| float.to_bits()).to_vec(), bits);
    }
}

#[test]
fn the_file_is_the_one_that_numpy_writes() {
    let bytes = saved(&Npy, &array![[1_i32, 2], [3, 4]]);
    let data = [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0];
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    assert_eq!(bytes.len() % 64, 16);
    assert_eq!(bytes[bytes.len() - 16..], data);
    let header = "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 2), }";
    assert_eq!(load::<Array2<i32>, _>(&Npy, &file(header, &data)).unwrap(), array![[1, 2], [3, 4]]);
}

#[test]
fn every_layout_comes_back_with_the_same_elements() {
    let c = Array3::from_shape_fn((4, 5, 6), |(i, j, k)| (100 * i + 10 * j + k) as f64);
    let mut f = Array3::zeros((4, 5, 6).f());
    f.assign(&c);
    comes_back(&Npy, f.clone());
    let loaded: Array3<f64> = load(&Npy, &saved(&Npy, &f)).unwrap();
    assert!(loaded.t().is_standard_layout(), "Fortran order is kept");
    comes_back(&Npy, c.clone().permuted_axes([1, 2, 0]));
    comes_back(&Npy, c.clone().slice_move(s![..;-1, 1.., ..;2]));
    comes_back(&Npy, Array1::from_iter(0..400_000).slice_move(s![..;-3]));
    comes_back(&Npy, MappedArray::from(c.permuted_axes([2, 0, 1])));
}

#[test]
fn a_mapped_array_lies_in_its_file() {
    let array = Array2::from_shape_fn((30, 40), |(i, j)| (i * j) as f64);
    let folder = tempfile::tempdir().unwrap();
    let loaded: Mapped2 = through(&Store::create(folder.path()).unwrap(), &Npy, &array.clone().into());
    assert!(loaded.is_mapped());
    assert_eq!(*loaded, array);
    assert_eq!((loaded.sum(), loaded[[2, 3]], loaded.shape()), (array.sum(), 6.0, &[30, 40][..]));
    let clone = loaded.clone();
    assert_eq!(clone.as_ptr(), loaded.as_ptr(), "a clone shares the elements");
    drop(loaded);
    drop(folder);
    assert_eq!(clone.row(29), array.row(29), "the mapping outlives the file's name");
    assert_eq!(std::thread::spawn(move || clone.into_owned()).join().unwrap(), array);
}

#[test]
fn a_mapped_array_of_any_element_and_shape_comes_back() {
    fn check<A, D>(array: Array<A, D>)
    where
        A: ndarray_npy::WritableElement + ndarray_npy::ReadableElement + ndarray_npy::ViewElement,
        A: Clone + PartialEq + std::fmt::Debug + Send + Sync + 'static,
        D: Dimension,
    {
        comes_back(&Npy, MappedArray::from(array));
    }
    check(array![true, false, true]);
    check(array![[1_u8, 2], [3, 4]]);
    check(arr0(1.5_f32));
    check(Array1::<f64>::zeros(0));
    check(array![[1_i64, 2], [3, 4]].reversed_axes());
    check(Array1::from_iter(0..300_000_u64));
    check(ArrayD::<i16>::zeros(IxDyn(&[2, 3])));
}

#[test]
fn an_array_becomes_a_mapped_one_and_back_without_a_copy() {
    let array = array![1.0, 2.0];
    let address = array.as_ptr();
    let mapped: MappedArray<f64, Ix1> = array.into();
    assert!(!mapped.is_mapped());
    assert_eq!(mapped.into_owned().as_ptr(), address);
    let mapped: MappedArray<f64, Ix1> = array![1.0].into();
    let clone = mapped.clone();
    let mut owned = mapped.into_owned();
    owned[0] = 2.0;
    assert_eq!((clone[0], format!("{clone:?}")), (1.0, format!("{:?}", array![1.0])));
}

#[test]
fn the_other_byte_order_and_old_alignments_are_read() {
    let header = "{'descr': '>i4', 'fortran_order': False, 'shape': (2,), }";
    let bytes = file(header, &[0, 0, 0, 1, 0, 0, 0, 2]);
    assert_eq!(load::<Array1<i32>, _>(&Npy, &bytes).unwrap(), array![1, 2]);
    let mapped: MappedArray<i32, Ix1> = load(&Npy, &bytes).unwrap();
    assert_eq!((mapped.is_mapped(), mapped.into_owned()), (false, array![1, 2]));
    for shift in 0..16 {
        let mut header = "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }".to_owned() + &" ".repeat(shift);
        header.push('\n');
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(7_i64.to_le_bytes());
        assert_eq!(load::<Array1<i64>, _>(&Npy, &bytes).unwrap(), array![7]);
        assert_eq!(*load::<MappedArray<i64, Ix1>, _>(&Npy, &bytes).unwrap(), array![7]);
    }
}

#[test]
fn an_array_of_another_kind_is_an_error_that_says_how_it_differs() {
    let bytes = saved(&Npy, &array![[1.0, 2.0]]);
    let error = not_loaded::<Array2<f32>, _>(&Npy, &bytes);
    assert!(error.contains("its elements are '<f8', and f32 are '<f4'"), "{error}");
    let error = not_loaded::<Array1<f64>, _>(&Npy, &bytes);
    assert!(error.contains("its shape is [1, 2], which is 2 dimensions, and not 1"), "{error}");
    assert!(not_loaded::<MappedArray<i64, Ix2>, _>(&Npy, &bytes).contains("and i64 are '<i8'"));
    assert!(not_loaded::<MappedArray<f64, Ix1>, _>(&Npy, &bytes).contains("2 dimensions, and not 1"));
    assert_eq!(load::<ArrayD<f64>, _>(&Npy, &bytes).unwrap(), array![[1.0, 2.0]].into_dyn());
    assert!(not_loaded::<Array0<f64>, _>(&Npy, b"{}").contains("NPY"));
}

#[test]
fn data_that_does_not_fit_the_shape_is_an_error() {
    let bytes = saved(&Npy, &array![1.0, 2.0]);
    let error = not_loaded::<Array1<f64>, _>(&Npy, &bytes[..bytes.len() - 1]);
    assert!(error.contains("its shape is [2], and 1 bytes of that are missing"), "{error}");
    let longer = [bytes, vec![0]].concat();
    let error = not_loaded::<MappedArray<f64, Ix1>, _>(&Npy, &longer);
    assert!(error.contains("there are 1 bytes more"), "{error}");
    let two = file("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", &[1, 2]);
    not_loaded::<Array1<bool>, _>(&Npy, &two);
    not_loaded::<MappedArray<bool, Ix1>, _>(&Npy, &two);
}

#[test]
fn lengths_that_a_file_only_claims_cost_nothing() {
    let shapes = [
        "(18446744073709551615,)",
        "(9223372036854775807,)",
        "(1099511627776,)",
        "(4294967296, 4294967296)",
        "(0, 18446744073709551615, 18446744073709551615)",
        "(18446744073709551615, 18446744073709551615, 0)",
        "(-1,)",
        "(0, 9223372036854775807)",
        "(2305843009213693952, 8)",
    ];
    for shape in shapes {
        for descriptor in ["<f8", ">f8"] {
            let bytes = file(&format!("{{'descr': '{descriptor}', 'fortran_order': False, 'shape': {shape}, }}"), &[]);
            let _ = load::<ArrayD<f64>, _>(&Npy, &bytes);
            let _ = load::<MappedArray<f64, IxDyn>, _>(&Npy, &bytes);
            not_loaded::<Array1<f64>, _>(&Npy, &bytes);
        }
        let bytes = file(&format!("{{'descr': '|b1', 'fortran_order': True, 'shape': {shape}, }}"), &[]);
        let _ = load::<ArrayD<bool>, _>(&Npy, &bytes);
    }
    for version in [2, 3] {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0, 0xff, 0xff, 0xff, 0xff]);
        assert!(not_loaded::<Array1<f64>, _>(&Npy, &bytes).contains("claims to have 4294967295 bytes"));
    }
}

#[test]
fn headers_that_are_made_to_exhaust_the_parser_are_refused() {
    for unit in ["(", "[", "{", "-", "+", "1+", "'", "1,", "1e", "\\", "0x", "b'"] {
        let header = unit.repeat(60_000 / unit.len());
        not_loaded::<Array1<f64>, _>(&Npy, &file(&header, &[]));
        let header = unit.repeat(9_000 / unit.len());
        not_loaded::<Array1<f64>, _>(&Npy, &file(&header, &[]));
    }
}

#[test]
fn damage_is_never_a_panic() {
    let bytes = saved(&Npy, &array![[1.0, 2.0], [3.0, 4.0]]);
    survives_damage::<Array2<f64>, _>(&Npy, &bytes);
    survives_damage::<MappedArray<f64, Ix2>, _>(&Npy, &bytes);
    survives_damage::<Array1<bool>, _>(&Npy, &saved(&Npy, &array![true]));
}

#[test]
fn a_full_disk_is_an_io_error() {
    says_when_the_disk_is_full(&Npy, &array![[1.0, 2.0], [3.0, 4.0]]);
    says_when_the_disk_is_full(&Npy, &array![[1.0, 2.0, 3.0]].slice_move(s![.., ..;2]));
}

#[test]
fn an_array_in_order_is_written_in_one_piece_and_another_in_large_ones() {
    struct Pieces(Vec<usize>);
    impl std::io::Write for Pieces {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.push(bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    fn pieces<D: Dimension>(array: &Array<f64, D>) -> Vec<usize> {
        use crate::io::{PayloadIo, Target};
        let mut pieces = Pieces(vec![]);
        Npy.save(array, &mut Target::within(&mut pieces, ".npy")).unwrap();
        pieces.0[1..].to_vec()
    }
    let array = Array3::<f64>::zeros((64, 128, 64));
    assert_eq!(pieces(&array), [4 << 20]);
    assert_eq!(pieces(&array.clone().reversed_axes()), [4 << 20]);
    let mut swapped = array;
    swapped.swap_axes(0, 1);
    assert_eq!(pieces(&swapped), [1 << 20; 4]);
    swapped.invert_axis(Axis(1));
    assert_eq!(pieces(&swapped), [1 << 20; 4]);
}

#[cfg(feature = "zstd")]
#[test]
fn a_compressed_array_comes_back() {
    use crate::io::Zstd;
    comes_back(&Zstd::new(Npy), Array1::from_iter(0..10_000));
    comes_back(&Zstd::new(Npy), MappedArray::from(Array1::from_iter(0..10_000)));
}
