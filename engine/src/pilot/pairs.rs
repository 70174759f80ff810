//! A randomised pilot: pairs of stores are decided, and a coin opens one of each; the other is its control.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | M, P | members, [`Pairing::pairs`] | stores, 2P of them |
//! | v_ab | variance of l_at - l_bt over the match, [`models::trial`] | square of logs |
//! | r = (ln(1 + delta)/kappa)^2 | [`Comparison::limit`] | square of logs |
//! | h_j | half the least v_jb of a partner b that j may have | square of logs |
//!
//! What is decided is the set M. Its pairs follow: of all ways to pair M within markets so that every rule holds whatever the
//! coins say (a row's limit is kept by the dearer store of each pair), those with the least sum of v, since near pairs tell
//! the same effect sooner. All members lie apart from each other by the spillover distance and by `placement.distance_min`,
//! and no two of a pair serve a zone together where the capture law knows zones: the pilot would take from its own control.
//! A plan that has to detect delta has sum v <= P^2 r, and
//!
//!   sum over M of h_j <= sum of v <= P^2 r <= p r |M|/2
//!
//! is a row that no such plan breaks ([`Comparison::pair_row`]). Rules over treated stores become rules over members by
//! doubling their limits ([`members`]): the mean of an assignment and its opposite is half of each member.
//!
//! What a design earns is the mean over [`assignments`]: columns of a Sylvester matrix and its negative, an orthogonal array
//! of strength 3 [hedayat1999], so that the mean over these 2n is that over all 2^P of everything that at most three pairs
//! have to do with each other. It holds each assignment with its opposite.

use domain::problem::{Row, Rules, Site};
use domain::settings::Settings;
use rayon::prelude::*;

use super::Comparison;
use super::limits::{DETECT, detecting};
use crate::formulate::near;
use crate::solver::small::{Answer, Column, Effort, Line, SmallError, minimise};

/// Pairs at least: with fewer, no outcome is told from chance at 5 % ([`models::trial::signs`]).
pub use models::trial::randomised::PAIRS_MIN;

/// Matchings are small programs whose relaxation is nearly whole: nodes at most, and the gap that counts as none.
const EFFORT: Effort = Effort { nodes_max: 2_000, gap: 1e-9 };
/// Partners of a member that are looked at, where there are more members than this.
const PARTNERS: usize = 48;

/// Members in pairs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pairing {
    /// (lower, higher), ascending.
    pub pairs: Vec<(Site, Site)>,
    /// sum of v, square of logs.
    pub variance: f64,
}

impl Pairing {
    /// s: what effects of this design are measured in, logs; none without pairs.
    #[must_use]
    pub fn scale(&self) -> Option<f64> {
        (!self.pairs.is_empty()).then(|| self.variance.sqrt() / self.pairs.len() as f64)
    }

    /// Whether a row over members (its limits doubled) holds for every assignment.
    pub(crate) fn keeps(&self, row: &Row) -> bool {
        let sum = |pick: fn(i64, i64) -> i64| -> i64 {
            let of = |&(one, other): &(Site, Site)| pick(of(row, one), of(row, other));
            self.pairs.iter().map(of).sum::<i64>().saturating_mul(2)
        };
        row.max.is_none_or(|max| sum(i64::max) <= max) && row.min.is_none_or(|min| sum(i64::min) >= min)
    }
}

/// A site's coefficient in a row.
fn of(row: &Row, site: Site) -> i64 {
    row.terms.binary_search_by_key(&site, |term| term.0).map_or(0, |at| row.terms[at].1)
}

