//! What a day tells: its weekday, its place in the month and in the year, of the proleptic Gregorian calendar.

/// Facts of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Day {
    /// 0: Monday.
    pub(super) weekday: usize,
    /// From 1.
    pub(super) of_month: u32,
    /// How far the month has gone, 0 to 1.
    pub(super) month_part: f64,
    /// From 1.
    pub(super) month: u32,
    /// From 0.
    pub(super) of_year: u32,
    /// How far the year has gone, 0 to 1.
    pub(super) year_part: f64,
}

impl Day {
    /// Of a number of days since 1970-01-01.
    pub(super) fn of(epoch: i64) -> Self {
        let (year, month, day) = civil(epoch);
        let start = days_of(year, month, 1);
        let next = if month == 12 { days_of(year + 1, 1, 1) } else { days_of(year, month + 1, 1) };
        let (new_year, year_after) = (days_of(year, 1, 1), days_of(year + 1, 1, 1));
        Self {
            // 1970-01-01 was a Thursday.
            weekday: (epoch + 3).rem_euclid(7) as usize,
            of_month: day,
            month_part: (epoch - start) as f64 / (next - start) as f64,
            month,
            of_year: (epoch - new_year) as u32,
            year_part: (epoch - new_year) as f64 / (year_after - new_year) as f64,
        }
    }
}

/// Days of 400 years, which the calendar repeats after.
const ERA: i64 = 146_097;

/// Year, month and day of a day. Years are counted from March, so that the leap day comes last.
fn civil(epoch: i64) -> (i64, u32, u32) {
    // 719468 days lie between 0000-03-01 and 1970-01-01.
    let shifted = epoch + 719_468;
    let (era, of_era) = (shifted.div_euclid(ERA), shifted.rem_euclid(ERA));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month as u32, day as u32)
}

/// Days since 1970-01-01 of a date.
fn days_of(year: i64, month: u32, day: u32) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let from_march = (i64::from(month) + 9) % 12;
    let of_year = (153 * from_march + 2) / 5 + i64::from(day) - 1;
    era * ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_are_known() {
        // 2015-07-31, a Friday, and 2000-02-29, a Tuesday.
        let day = Day::of(16_647);
        assert_eq!((day.weekday, day.of_month, day.month, day.of_year), (4, 31, 7, 211));
        let leap = Day::of(11_016);
        assert_eq!((leap.weekday, leap.of_month, leap.month, leap.of_year), (1, 29, 2, 59));
        for epoch in [-800_000, -1, 0, 59, 11_016, 40_000] {
            let (year, month, day) = civil(epoch);
            assert_eq!(days_of(year, month, day), epoch);
        }
    }
}
