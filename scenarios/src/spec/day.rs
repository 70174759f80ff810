//! Days as people write them.

use domain::calendar::Date;

/// What a text says of a day: three numbers apart, which of them is the year.
enum Written {
    /// Year, month, day.
    YearFirst([u32; 3]),
    /// The year, and what stands before it.
    YearLast(u32, [u32; 2]),
}

fn written(text: &str) -> Option<Written> {
    let apart = |c: char| "-/. ".contains(c);
    let parts: Vec<&str> = text.trim().split(apart).filter(|part| !part.is_empty()).collect();
    let number = |part: &str| part.parse::<u32>().ok();
    let [first, middle, last] = parts[..] else { return None };
    match (first.len(), last.len()) {
        (4, _) => Some(Written::YearFirst([number(first)?, number(middle)?, number(last)?])),
        (_, 4) => Some(Written::YearLast(number(last)?, [number(first)?, number(middle)?])),
        _ => None,
    }
}

fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    Date::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// Days that a text may be meant as, none of which it is by the letter: its own in another form, day or month first; of a
/// month that has no such day, the last.
pub(super) fn meant(text: &str) -> Vec<Date> {
    let mut found = match written(text) {
        None => Vec::new(),
        Some(Written::YearFirst([year, month, day])) => {
            let last =
                || (28..=31).rev().filter(|last| *last < day && day <= 31).find_map(|last| date(year, month, last));
            date(year, month, day).or_else(last).or_else(|| date(year, day, month)).into_iter().collect()
        }
        Some(Written::YearLast(year, [one, other])) => {
            [date(year, other, one), date(year, one, other)].into_iter().flatten().collect()
        }
    };
    found.dedup();
    found
}

/// What is wrong with a text where a day is due; none where it is no attempt at one.
pub(super) fn wrong(text: &str) -> Option<String> {
    let known = match written(text)? {
        Written::YearFirst([year, month, day]) => date(year, month, day),
        Written::YearLast(..) => meant(text).first().copied(),
    };
    Some(match known {
        Some(_) => format!("`{text}` is a day, but not written as year-month-day"),
        None => format!("`{text}` is no day of the calendar"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_another_form_is_told_from_one_that_there_is_not() {
        for (text, form, days) in [
            ("16/11/2026", true, &["2026-11-16"][..]),
            ("5.11.2026", true, &["2026-11-05", "2026-05-11"]),
            ("5/5/2026", true, &["2026-05-05"]),
            ("2026/11/16", true, &["2026-11-16"]),
            ("2026-11-31", false, &["2026-11-30"]),
            ("2026-02-30", false, &["2026-02-28"]),
            ("2026-16-11", false, &["2026-11-16"]),
            ("2026-13-16", false, &[]),
            ("40/40/2026", false, &[]),
        ] {
            let said = wrong(text).expect(text);
            assert_eq!(said.contains("not written as"), form, "{said}");
            assert_eq!(said.contains("no day"), !form, "{said}");
            assert_eq!(meant(text).iter().map(ToString::to_string).collect::<Vec<_>>(), days, "{text}");
        }
        for text in ["soon", "2026-11", "1-2-3", "2026-11-16T00:00:00"] {
            assert!(wrong(text).is_none() && meant(text).is_empty(), "{text}");
        }
    }
}
