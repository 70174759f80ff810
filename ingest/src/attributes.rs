//! Further columns of stores and zones: numbers become attributes, all else labels.
//!
//! A column is numeric when every value in it is a number. A number with a leading zero is a code,
//! not a quantity, and a cell that only stands for "unknown" does not make a column text: it is refused.

use domain::market::{Attributes, Labels};

use crate::findings::Findings;
use crate::frame::Frame;
use crate::number::{NumberFault, is_unknown_word, real};
use crate::text::shown;

/// The further columns of `frame`, for the rows kept, in their order.
pub(crate) fn read(frame: &Frame, known: &[&str], kept: &[usize], findings: &mut Findings) -> (Attributes, Labels) {
    let mut extra: Vec<&String> = frame.names.iter().filter(|name| !known.contains(&name.as_str())).collect();
    extra.sort_unstable();
    let (mut numbers, mut texts) = (Vec::new(), Vec::new());
    for name in extra {
        match numeric(frame, name, kept, findings) {
            Some(values) => {
                shares(frame, name, kept, &values, findings);
                numbers.push((name.clone(), values));
            }
            None => texts.push(name.clone()),
        }
    }
    let attributes = Attributes {
        names: numbers.iter().map(|(name, _)| name.clone()).collect(),
        values: (0..kept.len()).flat_map(|row| numbers.iter().map(move |(_, values)| values[row])).collect(),
    };
    let labels = Labels {
        values: kept
            .iter()
            .flat_map(|&row| texts.iter().map(move |name| frame.text(row, frame.find(name)).to_owned()))
            .collect(),
        names: texts,
    };
    (attributes, labels)
}

/// The values of a numeric column; none where it is text.
fn numeric(frame: &Frame, name: &str, kept: &[usize], findings: &mut Findings) -> Option<Vec<Option<f64>>> {
    let column = frame.find(name);
    let mut values = Vec::with_capacity(kept.len());
    let mut broken = Vec::new();
    let mut any = false;
    for &row in kept {
        let text = frame.text(row, column);
        let code = text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        match real(text) {
            Ok(_) if code => return None,
            Ok(value) => {
                any = true;
                values.push(Some(value));
            }
            Err(NumberFault::Blank) => values.push(None),
            Err(fault @ (NumberFault::Padded | NumberFault::Comma | NumberFault::Range)) => {
                broken.push((row, fault));
                values.push(None);
            }
            Err(fault) if is_unknown_word(text) => {
                broken.push((row, fault));
                values.push(None);
            }
            Err(_) => return None,
        }
    }
    if !any {
        return None;
    }
    for (row, fault) in broken {
        let cause = format!("{name} {} {}", shown(frame.text(row, column)), fault.words());
        findings.refuse(
            fault.code(),
            frame.place(row, name),
            cause,
            "write a number, or leave the cell blank for unknown",
        );
    }
    Some(values)
}

/// Whether a column's name says that it holds shares of one.
fn is_share(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("_share") || name.starts_with("share_") || name == "share"
}

/// Shares lie between 0 and 1; 45 for 0.45 is another unit.
fn shares(frame: &Frame, name: &str, kept: &[usize], values: &[Option<f64>], findings: &mut Findings) {
    let rate =
        ["rate", "prevalence", "fraction", "proportion"].iter().any(|word| name.to_ascii_lowercase().contains(word));
    if is_share(name) {
        for (&row, value) in kept.iter().zip(values) {
            let Some(value) = *value else { continue };
            let place = frame.place(row, name);
            if value > 1.5 && value <= 100.0 {
                let cause = format!("{name} {value} looks like a percentage, where a share from 0 to 1 is due");
                findings.refuse("E-UOM-002", place, cause, "divide by 100 with `sql`");
            } else if !(0.0..=1.0).contains(&value) {
                let cause = format!("{name} {value} is not a share from 0 to 1");
                findings.refuse("E-VAL-008", place, cause, "correct the value");
            }
        }
    } else if rate {
        mixed(frame, name, kept, values, findings);
    }
}

/// A rate in fractions with a few rows in percent: far above the others, and among them when
/// divided by 100.
fn mixed(frame: &Frame, name: &str, kept: &[usize], values: &[Option<f64>], findings: &mut Findings) {
    let mut sorted: Vec<f64> = values.iter().flatten().copied().filter(|value| (0.0..=1.0).contains(value)).collect();
    sorted.sort_by(f64::total_cmp);
    let all = values.iter().flatten().count();
    let (Some(&low), Some(&high)) = (sorted.first(), sorted.last()) else { return };
    // Fewer than one in ten may be odd, and a gap of five lies between: rates spread, they do not jump.
    if all < 10 || sorted.len() * 10 < all * 9 || sorted.len() == all {
        return;
    }
    let odd = |value: f64| value > 1.0 && value >= 5.0 * high && (low..=high).contains(&(value / 100.0));
    if values.iter().flatten().all(|&value| value <= 1.0 || odd(value)) {
        for (&row, value) in kept.iter().zip(values) {
            if let Some(value) = *value
                && odd(value)
            {
                let cause = format!("{name} {value} looks like a percentage among fractions");
                findings.refuse("E-UOM-002", frame.place(row, name), cause, "divide by 100 with `sql`");
            }
        }
    }
}
