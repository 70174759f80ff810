//! Instances of the literature, from their text.
//!
//! - [`pmed`]: OR-Library's p-median graphs [beasley1990]: `n edges p`, then `from to length` per edge; of a
//!   repeated edge the last counts. Every vertex is a site and a zone of weight 1; the cost is the
//!   shortest path.
//! - [`tsplib`]: TSPLIB points in the plane [reinelt1991]. Every point is a site and a zone of weight 1; the cost
//!   is the Euclidean distance, rounded down.
//! - [`mclp`], [`cflp`]: maximal covering and capacitated facility location.
//! - [`points`]: problems from sites and zones of one's own.
//! - [`hm14`](hm14::hm14): multinomial logit capture with competitors; [`share`](logit::share): the same from distances.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use domain::problem::{Assignment, CostRows};
use rayon::prelude::*;

pub mod cflp;
pub mod hm14;
pub mod logit;
pub mod mclp;
pub mod points;

/// An instance as a problem.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// What the file calls itself.
    pub name: Option<String>,
    /// The problem.
    pub assignment: Assignment,
    /// How many sites there are.
    pub sites: usize,
    /// How many to open, where the file says so.
    pub default_p: Option<usize>,
}

/// What is wrong with an instance's text.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InstanceError {
    /// The text ends too early.
    #[error("the text ends at line {line}, where {expected} was due")]
    Ended {
        /// The last line.
        line: usize,
        /// What was due.
        expected: &'static str,
    },
    /// Something else stands where a number is due.
    #[error("line {line}: `{found}` stands where {expected} was due")]
    Unexpected {
        /// Counted from 1.
        line: usize,
        /// What stands there.
        found: String,
        /// What was due.
        expected: &'static str,
    },
    /// A vertex or point that the first lines do not allow for.
    #[error("line {line}: number {number} is not between 1 and {count}")]
    OutOfRange {
        /// Counted from 1.
        line: usize,
        /// The number.
        number: usize,
        /// How many there are.
        count: usize,
    },
    /// A point that is given twice.
    #[error("line {line}: point {number} is given a second time")]
    Twice {
        /// Counted from 1.
        line: usize,
        /// The point.
        number: usize,
    },
    /// A vertex that no path reaches.
    #[error("no path leads from vertex {from} to vertex {to}")]
    Unreachable {
        /// Counted from 1.
        from: usize,
        /// Counted from 1.
        to: usize,
    },
    /// A distance that does not fit 32 bits.
    #[error("the distance from {from} to {to} does not fit 32 bits")]
    TooFar {
        /// Counted from 1.
        from: usize,
        /// Counted from 1.
        to: usize,
    },
    /// Coordinates or distances of a kind that is not read here.
    #[error("line {line}: `{found}` is not supported; only {supported} is")]
    Unsupported {
        /// Counted from 1.
        line: usize,
        /// What the file asks for.
        found: String,
        /// What is read.
        supported: &'static str,
    },
    /// A number that no problem can be made of.
    #[error("the {what} is {value}, which no problem can be made of")]
    BadNumber {
        /// Which number.
        what: &'static str,
        /// What it is.
        value: f64,
    },
}

/// The words of a text with their lines.
struct Words<'a> {
    words: std::vec::IntoIter<(usize, &'a str)>,
    last: usize,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        let words: Vec<_> = (1..)
            .zip(text.lines())
            .flat_map(|(line, text)| text.split_whitespace().map(move |word| (line, word)))
            .collect();
        Self { last: text.lines().count(), words: words.into_iter() }
    }

    fn next<T: std::str::FromStr>(&mut self, expected: &'static str) -> Result<(usize, T), InstanceError> {
        let (line, word) = self.words.next().ok_or(InstanceError::Ended { line: self.last, expected })?;
        let value = word.parse().map_err(|_| InstanceError::Unexpected { line, found: word.into(), expected })?;
        Ok((line, value))
    }

    /// A finite number.
    fn real(&mut self, expected: &'static str) -> Result<(usize, f64), InstanceError> {
        let (line, word) = self.next::<String>(expected)?;
        match word.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok((line, value + 0.0)),
            _ => Err(InstanceError::Unexpected { line, found: word, expected }),
        }
    }

    /// A finite number of zero or more.
    fn amount(&mut self, expected: &'static str) -> Result<f64, InstanceError> {
        match self.real(expected)? {
            (_, value) if value >= 0.0 => Ok(value),
            (line, value) => Err(InstanceError::Unexpected { line, found: value.to_string(), expected }),
        }
    }

    fn ended(&self) -> bool {
        self.words.len() == 0
    }

    fn end(&mut self) -> Result<(), InstanceError> {
        match self.words.next() {
            None => Ok(()),
            Some((line, word)) => Err(InstanceError::Unexpected { line, found: word.into(), expected: "the end" }),
        }
    }
}

