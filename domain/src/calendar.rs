//! Weeks: the grain of the panel.
//!
//! A week is named by its first day. Which weekday that is, a market says (`week_start`, default
//! Monday); data logic never asks a clock: "today" is the scenario's `as_of`.

pub use chrono::{Datelike, Days, NaiveDate as Date, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A week, counted from the week that holds 1970-01-01 in the same calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Week(pub i32);

/// Days since 1970-01-01.
#[must_use]
pub fn epoch_day(date: Date) -> i32 {
    date.num_days_from_ce() - 719_163
}

/// The date of a day count since 1970-01-01, if the calendar reaches that far.
#[must_use]
pub fn from_epoch_day(day: i32) -> Option<Date> {
    Date::from_num_days_from_ce_opt(day.checked_add(719_163)?)
}

/// The offset, in days from 1970-01-01 (a Thursday), of the first `week_start` on or before it.
fn offset(week_start: Weekday) -> i32 {
    -((4 + 7 - week_start.num_days_from_sunday() as i32) % 7)
}

impl Week {
    /// The week that holds `date`.
    #[must_use]
    pub fn of(date: Date, week_start: Weekday) -> Self {
        Self((epoch_day(date) - offset(week_start)).div_euclid(7))
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self, week_start: Weekday) -> Date {
        from_epoch_day(self.0 * 7 + offset(week_start)).unwrap_or(Date::MIN)
    }

    /// The week `weeks` later.
    #[must_use]
    pub fn plus(self, weeks: i32) -> Self {
        Self(self.0 + weeks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_monday_starts_its_own_week() {
        let monday = Date::from_ymd_opt(2026, 11, 16).expect("date");
        assert_eq!(monday.weekday(), Weekday::Mon);
        assert_eq!(Week::of(monday, Weekday::Mon).first_day(Weekday::Mon), monday);
        let sunday = monday.checked_sub_days(Days::new(1)).expect("date");
        assert_eq!(Week::of(sunday, Weekday::Mon).plus(1), Week::of(monday, Weekday::Mon));
        assert_eq!(Week::of(sunday, Weekday::Sun), Week::of(monday, Weekday::Sun));
    }

    proptest! {
        #[test]
        fn every_day_lies_in_its_week(day in -100_000..100_000_i32, start in 0_u8..7) {
            let start = Weekday::try_from(start).expect("weekday");
            let date = from_epoch_day(day).expect("date");
            let first = Week::of(date, start).first_day(start);
            prop_assert_eq!(first.weekday(), start);
            let past = epoch_day(date) - epoch_day(first);
            prop_assert!((0..7).contains(&past));
        }
    }
}
