//! Reads a zip file, as little of it as a test of a workbook needs: the central directory, and
//! deflate (RFC 1951) decoded bit by bit.

use std::collections::BTreeMap;

/// The files of a zip, by name.
pub(crate) fn files(zip: &[u8]) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut at = 0;
    while let Some(found) = zip[at..].windows(4).position(|bytes| bytes == b"PK\x01\x02") {
        let entry = at + found;
        let (name_length, start) = (number(zip, entry + 28, 2), number(zip, entry + 42, 4));
        let name = String::from_utf8_lossy(&zip[entry + 46..entry + 46 + name_length]).into_owned();
        let data = start + 30 + number(zip, start + 26, 2) + number(zip, start + 28, 2);
        let length = number(zip, entry + 20, 4);
        let content = match number(zip, entry + 10, 2) {
            0 => zip[data..data + length].to_vec(),
            _ => inflate(&zip[data..data + length]),
        };
        assert_eq!(content.len(), number(zip, entry + 24, 4), "{name} is whole");
        files.insert(name, String::from_utf8_lossy(&content).into_owned());
        at = entry + 4;
    }
    files
}

fn number(bytes: &[u8], at: usize, length: usize) -> usize {
    bytes[at..at + length].iter().rev().fold(0, |value, &byte| value << 8 | usize::from(byte))
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> usize {
        let bit = |at: usize| usize::from(self.bytes[at / 8] >> (at % 8) & 1);
        let value = (0..count).fold(0, |value, place| value | bit(self.at + place) << place);
        self.at += count;
        value
    }
}

/// A canonical Huffman code: how many codes of each length, and their symbols in order.
struct Code {
    counts: [usize; 16],
    symbols: Vec<usize>,
}

impl Code {
    fn new(lengths: &[usize]) -> Self {
        let mut counts = [0; 16];
        for &length in lengths {
            counts[length] += 1;
        }
        counts[0] = 0;
        let mut symbols: Vec<usize> = (0..lengths.len()).filter(|&symbol| lengths[symbol] > 0).collect();
        symbols.sort_by_key(|&symbol| (lengths[symbol], symbol));
        Self { counts, symbols }
    }

    fn read(&self, bits: &mut Bits) -> usize {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for &count in &self.counts[1..] {
            code |= bits.take(1);
            if code < first + count {
                return self.symbols[index + code - first];
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        panic!("not a code of this block")
    }
}

/// The base and extra bits of length and distance symbols: `step` symbols share each number of bits.
fn span(symbol: usize, step: usize, base: usize) -> (usize, usize) {
    if symbol < 2 * step {
        return (base + symbol, 0);
    }
    let extra = symbol / step - 1;
    (base + ((step + symbol % step) << extra), extra)
}

fn inflate(bytes: &[u8]) -> Vec<u8> {
    let mut bits = Bits { bytes, at: 0 };
    let mut out: Vec<u8> = Vec::new();
    loop {
        let (last, kind) = (bits.take(1), bits.take(2));
        if kind == 0 {
            bits.at = bits.at.div_ceil(8) * 8;
            let length = bits.take(16);
            bits.take(16);
            (0..length).for_each(|_| out.push(u8::try_from(bits.take(8)).expect("eight bits")));
        } else {
            let (literals, distances) = if kind == 1 { fixed() } else { dynamic(&mut bits) };
            loop {
                match literals.read(&mut bits) {
                    literal @ 0..=255 => out.push(u8::try_from(literal).expect("below 256")),
                    256 => break,
                    symbol => {
                        let (base, extra) = if symbol == 285 { (258, 0) } else { span(symbol - 257, 4, 3) };
                        let length = base + bits.take(extra);
                        let (base, extra) = span(distances.read(&mut bits), 2, 1);
                        let from = out.len() - base - bits.take(extra);
                        (0..length).for_each(|at| out.push(out[from + at]));
                    }
                }
            }
        }
        if last == 1 {
            return out;
        }
    }
}

fn fixed() -> (Code, Code) {
    let lengths: Vec<usize> = (0..288)
        .map(|s| {
            if s < 144 {
                8
            } else if s < 256 {
                9
            } else if s < 280 {
                7
            } else {
                8
            }
        })
        .collect();
    (Code::new(&lengths), Code::new(&[5; 30]))
}

fn dynamic(bits: &mut Bits) -> (Code, Code) {
    let (literals, distances, codes) = (bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4);
    let mut lengths = [0; 19];
    for &at in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].iter().take(codes) {
        lengths[at] = bits.take(3);
    }
    let code = Code::new(&lengths);
    let mut all: Vec<usize> = Vec::new();
    while all.len() < literals + distances {
        let (value, times) = match code.read(bits) {
            16 => (all[all.len() - 1], 3 + bits.take(2)),
            17 => (0, 3 + bits.take(3)),
            18 => (0, 11 + bits.take(7)),
            length => (length, 1),
        };
        all.extend(std::iter::repeat_n(value, times));
    }
    (Code::new(&all[..literals]), Code::new(&all[literals..]))
}
