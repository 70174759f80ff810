//! Capture laws: who goes where, defined once.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | t_ij | `Reach` times | thousandths of a minute |
//! | e_ij = exp(-beta t_ij) | `Reach` pulls | |
//! | b_ik | `CaptureModel::outside` | on the scale of a |
//! | w_ik | `CaptureModel::potential` | units per week |
//! | s_jk | `CaptureModel::attraction` | |
//! | a_ijk = s_jk e_ij | | |
//! | F_jk | `CaptureModel::alone` | units per week |
//! | D_jk(y) | `CaptureModel::demand` | units per week |
//!
//! - `independent`: D_jk(y) = F_jk.
//! - `nearest`: zone i goes to its nearest open corner within reach (ties to the lower store);
//!   D_jk(y) = sum over those zones of w_ik min(1, s_jk e_ij).
//! - `share` [huff1963; mcfadden1974]: A_ik = sum of a_ijk over open corners,
//!   D_jk(y) = sum_i w_ik a_ijk / (b_ik + A_ik).
//!
//! s_jk is calibrated so that the corner alone sells F_jk. The scale of the potential of a market is
//! the smallest at which no store alone would need more than `share_max` of its reach.

use ndarray::Array2;
use rayon::prelude::*;

use crate::settings::CaptureLaw;

/// Zones and the candidates within reach of each, as sparse rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reach {
    /// Entries `starts[zone]..starts[zone + 1]` are the zone's.
    pub starts: Vec<usize>,
    /// Candidate of each entry, ascending within a zone.
    pub candidate: Vec<u32>,
    /// Travel time of each entry, in thousandths of a minute.
    pub milli_minutes: Vec<u32>,
    /// exp(-beta t) of each entry.
    pub pull: Vec<f64>,
}

impl Reach {
    /// From rows of (candidate, thousandths of a minute), each ascending by candidate.
    #[must_use]
    pub fn from_rows(rows: &[Vec<(u32, u32)>], beta_per_minute: f64) -> Self {
        let mut reach = Self { starts: vec![0], ..Self::default() };
        for row in rows {
            for &(candidate, time) in row {
                reach.candidate.push(candidate);
                reach.milli_minutes.push(time);
                reach.pull.push((-beta_per_minute * f64::from(time) / 1000.0).exp());
            }
            reach.starts.push(reach.candidate.len());
        }
        reach
    }

    /// How many zones there are.
    #[must_use]
    pub fn zones(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The entries of a zone.
    #[must_use]
    pub fn row(&self, zone: usize) -> std::ops::Range<usize> {
        self.starts[zone]..self.starts[zone + 1]
    }

    /// The same entries by candidate: per candidate its (zone, entry) pairs, ascending by zone.
    #[must_use]
    pub fn by_candidate(&self, candidates: usize) -> Vec<Vec<(u32, u32)>> {
        let mut columns = vec![Vec::new(); candidates];
        for zone in 0..self.zones() {
            for entry in self.row(zone) {
                #[expect(clippy::cast_possible_truncation, reason = "reach holds fewer than 2^32 entries")]
                columns[self.candidate[entry] as usize].push((zone as u32, entry as u32));
            }
        }
        columns
    }
}

/// A candidate that no zone with potential can reach, while it is forecast to sell.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("candidate {candidate} is forecast to sell, but no zone with people lies within its reach")]
pub struct Unreachable {
    /// Its position among the candidates.
    pub candidate: usize,
}

/// A capture law with its calibrated parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct CaptureModel {
    /// The law.
    pub law: CaptureLaw,
    /// Who can reach whom. Empty under `independent`.
    pub reach: Reach,
    /// b, `zones x devices`.
    pub outside: Array2<f64>,
    /// w, `zones x devices`.
    pub potential: Array2<f64>,
    /// s, `candidates x devices`.
    pub attraction: Array2<f64>,
    /// F, `candidates x devices`.
    pub alone: Array2<f64>,
}

