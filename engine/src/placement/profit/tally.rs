//! The rules, kept up to date while sites open and close.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | a_r y | `usage` | that of the row |
//! | W - R(S) | `floors` | people; rows that follow from floors add nothing to it and are left out |
//! | violation(S) | `violation` | rules broken, each in parts of its limit |

use domain::problem::{Row, Rules, Site};
use domain::reach::Tracker;

/// A set of open sites as the rules see it.
#[derive(Debug, Clone)]
pub(super) struct Tally<'a> {
    rules: &'a Rules,
    rows: Vec<&'a Row>,
    /// The floors, each with its limit.
    floors: Vec<(Tracker<'a>, i64)>,
    /// Per site (row, coefficient).
    rows_of: Vec<Vec<(u32, i64)>>,
    conflicts_of: Vec<Vec<Site>>,
    usage: Vec<i64>,
    /// Per site how many open sites conflict with it.
    blocked: Vec<u32>,
    required: Vec<bool>,
    banned: Vec<bool>,
    /// The open sites, ascending.
    pub(super) open: Vec<Site>,
}

impl<'a> Tally<'a> {
    /// With nothing open.
    pub(super) fn new(rules: &'a Rules) -> Self {
        let rows: Vec<&Row> = rules.own_rows().map(|(_, row)| row).collect();
        let mut this = Self {
            rules,
            floors: rules.reach.iter().map(|floor| (floor.tracker(), floor.at_least)).collect(),
            rows_of: vec![Vec::new(); rules.sites],
            conflicts_of: vec![Vec::new(); rules.sites],
            usage: vec![0; rows.len()],
            rows: Vec::new(),
            blocked: vec![0; rules.sites],
            required: vec![false; rules.sites],
            banned: vec![false; rules.sites],
            open: Vec::new(),
        };
        for (at, row) in rows.iter().enumerate() {
            for &(site, coefficient) in &row.terms {
                #[expect(clippy::cast_possible_truncation, reason = "rows are few")]
                this.rows_of[site as usize].push((at as u32, coefficient));
            }
        }
        for &(one, other) in &rules.conflicts {
            this.conflicts_of[one as usize].push(other);
            this.conflicts_of[other as usize].push(one);
        }
        this.rows = rows;
        rules.require.iter().for_each(|&site| this.required[site as usize] = true);
        rules.exclude.iter().for_each(|&site| this.banned[site as usize] = true);
        this
    }

    /// Whether `site` has to be open.
    pub(super) fn required(&self, site: usize) -> bool {
        self.required[site]
    }

    /// Whether `site` is open.
    pub(super) fn is_open(&self, site: usize) -> bool {
        #[expect(clippy::cast_possible_truncation, reason = "sites are u32")]
        self.open.binary_search(&(site as Site)).is_ok()
    }

    /// Whether `site` is closed and no rule bans it by itself.
    pub(super) fn may_open(&self, site: usize) -> bool {
        !self.banned[site] && !self.is_open(site)
    }

    /// Opens `site`, now closed.
    pub(super) fn open(&mut self, site: usize) {
        self.shift(site, 1);
        #[expect(clippy::cast_possible_truncation, reason = "sites are u32")]
        let at = self.open.partition_point(|&other| other < site as Site);
        #[expect(clippy::cast_possible_truncation, reason = "sites are u32")]
        self.open.insert(at, site as Site);
    }

    /// Closes `site`, now open.
    pub(super) fn close(&mut self, site: usize) {
        self.shift(site, -1);
        self.open.retain(|&other| other as usize != site);
    }

    fn shift(&mut self, site: usize, sign: i64) {
        for &(row, coefficient) in &self.rows_of[site] {
            self.usage[row as usize] += sign * coefficient;
        }
        #[expect(clippy::cast_possible_truncation, reason = "sites are u32")]
        for (floor, _) in &mut self.floors {
            if sign > 0 { floor.open(site as Site) } else { floor.close(site as Site) }
        }
        for &other in &self.conflicts_of[site] {
            let blocked = &mut self.blocked[other as usize];
            *blocked = blocked.wrapping_add_signed(if sign > 0 { 1 } else { -1 });
        }
    }

    /// How far the rules would be broken after closing `out` and opening `into`; 0 where all hold.
    /// None where `into` can't open: it is banned, or conflicts with a site that stays open.
    pub(super) fn violation(&self, out: Option<usize>, into: Option<usize>) -> Option<f64> {
        if let Some(into) = into {
            let freed = out.is_some_and(|out| self.conflicts_of[into].iter().any(|&site| site as usize == out));
            if self.banned[into] || self.blocked[into] > u32::from(freed) {
                return None;
            }
        }
        let count = self.open.len() + usize::from(into.is_some()) - usize::from(out.is_some());
        let (low, high) = (self.rules.open_min, self.rules.open_max);
        let mut broken = parts(low.saturating_sub(count), low) + parts(count.saturating_sub(high), high);
        #[expect(clippy::cast_possible_truncation, reason = "sites are u32")]
        let number = |site: Option<usize>| site.map(|site| site as Site);
        for (floor, limit) in &self.floors {
            broken += parts(floor.broken(number(out), number(into)), *limit);
        }
        if self.rows.is_empty() {
            return Some(broken);
        }
        let step = |row: usize| {
            let of = |site: Option<usize>| {
                site.and_then(|site| self.rows_of[site].iter().find(|term| term.0 as usize == row))
                    .map_or(0, |term| term.1)
            };
            of(into) - of(out)
        };
        for (at, row) in self.rows.iter().enumerate() {
            let value = self.usage[at] + step(at);
            if let Some(min) = row.min.filter(|&min| value < min) {
                broken += parts(value.abs_diff(min), min.unsigned_abs());
            }
            if let Some(max) = row.max.filter(|&max| value > max) {
                broken += parts(value.abs_diff(max), max.unsigned_abs());
            }
        }
        Some(broken)
    }
}

/// How large a breach is against its limit.
fn parts<T: TryInto<u64>>(breach: T, limit: T) -> f64 {
    let number = |value: T| value.try_into().unwrap_or(u64::MAX) as f64;
    number(breach) / number(limit).max(1.0)
}
