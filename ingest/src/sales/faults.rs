//! What can be wrong with one row of `sales`, as a small number that SQL can carry.

use crate::date::DateFault;
use crate::number::NumberFault;

/// The columns that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Store,
    Product,
    Day,
    Units,
    Price,
    Promo,
    Stockout,
    Customers,
    Currency,
}

/// In the order in which a row's first fault is named.
pub(crate) const PARTS: [Part; 9] = [
    Part::Store,
    Part::Product,
    Part::Day,
    Part::Units,
    Part::Price,
    Part::Promo,
    Part::Stockout,
    Part::Customers,
    Part::Currency,
];

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Number(NumberFault),
    Date(DateFault),
    /// The store is in no row of `stores`.
    Orphan,
    /// The store's own row was refused, which was said there.
    Refused,
    /// After `as_of`.
    Future,
    /// Not the first day of a week of its market.
    Misaligned,
    /// A price of 0 or less, where units were sold.
    NotPositive,
    /// Neither yes nor no.
    Word,
    /// Not the currency of the store's market.
    Currency,
}

const KINDS: [Kind; 20] = [
    Kind::Number(NumberFault::Blank),
    Kind::Number(NumberFault::NotFinite),
    Kind::Number(NumberFault::NotANumber),
    Kind::Number(NumberFault::Padded),
    Kind::Number(NumberFault::Comma),
    Kind::Number(NumberFault::Range),
    Kind::Number(NumberFault::Fraction),
    Kind::Number(NumberFault::Negative),
    Kind::Number(NumberFault::Decimals),
    Kind::Date(DateFault::Blank),
    Kind::Date(DateFault::Impossible),
    Kind::Date(DateFault::Notation),
    Kind::Date(DateFault::Timestamp),
    Kind::Orphan,
    Kind::Refused,
    Kind::Future,
    Kind::Misaligned,
    Kind::NotPositive,
    Kind::Word,
    Kind::Currency,
];

/// One fault of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowFault {
    pub(crate) part: Part,
    pub(crate) kind: Kind,
}

/// Values below this are faults; no count, day or price comes near it.
const FAULTS: i64 = i64::MIN + 4096;

impl RowFault {
    /// As a number above 0.
    pub(crate) fn number(self) -> i64 {
        let part = PARTS.iter().position(|part| *part == self.part).unwrap_or(0);
        let kind = KINDS.iter().position(|kind| *kind == self.kind).unwrap_or(0);
        i64::try_from(part * 32 + kind + 1).unwrap_or(1)
    }

    /// From its number.
    pub(crate) fn from_number(number: i64) -> Option<Self> {
        let number = usize::try_from(number).ok()?.checked_sub(1)?;
        Some(Self { part: *PARTS.get(number / 32)?, kind: *KINDS.get(number % 32)? })
    }

    /// In place of a value.
    pub(crate) fn value(self) -> i64 {
        i64::MIN + self.number()
    }

    /// The fault that stands in place of a value, as its number; 0 where the value is one.
    pub(crate) fn of_value(value: i64) -> i64 {
        if value < FAULTS { value - i64::MIN } else { 0 }
    }

    /// Its code in docs/errors.md.
    pub(crate) fn code(self) -> &'static str {
        match self.kind {
            // A negative price is a price that makes no sense; negative units are returns.
            Kind::Number(NumberFault::Negative) if self.part == Part::Price => "E-VAL-005",
            Kind::Number(fault) => fault.code(),
            Kind::Date(fault) => fault.code(),
            Kind::Orphan | Kind::Refused => "E-REF-001",
            Kind::Future => "E-DATE-001",
            Kind::Misaligned => "E-CAL-001",
            Kind::NotPositive => "E-VAL-005",
            Kind::Word => "E-SCH-002",
            Kind::Currency => "E-CUR-001",
        }
    }

    /// What is wrong, as the predicate of a sentence about the cell.
    pub(crate) fn words(self) -> &'static str {
        match self.kind {
            Kind::Number(fault) => fault.words(),
            Kind::Date(fault) => fault.words(),
            Kind::Orphan | Kind::Refused => "is not in `stores`",
            Kind::Future => "lies after `as_of`",
            Kind::Misaligned => "is not the first day of a week of its market",
            Kind::NotPositive => "is not above 0, though units were sold",
            Kind::Word => "is neither yes (1, true) nor no (0, false)",
            Kind::Currency => "is not the currency of the store's market",
        }
    }

    /// What to do about it.
    pub(crate) fn mend(self) -> &'static str {
        match self.kind {
            Kind::Number(fault) => fault.mend(),
            Kind::Date(fault) => fault.mend(),
            Kind::Orphan | Kind::Refused => "add the stores, or leave the rows out with `sql`",
            Kind::Future => "correct the dates or `as_of`; the machine's clock plays no part",
            Kind::Misaligned => "set the market's `week_start`, or name the column `date` if it holds days",
            Kind::NotPositive => "correct the price, or leave it blank where it is unknown",
            Kind::Word => "write 0 or 1",
            Kind::Currency => "convert the prices to the market's currency",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_survives_its_number() {
        for part in PARTS {
            for kind in KINDS {
                let fault = RowFault { part, kind };
                assert_eq!(RowFault::from_number(fault.number()), Some(fault));
                assert_eq!(RowFault::of_value(fault.value()), fault.number());
            }
        }
        assert_eq!(RowFault::of_value(-3), 0);
        assert_eq!(RowFault::from_number(0), None);
    }
}
