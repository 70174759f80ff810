//! The mask's policy, in one place: which cells are known, which judge a forecast.

use domain::panel::Cell;

/// Observed cells on each side whose mean stands in for a censored one.
const NEIGHBOURS: usize = 4;

/// A series from its first known cell on.
#[derive(Debug, Clone)]
pub(super) struct Series {
    /// Values as the methods see them; 0 where not known.
    pub(super) values: Vec<f64>,
    /// Values as counted, that judge a forecast; 0 where not known.
    pub(super) counted: Vec<f64>,
    /// Whether a cell is known: observed, or censored and filled.
    pub(super) seen: Vec<bool>,
    /// Whether a cell may judge a forecast: observed as counted.
    pub(super) judges: Vec<bool>,
}

impl Series {
    /// Applies the mask; none if nothing is known.
    pub(super) fn prepare(units: &[f64], cells: &[Cell]) -> Option<Self> {
        let usable = |value: f64| value.is_finite() && value >= 0.0;
        let known = |at: &(usize, (&f64, &Cell))| usable(*at.1.0) && matches!(at.1.1, Cell::Observed | Cell::Censored);
        let first = units.iter().zip(cells).enumerate().find(known)?.0;
        let (units, cells) = (&units[first..], &cells[first..]);
        let mut values = Vec::with_capacity(units.len());
        let mut seen = Vec::with_capacity(units.len());
        let mut judges = Vec::with_capacity(units.len());
        for (&value, &cell) in units.iter().zip(cells) {
            let observed = usable(value) && cell == Cell::Observed;
            let here = observed || (usable(value) && cell == Cell::Censored);
            values.push(if here { value } else { 0.0 });
            seen.push(here);
            judges.push(observed);
        }
        for at in 0..values.len() {
            if seen[at] && !judges[at] {
                let near = |range: &mut dyn Iterator<Item = usize>| -> (f64, usize) {
                    range
                        .filter(|&near| judges[near])
                        .take(NEIGHBOURS)
                        .fold((0.0, 0), |(sum, count), near| (sum + units[near], count + 1))
                };
                let (before, after) = (near(&mut (0..at).rev()), near(&mut (at + 1..values.len())));
                let count = before.1 + after.1;
                if count > 0 {
                    values[at] = values[at].max((before.0 + after.0) / count as f64);
                }
            }
        }
        Some(Self { counted: values.clone(), values, seen, judges })
    }

    /// Periods from the first known cell to the end.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// How many cells are known.
    pub(super) fn known(&self) -> usize {
        self.seen.iter().filter(|&&seen| seen).count()
    }

    /// Whether nothing was ever sold.
    pub(super) fn all_zero(&self) -> bool {
        self.values.iter().all(|&value| value == 0.0)
    }

    /// Mean of the known cells.
    pub(super) fn mean(&self) -> f64 {
        // Unknown cells hold 0.
        self.values.iter().sum::<f64>() / self.known().max(1) as f64
    }
}
