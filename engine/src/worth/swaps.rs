//! What the objective loses when one store takes another's place, for every pair at once.
//!
//! Profit changes only in the zones that either store reaches. For assignment, with d1 and d2 the cost
//! of a zone's nearest and second nearest open site and o1 the nearest [whitaker1983]:
//!
//! | term | is |
//! |---|---|
//! | add_c = sum_i w_i (min(d1, c_ic) - d1) | what opening c saves, below 0 |
//! | drop_o = sum over zones with o1 = o of w_i (d2 - d1) | what closing o costs |
//! | both_oc = sum over the same of w_i (min(d2, c_ic) - d2 - min(d1, c_ic) + d1) | what c mends of it |
//! | swap = add_c + drop_o + both_oc | |

use domain::problem::{Assignment, Profit, Site};
use domain::settings::CaptureLaw;
use ndarray::Array2;
use rayon::prelude::*;

/// Losses of objective, in the problem's unit: below 0 where a move would gain.
#[derive(Debug, Clone, PartialEq)]
pub struct Losses {
    /// Of opening one more, by site.
    pub add: Vec<f64>,
    /// Of opening one in place of another, `sites x open`.
    pub swap: Array2<f64>,
}

/// Losses of the people-weighted cost of an assignment. Exact: whole numbers below 2^53 or so, by
/// the range that the placement accepts.
#[must_use]
pub fn assignment(problem: &Assignment, sites: usize, open: &[Site]) -> Losses {
    /// Zones taken together, so that few tables of sites x open exist at a time.
    const CHUNK: usize = 4096;
    let width = open.len();
    let mut slot = vec![usize::MAX; sites];
    open.iter().enumerate().for_each(|(at, &site)| slot[site as usize] = at);
    let zones: Vec<usize> = (0..problem.zones()).filter(|&zone| problem.weights[zone] > 0).collect();
    let (mut add, mut drop, mut both) = (vec![0_i64; sites], vec![0_i64; width], vec![0_i64; sites * width]);
    let parts: Vec<(Vec<i64>, Vec<i64>, Vec<i64>)> = zones
        .par_chunks(CHUNK)
        .map(|zones| {
            let (mut add, mut drop, mut both) = (vec![0_i64; sites], vec![0_i64; width], vec![0_i64; sites * width]);
            for &zone in zones {
                let fallback = i64::from(problem.fallback[zone]);
                #[expect(clippy::cast_possible_wrap, reason = "weights times costs stay below 2^62")]
                let weight = problem.weights[zone] as i64;
                let (mut first, mut second, mut nearest) = (fallback, fallback, None);
                let mut meet = |site: usize, cost: u32| {
                    if slot[site] != usize::MAX {
                        let cost = i64::from(cost);
                        if cost < first {
                            (second, first, nearest) = (first, cost, Some(slot[site]));
                        } else if cost < second {
                            second = cost;
                        }
                    }
                };
                problem.costs.each(zone, |site, cost| meet(site as usize, cost));
                if let Some(nearest) = nearest {
                    drop[nearest] += weight * (second - first);
                }
                let mut save = |site: usize, cost: u32| {
                    let cost = i64::from(cost);
                    if cost < second {
                        add[site] += weight * (cost.min(first) - first);
                        if let Some(nearest) = nearest {
                            both[site * width + nearest] += weight * (cost - second - cost.min(first) + first);
                        }
                    }
                };
                problem.costs.each(zone, |site, cost| save(site as usize, cost));
            }
            (add, drop, both)
        })
        .collect();
    for (one, two, three) in parts {
        add.iter_mut().zip(one).for_each(|(sum, part)| *sum += part);
        drop.iter_mut().zip(two).for_each(|(sum, part)| *sum += part);
        both.iter_mut().zip(three).for_each(|(sum, part)| *sum += part);
    }
    Losses {
        swap: Array2::from_shape_fn((sites, width), |(site, at)| {
            (add[site] + drop[at] + both[site * width + at]) as f64
        }),
        add: add.into_iter().map(|add| add as f64).collect(),
    }
}

