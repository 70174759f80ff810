//! The instances of multinomial logit capture with competitors [haase2014].
//!
//! Line 1: customers, sites, competitors; then the customers' weights; then one line of utilities (none above
//! 0 so far, but that is not asked for) per competitor, and one per site.
//!
//! | symbol | unit |
//! |---|---|
//! | c_ij | utility of competitor or site j for customer i |
//! | a_ij = exp(beta c_ij) | of a site |
//! | b_i = sum over competitors of exp(beta alpha c_ij) | outside option |

use super::logit::{Logit, checked};
use super::{InstanceError, Words};

/// Reads an instance. A file may hold several, one after the other: all are read, and the first is the one.
///
/// # Errors
/// Text that is none, no competitor, or utilities so far apart that a_ij / b_i leaves the range of numbers.
pub fn hm14(text: &str, beta: f64, alpha: f64) -> Result<Logit, InstanceError> {
    for (what, value) in [("beta", beta), ("alpha", alpha)] {
        if !(value.is_finite() && value >= 0.0) {
            return Err(InstanceError::BadNumber { what, value });
        }
    }
    let mut words = Words::new(text);
    let first = instance(&mut words, beta, alpha)?;
    while !words.ended() {
        instance(&mut words, beta, alpha)?;
    }
    Ok(first)
}

fn instance(words: &mut Words<'_>, beta: f64, alpha: f64) -> Result<Logit, InstanceError> {
    let (_, zones) = words.next::<usize>("the number of customers")?;
    let (_, sites) = words.next::<usize>("the number of sites")?;
    let (line, competitors) = words.next::<usize>("the number of competitors")?;
    if competitors == 0 {
        let expected = "at least one competitor";
        return Err(InstanceError::Unexpected { line, found: "0".into(), expected });
    }
    let mut row = |expected| {
        (0..zones)
            .map(|_| match words.next::<f64>(expected)? {
                (_, value) if value.is_finite() => Ok(value),
                (line, value) => Err(InstanceError::Unexpected { line, found: value.to_string(), expected }),
            })
            .collect::<Result<Vec<f64>, InstanceError>>()
    };
    let weights = row("a customer's weight")?;
    let mut outside = vec![f64::NEG_INFINITY; zones];
    for _ in 0..competitors {
        // ln(e^one + e^other), around the larger of the two.
        let add = |one: f64, other: f64| one.max(other) + (-(one - other).abs()).exp().ln_1p();
        let utilities = row("a competitor's utility")?;
        outside.iter_mut().zip(utilities).for_each(|(sum, c)| *sum = add(*sum, beta * alpha * c));
    }
    let mut pull = Vec::new();
    for _ in 0..sites {
        let utilities = row("a site's utility")?;
        pull.extend(utilities.iter().zip(&outside).map(|(c, outside)| (beta * c - outside).exp()));
    }
    checked(Logit { weights, sites, pull })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "2 2 2\n3 4\n-1 -2\n-3 -1\n-0.5 -2\n-4 -1\n";

    #[test]
    fn competitors_add_up_to_the_outside_option() {
        let found = hm14(TEXT, 2.0, 0.5).expect("an instance");
        let share = |c: f64, rivals: [f64; 2]| {
            let (a, b): (f64, f64) = ((2.0 * c).exp(), rivals.iter().map(|c| c.exp()).sum());
            a / (a + b)
        };
        let due = 3.0 * share(-0.5, [-1.0, -3.0]) + 4.0 * share(-2.0, [-2.0, -1.0]);
        assert!((found.value(&[0]) - due).abs() < 1e-12, "{} {due}", found.value(&[0]));
        assert_eq!((found.zones(), found.sites), (2, 2));
    }

    #[test]
    fn of_several_instances_the_first_is_read_and_the_others_are_checked() {
        let again = format!("{TEXT}1 1 1\n1\n-1\n-1\n");
        assert_eq!(hm14(&again, 2.0, 0.5), hm14(TEXT, 2.0, 0.5));
        let cut = again.trim_end().trim_end_matches("-1");
        assert_eq!(hm14(cut, 2.0, 0.5), Err(InstanceError::Ended { line: 9, expected: "a site's utility" }));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let none = hm14("1 1 0\n1\n-1\n", 1.0, 1.0);
        let expected = "at least one competitor";
        assert_eq!(none, Err(InstanceError::Unexpected { line: 1, found: "0".into(), expected }));
        assert!(matches!(hm14("1 1 1\n1\nNaN\n-1\n", 1.0, 1.0), Err(InstanceError::Unexpected { line: 3, .. })));
        assert!(matches!(hm14("1 1 1\n-1\n-1\n-1\n", 1.0, 1.0), Err(InstanceError::BadNumber { .. })));
        assert!(matches!(hm14("1 1 1\n1\n-1\n900\n", 1.0, 1.0), Err(InstanceError::BadNumber { .. })));
        assert!(matches!(hm14(TEXT, f64::NAN, 1.0), Err(InstanceError::BadNumber { what: "beta", .. })));
    }
}
