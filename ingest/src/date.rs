//! Dates as they are written: ISO 8601 `YYYY-MM-DD` and nothing else.

use domain::calendar::{Date, epoch_day};

/// Why a text is not the date it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DateFault {
    /// Nothing is written.
    Blank,
    /// No such day, a sentinel such as 1900-01-01 or 9999-12-31, or a spreadsheet's day number.
    Impossible,
    /// Another notation, in which day and month may be taken for each other.
    Notation,
    /// A time of day or an offset is attached.
    Timestamp,
}

impl DateFault {
    /// Its code in docs/errors.md.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Blank => "E-VAL-009",
            Self::Impossible => "E-DATE-003",
            Self::Notation => "E-DATE-004",
            Self::Timestamp => "E-TZ-001",
        }
    }

    /// What is wrong, as the predicate of a sentence about the value.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Blank => "is blank, but a date is needed",
            Self::Impossible => "is no real date (no such day, a sentinel, or a spreadsheet's day number)",
            Self::Notation => "is not written as YYYY-MM-DD, so day and month could be mistaken for each other",
            Self::Timestamp => "is a point in time, not a business date",
        }
    }

    /// What to do about it.
    pub(crate) fn mend(self) -> &'static str {
        match self {
            Self::Blank => "fill the cell, or leave the row out with `sql`",
            Self::Impossible => "correct the date; leave `closed` blank for a store that is open",
            Self::Notation => "export dates as YYYY-MM-DD, or convert them with `sql`",
            Self::Timestamp => "give the store's local business date, YYYY-MM-DD",
        }
    }
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
}

/// Reads a date.
pub(crate) fn date(text: &str) -> Result<Date, DateFault> {
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return Err(DateFault::Blank);
    }
    if let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, rest @ ..] = bytes
        && let (Some(year), Some(month), Some(day)) =
            (digits(&[*y1, *y2, *y3, *y4]), digits(&[*m1, *m2]), digits(&[*d1, *d2]))
    {
        if !rest.is_empty() {
            return Err(if matches!(rest[0], b'T' | b't' | b' ') { DateFault::Timestamp } else { DateFault::Notation });
        }
        // Before 1970 no scanner till sold anything, and beyond 2199 lie only sentinels.
        if !(1970..2200).contains(&year) {
            return Err(DateFault::Impossible);
        }
        return Date::from_ymd_opt(i32::try_from(year).unwrap_or(0), month, day).ok_or(DateFault::Impossible);
    }
    if bytes.contains(&b':') {
        return Err(DateFault::Timestamp);
    }
    let number = text.strip_suffix(".0").unwrap_or(text);
    if !number.is_empty() && number.len() <= 6 && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DateFault::Impossible);
    }
    Err(DateFault::Notation)
}

/// Reads a date as days since 1970-01-01.
pub(crate) fn day(text: &str) -> Result<i32, DateFault> {
    date(text).map(epoch_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_iso_dates_are_read() {
        assert_eq!(day("1970-01-02"), Ok(1));
        for (text, fault) in [
            ("", DateFault::Blank),
            ("2025-02-30", DateFault::Impossible),
            ("2025-13-01", DateFault::Impossible),
            ("1900-01-01", DateFault::Impossible),
            ("9999-12-31", DateFault::Impossible),
            ("45678", DateFault::Impossible),
            ("45678.0", DateFault::Impossible),
            ("01/06/2025", DateFault::Notation),
            ("2025/06/01", DateFault::Notation),
            ("20250601", DateFault::Notation),
            ("2025-W23", DateFault::Notation),
            ("2025-06-01T23:30:00Z", DateFault::Timestamp),
            ("2025-06-01 00:00:00", DateFault::Timestamp),
            ("06/01/2025 10:00", DateFault::Timestamp),
        ] {
            assert_eq!(date(text), Err(fault), "{text:?}");
        }
    }
}