/// Losses of profit.
#[must_use]
pub fn profit(problem: &Profit, open: &[Site]) -> Losses {
    let sites = problem.open_costs.len();
    let view = View::new(problem, open);
    let rows: Vec<(f64, Vec<f64>)> = (0..sites)
        .into_par_iter()
        .map(|site| (view.loss(site, None), open.iter().map(|&out| view.loss(site, Some(out as usize))).collect()))
        .collect();
    Losses {
        add: rows.iter().map(|row| row.0).collect(),
        swap: Array2::from_shape_fn((sites, open.len()), |(site, at)| rows[site].1[at]),
    }
}

/// The zones as an open set leaves them.
struct View<'a> {
    problem: &'a Profit,
    /// (zone, entry) by site.
    columns: Vec<Vec<(u32, u32)>>,
    /// Entries of open sites, by zone, ascending by site.
    here: Vec<Vec<usize>>,
    /// Value of each zone.
    value: Vec<f64>,
}

impl<'a> View<'a> {
    fn new(problem: &'a Profit, open: &[Site]) -> Self {
        let sites = problem.open_costs.len();
        let reach = &problem.capture.reach;
        let mut is_open = vec![false; sites];
        open.iter().for_each(|&site| is_open[site as usize] = true);
        let here: Vec<Vec<usize>> = (0..reach.zones())
            .map(|zone| reach.row(zone).filter(|&entry| is_open[reach.candidate[entry] as usize]).collect())
            .collect();
        let mut view = Self { problem, columns: reach.by_candidate(sites), here, value: Vec::new() };
        view.value = (0..view.here.len()).map(|zone| view.zone(zone, &view.here[zone])).collect();
        view
    }

    /// What a zone earns with these entries open.
    fn zone(&self, zone: usize, entries: &[usize]) -> f64 {
        let (capture, values) = (&self.problem.capture, &self.problem.unit_values);
        let site = |entry: usize| capture.reach.candidate[entry] as usize;
        let devices = values.ncols();
        if capture.law == CaptureLaw::Nearest {
            let nearest =
                entries.iter().copied().min_by_key(|&entry| (capture.reach.milli_minutes[entry], site(entry)));
            return nearest.map_or(0.0, |entry| {
                (0..devices)
                    .map(|device| {
                        let share = (capture.attraction[[site(entry), device]] * capture.reach.pull[entry]).min(1.0);
                        values[[site(entry), device]] * capture.potential[[zone, device]] * share
                    })
                    .sum()
            });
        }
        (0..devices)
            .map(|device| {
                let (mut total, mut worth) = (0.0, 0.0);
                for &entry in entries {
                    let pull = capture.attraction[[site(entry), device]] * capture.reach.pull[entry];
                    total += pull;
                    worth += pull * values[[site(entry), device]];
                }
                if total > 0.0 {
                    capture.potential[[zone, device]] * worth / (capture.outside[[zone, device]] + total)
                } else {
                    0.0
                }
            })
            .sum()
    }

    /// What a site earns alone under `independent`, or its open cost to be paid under the others.
    fn own(&self, site: usize) -> f64 {
        let alone = match self.problem.capture.law {
            CaptureLaw::Independent => {
                (&self.problem.capture.alone.row(site) * &self.problem.unit_values.row(site)).sum()
            }
            CaptureLaw::Nearest | CaptureLaw::Share => 0.0,
        };
        alone - self.problem.open_costs[site]
    }

