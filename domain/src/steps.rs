//! The grain of a table of series: what one period is, and what the periods after the last are called.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | moment | of a row | a number as given, or seconds since 1970-01-01T00:00 |
//! | t | period of a row | whole steps since the first moment of the table; months since year 0 |

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime};

/// Seconds of a day.
pub const DAY_SECONDS: i64 = 86_400;

/// One period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So much of a number that counts periods.
    Number(i64),
    /// Hours.
    Hours(u32),
    /// Days.
    Days(u32),
    /// Months of the calendar.
    Months(u32),
}

impl Step {
    /// Periods per season where nobody says: 52 weeks, 12 months, 4 quarters, 7 days, 24 hours; else none.
    #[must_use]
    pub fn season(self) -> usize {
        match self {
            Self::Days(7) => 52,
            Self::Days(14) => 26,
            Self::Days(28) => 13,
            Self::Months(1) => 12,
            Self::Months(3) => 4,
            Self::Days(1) => 7,
            Self::Hours(1) => 24,
            Self::Number(_) | Self::Hours(_) | Self::Days(_) | Self::Months(_) => 1,
        }
    }

    /// As a person says it.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Number(1) => "a step of 1".into(),
            Self::Number(by) => format!("a step of {by}"),
            Self::Hours(1) => "an hour".into(),
            Self::Hours(hours) => format!("{hours} hours"),
            Self::Days(1) => "a day".into(),
            Self::Days(7) => "a week".into(),
            Self::Days(14) => "a fortnight".into(),
            Self::Days(28) => "four weeks".into(),
            Self::Days(days) => format!("{days} days"),
            Self::Months(1) => "a month".into(),
            Self::Months(3) => "a quarter".into(),
            Self::Months(12) => "a year".into(),
            Self::Months(months) => format!("{months} months"),
        }
    }

    /// The moment `ahead` periods after `last`, written as the table writes its own; none beyond the calendar.
    ///
    /// The last day of a month is followed by last days of months.
    #[must_use]
    pub fn after(self, last: i64, ahead: u32) -> Option<String> {
        let then = self.moment_after(last, ahead)?;
        match self {
            Self::Number(_) => Some(then.to_string()),
            Self::Hours(_) => Some(time(then)?.format("%Y-%m-%dT%H:%M:%S").to_string()),
            Self::Days(_) | Self::Months(_) => Some(time(then)?.date().to_string()),
        }
    }

    /// The same as a moment.
    #[must_use]
    pub fn moment_after(self, last: i64, ahead: u32) -> Option<i64> {
        let by = |step: i64| last.checked_add(step.checked_mul(i64::from(ahead))?);
        match self {
            Self::Number(step) => by(step),
            Self::Hours(hours) => by(i64::from(hours) * 3600),
            Self::Days(days) => by(i64::from(days) * DAY_SECONDS),
            Self::Months(months) => {
                let from = time(last)?.date();
                let then = from.checked_add_months(Months::new(months.checked_mul(ahead)?))?;
                let then = if last_of_month(from) == from { last_of_month(then) } else { then };
                Some(then.and_time(NaiveTime::MIN).and_utc().timestamp())
            }
        }
    }

    /// The day that a moment falls on, since 1970-01-01; none where periods are numbers.
    #[must_use]
    pub fn day(self, moment: i64) -> Option<i64> {
        match self {
            Self::Number(_) => None,
            Self::Hours(_) | Self::Days(_) | Self::Months(_) => Some(moment.div_euclid(DAY_SECONDS)),
        }
    }
}

fn time(seconds: i64) -> Option<NaiveDateTime> {
    Some(DateTime::from_timestamp(seconds, 0)?.naive_utc())
}

fn last_of_month(date: NaiveDate) -> NaiveDate {
    date.with_day(1)
        .and_then(|first| first.checked_add_months(Months::new(1)))
        .and_then(|next| next.pred_opt())
        .unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(date: &str) -> i64 {
        date.parse::<NaiveDate>().expect("a date").and_hms_opt(0, 0, 0).expect("midnight").and_utc().timestamp()
    }

    #[test]
    fn periods_after_the_last_are_named_as_the_table_names_its_own() {
        let after = |step: Step, from: &str, ahead| step.after(seconds(from), ahead).expect("within the calendar");
        assert_eq!(after(Step::Days(7), "2026-11-16", 2), "2026-11-30");
        assert_eq!(after(Step::Months(1), "2026-01-31", 1), "2026-02-28");
        assert_eq!(after(Step::Months(1), "2026-02-28", 1), "2026-03-31");
        assert_eq!(after(Step::Months(1), "2026-01-15", 1), "2026-02-15");
        assert_eq!(after(Step::Months(3), "2026-10-01", 1), "2027-01-01");
        assert_eq!(after(Step::Hours(1), "2026-11-16", 25), "2026-11-17T01:00:00");
        assert_eq!(Step::Number(2).after(10, 3).as_deref(), Some("16"));
        assert_eq!(Step::Number(1).after(i64::MAX, 1), None);
    }
}
