//! Makes inputs out of others.

/// Numbers that lengths and counts break at.
const NUMBERS: [u64; 12] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_ffff_fff0,
    0xffff_ffff_ffff_ffff,
];

/// Changes inputs at random; the same seed gives the same changes.
#[derive(Debug)]
pub struct Mutator(u64);

impl Mutator {
    /// Makes one that begins with a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    fn random(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Returns a number below another one.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.random() >> 16) as usize % bound.max(1)
    }

    /// Makes an input out of one or two of these.
    pub fn make(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        let other = &seeds[self.below(seeds.len())];
        for _ in 0..1 << self.below(4) {
            self.change(&mut input, other);
        }
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(input.len() + 1);
        let to = (at + self.below(32)).min(input.len());
        match self.below(10) {
            0 | 1 if at < input.len() => input[at] ^= 1 << self.below(8),
            2 if at < input.len() => input[at] = self.random() as u8,
            3 => input.truncate(at),
            4 => drop(input.drain(at..to)),
            5 => {
                let copy = input[at..to].to_vec();
                let place = self.below(input.len() + 1);
                input.splice(place..place, copy);
            }
            6 | 7 => {
                let number = NUMBERS[self.below(NUMBERS.len())];
                let width = 1 << self.below(4);
                let little = number.to_le_bytes();
                let big = number.to_be_bytes();
                let bytes = if self.below(2) == 0 { &little[..width] } else { &big[8 - width..] };
                let end = (at + width).min(input.len());
                input.splice(at..end, bytes.iter().copied());
            }
            8 => {
                let from = self.below(other.len() + 1);
                let end = (from + self.below(64)).min(other.len());
                input.splice(at..to, other[from..end].iter().copied());
            }
            _ => {
                // A number within text.
                let digits: Vec<usize> = (0..input.len()).filter(|index| input[*index].is_ascii_digit()).collect();
                if !digits.is_empty() {
                    let digit = digits[self.below(digits.len())];
                    let text = NUMBERS[self.below(NUMBERS.len())].to_string();
                    input.splice(digit..=digit, text.into_bytes());
                }
            }
        }
    }
}
