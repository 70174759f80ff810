//! Numbers as they are written: a strict lexical form, read without rounding.
//!
//! A number is `-?digits[.digits][e±digits]` and nothing else: no blanks around it, no plus sign, no
//! decimal comma, no thousands separator. Amounts become whole minor units exactly or not at all.

use domain::units::Currency;

/// Why a text is not the number it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NumberFault {
    /// Nothing is written.
    Blank,
    /// NaN, infinity, a spreadsheet's error or a word for "unknown".
    NotFinite,
    /// Anything else that is no number.
    NotANumber,
    /// A blank before or after it, or a plus sign.
    Padded,
    /// A comma, where a point is due.
    Comma,
    /// Beyond what can be held.
    Range,
    /// Not whole, where a whole number is due.
    Fraction,
    /// Below zero, where that makes no sense.
    Negative,
    /// More decimals than the currency has.
    Decimals,
}

impl NumberFault {
    /// Its code in docs/errors.md.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Blank => "E-VAL-009",
            Self::NotFinite | Self::NotANumber => "E-VAL-001",
            Self::Padded => "E-CSV-006",
            Self::Comma => "E-CSV-005",
            Self::Range => "E-VAL-002",
            Self::Fraction => "E-VAL-004",
            Self::Negative => "E-VAL-003",
            Self::Decimals => "E-CUR-002",
        }
    }

    /// What is wrong, as the predicate of a sentence about the value.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Blank => "is blank, but a value is needed",
            Self::NotFinite => "is not a finite number",
            Self::NotANumber => "is not a number",
            Self::Padded => "has a blank or a plus sign around the number",
            Self::Comma => "has a comma, which may part thousands or decimals",
            Self::Range => "is out of range",
            Self::Fraction => "is not a whole number",
            Self::Negative => "is negative",
            Self::Decimals => "has more decimals than its currency",
        }
    }

    /// What to do about it.
    pub(crate) fn mend(self) -> &'static str {
        match self {
            Self::Blank => "fill the cell, or leave the row out with `sql`",
            Self::NotFinite | Self::NotANumber => "write a plain decimal number, or leave the row out with `sql`",
            Self::Padded => "write the number without blanks or `+`",
            Self::Comma => {
                "export 1234.5 without separators of thousands and with a decimal point, or map the column with `sql`"
            }
            Self::Range => "correct the value",
            Self::Fraction => "give whole units; convert packs to units with `sql`",
            Self::Negative => "correct the value; for `sales`, `returns = true` nets returns",
            Self::Decimals => "round to the currency's minor unit",
        }
    }
}

/// A decimal number, mantissa x 10^-scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    mantissa: i128,
    scale: i32,
    /// Whether digits behind the point were too many to hold.
    cut: bool,
}

const UNKNOWN: [&str; 15] = [
    "nan", "inf", "infinity", "na", "n/a", "#n/a", "null", "none", "-", "?", "#ref!", "#value!", "#div/0!", "#num!",
    "nil",
];

/// Whether a text stands for "no number here" without being blank.
pub(crate) fn is_unknown_word(text: &str) -> bool {
    let bare = text.trim().trim_start_matches(['-', '+']).to_ascii_lowercase();
    UNKNOWN.contains(&bare.as_str()) || matches!(text.trim(), "-" | "--")
}

/// Reads a number.
pub(crate) fn decimal(text: &str) -> Result<Decimal, NumberFault> {
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return Err(NumberFault::Blank);
    }
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, bytes),
    };
    let mut mantissa: i128 = 0;
    let mut scale: i32 = 0;
    let mut cut = false;
    let mut at = 0;
    let (mut whole, mut part) = (0, 0);
    while let Some(&byte) = digits.get(at) {
        match byte {
            b'0'..=b'9' if part > 0 => part += 1,
            b'0'..=b'9' => whole += 1,
            b'.' if part == 0 && whole > 0 => {
                part = 1;
                at += 1;
                continue;
            }
            _ => break,
        }
        // Whole digits beyond 36 are out of every range; they only move the point.
        if mantissa < 1_000_000_000_000_000_000_000_000_000_000_000_000 {
            mantissa = mantissa * 10 + i128::from(byte - b'0');
            scale += i32::from(part > 0);
        } else if part == 0 {
            scale -= 1;
            if scale < -400 {
                return Err(NumberFault::Range);
            }
        } else {
            cut |= byte != b'0';
        }
        at += 1;
    }
    if whole == 0 || part == 1 {
        return Err(diagnose(text));
    }
    if let Some(b'e' | b'E') = digits.get(at) {
        let exponent = std::str::from_utf8(&digits[at + 1..]).unwrap_or("");
        let bare = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if bare.is_empty() || !bare.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(diagnose(text));
        }
        let exponent: i32 = exponent.parse().map_err(|_| NumberFault::Range)?;
        scale = scale.checked_sub(exponent).ok_or(NumberFault::Range)?;
        if mantissa != 0 && !(-308..=400).contains(&scale) {
            return Err(NumberFault::Range);
        }
    } else if at < digits.len() {
        return Err(diagnose(text));
    }
    Ok(Decimal { mantissa: if negative { -mantissa } else { mantissa }, scale, cut })
}

/// Why a text that is no number is none.
fn diagnose(text: &str) -> NumberFault {
    let bare = text.trim();
    if is_unknown_word(text) {
        return NumberFault::NotFinite;
    }
    let unsigned = bare.strip_prefix('+').unwrap_or(bare);
    if unsigned.len() != text.len() && !unsigned.starts_with('+') && decimal(unsigned).is_ok() {
        return NumberFault::Padded;
    }
    let looks = bare.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.' | b'-'));
    if looks && bare.contains(',') && bare.bytes().any(|byte| byte.is_ascii_digit()) {
        return NumberFault::Comma;
    }
    NumberFault::NotANumber
}

