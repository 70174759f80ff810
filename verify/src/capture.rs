//! The capture laws, evaluated a second time.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | F_jk | `Capture::alone` | units per week |
//! | t_ij, e_ij = exp(-beta t_ij) | `Pair` | thousandths of a minute |
//! | b_i | `Place::outside` | on the scale of a |
//! | w_ik | people x `Capture::scale` | units per week |
//! | s_jk | `Capture::attraction` | |
//!
//! `nearest`: D_jk = sum of w_ik min(1, s_jk e_ij) over the zones whose nearest open corner is j;
//! `share` [huff1963]: D_jk = sum_i w_ik s_jk e_ij / (b_i + sum of s_lk e_il over open l).
//! s_jk is the root of D_jk({j}) = F_jk. Both left-hand sides are concave and rising in s, so Newton's
//! method from 0 climbs to the root from below without ever passing it.

use domain::forecast::DemandSamples;
use domain::ids::Idx;
use domain::settings::CaptureLaw;
use rayon::prelude::*;

use crate::facts::{Facts, NOWHERE};
use crate::field::{Cell, Entry, Field, Sharing, Site};
use crate::near::{Near, Scratch};
use crate::pairs::Rivals;

/// A candidate within reach of a zone.
pub(crate) struct Pair {
    /// Its row of the samples.
    pub(crate) row: usize,
    pub(crate) time: u32,
    /// e.
    pub(crate) pull: f64,
}

/// A zone with people.
pub(crate) struct Place {
    market: usize,
    people: f64,
    pub(crate) outside: f64,
    pub(crate) pairs: Vec<Pair>,
}

/// A capture law over the stores of the samples.
pub(crate) struct Capture {
    pub(crate) law: CaptureLaw,
    pub(crate) devices: usize,
    /// F by row and device; 0 where no zone with people lies in reach.
    pub(crate) alone: Vec<Vec<f64>>,
    /// Whether a zone with people lies in reach, by row. All are, where no zone is asked.
    pub(crate) reached: Vec<bool>,
    pub(crate) places: Vec<Place>,
    /// Units per week and person, by market and device.
    scale: Vec<Vec<f64>>,
    /// By row: its zones, as positions in `places` and in the place's pairs.
    zones_of: Vec<Vec<(usize, usize)>>,
    market_of: Vec<usize>,
}

impl Capture {
    pub(crate) fn new(facts: &Facts<'_>, samples: &DemandSamples) -> Self {
        let (count, rows, devices) = samples.rates.dim();
        let law = facts.settings.capture.law;
        let mean = |row: usize, device: usize| {
            (0..count).rev().map(|at| samples.rates[[at, row, device]]).sum::<f64>() / count as f64
        };
        let mut capture = Self {
            law,
            devices,
            alone: (0..rows).map(|row| (0..devices).map(|device| mean(row, device)).collect()).collect(),
            reached: vec![true; rows],
            places: Vec::new(),
            scale: vec![vec![0.0; devices]; facts.market.markets.len()],
            zones_of: vec![Vec::new(); rows],
            market_of: samples.stores.iter().map(|store| facts.market.stores[store.at()].market.at()).collect(),
        };
        if law != CaptureLaw::Independent {
            capture.places = places(facts, samples);
            capture.calibrate_scale(facts);
        }
        capture
    }

    fn calibrate_scale(&mut self, facts: &Facts<'_>) {
        let mut within = vec![0.0; self.alone.len()];
        for (at, place) in self.places.iter().enumerate() {
            for (entry, pair) in place.pairs.iter().enumerate() {
                within[pair.row] += place.people;
                self.zones_of[pair.row].push((at, entry));
            }
        }
        let share_max = facts.settings.capture.share_max.fraction;
        for (row, &people) in within.iter().enumerate() {
            if people <= 0.0 {
                self.reached[row] = false;
                self.alone[row].fill(0.0);
                continue;
            }
            for device in 0..self.devices {
                let scale = &mut self.scale[self.market_of[row]][device];
                *scale = scale.max(self.alone[row][device] / (share_max * people));
            }
        }
    }

    /// w_ik.
    pub(crate) fn potential(&self, place: &Place, device: usize) -> f64 {
        place.people * self.scale[place.market][device]
    }

    /// s, by row and device.
    pub(crate) fn attractions(&self) -> Vec<Vec<f64>> {
        let row = |row: usize| (0..self.devices).map(|device| self.attraction(row, device)).collect();
        (0..self.alone.len()).into_par_iter().map(row).collect()
    }

