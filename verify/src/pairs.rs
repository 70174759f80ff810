//! A randomised pilot: what holds whichever way its coins fall.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | M, P | [`Pairs::sites`]: an open store and its partner | pairs |
//! | v_ab | [`Comparison::variance`] | square of logs |
//! | h_j | half the least v of a partner of j that can matter | square of logs |
//! | u_j | what j earns alone in the priced problem | base-currency major units |
//!
//! A plan is a set M of members, and what it earns is the mean over assignments of which each comes with its opposite. So where
//! alpha + rho y bounds every set of stores, alpha + rho y/2 bounds the mean of M, and rules over open stores are rules
//! over members with their limits doubled ([`members`]). A pair of which the two largest sums
//! say that no design with it earns more than the bound can be left out; with h_j over the pairs that are left,
//! sum over M of h_j <= sum of v <= P^2 r <= p r |M|/2 ([`narrowed`]).

use domain::certificate::Assignment;
use domain::plan::Plan;
use domain::seed::Seed;
use domain::settings::Design;
use rayon::prelude::*;

use crate::Failure;
use crate::comparison::Comparison;
use crate::facts::Facts;
use crate::rules::{Rule, Rules};

/// Pairs at least, for a test at 5 %.
const PAIRS_MIN: usize = 6;

/// Whether the scenario asks for pairs.
pub(crate) fn asked(facts: &Facts<'_>) -> bool {
    facts.settings.pilot.design == Design::Randomised
}

/// Who serves a zone together with whom: of a pair, one would take from its own control.
pub(crate) struct Rivals {
    /// By site, ascending.
    of: Vec<Vec<u32>>,
}

impl Rivals {
    /// From the sites of each zone with people.
    pub(crate) fn new(sites: usize, zones: &[Vec<u32>]) -> Self {
        let mut zones_of: Vec<Vec<usize>> = vec![Vec::new(); sites];
        for (at, zone) in zones.iter().enumerate() {
            zone.iter().for_each(|&site| zones_of[site as usize].push(at));
        }
        let of = zones_of.par_iter().map(|here| {
            let mut met = vec![false; sites];
            here.iter().flat_map(|&at| &zones[at]).for_each(|&site| met[site as usize] = true);
            (0..).zip(met).filter(|&(_, met)| met).map(|(site, _)| site).collect()
        });
        Self { of: of.collect() }
    }

    fn meet(&self, one: usize, other: usize) -> bool {
        u32::try_from(other).is_ok_and(|other| self.of[one].binary_search(&other).is_ok())
    }
}

/// The pairs of a plan.
pub(crate) struct Pairs {
    /// (open, partner) by site.
    pub(crate) sites: Vec<(u32, u32)>,
}

impl Pairs {
    /// Of a plan; none where a store has no partner among the candidates.
    pub(crate) fn of(facts: &Facts<'_>, plan: &Plan, failures: &mut Vec<Failure>) -> Option<Self> {
        let pair = |chosen: &domain::plan::ChosenStore| {
            let [partner] = chosen.controls.as_slice() else { return None };
            Some((facts.find(&chosen.store_id)?, facts.find(partner)?))
        };
        let sites = plan.stores.iter().map(pair).collect::<Option<Vec<_>>>();
        if sites.is_none() {
            failures.push(Failure::new("E-VER-010", "a store of the randomised plan has no partner, or no candidate"));
        }
        sites.map(|sites| Self { sites })
    }

    /// Names every rule that breaks for some fall of the coins, and coins that did not fall as the seed says.
    pub(crate) fn check(
        &self,
        facts: &Facts<'_>,
        rules: &Rules,
        comparison: &Comparison<'_>,
        rivals: &Rivals,
        failures: &mut Vec<Failure>,
    ) {
        let mut wrong = |code, text: String| failures.push(Failure::new(code, text));
        if self.sites.len() < PAIRS_MIN {
            let text = format!("pilot.design: {} pairs can't tell an effect, {PAIRS_MIN} can", self.sites.len());
            wrong("E-VER-001", text);
        }
        let mut all: Vec<u32> = self.sites.iter().flat_map(|&(one, other)| [one, other]).collect();
        all.sort_unstable();
        for (at, &one) in all.iter().enumerate() {
            if rules.excluded[one as usize] {
                wrong("E-VER-001", format!("placement.exclude: {} is in a pair", facts.name(one)));
            }
            for &other in all[at + 1..].iter().filter(|&&other| one == other || rules.conflict(facts, one, other)) {
                let (one, other) = (facts.name(one), facts.name(other));
                wrong("E-VER-001", format!("pilot.spillover: {one} and {other} of the pairs lie too near"));
            }
        }
        for &(one, other) in self.sites.iter().filter(|&&(one, other)| rivals.meet(one as usize, other as usize)) {
            let (one, other) = (facts.name(one), facts.name(other));
            wrong("E-VER-010", format!("{one} and {other} are a pair, and serve a zone together"));
        }
        for row in rules.own_rows() {
            let of = |pick: fn(i64, i64) -> i64| -> i128 {
                let of = |site: u32| row.of[site as usize];
                self.sites.iter().map(|&(one, other)| 2 * i128::from(pick(of(one), of(other)))).sum()
            };
            if row.max.is_some_and(|max| of(i64::max) > i128::from(max))
                || row.min.is_some_and(|min| of(i64::min) < i128::from(min))
            {
                wrong("E-VER-001", format!("{}: it breaks if the coins fall otherwise", row.name));
            }
        }
        for (name, values, within) in &comparison.balanced {
            let of = |site: u32| values[facts.candidates[site as usize].at()];
            let apart: f64 = self.sites.iter().map(|&(one, other)| (of(one) - of(other)).abs()).sum();
            let room = within * self.sites.len() as f64;
            if !(apart <= room * (1.0 + crate::comparison::RELATIVE)) {
                wrong("E-VER-010", format!("pilot.balanced.{name}: the pairs differ by {apart}, at most {room}"));
            }
        }
        let mut pairs: Vec<(u32, u32, u32)> =
            self.sites.iter().map(|&(one, other)| (one.min(other), one.max(other), one)).collect();
        pairs.sort_unstable();
        let seed = Seed(facts.settings.seed);
        for (at, &(one, other, open)) in (0_u64..).zip(&pairs) {
            let fell = if seed.stream("trial flips", at) >> 63 == 1 { other } else { one };
            if fell != open {
                wrong(
                    "E-VER-010",
                    format!("the coin of the seed opens {}, not {}", facts.name(fell), facts.name(open)),
                );
            }
        }
    }

