//! Adoption: the Bass curve [bass1969].
//!
//! | symbol | argument | unit |
//! |---|---|---|
//! | p | `innovation` | per year |
//! | q | `imitation` | per year |
//! | t | time since launch, at mid-week | years |
//! | F(t) | the result | share of full adoption, 0 to 1 |
//!
//! F(t) = (1 - e^(-(p+q) t)) / (1 + (q/p) e^(-(p+q) t)), from the launch on; 0 before it.
//! A corner sells to those who have adopted, week after week, so the level follows F and not its slope.

/// Weeks in a year of 365.25 days.
pub const WEEKS_PER_YEAR: f64 = 365.25 / 7.0;

/// The share of full adoption `years` after launch; 0 before it, and at any time if p is not above 0.
#[must_use]
pub fn cumulative(innovation: f64, imitation: f64, years: f64) -> f64 {
    if years <= 0.0 || innovation <= 0.0 {
        return 0.0;
    }
    let faded = (-(innovation + imitation) * years).exp();
    ((1.0 - faded) / (1.0 + imitation / innovation * faded)).clamp(0.0, 1.0)
}

/// The share of full adoption in the middle of each of `weeks` weeks, for a launch at the start of
/// week `first_week` (negative: before the first of them).
#[must_use]
pub fn adoption(innovation: f64, imitation: f64, weeks: usize, first_week: i32) -> Vec<f64> {
    (0..weeks)
        .map(|week| cumulative(innovation, imitation, (week as f64 + 0.5 - f64::from(first_week)) / WEEKS_PER_YEAR))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_imitation_adoption_is_exponential() {
        // q = 0 leaves F(t) = 1 - e^(-p t).
        for (week, share) in adoption(2.0, 0.0, 30, 4).into_iter().enumerate() {
            let years = (week as f64 + 0.5 - 4.0).max(0.0) / WEEKS_PER_YEAR;
            // One subtraction from 1 rounds by at most 1.1e-16.
            assert!((share - (1.0 - (-2.0 * years).exp())).abs() < 1e-15, "week {week}: {share}");
        }
    }

    #[test]
    fn half_of_the_imitators_peak_is_where_bass_puts_it() {
        // Sales peak at t* = ln(q/p)/(p+q), where F = (q - p)/(2 q) [bass1969].
        let (p, q) = (0.03_f64, 0.38_f64);
        let peak = (q / p).ln() / (p + q);
        assert!((cumulative(p, q, peak) - (q - p) / (2.0 * q)).abs() < 1e-14);
    }

    #[test]
    fn nothing_sells_before_launch_and_all_adopt_in_the_end() {
        assert_eq!(adoption(2.0, 3.0, 5, 5), vec![0.0; 5]);
        let late = adoption(2.0, 3.0, 3, -2000);
        assert!(late.iter().all(|share| (share - 1.0).abs() < 1e-12));
        let curve = adoption(0.03, 0.38, 520, 0);
        assert!(curve.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