/// The rules over members, from those over the stores that open: `rules` with limits doubled, members apart, and
/// stores left out that could be no control.
#[must_use]
pub fn members(rules: Rules, comparison: &Comparison, settings: &Settings) -> Rules {
    let twice = |limit: Option<i64>| limit.map(|limit| limit.saturating_mul(2));
    let apart = settings.placement.distance_min.map_or(0.0, |apart| apart.km).max(comparison.spillover_km);
    let places: Vec<_> = comparison.store_of.iter().map(|&store| comparison.places[store]).collect();
    let may = |site: &Site| comparison.eligible[comparison.store_of[*site as usize]];
    let mut exclude = rules.exclude;
    exclude.extend((0..).take(rules.sites).filter(|site| !may(site)));
    exclude.extend(comparison.lacking());
    exclude.sort_unstable();
    exclude.dedup();
    Rules {
        sites: rules.sites,
        open_min: 2 * rules.open_min.max(PAIRS_MIN),
        open_max: 2 * rules.open_max,
        require: rules.require,
        exclude,
        rows: rules.rows.into_iter().map(|row| Row { min: twice(row.min), max: twice(row.max), ..row }).collect(),
        conflicts: near::pairs(&places, apart),
        // A scenario that asks for floors on people as well is refused: a coin decides who is reached.
        reach: rules.reach,
    }
}

/// Assignments of `pairs` pairs: whether the second of each opens. Each comes with its opposite.
#[must_use]
pub fn assignments(pairs: usize) -> Vec<Vec<bool>> {
    let runs = pairs.max(1).next_power_of_two();
    let odd = |run: usize, pair: usize| (run & pair).count_ones() % 2 == 1;
    (0..2 * runs).map(|run| (0..pairs).map(|pair| odd(run % runs, pair) != (run >= runs)).collect()).collect()
}

/// The sites that an assignment opens, ascending.
#[must_use]
pub fn opened(pairs: &[(Site, Site)], second: &[bool]) -> Vec<Site> {
    let mut open: Vec<Site> =
        pairs.iter().zip(second).map(|(&(one, other), &second)| if second { other } else { one }).collect();
    open.sort_unstable();
    open
}

impl Comparison {
    /// v of two sites; infinite where they can be no pair.
    #[must_use]
    pub fn between(&self, one: Site, other: Site) -> f64 {
        if self.rivals.get(one as usize).is_some_and(|rivals| rivals.binary_search(&other).is_ok()) {
            return f64::INFINITY;
        }
        let [one, other] = [one, other].map(|site| self.store_of[site as usize]);
        self.history.variance(one, other, self.weeks.clone())
    }

    /// The members (ascending) in pairs that obey `rules` whatever the coins say, with the least sum of v; none where they
    /// can't be paired so, or not as near as has to be.
    ///
    /// # Errors
    /// Where the solver fails.
    pub fn pairing(&self, rules: &Rules, members: &[Site]) -> Result<Option<Pairing>, SmallError> {
        if members.len() % 2 == 1 {
            return Ok(None);
        }
        let pairs = members.len() / 2;
        let edges = self.edges(members);
        let most = edges.iter().map(|edge| edge.0).fold(f64::MIN_POSITIVE, f64::max);
        let columns: Vec<Column> = edges.iter().map(|edge| Column::binary(edge.0 / most)).collect();
        let mut lines: Vec<Line> = members
            .iter()
            .map(|&site| {
                let here = (0..edges.len()).filter(|&at| edges[at].1 == site || edges[at].2 == site);
                Line { terms: here.map(|at| (at, 1.0)).collect(), min: Some(1.0), max: Some(1.0) }
            })
            .collect();
        for row in rules.rows.iter().filter(|row| row.name != DETECT) {
            // On the scale of its largest coefficient; held exactly by the check below.
            let scale = row.terms.iter().map(|term| term.1.unsigned_abs()).max().unwrap_or(1).max(1) as f64;
            let line = |pick: fn(i64, i64) -> i64| -> Vec<(usize, f64)> {
                let by = |edge: &(f64, Site, Site)| pick(of(row, edge.1), of(row, edge.2)) as f64 / scale;
                edges.iter().map(by).enumerate().filter(|term| term.1 != 0.0).collect()
            };
            if let Some(max) = row.max {
                lines.push(Line { terms: line(i64::max), min: None, max: Some(max as f64 / (2.0 * scale)) });
            }
            if let Some(min) = row.min {
                lines.push(Line { terms: line(i64::min), min: Some(min as f64 / (2.0 * scale)), max: None });
            }
        }
        for balance in &self.balanced {
            let of = |site: Site| balance.values[self.store_of[site as usize]];
            let apart = edges.iter().map(|edge| (of(edge.1) - of(edge.2)).abs()).enumerate().collect();
            lines.push(Line { terms: apart, min: None, max: Some(balance.within * pairs as f64) });
        }
        let (Answer::Optimal(values) | Answer::Feasible(values)) = minimise(&columns, &lines, EFFORT)? else {
            return Ok(None);
        };
        let chosen = edges.iter().zip(values).filter(|(_, value)| *value > 0.5).map(|(edge, _)| *edge);
        let mut chosen: Vec<(Site, Site, f64)> = chosen.map(|(v, one, other)| (one, other, v)).collect();
        chosen.sort_unstable_by_key(|pair| (pair.0, pair.1));
        let variance = chosen.iter().map(|pair| pair.2).sum();
        let pairing = Pairing { pairs: chosen.into_iter().map(|pair| (pair.0, pair.1)).collect(), variance };
        Ok(self.allows_pairs(rules, &pairing).then_some(pairing))
    }

