//! OR-Library's capacitated facility location [beasley1990]: `sites customers`, then capacity and fixed cost
//! per site, then per customer its demand and the cost of serving all of it from each site. Where the
//! library leaves the capacity open, the word `capacity` stands in its place.

use super::points::whole;
use super::{InstanceError, Words};
use crate::placement::capacitated::Capacitated;

/// A capacitated instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Cflp {
    /// The problem, its capacities and demands in whole units.
    pub problem: Capacitated,
    /// Whole units per unit of the file, a power of ten.
    pub units: f64,
}

/// Reads an instance; `capacity` is what the word stands for.
///
/// # Errors
/// Text that is none, the word where no capacity is given, or amounts of more than six decimals.
pub fn cflp(text: &str, capacity: Option<f64>) -> Result<Cflp, InstanceError> {
    let mut words = Words::new(text);
    let counts = [words.next::<usize>("the number of sites")?, words.next::<usize>("the number of customers")?];
    for (line, count) in counts {
        if count == 0 {
            return Err(InstanceError::Unexpected { line, found: "0".into(), expected: "a count of 1 or more" });
        }
    }
    let [(_, sites), (_, customers)] = counts;
    let (mut amounts, mut open_cost) = (Vec::new(), Vec::new());
    for _ in 0..sites {
        let expected = "a capacity of 0 or more";
        let (line, word) = words.next::<String>(expected)?;
        let own = match capacity {
            Some(capacity) if word.eq_ignore_ascii_case("capacity") => Some(capacity),
            None if word.eq_ignore_ascii_case("capacity") => {
                let supported = "a number; say what the word stands for with --capacity C";
                return Err(InstanceError::Unsupported { line, found: word, supported });
            }
            _ => word.parse().ok(),
        };
        match own {
            Some(own) if own.is_finite() && own >= 0.0 => amounts.push(own),
            _ => return Err(InstanceError::Unexpected { line, found: word, expected }),
        }
        open_cost.push(words.amount("a fixed cost of 0 or more")?);
    }
    let mut serve_cost = Vec::new();
    for _ in 0..customers {
        amounts.push(words.amount("a demand of 0 or more")?);
        for _ in 0..sites {
            serve_cost.push(words.amount("a cost of 0 or more")?);
        }
    }
    words.end()?;
    let (mut amounts, units, rounded) = whole(&amounts);
    if rounded {
        let supported = "capacities and demands of at most six decimals and 1e12 in all";
        return Err(InstanceError::Unsupported { line: 1, found: "finer or larger amounts".into(), supported });
    }
    let demand = amounts.split_off(sites);
    Ok(Cflp { problem: Capacitated { capacity: amounts, demand, open_cost, serve_cost }, units })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacities_and_demands_become_whole() {
        let found = cflp("2 1\n10 5.5\n2.5 0\n4 8\n9.25\n", None).expect("an instance");
        let problem = Capacitated {
            capacity: vec![100, 25],
            demand: vec![40],
            open_cost: vec![5.5, 0.0],
            serve_cost: vec![8.0, 9.25],
        };
        assert_eq!(found, Cflp { problem, units: 10.0 });
    }

    #[test]
    fn the_word_capacity_stands_for_what_is_given() {
        let text = "1 1\ncapacity 5\n4\n8\n";
        assert_eq!(cflp(text, Some(7.0)).map(|found| found.problem.capacity), Ok(vec![7]));
        assert!(matches!(cflp(text, None), Err(InstanceError::Unsupported { line: 2, .. })));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let unexpected =
            |line, found: &str, expected| InstanceError::Unexpected { line, found: found.into(), expected };
        assert_eq!(cflp("1 1\n-1 5\n4 8\n", None), Err(unexpected(2, "-1", "a capacity of 0 or more")));
        assert_eq!(cflp("1 1\n1 x\n4 8\n", None), Err(unexpected(2, "x", "a fixed cost of 0 or more")));
        assert_eq!(cflp("1 1\n1 5\n4\n", None), Err(InstanceError::Ended { line: 3, expected: "a cost of 0 or more" }));
        assert!(matches!(cflp("1 1\n1e12 5\n4 8\n", None), Err(InstanceError::Unsupported { .. })));
    }
}
