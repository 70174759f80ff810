//! Lines above what a store can earn, whatever part of its own demand it keeps.
//!
//! | symbol | name | unit |
//! |---|---|---|
//! | V_k(c) = max over n >= f(c) of G_n(c) - mu w n | | base-currency major units |
//! | A_k + sigma_k c >= V_k(c) for all c that can happen | [`Pieces`] | the same |
//! | nu | [`Taken::shelf_price`] | the same, per unit of shelf |
//!
//! Between two parts at which G_n is known, a concave function lies below both chords of its neighbours, drawn
//! on. Their crossings and the known values span a polygon above V; the edge of its upper hull at the c of the plan
//! in view is the line taken: of all lines above the polygon none is lower there. Where corners
//! share shelf, nu S and packs that pay nu for their space bound what fits (weak duality); where no demand is
//! taken away (one part only), the best filling of the shelf itself is counted, and there is no slope.

use ndarray::Array2;
use rayon::prelude::*;

use super::Joint;
use super::curve::{Curve, Curves};
use super::prices::Prices;

/// Above V of one site.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pieces {
    /// nu S + sum of A.
    pub constant: f64,
    /// sigma, by device; never negative.
    pub slopes: Vec<f64>,
}

/// Corners closer than this say nothing of a slope.
const APART: f64 = 1e-6;

/// Lines that differ by this part of their height pass equally high.
const LEVEL: f64 = 1e-10;

/// Shelves larger than this are not counted unit by unit.
const SHELF_MAX: u32 = 4_096;

/// Of every site, touching at `kept` (c, `sites x devices`).
#[must_use]
pub fn of(joint: &Joint<'_>, curves: &Curves, prices: &Prices, kept: &Array2<f64>) -> Vec<Pieces> {
    let devices = joint.samples.devices.len();
    (0..curves.sites.len())
        .into_par_iter()
        .map(|site| {
            let (here, shelf) = (&curves.sites[site], joint.stocking.shelf[site]);
            let nearest = |curve: &Curve| curve.nearest(kept[[site, curve.device]]);
            let mut pieces = Pieces { constant: 0.0, slopes: vec![0.0; devices] };
            if here.iter().all(|curve| curve.parts.len() == 1) {
                pieces.constant = filled(here, shelf, prices);
                return pieces;
            }
            let shelf_price = taken(here, shelf, prices, nearest).shelf_price;
            pieces.constant = shelf_price * shelf.map_or(0.0, f64::from);
            for curve in here {
                let price = prices.of_pack(curve) + shelf_price * f64::from(curve.shelf);
                let (constant, slope) = curve.line(price, kept[[site, curve.device]]);
                pieces.constant += constant;
                pieces.slopes[curve.device] = slope;
            }
            pieces
        })
        .collect()
}

/// What a site takes at given prices, where packs may be cut.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Taken {
    /// What it earns, less the prices.
    pub value: f64,
    /// Minor units of the base currency.
    pub money: f64,
    /// Units.
    pub units: f64,
    /// nu.
    pub shelf_price: f64,
}

impl Taken {
    fn take(&mut self, curve: &Curve, packs: f64, value: f64) {
        self.value += value;
        self.money += packs * curve.money;
        self.units += packs * curve.units;
    }
}

/// The best filling of a shelf, with the last pack cut to fit; `at` is the part of each device.
pub fn taken(curves: &[Curve], shelf: Option<u32>, prices: &Prices, at: impl Fn(&Curve) -> usize) -> Taken {
    let mut taken = Taken::default();
    let mut room = shelf.map_or(f64::INFINITY, f64::from);
    let mut steps: Vec<(f64, f64, &Curve)> = Vec::new();
    for curve in curves {
        let (earned, floor) = (&curve.earned[at(curve)], curve.floors[at(curve)] as usize);
        let price = prices.of_pack(curve);
        taken.take(curve, floor as f64, earned[floor] - price * floor as f64);
        room -= floor as f64 * f64::from(curve.shelf);
        let values = earned[floor..].windows(2).map(|step| step[1] - step[0] - price).filter(|value| *value > 0.0);
        steps.extend(values.map(|value| (value / f64::from(curve.shelf.max(1)), value, curve)));
    }
    steps.sort_by(|one, other| other.0.total_cmp(&one.0));
    for (density, value, curve) in steps {
        let size = f64::from(curve.shelf);
        if size > room {
            let part = (room / size).max(0.0);
            taken.take(curve, part, part * value);
            taken.shelf_price = density;
            break;
        }
        taken.take(curve, 1.0, value);
        room -= size;
    }
    taken
}