/// How many vertices an OR-Library p-median graph has, before it is read.
///
/// # Errors
/// Text that does not begin with a number.
pub fn pmed_size(text: &str) -> Result<usize, InstanceError> {
    let first = text.lines().position(|line| !line.trim().is_empty()).unwrap_or(0);
    let mut words = Words::new(text.lines().nth(first).unwrap_or(""));
    words.next::<usize>("the number of vertices").map(|(_, count)| count).map_err(|error| match error {
        InstanceError::Unexpected { found, expected, .. } => {
            InstanceError::Unexpected { line: first + 1, found, expected }
        }
        _ => InstanceError::Ended { line: text.lines().count(), expected: "the number of vertices" },
    })
}

/// How many points a TSPLIB text says that it has, before they are read; 0 where it does not say so.
#[must_use]
pub fn tsplib_size(text: &str) -> usize {
    let said = text.lines().find_map(|line| line.trim().strip_prefix("DIMENSION"));
    said.and_then(|rest| rest.trim().trim_start_matches(':').trim().parse().ok()).unwrap_or(0)
}

/// An OR-Library p-median graph.
///
/// # Errors
/// Text that is none, or a graph in several parts.
pub fn pmed(text: &str) -> Result<Instance, InstanceError> {
    let mut words = Words::new(text);
    let (_, count) = words.next::<usize>("the number of vertices")?;
    let (_, edges) = words.next::<usize>("the number of edges")?;
    let (_, p) = words.next::<usize>("the number of sites to open")?;
    let mut length = BTreeMap::new();
    for _ in 0..edges {
        let mut vertex = |expected| {
            let (line, number) = words.next::<usize>(expected)?;
            if (1..=count).contains(&number) {
                Ok(number - 1)
            } else {
                Err(InstanceError::OutOfRange { line, number, count })
            }
        };
        let (one, other) = (vertex("a vertex")?, vertex("a vertex")?);
        let (_, far) = words.next::<u32>("a length")?;
        length.insert((one.min(other), one.max(other)), far);
    }
    words.end()?;
    let mut near: Vec<Vec<(usize, u32)>> = vec![Vec::new(); count];
    for ((one, other), far) in length {
        near[one].push((other, far));
        near[other].push((one, far));
    }
    let rows: Result<Vec<Vec<u32>>, InstanceError> =
        (0..count).into_par_iter().map(|from| shortest_paths(&near, from)).collect();
    Ok(square(None, rows?, Some(p)))
}

/// Lengths of the shortest paths from a vertex to all [dijkstra1959].
fn shortest_paths(near: &[Vec<(usize, u32)>], from: usize) -> Result<Vec<u32>, InstanceError> {
    let mut far = vec![u64::MAX; near.len()];
    let mut waiting = BinaryHeap::from([(Reverse(0_u64), from)]);
    far[from] = 0;
    while let Some((Reverse(so_far), at)) = waiting.pop() {
        if so_far > far[at] {
            continue;
        }
        for &(to, length) in &near[at] {
            let through = so_far + u64::from(length);
            if through < far[to] {
                far[to] = through;
                waiting.push((Reverse(through), to));
            }
        }
    }
    let narrow = |(to, far): (usize, u64)| match far {
        u64::MAX => Err(InstanceError::Unreachable { from: from + 1, to: to + 1 }),
        far => u32::try_from(far).map_err(|_| InstanceError::TooFar { from: from + 1, to: to + 1 }),
    };
    far.into_iter().enumerate().map(narrow).collect()
}

/// TSPLIB points in the plane, `EDGE_WEIGHT_TYPE : EUC_2D`.
///
/// # Errors
/// Text that is none, another kind of distance, or points that are missing or given twice.
pub fn tsplib(text: &str) -> Result<Instance, InstanceError> {
    let (mut name, mut count) = (None, None);
    let mut lines = (1..).zip(text.lines().map(str::trim));
    let mut last = 0;
    let count: usize = loop {
        let Some((line, text)) = lines.next() else {
            return Err(InstanceError::Ended { line: last, expected: "NODE_COORD_SECTION" });
        };
        last = line;
        let (key, value) = text.split_once(':').map_or((text, ""), |(key, value)| (key.trim(), value.trim()));
        match key {
            "NAME" => name = Some(value.to_owned()),
            "DIMENSION" => {
                let found =
                    || InstanceError::Unexpected { line, found: value.into(), expected: "the number of points" };
                count = Some(value.parse().map_err(|_| found())?);
            }
            "EDGE_WEIGHT_TYPE" if value != "EUC_2D" => {
                return Err(InstanceError::Unsupported { line, found: value.into(), supported: "EUC_2D" });
            }
            "NODE_COORD_SECTION" => {
                break count.ok_or(InstanceError::Ended { line, expected: "DIMENSION before the points" })?;
            }
            _ => {}
        }
    };
    let mut points: Vec<Option<(f64, f64)>> = vec![None; count];
    for (line, text) in lines.by_ref().filter(|(_, text)| !text.is_empty()) {
        last = line;
        if text == "EOF" {
            break;
        }
        let mut words = text.split_whitespace();
        let mut word = |expected| words.next().ok_or(InstanceError::Ended { line, expected });
        let unexpected = |found: &str, expected| InstanceError::Unexpected { line, found: found.into(), expected };
        let found = word("a point's number")?;
        let number: usize = found.parse().map_err(|_| unexpected(found, "a point's number"))?;
        let mut coordinate = || {
            let found = word("a coordinate")?;
            let value: f64 = found.parse().map_err(|_| unexpected(found, "a coordinate"))?;
            if value.is_finite() { Ok(value) } else { Err(unexpected(found, "a coordinate")) }
        };
        let point = (coordinate()?, coordinate()?);
        let slot = number.checked_sub(1).and_then(|at| points.get_mut(at));
        let slot = slot.ok_or(InstanceError::OutOfRange { line, number, count })?;
        if slot.replace(point).is_some() {
            return Err(InstanceError::Twice { line, number });
        }
    }
    let points: Option<Vec<(f64, f64)>> = points.into_iter().collect();
    let points = points.ok_or(InstanceError::Ended { line: last, expected: "a point for every number" })?;
    let rows: Result<Vec<Vec<u32>>, InstanceError> =
        points.par_iter().enumerate().map(|(from, &point)| straight_lines(&points, from, point)).collect();
    Ok(square(name, rows?, None))
}