    /// Whether pairs obey the rules whatever the coins say.
    fn allows_pairs(&self, rules: &Rules, pairing: &Pairing) -> bool {
        let count = pairing.pairs.len() as f64;
        let precise = self.limit.is_none_or(|limit| pairing.variance <= limit * count * count);
        let balanced = self.balanced.iter().all(|balance| {
            let of = |site: Site| balance.values[self.store_of[site as usize]];
            let apart: f64 = pairing.pairs.iter().map(|&(one, other)| (of(one) - of(other)).abs()).sum();
            apart <= balance.within * count
        });
        let rows = rules.rows.iter().filter(|row| row.name != DETECT).all(|row| pairing.keeps(row));
        precise && balanced && rows
    }

    /// (v, one, other) of the members that may be a pair; of many members, the nearest of each.
    fn edges(&self, members: &[Site]) -> Vec<(f64, Site, Site)> {
        let mut edges: Vec<(f64, Site, Site)> = Vec::new();
        for (at, &one) in members.iter().enumerate() {
            edges.extend(members[at + 1..].iter().map(|&other| (self.between(one, other), one, other)));
        }
        edges.retain(|edge| edge.0.is_finite());
        if members.len() > PARTNERS {
            edges.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
            let mut seen = vec![0_usize; members.len()];
            let at = |site: Site| members.binary_search(&site).unwrap_or(0);
            edges.retain(|&(_, one, other)| {
                let (one, other) = (at(one), at(other));
                let kept = seen[one].min(seen[other]) < PARTNERS;
                seen[one] += 1;
                seen[other] += 1;
                kept
            });
        }
        edges
    }

    /// The row of `pilot.detect` over members where only pairs that `may` be matter, and sites without any such partner
    /// (ascending); none where no effect has to be found.
    #[must_use]
    pub fn pair_row(&self, sites: &[Site], may: impl Fn(Site, Site) -> bool + Sync) -> Option<(Row, Vec<Site>)> {
        let limit = self.limit?;
        let each = limit * self.stores_max as f64 / 2.0;
        let least = |&one: &Site| {
            let others = sites.iter().filter(|&&other| other != one && may(one, other));
            others.map(|&other| 0.5 * self.between(one, other)).fold(f64::INFINITY, f64::min)
        };
        let least: Vec<f64> = sites.par_iter().map(least).collect();
        Some(detecting(limit, each, sites.iter().copied().zip(least)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_three_coins_fall_every_way_equally_often() {
        for pairs in 1..20 {
            let all = assignments(pairs);
            for chosen in (0..pairs).flat_map(|a| (a..pairs).flat_map(move |b| (b..pairs).map(move |c| [a, b, c]))) {
                let mut different = chosen.to_vec();
                different.dedup();
                let mut seen = vec![0_usize; 1 << different.len()];
                for second in &all {
                    let way = different.iter().fold(0, |way, &pair| 2 * way + usize::from(second[pair]));
                    seen[way] += 1;
                }
                assert!(seen.iter().all(|&count| count == all.len() / seen.len()), "{pairs} {chosen:?} {seen:?}");
            }
            let opposite = |second: &Vec<bool>| second.iter().map(|second| !second).collect::<Vec<_>>();
            assert!(all.iter().all(|second| all.contains(&opposite(second))), "{pairs}");
        }
    }
}
