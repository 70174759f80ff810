//! How far an open set is from the rules, kept up to date while sites open and close.

use std::collections::BTreeMap;

use domain::problem::{Row, Rules, Site};
use domain::reach::Tracker;

/// The rules over the columns of a matrix, and the state of an open set.
#[derive(Debug)]
pub(super) struct Guard<'a> {
    /// The rows but for those that follow from floors.
    rows: Vec<&'a Row>,
    floors: Vec<Tracker<'a>>,
    /// The sites of the columns.
    sites: Vec<Site>,
    /// By row: coefficient of each column.
    coefficients: Vec<Vec<i64>>,
    /// By row: value of the open set.
    values: Vec<i64>,
    /// By column: those it may not be open with.
    foes: BTreeMap<usize, Vec<usize>>,
    open: Vec<bool>,
    blocked: Vec<bool>,
    /// Conflicting open pairs.
    clashes: i64,
}

impl<'a> Guard<'a> {
    /// Nothing open. `sites` are the sites of the columns, `blocked` columns that may not open.
    pub(super) fn new(rules: &'a Rules, sites: &[Site], blocked: Vec<bool>) -> Self {
        let column = |site: &Site| sites.binary_search(site).ok();
        let rows: Vec<&Row> = rules.own_rows().map(|(_, row)| row).collect();
        let floors = rules.reach.iter().map(|floor| floor.tracker()).collect();
        let coefficients = rows
            .iter()
            .map(|row| {
                let mut dense = vec![0; sites.len()];
                for (site, coefficient) in &row.terms {
                    if let Some(column) = column(site) {
                        dense[column] += coefficient;
                    }
                }
                dense
            })
            .collect();
        let mut foes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (one, other) in &rules.conflicts {
            if let (Some(one), Some(other)) = (column(one), column(other)) {
                foes.entry(one).or_default().push(other);
                foes.entry(other).or_default().push(one);
            }
        }
        let (open, values) = (vec![false; sites.len()], vec![0; rows.len()]);
        Self { rows, floors, sites: sites.to_vec(), coefficients, values, foes, open, blocked, clashes: 0 }
    }

    fn clashes_of(&self, column: usize, without: Option<usize>) -> i64 {
        let Some(foes) = self.foes.get(&column) else { return 0 };
        foes.iter().filter(|foe| self.open[**foe] && Some(**foe) != without).map(|_| 1).sum()
    }

    /// Whether opening a column on top breaks no conflict and no upper side.
    pub(super) fn may_add(&self, column: usize) -> bool {
        !self.blocked[column]
            && self.clashes_of(column, None) == 0
            && self.rows.iter().enumerate().all(|(at, row)| {
                let coefficient = self.coefficients[at][column];
                coefficient <= 0 || row.max.is_none_or(|max| self.values[at] + coefficient <= max)
            })
    }

    /// Opens a column.
    pub(super) fn add(&mut self, column: usize) {
        self.clashes += self.clashes_of(column, None);
        self.open[column] = true;
        self.floors.iter_mut().for_each(|floor| floor.open(self.sites[column]));
        for (value, row) in self.values.iter_mut().zip(&self.coefficients) {
            *value += row[column];
        }
    }

    /// Closes one column and opens another.
    pub(super) fn swap(&mut self, closing: usize, opening: usize) {
        self.open[closing] = false;
        self.floors.iter_mut().for_each(|floor| floor.close(self.sites[closing]));
        self.clashes -= self.clashes_of(closing, None);
        for (value, row) in self.values.iter_mut().zip(&self.coefficients) {
            *value -= row[closing];
        }
        self.add(opening);
    }

    fn excess(&self, value: impl Fn(usize) -> i64) -> i64 {
        self.rows
            .iter()
            .enumerate()
            .map(|(at, row)| {
                let value = value(at);
                row.max.map_or(0, |max| (value - max).max(0)) + row.min.map_or(0, |min| (min - value).max(0))
            })
            .sum()
    }

    /// How far the open set is from the rows and conflicts; 0 when it obeys them.
    pub(super) fn broken(&self) -> i64 {
        let people: i64 = self.floors.iter().map(|floor| floor.broken(None, None)).sum();
        self.clashes.saturating_mul(CLASH).saturating_add(self.excess(|at| self.values[at])).saturating_add(people)
    }

    /// The same after a swap; none if the opening column may not open.
    pub(super) fn after_swap(&self, closing: usize, opening: usize) -> Option<i64> {
        if self.blocked[opening] {
            return None;
        }
        if self.rows.is_empty() && self.foes.is_empty() && self.floors.is_empty() {
            return Some(0);
        }
        let clashes = self.clashes - self.clashes_of(closing, None) + self.clashes_of(opening, Some(closing));
        let excess =
            self.excess(|at| self.values[at] - self.coefficients[at][closing] + self.coefficients[at][opening]);
        let (out, into) = (Some(self.sites[closing]), Some(self.sites[opening]));
        let people: i64 = self.floors.iter().map(|floor| floor.broken(out, into)).sum();
        Some(clashes.saturating_mul(CLASH).saturating_add(excess).saturating_add(people))
    }
}

/// A broken pair counts like this many units of a row: both have to go, so any number above one will do.
const CLASH: i64 = 1 << 20;
