//! Maximal covering: `sites zones`, then `x y` per site, then `x y weight` per zone, in the plane [church1974].

use super::points::Points;
use super::{InstanceError, Words};

/// Points of a maximal covering instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Mclp {
    /// Where one may open.
    pub sites: Points,
    /// Who is to be covered.
    pub zones: Points,
    /// w, by zone; finite and not negative.
    pub weights: Vec<f64>,
}

/// Reads an instance.
///
/// # Errors
/// Text that is none.
pub fn mclp(text: &str) -> Result<Mclp, InstanceError> {
    let mut words = Words::new(text);
    let counts = [words.next::<usize>("the number of sites")?, words.next::<usize>("the number of zones")?];
    for (line, count) in counts {
        if count == 0 {
            return Err(InstanceError::Unexpected { line, found: "0".into(), expected: "a count of 1 or more" });
        }
    }
    let [(_, site_count), (_, zone_count)] = counts;
    let coordinate = |words: &mut Words<'_>| words.real("a coordinate").map(|(_, value)| value);
    let mut sites = Vec::new();
    for _ in 0..site_count {
        sites.push([coordinate(&mut words)?, coordinate(&mut words)?]);
    }
    let (mut zones, mut weights) = (Vec::new(), Vec::new());
    for _ in 0..zone_count {
        zones.push([coordinate(&mut words)?, coordinate(&mut words)?]);
        weights.push(words.amount("a weight of 0 or more")?);
    }
    words.end()?;
    Ok(Mclp { sites: Points::plane(&sites), zones: Points::plane(&zones), weights })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_come_before_weighted_zones() {
        let found = mclp("2 1\n0 0\n 1.5 -2\n3 4 7\n").expect("an instance");
        assert_eq!(found.sites, Points::plane(&[[0.0, 0.0], [1.5, -2.0]]));
        assert_eq!((found.zones, found.weights), (Points::plane(&[[3.0, 4.0]]), vec![7.0]));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let unexpected =
            |line, found: &str, expected| InstanceError::Unexpected { line, found: found.into(), expected };
        assert_eq!(mclp("1 1\n0 0\n1 1 -3\n"), Err(unexpected(3, "-3", "a weight of 0 or more")));
        assert_eq!(mclp("1 1\n0 nan\n1 1 3\n"), Err(unexpected(2, "nan", "a coordinate")));
        assert_eq!(mclp("0 1\n1 1 3\n"), Err(unexpected(1, "0", "a count of 1 or more")));
        assert_eq!(mclp("1 1\n0 0\n1 1 3\n4\n"), Err(unexpected(4, "4", "the end")));
        assert_eq!(mclp("1 2\n0 0\n1 1 3\n"), Err(InstanceError::Ended { line: 3, expected: "a coordinate" }));
    }
}
