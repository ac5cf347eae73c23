//! A column in pieces: bytes that a checksum guards.

/// A value of a column: what it is, and its bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) tag: u8,
    pub(crate) bits: u64,
}

/// There is no value.
pub(crate) const MISSING: u8 = 0;
pub(crate) const NULL: u8 = 1;
pub(crate) const BOOL: u8 = 2;
pub(crate) const INT: u8 = 3;
pub(crate) const FLOAT: u8 = 4;
/// The bits are the number of a term.
pub(crate) const TERM: u8 = 5;

impl Cell {
    pub(crate) const MISSING: Self = Self { tag: MISSING, bits: 0 };

    pub(crate) fn int(int: i64) -> Self {
        Self { tag: INT, bits: int.cast_unsigned() }
    }

    /// Returns the number, if it is an integer.
    pub(crate) fn as_int(self) -> Option<i64> {
        (self.tag == INT).then_some(self.bits.cast_signed())
    }
}

/// So many rows are in a chunk.
pub(crate) const ROWS: usize = 16_384;

/// All cells are the same.
const CONSTANT: u8 = 0;
/// Tags, then bits.
const PLAIN: u8 = 1;
const CHECKSUM_BYTES: usize = 8;

/// Writes cells, at most [`ROWS`].
pub(crate) fn encode(cells: &[Cell]) -> Vec<u8> {
    let mut bytes = vec![0; CHECKSUM_BYTES];
    let count = u32::try_from(cells.len()).unwrap_or(u32::MAX);
    match cells.first() {
        Some(first) if cells.iter().all(|cell| cell == first) => {
            bytes.push(CONSTANT);
            bytes.extend(count.to_le_bytes());
            bytes.push(first.tag);
            bytes.extend(first.bits.to_le_bytes());
        }
        _ => {
            bytes.push(PLAIN);
            bytes.extend(count.to_le_bytes());
            bytes.extend(cells.iter().map(|cell| cell.tag));
            bytes.extend(cells.iter().flat_map(|cell| cell.bits.to_le_bytes()));
        }
    }
    let sum = checksum(bytes.get(CHECKSUM_BYTES..).unwrap_or_default());
    if let Some(head) = bytes.first_chunk_mut::<CHECKSUM_BYTES>() {
        *head = sum;
    }
    bytes
}

/// Reads cells; `None` if the bytes are not what was written.
pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<Cell>> {
    let (sum, body) = bytes.split_first_chunk::<CHECKSUM_BYTES>()?;
    if checksum(body) != *sum {
        return None;
    }
    let (form, rest) = body.split_first()?;
    let (count, rest) = rest.split_first_chunk::<4>()?;
    let count = u32::from_le_bytes(*count) as usize;
    if *form == CONSTANT {
        let (tag, bits) = rest.split_first()?;
        let cell = Cell { tag: *tag, bits: u64::from_le_bytes(*bits.first_chunk::<8>()?) };
        return (count <= ROWS).then(|| vec![cell; count]);
    }
    let (tags, bits) = rest.split_at_checked(count)?;
    let (bits, rest) = bits.as_chunks::<8>();
    if bits.len() != count || !rest.is_empty() {
        return None;
    }
    Some(tags.iter().zip(bits).map(|(tag, bits)| Cell { tag: *tag, bits: u64::from_le_bytes(*bits) }).collect())
}

fn checksum(body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    *blake3::hash(body).as_bytes().first_chunk().unwrap_or(&[0; CHECKSUM_BYTES])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_as_they_were_written() {
        let same = vec![Cell::int(-7); 100];
        let mixed: Vec<Cell> = (0..ROWS as i64).map(Cell::int).chain([]).collect();
        for cells in [Vec::new(), same, mixed] {
            assert_eq!(decode(&encode(&cells)), Some(cells));
        }
    }

    #[test]
    fn a_flipped_bit_is_noticed() {
        let cells: Vec<Cell> = (0..9).map(Cell::int).collect();
        let bytes = encode(&cells);
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            if let Some(byte) = bad.get_mut(bit / 8) {
                *byte ^= 1 << (bit % 8);
            }
            assert_eq!(decode(&bad), None, "bit {bit}");
        }
    }
}