fn straight_lines(points: &[(f64, f64)], from: usize, (x, y): (f64, f64)) -> Result<Vec<u32>, InstanceError> {
    let far = |(to, &(a, b)): (usize, &(f64, f64))| {
        let far = ((x - a) * (x - a) + (y - b) * (y - b)).sqrt().floor();
        if far > f64::from(u32::MAX - 1) {
            return Err(InstanceError::TooFar { from: from + 1, to: to + 1 });
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in range")]
        let far = far as u32;
        Ok(far)
    };
    points.iter().enumerate().map(far).collect()
}

/// Every row's vertex is a zone of weight 1 that must be served.
fn square(name: Option<String>, rows: Vec<Vec<u32>>, default_p: Option<usize>) -> Instance {
    let sites = rows.len();
    let assignment = Assignment {
        weights: vec![1; sites],
        fallback: vec![u32::MAX; sites],
        costs: CostRows::Dense { sites, costs: rows.into_iter().flatten().collect() },
    };
    Instance { name, assignment, sites, default_p }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_becomes_shortest_paths_and_the_last_of_repeated_edges_counts() {
        let found = pmed(" 3 3 1\n1 2 9\n2 3 4\n 2 1 5\n").expect("a graph");
        let costs = vec![0, 5, 9, 5, 0, 4, 9, 4, 0];
        assert_eq!(found.assignment.costs, CostRows::Dense { sites: 3, costs });
        assert_eq!((found.sites, found.default_p, found.assignment.value(&[1])), (3, Some(1), 9));
    }

    #[test]
    fn points_become_distances_rounded_down() {
        let text =
            "NAME : tiny\nDIMENSION: 3\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n1 0 0\n3 1e0 1\n2 3 4\nEOF\n";
        let found = tsplib(text).expect("points");
        let costs = vec![0, 5, 1, 5, 0, 3, 1, 3, 0];
        assert_eq!(found.assignment.costs, CostRows::Dense { sites: 3, costs });
        assert_eq!(found.name.as_deref(), Some("tiny"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        assert_eq!(pmed("2 1 1\n1 3 4"), Err(InstanceError::OutOfRange { line: 2, number: 3, count: 2 }));
        assert_eq!(pmed("2 1 1\n1 2"), Err(InstanceError::Ended { line: 2, expected: "a length" }));
        assert_eq!(pmed("3 1 1\n1 2 4"), Err(InstanceError::Unreachable { from: 1, to: 3 }));
        let unexpected =
            |line, found: &str, expected| InstanceError::Unexpected { line, found: found.into(), expected };
        assert_eq!(pmed("2 x 1"), Err(unexpected(1, "x", "the number of edges")));
        assert_eq!(pmed("2 1 1\n1 2 4\n1"), Err(unexpected(3, "1", "the end")));
        let head = "DIMENSION : 2\nNODE_COORD_SECTION\n";
        let with = |points: &str| tsplib(&format!("{head}{points}"));
        assert_eq!(with("1 0 0\n1 2 3\n"), Err(InstanceError::Twice { line: 4, number: 1 }));
        assert_eq!(with("1 0 nan\n"), Err(unexpected(3, "nan", "a coordinate")));
        assert_eq!(with("1 0 0\nEOF\n"), Err(InstanceError::Ended { line: 4, expected: "a point for every number" }));
        let unsupported = InstanceError::Unsupported { line: 1, found: "GEO".into(), supported: "EUC_2D" };
        assert_eq!(tsplib("EDGE_WEIGHT_TYPE : GEO\n"), Err(unsupported));
    }
}
