//! Finding and replacing NaN among little-endian elements.

/// How to tell and to write a NaN of one width.
///
/// Without the sign, the bits of a NaN are those above infinity. Adding what is left between infinity and the sign bit
/// carries exactly these into the sign bit, so that a whole chunk is checked by and, add and or: instructions that every
/// machine has for vectors, and no branch.
macro_rules! not_a_number {
    ($module:ident, $bits:ty, $infinity:literal, $canonical:literal) => {
        pub(super) mod $module {
            const SIZE: usize = size_of::<$bits>();
            const SIGN: $bits = 1 << (<$bits>::BITS - 1);
            const CARRY: $bits = SIGN - $infinity - 1;
            const CANONICAL: [u8; SIZE] = <$bits>::to_le_bytes($canonical);

            pub(crate) fn occurs(elements: &[u8]) -> bool {
                let (elements, _) = elements.as_chunks::<SIZE>();
                let carried = elements.iter().fold(0, |carried, element| carried | carry(*element));
                carried & SIGN != 0
            }

            pub(crate) fn normalise(elements: &mut [u8]) {
                let (elements, _) = elements.as_chunks_mut::<SIZE>();
                for element in elements {
                    if carry(*element) & SIGN != 0 {
                        *element = CANONICAL;
                    }
                }
            }

            fn carry(element: [u8; SIZE]) -> $bits {
                (<$bits>::from_le_bytes(element) & !SIGN) + CARRY
            }
        }
    };
}

not_a_number!(float16, u16, 0x7c00, 0x7e00);
not_a_number!(float32, u32, 0x7f80_0000, 0x7fc0_0000);
not_a_number!(float64, u64, 0x7ff0_0000_0000_0000, 0x7ff8_0000_0000_0000);