impl CaptureModel {
    /// The law under which every corner sells its own forecast.
    #[must_use]
    pub fn independent(alone: Array2<f64>) -> Self {
        Self {
            law: CaptureLaw::Independent,
            reach: Reach { starts: vec![0], ..Reach::default() },
            outside: Array2::zeros((0, alone.ncols())),
            potential: Array2::zeros((0, alone.ncols())),
            attraction: Array2::ones(alone.dim()),
            alone,
        }
    }

    /// Calibrates `nearest` or `share` to the forecasts `alone` (F, `candidates x devices`).
    ///
    /// `people` is population x rate per zone, `market` the market of each zone and candidate (they
    /// share one only within a market), `outside` is b, `zones x devices`.
    ///
    /// # Errors
    /// A candidate with F > 0 that no people can reach.
    #[expect(clippy::too_many_arguments, reason = "each is a symbol of the law")]
    pub fn calibrated(
        law: CaptureLaw,
        reach: Reach,
        people: &[f64],
        zone_market: &[usize],
        candidate_market: &[usize],
        outside: Array2<f64>,
        alone: Array2<f64>,
        share_max: f64,
    ) -> Result<Self, Unreachable> {
        if law == CaptureLaw::Independent {
            return Ok(Self::independent(alone));
        }
        let (candidates, devices) = alone.dim();
        let columns = reach.by_candidate(candidates);
        let reachable: Vec<f64> =
            columns.iter().map(|column| column.iter().map(|&(zone, _)| people[zone as usize]).sum()).collect();
        let markets = zone_market.iter().chain(candidate_market).max().map_or(0, |last| last + 1);
        let mut scale = Array2::<f64>::zeros((markets, devices));
        for candidate in 0..candidates {
            for device in 0..devices {
                let needed = alone[[candidate, device]];
                if needed > 0.0 {
                    if reachable[candidate] <= 0.0 {
                        return Err(Unreachable { candidate });
                    }
                    let slot = &mut scale[[candidate_market[candidate], device]];
                    *slot = slot.max(needed / (share_max * reachable[candidate]));
                }
            }
        }
        let potential = Array2::from_shape_fn((people.len(), devices), |(zone, device)| {
            people[zone] * scale[[zone_market[zone], device]]
        });
        let solved: Vec<f64> = (0..candidates * devices)
            .into_par_iter()
            .map(|at| {
                let (candidate, device) = (at / devices, at % devices);
                let terms: Vec<[f64; 3]> = columns[candidate]
                    .iter()
                    .map(|&(zone, entry)| {
                        let zone = zone as usize;
                        [potential[[zone, device]], reach.pull[entry as usize], outside[[zone, device]]]
                    })
                    .collect();
                attraction(law, &terms, alone[[candidate, device]])
            })
            .collect();
        let attraction = Array2::from_shape_vec((candidates, devices), solved).unwrap_or_default();
        Ok(Self { law, reach, outside, potential, attraction, alone })
    }

    /// D(y), `open.len() x devices`, for the open candidates in ascending order.
    #[must_use]
    pub fn demand(&self, open: &[usize]) -> Array2<f64> {
        let devices = self.alone.ncols();
        let mut demand = Array2::zeros((open.len(), devices));
        if self.law == CaptureLaw::Independent {
            for (row, &candidate) in open.iter().enumerate() {
                demand.row_mut(row).assign(&self.alone.row(candidate));
            }
            return demand;
        }
        let mut slot = vec![usize::MAX; self.alone.nrows()];
        open.iter().enumerate().for_each(|(row, &candidate)| slot[candidate] = row);
        for zone in 0..self.reach.zones() {
            let here = self.reach.row(zone).filter(|&entry| slot[self.reach.candidate[entry] as usize] != usize::MAX);
            match self.law {
                CaptureLaw::Nearest => {
                    // Entries ascend by candidate, so the first of equals is the lower store.
                    if let Some(entry) = here.min_by_key(|&entry| self.reach.milli_minutes[entry]) {
                        let candidate = self.reach.candidate[entry] as usize;
                        for device in 0..devices {
                            let reached = (self.attraction[[candidate, device]] * self.reach.pull[entry]).min(1.0);
                            demand[[slot[candidate], device]] += self.potential[[zone, device]] * reached;
                        }
                    }
                }
                CaptureLaw::Share | CaptureLaw::Independent => {
                    let entries: Vec<usize> = here.collect();
                    for device in 0..devices {
                        let pull = |entry: usize| {
                            self.attraction[[self.reach.candidate[entry] as usize, device]] * self.reach.pull[entry]
                        };
                        let total: f64 = entries.iter().map(|&entry| pull(entry)).sum();
                        if total > 0.0 {
                            let each = self.potential[[zone, device]] / (self.outside[[zone, device]] + total);
                            for &entry in &entries {
                                let row = slot[self.reach.candidate[entry] as usize];
                                demand[[row, device]] += each * pull(entry);
                            }
                        }
                    }
                }
            }
        }
        demand
    }
}

