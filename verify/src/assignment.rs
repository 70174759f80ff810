//! Distance and coverage: the problem and the value of a plan, exactly.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w_i | `Problem::weights` | people |
//! | c_ij | `Problem::cost` of a travel time | thousandths of a minute; for coverage 0 within the radius |
//! | c_i0 | `Problem::fallback` | the same; for coverage 1 |
//!
//! | T, b | `Facts::stay`, `Facts::stay_bonus` | sites; the cost of each that is closed |
//!
//! Cost of a plan y: sum_i w_i min(c_i0, min over open j of c_ij) + sum over closed j of T of b [hakimi1964; church1974].
//! In the bound each of T counts as one more zone, after all others: weight b, fallback 1, cost 0 at j alone.

use domain::certificate::AssignmentCertificate;
use domain::ids::Idx;
use domain::market::Zone;
use domain::plan::Plan;
use domain::settings::ObjectiveKind;
use rayon::prelude::*;

use crate::Failure;
use crate::facts::Facts;
use crate::near::{Near, Scratch};

/// An assignment problem over streamed rows.
pub(crate) struct Problem<'a> {
    pub(crate) near: Near<'a>,
    /// w; 0 where a zone can't be counted. Zones of the market, then one for each site that stays.
    pub(crate) weights: Vec<u64>,
    /// c_i0.
    pub(crate) fallback: Vec<u32>,
    /// For coverage: the radius in thousandths of a minute.
    pub(crate) radius: Option<u32>,
}

/// Whole thousandths of a minute.
fn milli(minutes: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "settings hold 0 to 70,000 minutes")]
    let whole = (minutes * 1000.0).round() as u32;
    whole
}

impl<'a> Problem<'a> {
    pub(crate) fn new(facts: &'a Facts<'a>) -> Self {
        let near = Near::new(facts);
        let settings = facts.settings;
        let radius = (settings.objective.kind == ObjectiveKind::Coverage)
            .then(|| milli(settings.objective.radius.map_or(10.0, |radius| radius.minutes)));
        let farthest_counted = settings.travel.minutes_max.map(|most| milli(most.minutes));
        let zones: Vec<(u64, u32)> = (0..facts.market.zones.len())
            .into_par_iter()
            .map_init(Scratch::default, |scratch, at| {
                let zone: Idx<Zone> = Idx::new(at);
                let population = facts.market.zones[at].population;
                let corner = facts.corners.iter().filter_map(|&store| facts.travel.milli_minutes(zone, store)).min();
                match radius {
                    Some(radius) => (population, u32::from(corner.is_none_or(|time| time > radius))),
                    None => match farthest_counted.or_else(|| near.farthest(zone, scratch)) {
                        Some(fallback) => (population, corner.map_or(fallback, |time| time.min(fallback))),
                        None => (0, 0),
                    },
                }
            })
            .collect();
        let stay = facts.stay.iter().map(|_| (facts.stay_bonus.unsigned_abs(), 1));
        let (weights, fallback) = zones.into_iter().chain(stay).unzip();
        Self { near, weights, fallback, radius }
    }

    /// c_ij of a travel time.
    pub(crate) fn cost(&self, time: u32) -> u32 {
        match self.radius {
            Some(radius) => u32::from(time > radius),
            None => time,
        }
    }

    /// Fills `scratch.row` with the sites within `limit` of a zone.
    pub(crate) fn row(&self, facts: &Facts<'_>, zone: usize, limit: u32, scratch: &mut Scratch) {
        match zone.checked_sub(facts.market.zones.len()) {
            None => self.near.row(Idx::new(zone), limit, scratch),
            Some(stays) => {
                scratch.row.clear();
                scratch.row.push((facts.stay[stays], 0));
            }
        }
    }

    /// The cost of the open sites: stores inside, zones outside.
    fn value(&self, facts: &Facts<'_>, open: &[u32]) -> i128 {
        let mut best = self.fallback[..facts.market.zones.len()].to_vec();
        for &site in open {
            let store = facts.candidates[site as usize];
            best.par_iter_mut().enumerate().for_each(|(at, best)| {
                if let Some(time) = facts.travel.milli_minutes(Idx::new(at), store) {
                    *best = (*best).min(self.cost(time));
                }
            });
        }
        let served: i128 =
            best.iter().zip(&self.weights).map(|(&cost, &weight)| i128::from(cost) * i128::from(weight)).sum();
        served + stayed(facts, open).1
    }

    /// Compares the objective, what is reached and the stated bound with the plan's stores and certificate.
    pub(crate) fn check(
        &self,
        facts: &Facts<'_>,
        plan: &Plan,
        open: &[u32],
        certificate: &AssignmentCertificate,
        failures: &mut Vec<Failure>,
    ) {
        let cost = self.value(facts, open);
        let people: i128 = self.weights[..facts.market.zones.len()].iter().map(|&weight| i128::from(weight)).sum();
        let (kept, lost) = stayed(facts, open);
        let bound = i128::from(certificate.bound);
        let stated = &plan.objective;
        // Whole numbers are compared as such: both sides in units of the cost.
        let (value, reached, bonus, proved, per_unit) = match self.radius {
            Some(_) => {
                let most = people + kept + lost;
                (most - cost, Some((people - (cost - lost)) as f64), kept, most - bound, 1.0)
            }
            None => {
                let mean = (people > 0).then(|| (cost - lost) as f64 / 1000.0 / people as f64);
                (cost, mean, lost, bound, 1000.0)
            }
        };
        if !same_whole(stated.stay_bonus, per_unit, bonus) {
            let text = format!("the stay bonus is {}, not {}", bonus as f64 / per_unit, stated.stay_bonus);
            failures.push(Failure::new("E-VER-005", text));
        }
        if !same_whole(stated.value, per_unit, value) {
            let text = format!("the plan states {}, its stores reach {}", stated.value, value as f64 / per_unit);
            failures.push(Failure::new("E-VER-005", text));
        }
        // A mean is a quotient of two exact numbers, so that only its last digits may differ.
        if let (Some(said), Some(found)) = (stated.reached, reached)
            && (said - found).abs() > 1e-9 * found.abs().max(1.0)
        {
            failures.push(Failure::new("E-VER-005", format!("the plan reaches {found}, not {said}")));
        }
        if !same_whole(stated.bound, per_unit, proved) {
            let text = format!("the plan's bound is {}, its certificate's {}", stated.bound, proved as f64 / per_unit);
            failures.push(Failure::new("E-VER-002", text));
        }
        if bound > cost {
            let text = format!("no plan can cost less than {bound}, it says, but this one costs {cost}");
            failures.push(Failure::new("E-VER-002", text));
        }
    }
}

/// b times the sites of T that are open, and times those that are not.
fn stayed(facts: &Facts<'_>, open: &[u32]) -> (i128, i128) {
    let (kept, lost): (Vec<u32>, Vec<u32>) = facts.stay.iter().partition(|&site| open.contains(site));
    let times = |sites: Vec<u32>| sites.len() as i128 * i128::from(facts.stay_bonus);
    (times(kept), times(lost))
}

/// Whether a stated number is this whole number of units: exactly, as far as an f64 can hold one.
fn same_whole(stated: f64, per_unit: f64, whole: i128) -> bool {
    let scaled = stated * per_unit;
    // Above 2^50 the product of a rounded quotient may be off by a unit.
    let slack = if whole.unsigned_abs() < 1 << 50 { 0.0 } else { whole as f64 * f64::EPSILON * 2.0 };
    scaled.is_finite() && (scaled.round() - whole as f64).abs() <= slack.abs()
}
