//! The survey of a CSV file: one pass over its bytes that hashes them and finds what is broken.
//!
//! It also notes where records end, so that the chunks between can be read in parallel later. What
//! it has passed holds: every chunk is UTF-8 and made of whole records.

use std::fs::File;
use std::io::Read;

use domain::diagnostic::{Diagnostic, Place, Refusal};
use domain::hash::ContentHash;
use sha2::{Digest, Sha256};

use crate::date::date;
use crate::findings::{Findings, at};
use crate::limits::{COLUMNS_MAX, FIELD_BYTES_MAX, RECORD_BYTES_MAX, ROWS_MAX};
use crate::locate::Located;
use crate::number::decimal;
use crate::scan::{Fault, Field, Step, step};
use crate::text::list;

/// About so many bytes make a chunk.
const CHUNK_BYTES: usize = 2 << 20;

/// Some whole records of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// Where it starts.
    pub(crate) offset: u64,
    /// How long it is.
    pub(crate) bytes: usize,
    /// The physical line of its first byte.
    pub(crate) line: u64,
}

/// What the survey found.
#[derive(Debug)]
pub(crate) struct CsvFile {
    pub(crate) header: Vec<String>,
    /// The header's chunk first; its record is skipped when read.
    pub(crate) chunks: Vec<Chunk>,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) hash: ContentHash,
}

struct Survey<'a> {
    named: &'a str,
    delimiter: u8,
    findings: &'a mut Findings,
    header: Option<Vec<String>>,
    rows: u64,
    line: u64,
    fields: Vec<Field>,
    /// Set by what makes reading on pointless.
    stuck: bool,
}

/// Surveys a file; none where a finding makes it unreadable.
pub(crate) fn survey(file: &Located, delimiter: u8, findings: &mut Findings) -> Option<CsvFile> {
    let mut source = File::open(&file.path).ok()?;
    let mut digest = Sha256::new();
    let mut survey = Survey {
        named: &file.named,
        delimiter,
        findings,
        header: None,
        rows: 0,
        line: 1,
        fields: Vec::new(),
        stuck: false,
    };
    let mut chunks = Vec::new();
    let mut held: Vec<u8> = Vec::with_capacity(2 * CHUNK_BYTES);
    let (mut offset, mut bytes) = (0_u64, 0_u64);
    loop {
        let filled = held.len();
        held.resize(filled + CHUNK_BYTES, 0);
        let mut got = 0;
        while filled + got < held.len() {
            match source.read(&mut held[filled + got..]) {
                Ok(0) => break,
                Ok(count) => got += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => {
                    survey.findings.say(Diagnostic::error(
                        Refusal::Transient,
                        "E-IN-008",
                        at(&file.named),
                        format!("reading failed at byte {}", bytes + got as u64),
                        "try again; if it stays, check the disk",
                    ));
                    return None;
                }
            }
        }
        held.truncate(filled + got);
        digest.update(&held[filled..]);
        let last = got < CHUNK_BYTES;
        if bytes == 0 && !survey.opening(&held) {
            return None;
        }
        bytes += got as u64;
        if offset == 0 && held.starts_with(b"\xef\xbb\xbf") {
            held.drain(..3);
            offset = 3;
        }
        let line = survey.line;
        let used = survey.records(&held, offset, last);
        if survey.stuck {
            // The hash is still due to nobody: the file is refused.
            return None;
        }
        if used > 0 {
            chunks.push(Chunk { offset, bytes: used, line });
        }
        offset += used as u64;
        held.drain(..used);
        if last {
            break;
        }
    }
    let Some(header) = survey.header else {
        survey.findings.refuse("E-IN-002", at(&file.named), "the file is empty but for line ends", "export it again");
        return None;
    };
    Some(CsvFile { header, chunks, rows: survey.rows, bytes, hash: ContentHash(digest.finalize().into()) })
}

