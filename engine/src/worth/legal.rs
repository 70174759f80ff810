//! Whether a swap or an addition obeys the rules, without going through all of them again.

use domain::problem::{Row, Rules, Site};
use domain::reach::Tracker;

/// The rules as seen from an open set.
#[derive(Debug)]
pub struct Legal<'a> {
    rules: &'a Rules,
    open: &'a [Site],
    /// Those that follow from no floor.
    rows: Vec<&'a Row>,
    floors: Vec<Tracker<'a>>,
    /// (row, coefficient), by site.
    terms: Vec<Vec<(usize, i64)>>,
    /// Left-hand sides.
    used: Vec<i64>,
    /// How many open sites are too near, by site.
    near: Vec<Vec<Site>>,
}

impl<'a> Legal<'a> {
    /// For the open sites (ascending).
    #[must_use]
    pub fn new(rules: &'a Rules, open: &'a [Site]) -> Self {
        let mut terms = vec![Vec::new(); rules.sites];
        let rows: Vec<&Row> = rules.own_rows().map(|(_, row)| row).collect();
        let mut floors: Vec<Tracker<'_>> = rules.reach.iter().map(|floor| floor.tracker()).collect();
        for floor in &mut floors {
            open.iter().for_each(|&site| floor.open(site));
        }
        for (row, rule) in rows.iter().enumerate() {
            rule.terms.iter().for_each(|&(site, coefficient)| terms[site as usize].push((row, coefficient)));
        }
        let mut near = vec![Vec::new(); rules.sites];
        for &(one, other) in &rules.conflicts {
            if open.binary_search(&one).is_ok() {
                near[other as usize].push(one);
            }
            if open.binary_search(&other).is_ok() {
                near[one as usize].push(other);
            }
        }
        let used = rows.iter().map(|row| row.value(open)).collect();
        Self { rules, open, rows, floors, terms, used, near }
    }

    /// Whether the rules hold with `enters` open (it is closed now) and `leaves`, if any, closed.
    #[must_use]
    pub fn allows(&self, enters: Site, leaves: Option<Site>) -> bool {
        if self.rules.exclude.binary_search(&enters).is_ok() || self.open.binary_search(&enters).is_ok() {
            return false;
        }
        if leaves.is_some_and(|site| self.rules.require.binary_search(&site).is_ok()) {
            return false;
        }
        let count = self.open.len() + usize::from(leaves.is_none());
        if count > self.rules.open_max || count < self.rules.open_min {
            return false;
        }
        if self.near[enters as usize].iter().any(|&site| Some(site) != leaves) {
            return false;
        }
        let coefficient = |site: Site, row: usize| {
            self.terms[site as usize].iter().filter(|term| term.0 == row).map(|term| term.1).sum::<i64>()
        };
        let keeps = |floor: &Tracker<'_>| floor.broken(leaves, Some(enters)) == 0;
        self.floors.iter().all(keeps)
            && self.rows.iter().zip(&self.used).enumerate().all(|(row, (rule, used))| {
                let value = used + coefficient(enters, row) - leaves.map_or(0, |site| coefficient(site, row));
                rule.min.is_none_or(|min| value >= min) && rule.max.is_none_or(|max| value <= max)
            })
    }
}