impl Decimal {
    /// Times 10^`decimals`, as a whole number; the flag says whether digits were cut off (half away
    /// from zero).
    fn shifted(self, decimals: i32) -> Result<(i128, bool), NumberFault> {
        let mut left = decimals.checked_sub(self.scale).ok_or(NumberFault::Range)?;
        let mut value = self.mantissa;
        if value == 0 {
            return Ok((0, false));
        }
        while left > 0 {
            value = value.checked_mul(10).ok_or(NumberFault::Range)?;
            left -= 1;
        }
        let (mut last, mut cut) = (0, self.cut);
        while left < 0 && (value != 0 || last != 0) {
            cut |= last != 0;
            last = value % 10;
            value /= 10;
            left += 1;
        }
        if left < 0 {
            last = 0;
        }
        cut |= last != 0;
        Ok((value + i128::from(last >= 5) - i128::from(last <= -5), cut))
    }

    /// As a whole number.
    pub(crate) fn whole(self) -> Result<i64, NumberFault> {
        match self.shifted(0)? {
            (_, true) => Err(NumberFault::Fraction),
            (value, false) => i64::try_from(value).map_err(|_| NumberFault::Range),
        }
    }

    /// In millionths, rounded half away from zero.
    pub(crate) fn millionths(self) -> Result<i64, NumberFault> {
        i64::try_from(self.shifted(6)?.0).map_err(|_| NumberFault::Range)
    }
}

/// A whole number of zero or more, at most `max`.
pub(crate) fn count(text: &str, max: i64) -> Result<i64, NumberFault> {
    match decimal(text)?.whole()? {
        value if value < 0 => Err(NumberFault::Negative),
        value if value > max => Err(NumberFault::Range),
        value => Ok(value),
    }
}

/// An amount in minor units, exactly.
pub(crate) fn minor(text: &str, currency: Currency) -> Result<i64, NumberFault> {
    let decimals = i32::try_from(currency.decimals()).unwrap_or(2);
    match decimal(text)?.shifted(decimals)? {
        (_, true) => Err(NumberFault::Decimals),
        // Sums of amounts stay far inside 64 bits.
        (value, false) if value.abs() > 1_000_000_000_000_000 => Err(NumberFault::Range),
        (value, false) => i64::try_from(value).map_err(|_| NumberFault::Range),
    }
}

/// A finite real number.
pub(crate) fn real(text: &str) -> Result<f64, NumberFault> {
    decimal(text)?;
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value + 0.0),
        _ => Err(NumberFault::Range),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_strictly() {
        for (text, expected) in [
            ("3", Ok(3)),
            ("3.0", Ok(3)),
            ("1e3", Ok(1000)),
            ("-0", Ok(0)),
            ("12.50e1", Ok(125)),
            ("3.5", Err(NumberFault::Fraction)),
            ("0.4", Err(NumberFault::Fraction)),
            ("1e-9", Err(NumberFault::Fraction)),
            ("-3", Err(NumberFault::Negative)),
            (" 3", Err(NumberFault::Padded)),
            ("3 ", Err(NumberFault::Padded)),
            ("+3", Err(NumberFault::Padded)),
            ("", Err(NumberFault::Blank)),
            ("NaN", Err(NumberFault::NotFinite)),
            ("-inf", Err(NumberFault::NotFinite)),
            ("#N/A", Err(NumberFault::NotFinite)),
            ("1e400", Err(NumberFault::Range)),
            ("9223372036854775808", Err(NumberFault::Range)),
            ("1,5", Err(NumberFault::Comma)),
            ("1,000", Err(NumberFault::Comma)),
            ("abc", Err(NumberFault::NotANumber)),
            (".5", Err(NumberFault::NotANumber)),
            ("5.", Err(NumberFault::NotANumber)),
            ("1.2.3", Err(NumberFault::NotANumber)),
            ("0x10", Err(NumberFault::NotANumber)),
            ("--3", Err(NumberFault::NotANumber)),
            ("1e", Err(NumberFault::NotANumber)),
        ] {
            assert_eq!(count(text, i64::MAX), expected, "{text:?}");
        }
    }

    #[test]
    fn amounts_are_exact_or_refused() {
        let usd: Currency = "USD".parse().expect("currency");
        let yen: Currency = "JPY".parse().expect("currency");
        assert_eq!(minor("0.29", usd), Ok(29));
        assert_eq!(minor("1234567.89", usd), Ok(123_456_789));
        assert_eq!(minor("19.990", usd), Ok(1999));
        assert_eq!(minor("19.999", usd), Err(NumberFault::Decimals));
        assert_eq!(minor("150", yen), Ok(150));
        assert_eq!(minor("150.5", yen), Err(NumberFault::Decimals));
        assert_eq!(decimal("2.0000005").and_then(Decimal::millionths), Ok(2_000_001));
        assert_eq!(decimal("-2.0000005").and_then(Decimal::millionths), Ok(-2_000_001));
    }

    #[test]
    fn very_long_numbers_do_not_wrap() {
        let long = "9".repeat(60);
        assert_eq!(count(&long, i64::MAX), Err(NumberFault::Range));
        assert_eq!(real(&long).map(|value| value > 9e59), Ok(true));
        assert_eq!(count(&format!("1{}", "0".repeat(50)), i64::MAX), Err(NumberFault::Range));
        assert_eq!(real("0.1000000000000000055511151231257827021181583404541015625"), Ok(0.1));
        assert_eq!(count(&format!("3.{}1", "0".repeat(50)), i64::MAX), Err(NumberFault::Fraction));
    }
}