    /// s: Newton from below.
    fn attraction(&self, row: usize, device: usize) -> f64 {
        let target = self.alone[row][device];
        if target <= 0.0 {
            return 0.0;
        }
        let terms: Vec<[f64; 3]> = self.zones_of[row]
            .iter()
            .map(|&(at, entry)| {
                let place = &self.places[at];
                [self.potential(place, device), place.pairs[entry].pull, place.outside]
            })
            .collect();
        let mut s = 0.0_f64;
        // Quadratic near the root; where a store needs all of its reach, s merely grows by a factor
        // each time and is stopped here, with sales equal to the target to many digits.
        for _ in 0..400 {
            let (mut sold, mut slope) = (0.0, 0.0);
            for &[w, e, b] in &terms {
                match self.law {
                    CaptureLaw::Nearest if s * e >= 1.0 => sold += w,
                    CaptureLaw::Nearest => {
                        sold += w * s * e;
                        slope += w * e;
                    }
                    CaptureLaw::Share | CaptureLaw::Independent => {
                        sold += w * s * e / (b + s * e);
                        slope += w * e * b / ((b + s * e) * (b + s * e));
                    }
                }
            }
            let step = (target - sold) / slope;
            if !step.is_finite() || step <= s * 1e-16 || s > 1e13 {
                break;
            }
            s += step;
        }
        s
    }

    /// D for the open rows (ascending), by open row and device.
    pub(crate) fn demand(&self, open: &[usize]) -> Vec<Vec<f64>> {
        if self.law == CaptureLaw::Independent {
            return open.iter().map(|&row| self.alone[row].clone()).collect();
        }
        let attractions: Vec<Vec<f64>> =
            open.iter().map(|&row| (0..self.devices).map(|device| self.attraction(row, device)).collect()).collect();
        let mut demand = vec![vec![0.0; self.devices]; open.len()];
        // Zones from the last to the first: a sum in another order than the one under test.
        for place in self.places.iter().rev() {
            let here: Vec<(usize, &Pair)> = place
                .pairs
                .iter()
                .filter_map(|pair| open.binary_search(&pair.row).ok().map(|slot| (slot, pair)))
                .collect();
            if here.is_empty() {
                continue;
            }
            for device in 0..self.devices {
                let potential = self.potential(place, device);
                if self.law == CaptureLaw::Nearest {
                    if let Some((slot, pair)) = here.iter().min_by_key(|(_, pair)| (pair.time, pair.row)) {
                        demand[*slot][device] += potential * (attractions[*slot][device] * pair.pull).min(1.0);
                    }
                    continue;
                }
                let all: f64 = here.iter().map(|(slot, pair)| attractions[*slot][device] * pair.pull).sum();
                if all > 0.0 {
                    for (slot, pair) in &here {
                        let part = attractions[*slot][device] * pair.pull / (place.outside + all);
                        demand[*slot][device] += potential * part;
                    }
                }
            }
        }
        demand
    }
}

impl Capture {
    /// Who serves a zone with people together with whom.
    pub(crate) fn rivals(&self) -> Rivals {
        let sites =
            |place: &Place| place.pairs.iter().map(|pair| u32::try_from(pair.row).unwrap_or(u32::MAX)).collect();
        Rivals::new(self.alone.len(), &self.places.iter().map(sites).collect::<Vec<Vec<u32>>>())
    }

