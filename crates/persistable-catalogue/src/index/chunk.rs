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
/// All cells have the same tag, and their bits are not far apart.
const PACKED: u8 = 2;
const CHECKSUM_BYTES: usize = 8;

/// The cells of a chunk, at most [`ROWS`]. Whole columns are kept in memory, and most of them are small this way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cells {
    Same(Cell, usize),
    /// The cells' bits above `least`, each in `width` bytes.
    Packed {
        tag: u8,
        least: u64,
        width: usize,
        bytes: Vec<u8>,
    },
    Plain(Vec<Cell>),
}

impl Cells {
    /// Packs cells.
    pub(crate) fn of(cells: &[Cell]) -> Self {
        let first = cells.first().copied().unwrap_or_default();
        if cells.iter().all(|cell| *cell == first) {
            return Self::Same(first, cells.len());
        }
        let bits = || cells.iter().map(|cell| cell.bits.cast_signed());
        let (least, most) = (bits().min().unwrap_or(0).cast_unsigned(), bits().max().unwrap_or(0).cast_unsigned());
        let width = match most.wrapping_sub(least) {
            0..0x100 => 1,
            0x100..0x1_0000 => 2,
            0x1_0000..0x1_0000_0000 => 4,
            _ => 8,
        };
        if width == 8 || cells.iter().any(|cell| cell.tag != first.tag) {
            return Self::Plain(cells.to_vec());
        }
        let packed = |cell: &Cell| cell.bits.wrapping_sub(least).to_le_bytes().into_iter().take(width);
        Self::Packed { tag: first.tag, least, width, bytes: cells.iter().flat_map(packed).collect() }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Same(_, count) => *count,
            Self::Packed { width, bytes, .. } => bytes.len() / width,
            Self::Plain(cells) => cells.len(),
        }
    }

    pub(crate) fn get(&self, at: usize) -> Option<Cell> {
        match self {
            Self::Same(cell, count) => (at < *count).then_some(*cell),
            Self::Packed { tag, least, width, bytes } => {
                let packed = bytes.get(at * width..(at + 1) * width)?;
                Some(Cell { tag: *tag, bits: least.wrapping_add(unpacked(packed)) })
            }
            Self::Plain(cells) => cells.get(at).copied(),
        }
    }

    pub(crate) fn to_vec(&self) -> Vec<Cell> {
        match self {
            Self::Same(cell, count) => vec![*cell; *count],
            Self::Packed { tag, least, width, bytes } => bytes
                .chunks_exact(*width)
                .map(|packed| Cell { tag: *tag, bits: least.wrapping_add(unpacked(packed)) })
                .collect(),
            Self::Plain(cells) => cells.clone(),
        }
    }
}

fn unpacked(packed: &[u8]) -> u64 {
    match packed {
        [a] => u64::from(*a),
        [a, b] => u64::from(u16::from_le_bytes([*a, *b])),
        [a, b, c, d] => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => 0,
    }
}

/// Writes cells, at most [`ROWS`].
pub(crate) fn encode(cells: &Cells) -> Vec<u8> {
    let mut bytes = vec![0; CHECKSUM_BYTES];
    let count = u32::try_from(cells.len()).unwrap_or(u32::MAX).to_le_bytes();
    match cells {
        Cells::Same(cell, _) => {
            bytes.push(CONSTANT);
            bytes.extend(count);
            bytes.push(cell.tag);
            bytes.extend(cell.bits.to_le_bytes());
        }
        Cells::Packed { tag, least, width, bytes: packed } => {
            bytes.push(PACKED);
            bytes.extend(count);
            bytes.push(*tag);
            bytes.extend(least.to_le_bytes());
            bytes.push(u8::try_from(*width).unwrap_or_default());
            bytes.extend(packed);
        }
        Cells::Plain(cells) => {
            bytes.push(PLAIN);
            bytes.extend(count);
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
pub(crate) fn decode(bytes: &[u8]) -> Option<Cells> {
    let (sum, body) = bytes.split_first_chunk::<CHECKSUM_BYTES>()?;
    if checksum(body) != *sum {
        return None;
    }
    let (form, rest) = body.split_first()?;
    let (count, rest) = rest.split_first_chunk::<4>()?;
    let count = u32::from_le_bytes(*count) as usize;
    if count > ROWS {
        return None;
    }
    if *form == PLAIN {
        let (tags, bits) = rest.split_at_checked(count)?;
        let (bits, rest) = bits.as_chunks::<8>();
        if bits.len() != count || !rest.is_empty() {
            return None;
        }
        let cell = |(tag, bits): (&u8, &[u8; 8])| Cell { tag: *tag, bits: u64::from_le_bytes(*bits) };
        return Some(Cells::Plain(tags.iter().zip(bits).map(cell).collect()));
    }
    let (tag, rest) = rest.split_first()?;
    let (bits, rest) = rest.split_first_chunk::<8>()?;
    let bits = u64::from_le_bytes(*bits);
    match *form {
        CONSTANT => Some(Cells::Same(Cell { tag: *tag, bits }, count)),
        PACKED => {
            let (width, packed) = rest.split_first()?;
            let width = usize::from(*width);
            let is_whole = matches!(width, 1 | 2 | 4) && packed.len() == count * width;
            is_whole.then(|| Cells::Packed { tag: *tag, least: bits, width, bytes: packed.to_vec() })
        }
        _ => None,
    }
}

fn checksum(body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    *blake3::hash(body).as_bytes().first_chunk().unwrap_or(&[0; CHECKSUM_BYTES])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_as_they_were_written() {
        let same = vec![Cell::int(-7); 100];
        let near: Vec<Cell> = (-9..ROWS as i64 - 9).map(Cell::int).collect();
        let far = vec![Cell::int(i64::MIN), Cell::int(i64::MAX), Cell::int(0)];
        let few = vec![Cell::int(-128), Cell::int(127)];
        let many = vec![Cell::int(5), Cell::int(5 + i64::from(u32::MAX))];
        let mixed = vec![Cell::int(1), Cell::MISSING, Cell { tag: TERM, bits: 1 }];
        for cells in [Vec::new(), same, near, far, few, many, mixed] {
            let packed = Cells::of(&cells);
            assert_eq!(decode(&encode(&packed)), Some(packed.clone()));
            assert_eq!(packed.to_vec(), cells);
            assert_eq!((0..cells.len()).map(|at| packed.get(at).unwrap()).collect::<Vec<_>>(), cells);
            assert_eq!((packed.len(), packed.get(cells.len())), (cells.len(), None));
        }
    }

    #[test]
    fn a_flipped_bit_is_noticed() {
        let cells: Vec<Cell> = (0..9).map(Cell::int).collect();
        let bytes = encode(&Cells::of(&cells));
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            if let Some(byte) = bad.get_mut(bit / 8) {
                *byte ^= 1 << (bit % 8);
            }
            assert_eq!(decode(&bad), None, "bit {bit}");
        }
    }
}
