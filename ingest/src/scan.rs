//! Splits CSV bytes into records (RFC 4180), strictly.
//!
//! The same splitter serves the survey of a file and the reading of its chunks, so the two can't
//! disagree on where a record ends. It is stricter than a general reader: a quoted field that goes
//! on after its closing quote and a carriage return without a line feed are faults, not data.

/// One field: the bytes between `start` and `end`, quotes left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether doubled quotes or line ends inside have to be resolved.
    pub(crate) escaped: bool,
}

impl Field {
    /// The field's text within the chunk it was split from.
    pub(crate) fn text<'a>(&self, chunk: &'a str, scratch: &'a mut String) -> &'a str {
        let raw = &chunk[self.start..self.end];
        if !self.escaped {
            return raw;
        }
        scratch.clear();
        scratch.push_str(&raw.replace("\"\"", "\"").replace("\r\n", "\n"));
        scratch
    }
}

/// What stands at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A record; its fields are in the buffer.
    Record {
        /// Where the next one starts.
        next: usize,
        /// Physical lines it spans.
        lines: u64,
    },
    /// A line without anything on it.
    Blank {
        /// Where the next line starts.
        next: usize,
    },
    /// The bytes end before the record does.
    Incomplete {
        /// Whether they end inside quotes.
        quoted: bool,
    },
    /// The record is broken.
    Fault(Fault),
}

/// Why a record is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Something follows a closing quote.
    AfterQuote,
    /// A carriage return without a line feed.
    LoneReturn,
}

/// Splits the record that starts at `at`.
pub(crate) fn step(bytes: &[u8], at: usize, delimiter: u8, fields: &mut Vec<Field>) -> Step {
    fields.clear();
    match bytes.get(at) {
        None => return Step::Incomplete { quoted: false },
        Some(b'\n') => return Step::Blank { next: at + 1 },
        Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => return Step::Blank { next: at + 2 },
        Some(_) => {}
    }
    let mut lines = 1;
    let mut at = at;
    loop {
        if bytes.get(at) == Some(&b'"') {
            let start = at + 1;
            let mut escaped = false;
            at = start;
            loop {
                match bytes.get(at) {
                    None => return Step::Incomplete { quoted: true },
                    Some(b'"') => match bytes.get(at + 1) {
                        Some(b'"') => {
                            escaped = true;
                            at += 2;
                        }
                        _ => break,
                    },
                    Some(b'\n') => {
                        lines += 1;
                        at += 1;
                    }
                    Some(b'\r') => {
                        escaped = true;
                        at += 1;
                    }
                    Some(_) => at += 1,
                }
            }
            fields.push(Field { start, end: at, escaped });
            at += 1;
        } else {
            let start = at;
            match bytes[start..].iter().position(|&byte| byte == delimiter || byte == b'\n' || byte == b'\r') {
                Some(length) => at = start + length,
                None => return Step::Incomplete { quoted: false },
            }
            fields.push(Field { start, end: at, escaped: false });
        }
        match bytes.get(at) {
            Some(&byte) if byte == delimiter => at += 1,
            Some(b'\n') => return Step::Record { next: at + 1, lines },
            Some(b'\r') => match bytes.get(at + 1) {
                Some(b'\n') => return Step::Record { next: at + 2, lines },
                Some(_) => return Step::Fault(Fault::LoneReturn),
                None => return Step::Incomplete { quoted: false },
            },
            None => return Step::Incomplete { quoted: false },
            Some(_) => return Step::Fault(Fault::AfterQuote),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<Vec<String>> {
        let (mut at, mut fields, mut all) = (0, Vec::new(), Vec::new());
        loop {
            match step(text.as_bytes(), at, b',', &mut fields) {
                Step::Record { next, .. } => {
                    all.push(fields.iter().map(|field| field.text(text, &mut String::new()).to_owned()).collect());
                    at = next;
                }
                Step::Blank { next } => at = next,
                Step::Incomplete { .. } | Step::Fault(_) => return all,
            }
        }
    }

    #[test]
    fn agrees_with_the_csv_crate_on_well_formed_text() {
        let pieces = ["a", "", "\"x\"", "\"p,q\"", "\"l\nm\"", "\"d\"\"q\"", "é", "5\" screen", "\"\""];
        let mut state = 7_u64;
        for _ in 0..500 {
            let mut text = String::new();
            for _ in 0..6 {
                let row: Vec<&str> = (0..3)
                    .map(|_| {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                        pieces[(state >> 33) as usize % pieces.len()]
                    })
                    .collect();
                text.push_str(&row.join(","));
                text.push_str(if state & (1 << 40) == 0 { "\n" } else { "\r\n" });
            }
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let expected: Vec<Vec<String>> =
                reader.records().map(|record| record.expect("utf-8").iter().map(str::to_owned).collect()).collect();
            assert_eq!(records(&text), expected, "{text:?}");
        }
    }

    #[test]
    fn broken_records_are_faults() {
        let mut fields = Vec::new();
        let mut at_start = |text: &str| step(text.as_bytes(), 0, b',', &mut fields);
        assert_eq!(at_start("\"a\"b,c\n"), Step::Fault(Fault::AfterQuote));
        assert_eq!(at_start("a\rb\n"), Step::Fault(Fault::LoneReturn));
        assert_eq!(at_start("a,\"b\n"), Step::Incomplete { quoted: true });
        assert_eq!(at_start("a,b"), Step::Incomplete { quoted: false });
        assert_eq!(at_start("a,\"b\nc\"\n"), Step::Record { next: 8, lines: 2 });
    }
}