/// The best filling of a shelf with whole packs (from above, where the shelf is very large).
fn filled(curves: &[Curve], shelf: Option<u32>, prices: &Prices) -> f64 {
    let loose = taken(curves, shelf, prices, |curve| curve.whole);
    let Some(shelf) = shelf.filter(|&shelf| loose.shelf_price > 0.0 && shelf <= SHELF_MAX) else { return loose.value };
    let shelf = shelf as usize;
    let mut best = vec![0.0; shelf + 1];
    for curve in curves {
        let (earned, floor) = (&curve.earned[curve.whole], curve.floors[curve.whole] as usize);
        let (price, size) = (prices.of_pack(curve), curve.shelf as usize);
        let mut next = vec![f64::NEG_INFINITY; shelf + 1];
        for (packs, earned) in earned.iter().enumerate().skip(floor) {
            for room in packs * size..=shelf {
                let value = best[room - packs * size] + earned - price * packs as f64;
                next[room] = f64::max(next[room], value);
            }
        }
        best = next;
    }
    best[shelf].min(loose.value)
}

impl Curve {
    /// The position of the part nearest to `part`.
    fn nearest(&self, part: f64) -> usize {
        let far = |at: &usize| (self.parts[*at] - part).abs();
        (self.first..=self.whole).min_by(|one, other| far(one).total_cmp(&far(other))).unwrap_or(self.whole)
    }

    /// (A, sigma): above V where a pack pays `price`, lowest at `part`.
    fn line(&self, price: f64, part: f64) -> (f64, f64) {
        let net = |at: usize, packs: usize| self.earned[at][packs] - price * packs as f64;
        let best = |at: usize, floor: u32| {
            (floor as usize..self.earned[at].len()).map(|packs| net(at, packs)).fold(f64::NEG_INFINITY, f64::max)
        };
        if self.parts.len() == 1 {
            return (best(self.whole, self.floors[self.whole]), 0.0);
        }
        let mut points: Vec<(f64, f64)> = Vec::new();
        for at in self.first..self.whole {
            let (low, high, floor) = (self.parts[at], self.parts[at + 1], self.floors[at]);
            points.extend([(low, best(at, floor)), (high, best(at + 1, floor))]);
            for packs in floor as usize..self.earned[at].len() {
                let slope =
                    |one: usize| (net(one + 1, packs) - net(one, packs)) / (self.parts[one + 1] - self.parts[one]);
                let falling = slope(at + 1);
                if at == 0 {
                    // Nothing is known further down: the chord above alone.
                    points.push((low, net(at + 1, packs) - falling * (high - low)));
                    continue;
                }
                let rising = slope(at - 1);
                if rising > falling {
                    let gap = net(at + 1, packs) - net(at, packs) - falling * (high - low);
                    let by = (gap / (rising - falling)).clamp(0.0, high - low);
                    points.push((low + by, net(at, packs) + rising * by));
                }
            }
        }
        // Of the lines through a corner left of `part` and one that is not, those that pass highest there, and of these
        // the least steep: the hull's edge. Whatever the slope, the line is moved up until no corner is above it.
        let part = if part > 1.0 - APART { 1.0 } else { part };
        let (left, right): (Vec<(f64, f64)>, Vec<(f64, f64)>) = points.iter().partition(|point| point.0 < part);
        let left = || left.iter().filter(|point| point.0 < part - APART);
        let through = |one: &(f64, f64), other: &(f64, f64)| {
            let slope = (other.1 - one.1) / (other.0 - one.0);
            (one.1 + slope * (part - one.0), slope)
        };
        let lines = || left().flat_map(|one| right.iter().map(|other| through(one, other)));
        let highest = lines().map(|line| line.0).fold(f64::NEG_INFINITY, f64::max);
        let near = highest - LEVEL * highest.abs().max(1.0);
        let slope = lines().filter(|line| line.0 >= near).map(|line| line.1).fold(f64::INFINITY, f64::min);
        let slope = if slope.is_finite() { slope.max(0.0) } else { 0.0 };
        (points.iter().map(|point| point.1 - slope * point.0).fold(f64::NEG_INFINITY, f64::max), slope)
    }
}