    /// The open sites of every assignment, if these are ways that the coins may fall, each with its opposite and any
    /// two coins alike as often as not.
    pub(crate) fn assignments(
        &self,
        facts: &Facts<'_>,
        assignments: &[Assignment],
        failures: &mut Vec<Failure>,
    ) -> Option<Vec<Vec<u32>>> {
        let mut wrong = |text: String| {
            failures.push(Failure::new("E-VER-005", text));
            None
        };
        let mut all: Vec<Vec<u32>> = Vec::new();
        let mut signs: Vec<Vec<bool>> = Vec::new();
        for (at, assignment) in assignments.iter().enumerate() {
            let open: Option<Vec<u32>> = assignment.open.iter().map(|id| facts.find(id)).collect();
            let Some(mut open) = open else { return wrong(format!("assignment {at} opens no candidates")) };
            open.sort_unstable();
            let one_of = |&(one, other): &(u32, u32)| open.contains(&one) != open.contains(&other);
            if open.len() != self.sites.len() || !self.sites.iter().all(one_of) {
                return wrong(format!("assignment {at} does not open one of each pair"));
            }
            signs.push(self.sites.iter().map(|(one, _)| open.contains(one)).collect());
            all.push(open);
        }
        if all.is_empty() {
            return wrong("the mean of no assignment is no objective".into());
        }
        let mut sorted = signs.clone();
        sorted.sort_unstable();
        let mut opposite: Vec<Vec<bool>> = signs.iter().map(|signs| signs.iter().map(|sign| !sign).collect()).collect();
        opposite.sort_unstable();
        if sorted != opposite {
            return wrong("an assignment lacks its opposite".into());
        }
        for one in 0..self.sites.len() {
            for other in one + 1..self.sites.len() {
                if 2 * signs.iter().filter(|signs| signs[one] == signs[other]).count() != signs.len() {
                    return wrong(format!("the coins of pairs {one} and {other} are not independent"));
                }
            }
        }
        Some(all)
    }
}

/// The rules over members.
pub(crate) fn members(facts: &Facts<'_>, rules: Rules) -> Rules {
    let twice = |limit: Option<i64>| limit.map(|limit| limit.saturating_mul(2));
    Rules {
        open_min: 2 * rules.open_min.max(PAIRS_MIN),
        open_max: 2 * rules.open_max,
        rows: rules.rows.into_iter().map(|row| Rule { min: twice(row.min), max: twice(row.max), ..row }).collect(),
        apart: rules.apart.max(facts.settings.pilot.spillover.km),
        ..rules
    }
}

/// The rules over members that a design above `beyond` obeys: `worth` is u, by row.
pub(crate) fn narrowed(
    facts: &Facts<'_>,
    rules: &Rules,
    comparison: &Comparison<'_>,
    rivals: &Rivals,
    worth: &[f64],
    beyond: f64,
) -> Rules {
    let mut best: Vec<f64> = worth.iter().map(|worth| worth.max(0.0)).collect();
    best.sort_unstable_by(|one, other| other.total_cmp(one));
    let base = 0.5 * best.iter().take(rules.open_max.saturating_sub(2)).sum::<f64>();
    // What rounding may hide counts for the pair.
    let matters = |sum: f64| base + 0.5 * sum + 1e-12 * base.abs() > beyond;
    let highest = worth.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut narrow = rules.clone();
    let usable: Vec<usize> = (0..worth.len())
        .filter(|&site| !narrow.excluded[site] && (narrow.required[site] || matters(worth[site] + highest)))
        .collect();
    narrow.excluded = vec![true; worth.len()];
    usable.iter().for_each(|&site| narrow.excluded[site] = false);
    let Some(limit) = comparison.limit else { return narrow };
    let store = |site: usize| facts.candidates[site];
    let least = |&one: &usize| {
        let others = usable.iter().filter(|&&other| other != one && matters(worth[one] + worth[other]));
        let others = others.filter(|&&other| !rivals.meet(one, other));
        others.map(|&other| 0.5 * comparison.variance(store(one), store(other))).fold(f64::INFINITY, f64::min)
    };
    let least: Vec<f64> = usable.par_iter().map(least).collect();
    let each = limit * rules.open_max as f64 / 4.0;
    let mut of = vec![0; worth.len()];
    for (&site, least) in usable.iter().zip(least) {
        if least.is_finite() && limit >= 0.0 {
            #[expect(clippy::cast_possible_truncation, reason = "variances of logs are far below a million")]
            let by = ((least - each) * 1e12).floor() as i64;
            of[site] = by;
        } else {
            narrow.excluded[site] = true;
        }
    }
    narrow.rows.retain(|row| row.name != "pilot.detect");
    narrow.rows.push(Rule { name: "pilot.detect".into(), of, min: None, max: Some(0) });
    narrow
}