/// The s at which a corner alone sells `target`, from its zones' (w, e, b): bisection on a log scale,
/// since both laws rise with s and neither has a closed form over many zones.
fn attraction(law: CaptureLaw, terms: &[[f64; 3]], target: f64) -> f64 {
    if target <= 0.0 {
        return 0.0;
    }
    let sold = |s: f64| -> f64 {
        terms
            .iter()
            .map(|&[w, e, b]| match law {
                CaptureLaw::Nearest => w * (s * e).min(1.0),
                CaptureLaw::Share | CaptureLaw::Independent => w * s * e / (b + s * e),
            })
            .sum()
    };
    let (mut low, mut high) = (1e-12_f64, 1.0_f64);
    while sold(high) < target && high < 1e12 {
        high *= 16.0;
    }
    // A bracket of ratio 10^24 halves to one part in 10^15 within 120 steps.
    for _ in 0..120 {
        let middle = (low * high).sqrt();
        if sold(middle) < target { low = middle } else { high = middle }
    }
    (low * high).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn two_stores(law: CaptureLaw) -> CaptureModel {
        let rows = vec![vec![(0, 1000), (1, 9000)], vec![(0, 5000), (1, 5000)], vec![(1, 2000)]];
        let reach = Reach::from_rows(&rows, 0.1);
        let alone = array![[4.0], [6.0]];
        CaptureModel::calibrated(law, reach, &[100.0, 200.0, 50.0], &[0; 3], &[0; 2], Array2::ones((3, 1)), alone, 0.5)
            .expect("reachable")
    }

    #[test]
    fn a_corner_alone_sells_its_forecast() {
        for law in [CaptureLaw::Nearest, CaptureLaw::Share] {
            let model = two_stores(law);
            for candidate in 0..2 {
                let sold = model.demand(&[candidate])[[0, 0]];
                assert!((sold - model.alone[[candidate, 0]]).abs() < 1e-9, "{law:?} {candidate}: {sold}");
            }
        }
    }

    #[test]
    fn a_neighbour_takes_demand_away_and_never_adds() {
        for law in [CaptureLaw::Nearest, CaptureLaw::Share] {
            let model = two_stores(law);
            let both = model.demand(&[0, 1]);
            assert!(both[[0, 0]] <= 4.0 + 1e-9 && both[[1, 0]] <= 6.0 + 1e-9);
            assert!(both.sum() < 10.0);
        }
    }

    #[test]
    fn no_zone_gives_more_than_its_potential() {
        let model = two_stores(CaptureLaw::Share);
        assert!(model.demand(&[0, 1]).sum() < model.potential.sum());
    }

    #[test]
    fn a_store_out_of_everyones_reach_is_named() {
        let reach = Reach::from_rows(&[vec![(0, 1000)]], 0.1);
        let found = CaptureModel::calibrated(
            CaptureLaw::Share,
            reach,
            &[10.0],
            &[0],
            &[0, 0],
            Array2::ones((1, 1)),
            array![[1.0], [1.0]],
            0.5,
        );
        assert_eq!(found, Err(Unreachable { candidate: 1 }));
    }
}