    /// What is lost when `enters` opens and `leaves`, if any, closes.
    fn loss(&self, enters: usize, leaves: Option<usize>) -> f64 {
        let mut loss = leaves.map_or(0.0, |site| self.own(site)) - self.own(enters);
        let (one, other) = (&self.columns[enters], leaves.map_or(&[][..], |site| &self.columns[site]));
        let (mut a, mut b) = (0, 0);
        let mut entries = Vec::new();
        // The two columns ascend by zone: a merge meets every zone that either reaches once.
        while a < one.len() || b < other.len() {
            let zone = match (one.get(a), other.get(b)) {
                (Some(x), Some(y)) => x.0.min(y.0),
                (Some(x), None) => x.0,
                (None, Some(y)) => y.0,
                (None, None) => break,
            };
            let new = one.get(a).filter(|x| x.0 == zone).map(|x| x.1 as usize);
            let old = other.get(b).filter(|y| y.0 == zone).map(|y| y.1 as usize);
            a += usize::from(new.is_some());
            b += usize::from(old.is_some());
            let zone = zone as usize;
            entries.clear();
            entries.extend(self.here[zone].iter().copied().filter(|&entry| Some(entry) != old));
            entries.extend(new);
            loss += self.value[zone] - self.zone(zone, &entries);
        }
        loss
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::capture::{CaptureModel, Reach};
    use domain::problem::CostRows;
    use proptest::prelude::*;

    fn swapped(open: &[Site], enters: Site, leaves: Option<Site>) -> Vec<Site> {
        let mut open: Vec<Site> = open.iter().copied().filter(|&site| Some(site) != leaves).chain([enters]).collect();
        open.sort_unstable();
        open
    }

    proptest! {
        #[test]
        fn an_assignment_loses_what_its_value_says(
            weights in prop::collection::vec(0_u64..50, 9),
            costs in prop::collection::vec(0_u32..100, 9 * 5),
            caps in prop::collection::vec(30_u32..120, 9),
            dense in any::<bool>(),
        ) {
            let capped: Vec<u32> = costs.iter().enumerate().map(|(at, &cost)| cost.min(caps[at / 5])).collect();
            let rows = if dense {
                CostRows::Dense { sites: 5, costs: capped }
            } else {
                let kept: Vec<usize> = (0..costs.len()).filter(|&at| costs[at] < caps[at / 5]).collect();
                CostRows::Sparse {
                    starts: (0..=9).map(|zone| kept.partition_point(|&at| at / 5 < zone)).collect(),
                    site: kept.iter().map(|&at| (at % 5) as Site).collect(),
                    cost: kept.iter().map(|&at| costs[at]).collect(),
                }
            };
            let problem = Assignment { weights, fallback: caps, costs: rows };
            let open = [1, 3];
            let losses = assignment(&problem, 5, &open);
            let now = problem.value(&open);
            for enters in [0, 2, 4] {
                let more = problem.value(&swapped(&open, enters, None)) - now;
                prop_assert_eq!(losses.add[enters as usize], more as f64);
                for (at, &leaves) in open.iter().enumerate() {
                    let other = problem.value(&swapped(&open, enters, Some(leaves))) - now;
                    prop_assert_eq!(losses.swap[[enters as usize, at]], other as f64);
                }
            }
        }

        #[test]
        fn a_profit_loses_what_its_value_says(
            law in prop_oneof![Just(CaptureLaw::Independent), Just(CaptureLaw::Nearest), Just(CaptureLaw::Share)],
            times in prop::collection::vec(0_u32..40_000, 8 * 5),
            alone in prop::collection::vec(0.1..9.0_f64, 5 * 2),
            values in prop::collection::vec(0.0..9.0_f64, 5 * 2),
        ) {
            let rows: Vec<Vec<(u32, u32)>> = (0..8)
                .map(|zone| (0..5).map(|site| (site as u32, times[zone * 5 + site])).filter(|p| p.1 < 30_000 || p.0 as usize == zone % 5).collect())
                .collect();
            let alone = Array2::from_shape_vec((5, 2), alone).expect("shape");
            let capture = CaptureModel::calibrated(
                law, Reach::from_rows(&rows, 0.1), &[100.0; 8], &[0; 8], &[0; 5], Array2::ones((8, 2)), alone, 0.5,
            ).expect("reachable");
            let unit_values = Array2::from_shape_vec((5, 2), values).expect("shape");
            let problem = Profit { capture, unit_values, open_costs: vec![1.0, 2.0, 3.0, 0.0, 5.0] };
            let open = [1, 3];
            let losses = profit(&problem, &open);
            let now = problem.value(&open);
            for enters in [0, 2, 4] {
                // Sums of a few dozen terms up to 100, in another order.
                let more = now - problem.value(&swapped(&open, enters, None));
                prop_assert!((losses.add[enters as usize] - more).abs() < 1e-9);
                for (at, &leaves) in open.iter().enumerate() {
                    let other = now - problem.value(&swapped(&open, enters, Some(leaves)));
                    prop_assert!((losses.swap[[enters as usize, at]] - other).abs() < 1e-9);
                }
            }
        }
    }
}