impl Survey<'_> {
    fn place(&self, line: u64) -> Place {
        Place { file: self.named.to_owned(), line: Some(line), column: None, mark: None }
    }

    /// Looks at a file's first bytes for what is no UTF-8 text at all.
    fn opening(&mut self, head: &[u8]) -> bool {
        if head.is_empty() {
            self.findings.refuse("E-IN-002", at(self.named), "the file is empty", "export it again");
            return false;
        }
        let pairs = head.len().min(400) / 2;
        let wide =
            |which: usize| (0..pairs).filter(|pair| head[2 * pair + which] == 0).count() * 2 > pairs && pairs > 1;
        if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) || wide(0) || wide(1) {
            let cause = "the file looks like UTF-16";
            self.findings.refuse("E-CSV-002", at(self.named), cause, "re-export as UTF-8");
            return false;
        }
        let packed: [(&[u8], &str); 5] = [
            (b"\x1f\x8b", "gzip"),
            (b"PK\x03\x04", "zip or a workbook"),
            (b"\x28\xb5\x2f\xfd", "zstandard"),
            (b"BZh", "bzip2"),
            (b"PAR1", "Parquet"),
        ];
        if let Some((_, name)) = packed.iter().find(|(magic, _)| head.starts_with(magic)) {
            let cause = format!("the file is {name}, not CSV");
            self.findings.refuse("E-IN-006", at(self.named), cause, "unpack it, or state its `format`");
            return false;
        }
        if head.starts_with(b"\xef\xbb\xbf") {
            let place = at(self.named);
            self.findings.say(Diagnostic::info("I-CSV-BOM", place, "a byte order mark was skipped", ""));
        }
        true
    }

    /// Goes over the records in `held`, which starts at byte `offset`; how many bytes were whole records.
    fn records(&mut self, held: &[u8], offset: u64, last: bool) -> usize {
        if let Some(nul) = held.iter().position(|byte| *byte == 0) {
            let line = self.line + newlines(&held[..nul]);
            let cause = format!("a NUL at byte {}", offset + nul as u64);
            self.findings.refuse("E-CSV-008", self.place(line), cause, "export it again as text");
            self.stuck = true;
            return 0;
        }
        let mut fields = std::mem::take(&mut self.fields);
        let first_line = self.line;
        let mut used = 0;
        loop {
            match step(held, used, self.delimiter, &mut fields) {
                Step::Record { next, lines } => {
                    if !self.record(held, used, offset, &fields) {
                        break;
                    }
                    self.line += lines;
                    used = next;
                }
                Step::Blank { next } => {
                    self.line += 1;
                    used = next;
                }
                Step::Incomplete { quoted } => {
                    self.incomplete(&held[used..], offset + used as u64, quoted, last);
                    break;
                }
                Step::Fault(fault) => {
                    self.broken(fault);
                    break;
                }
            }
        }
        self.fields = fields;
        if !self.stuck {
            self.utf8(&held[..used], offset, first_line);
        }
        used
    }

    /// Checks one record; false where reading on is pointless.
    fn record(&mut self, held: &[u8], start: usize, offset: u64, fields: &[Field]) -> bool {
        if let Some(long) = fields.iter().find(|field| field.end - field.start > FIELD_BYTES_MAX) {
            self.huge(&held[long.start..long.end], held[long.start.saturating_sub(1)] == b'"');
            return false;
        }
        let Some(header) = &self.header else {
            return self.first(held, start, offset, fields);
        };
        self.rows += 1;
        if self.rows > ROWS_MAX {
            let cause = format!("more than {ROWS_MAX} rows");
            self.limit(cause);
            return false;
        }
        if fields.len() != header.len() {
            let cause = format!("line {} has {} fields, expected {}", self.line, fields.len(), header.len());
            let place = self.place(self.line);
            self.findings.row("E-CSV-004", place, cause, "quote fields that hold the delimiter; complete short rows");
        }
        true
    }

    /// Reads the header.
    fn first(&mut self, held: &[u8], start: usize, offset: u64, fields: &[Field]) -> bool {
        self.stuck = true;
        let Ok(text) = std::str::from_utf8(&held[start..fields.last().map_or(start, |field| field.end)]) else {
            let end = fields.last().map_or(start, |field| field.end);
            self.utf8(&held[start..end], offset + start as u64, self.line);
            return false;
        };
        let moved = |field: &Field| Field { start: field.start - start, end: field.end - start, ..*field };
        let names: Vec<String> =
            fields.iter().map(|field| moved(field).text(text, &mut String::new()).to_owned()).collect();
        if let [only] = names.as_slice()
            && only.contains([',', ';', '\t', '|'])
        {
            let cause = "1 column found; is the delimiter another one?";
            let place = self.place(self.line);
            self.findings.refuse("E-CSV-005", place, cause, "state `delimiter` for this table");
            return false;
        }
        if names.len() > COLUMNS_MAX {
            self.limit(format!("{} columns, at most {COLUMNS_MAX} are read", names.len()));
            return false;
        }
        let mut sorted = names.clone();
        sorted.sort_unstable();
        let repeated: Vec<&String> = sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
        if !repeated.is_empty() {
            let place = self.place(self.line);
            if names.iter().any(|name| decimal(name).is_ok() || date(name).is_ok()) {
                let cause = format!("the first line is not the header: it reads {}", list(&names));
                self.findings.refuse("E-SCH-004", place, cause, "write the column names on the first line");
            } else {
                let cause = format!("the header repeats {}; it reads {}", list(&repeated), list(&names));
                self.findings.refuse("E-SCH-001", place, cause, "give each column one name");
            }
            return false;
        }
        self.stuck = false;
        self.header = Some(names);
        true
    }

    fn incomplete(&mut self, rest: &[u8], offset: u64, quoted: bool, last: bool) {
        if rest.is_empty() {
            return;
        }
        if !last {
            if rest.len() > RECORD_BYTES_MAX {
                self.huge(rest, quoted);
            }
            return;
        }
        self.stuck = true;
        if quoted {
            let cause = format!("a quote opened at line {} is never closed", self.line);
            self.findings.refuse("E-CSV-003", self.place(self.line), cause, "close or double the quote");
        } else if rest.len() > FIELD_BYTES_MAX && !rest[..FIELD_BYTES_MAX].contains(&self.delimiter) {
            self.huge(rest, false);
        } else {
            let cause = format!(
                "the last record is unterminated at byte {}: the file seems cut off",
                offset + rest.len() as u64
            );
            self.findings.refuse(
                "E-IN-004",
                self.place(self.line),
                cause,
                "export it again; a whole file ends with a line end",
            );
        }
    }

    fn huge(&mut self, bytes: &[u8], quoted: bool) {
        self.stuck = true;
        if quoted && bytes.contains(&b'\n') {
            let cause = format!("a quote opened at line {} runs on over more than 1 MiB", self.line);
            self.findings.refuse("E-CSV-003", self.place(self.line), cause, "close or double the quote");
        } else {
            self.limit("a field is longer than 1 MiB".to_owned());
        }
    }

    fn limit(&mut self, cause: String) {
        self.stuck = true;
        let place = self.place(self.line);
        self.findings.say(Diagnostic::error(Refusal::Limit, "E-LIM-003", place, cause, "split or correct the file"));
    }

    fn broken(&mut self, fault: Fault) {
        self.stuck = true;
        let place = self.place(self.line);
        match fault {
            Fault::AfterQuote => {
                let cause = format!("a quote opened at line {} is not closed before the next delimiter", self.line);
                self.findings.refuse("E-CSV-003", place, cause, "double quotes inside a quoted field");
            }
            Fault::LoneReturn => self.findings.refuse(
                "E-CSV-007",
                place,
                "a carriage return without a line feed",
                "end lines with LF or CRLF",
            ),
        }
    }

    /// Refuses what is not UTF-8, and says what it looks like.
    fn utf8(&mut self, bytes: &[u8], offset: u64, first_line: u64) {
        let Err(error) = std::str::from_utf8(bytes) else { return };
        self.stuck = true;
        let bad = error.valid_up_to();
        let line = first_line + newlines(&bytes[..bad]);
        // In Latin-1 text, letters with accents stand alone between ASCII letters.
        let letter = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphabetic);
        let alone = |at: usize| {
            !letter(bytes.get(at))
                && (letter(at.checked_sub(1).and_then(|before| bytes.get(before))) || letter(bytes.get(at + 1)))
        };
        let cause = format!("invalid UTF-8 at line {line} byte {}", offset + bad as u64);
        if (0xc0..0xfe).contains(&bytes[bad]) && alone(bad) && bytes.get(bad + 1).is_none_or(u8::is_ascii) {
            let cause = format!("the file looks like Latin-1: {cause}");
            self.findings.refuse("E-CSV-002", self.place(line), cause, "re-export as UTF-8");
        } else {
            self.findings.refuse("E-CSV-001", self.place(line), cause, "export as UTF-8; nothing is replaced silently");
        }
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}