    /// The law as neighbourhoods see it: one cell per zone and device, one entry per store in its reach.
    /// Rows that are not usable have no entries. Under `independent` there is no cell, and what a store earns comes
    /// off its open cost.
    pub(crate) fn field(
        &self,
        values: &[Vec<f64>],
        open_costs: &[f64],
        usable: impl Fn(usize) -> bool + Sync,
    ) -> Field {
        let sharing = match self.law {
            CaptureLaw::Independent => {
                let earned = |(values, alone): (&Vec<f64>, &Vec<f64>)| -> f64 {
                    values.iter().zip(alone).map(|(value, alone)| value * alone).sum()
                };
                let sites = values.iter().zip(&self.alone).map(earned).zip(open_costs);
                let sites = sites.map(|(earned, cost)| Site { open_cost: cost - earned, entries: Vec::new() });
                return Field { sharing: Sharing::Share, cells: Vec::new(), sites: sites.collect() };
            }
            CaptureLaw::Nearest => Sharing::Nearest,
            CaptureLaw::Share => Sharing::Share,
        };
        let zone = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        // Who is nearest serves a zone whatever the device, so that under `nearest` a zone is one cell.
        let cells = self.places.iter().enumerate().flat_map(|(at, place)| {
            let each = move |device: usize| match sharing {
                Sharing::Nearest => Cell { zone: zone(at), potential: 1.0, outside: place.outside },
                Sharing::Share => {
                    Cell { zone: zone(at), potential: self.potential(place, device), outside: place.outside }
                }
            };
            (0..if sharing == Sharing::Nearest { 1 } else { self.devices }).map(each)
        });
        let rows: Vec<usize> = (0..self.alone.len()).collect();
        let sites = rows.par_iter().map(|&row| {
            let mut entries = Vec::new();
            if !usable(row) {
                return Site { open_cost: 0.0, entries };
            }
            let attractions: Vec<f64> = (0..self.devices).map(|device| self.attraction(row, device)).collect();
            for &(at, entry) in &self.zones_of[row] {
                let (place, pair) = (&self.places[at], &self.places[at].pairs[entry]);
                if sharing == Sharing::Nearest {
                    let earns = |(device, value): (usize, &f64)| {
                        self.potential(place, device) * value * (attractions[device] * pair.pull).min(1.0)
                    };
                    let value = values[row].iter().enumerate().map(earns).sum();
                    entries.push(Entry { cell: zone(at), pull: 1.0, value, time: pair.time });
                    continue;
                }
                // A device that earns the corner nothing still takes demand from the others.
                for (device, &value) in values[row].iter().enumerate() {
                    if self.alone[row][device] > 0.0 {
                        let pull = attractions[device] * pair.pull;
                        entries.push(Entry { cell: zone(at * self.devices + device), pull, value, time: pair.time });
                    }
                }
            }
            Site { open_cost: open_costs[row], entries }
        });
        let sites = sites.collect();
        Field { sharing, cells: cells.collect(), sites }
    }
}

/// Zones with people, each with the samples' stores in its reach.
fn places(facts: &Facts<'_>, samples: &DemandSamples) -> Vec<Place> {
    let (market, settings) = (facts.market, facts.settings);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "settings hold 0 to 70,000 minutes")]
    let reach = (settings.travel.reach_minutes() * 1000.0).round() as u32;
    let beta = settings.capture.beta_per_minute;
    let pull = |time: u32| (-beta * f64::from(time) / 1000.0).exp();
    let mut row_of = vec![usize::MAX; facts.candidates.len()];
    for (row, store) in samples.stores.iter().enumerate() {
        let site = facts.site[store.at()];
        if site != NOWHERE {
            row_of[site as usize] = row;
        }
    }
    let factor = potential_factor(facts);
    let near = Near::new(facts);
    let places: Vec<Option<Place>> = (0..market.zones.len())
        .into_par_iter()
        .map_init(Scratch::default, |scratch, at| {
            let zone = &market.zones[at];
            let people = zone.population as f64 * samples.zone_rate[at] * factor[at];
            if people <= 0.0 {
                return None;
            }
            near.row(Idx::new(at), reach, scratch);
            let mut pairs: Vec<Pair> = scratch
                .row
                .iter()
                .map(|&(site, time)| Pair { row: row_of[site as usize], time, pull: pull(time) })
                .filter(|pair| pair.row != usize::MAX)
                .collect();
            pairs.sort_unstable_by_key(|pair| pair.row);
            let corners = facts.corners.iter().filter_map(|&store| facts.travel.milli_minutes(Idx::new(at), store));
            let outside = settings.capture.outside + corners.filter(|&time| time <= reach).map(pull).sum::<f64>();
            Some(Place { market: zone.market.at(), people, outside, pairs })
        })
        .collect();
    places.into_iter().flatten().filter(|place| !place.pairs.is_empty()).collect()
}

/// The named attribute of each zone over its population-weighted mean in its market; 1 where the
/// settings name none or the zone states none.
fn potential_factor(facts: &Facts<'_>) -> Vec<f64> {
    let (market, settings) = (facts.market, facts.settings);
    let column = settings.demand.potential_attribute.as_ref().and_then(|name| market.zone_attributes.find(name));
    let Some(column) = column else { return vec![1.0; market.zones.len()] };
    let mut sums = vec![(0.0, 0.0); market.markets.len()];
    for (at, zone) in market.zones.iter().enumerate() {
        if let Some(value) = market.zone_attributes.get(at, column) {
            let sum = &mut sums[zone.market.at()];
            sum.0 += zone.population as f64 * value;
            sum.1 += zone.population as f64;
        }
    }
    let factor = |(at, zone): (usize, &domain::market::ZoneFacts)| {
        let (weighted, people) = sums[zone.market.at()];
        let value = market.zone_attributes.get(at, column)?;
        (weighted > 0.0).then(|| value * people / weighted)
    };
    market.zones.iter().enumerate().map(|zone| factor(zone).unwrap_or(1.0)).collect()
}
