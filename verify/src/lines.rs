//! Lines above what a store earns with the best stock, at prices of the budgets that all stores share.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | mu | [`StockPrices`] | base-currency major units per minor unit and per unit of stock |
//! | c | [`Curve::parts`] | the part of its own demand that a corner keeps |
//! | G_n(c) | [`Curve::earned`] | base-currency major units, n packs |
//! | nu | `shelf_price` | the same, per unit of shelf |
//! | A, sigma | [`Lines`] | base-currency major units |
//!
//! profit(y) <= mu B + sum_j y_j (nu_j S_j + sum_k (A_jk + sigma_jk c_jk(y)) - o_j) for any mu, nu >= 0 and any lines with
//! A + sigma c >= max over n of G_n(c) - (mu w + nu s) n for all c that can happen [geoffrion1974]. G_n is concave in c:
//! between two parts it lies below the chords on either side, drawn on; so the known values, and the
//! crossings of those chords, span a polygon above it, and a line that no corner of it exceeds is one. The slope is that
//! of the polygon's upper hull at the store's c beside [`StockPrices::around`]; A is then the least that is valid.

use domain::certificate::StockPrices;
use domain::forecast::DemandSamples;
use rayon::prelude::*;

use crate::Failure;
use crate::capture::Capture;
use crate::earnings::{Line, units_after};
use crate::facts::Facts;
use crate::kept::Kept;
use crate::money;

/// Where between the least part and 1 the curves are computed.
const BETWEEN: [f64; 6] = [0.0, 0.4, 0.7, 0.88, 0.96, 1.0];
/// How far outside one more is, on either side.
const OUTSIDE: f64 = 0.06;
/// Above this a part is 1, but for rounding.
const WHOLE: f64 = 1.0 - 1e-7;
/// Corners closer than this say nothing of a slope.
const APART: f64 = 1e-6;
/// Lines that differ by this part of their height pass equally high.
const LEVEL: f64 = 1e-10;
/// Shelves up to this many units are filled unit by unit.
const SHELF_MAX: u32 = 4_096;
/// Steps of a search for a price, and how often each price is searched for.
const STEPS: usize = 48;
const SEARCHES: usize = 3;

/// A device at a store.
struct Curve {
    device: usize,
    parts: Vec<f64>,
    /// Positions of the least part that can happen, and of 1.
    first: usize,
    whole: usize,
    earned: Vec<Vec<f64>>,
    /// Packs at least, by part.
    floors: Vec<usize>,
    cost: f64,
    units: f64,
    shelf: u32,
}

/// A placement problem that no plan exceeds.
pub(crate) struct Lines {
    /// sigma/F, by row and device.
    pub(crate) values: Vec<Vec<f64>>,
    /// o - nu S - sum A, by row.
    pub(crate) costs: Vec<f64>,
    /// mu B.
    pub(crate) constant: f64,
    /// Whether no level of stock keeps the service there, by row.
    pub(crate) impossible: Vec<bool>,
}

/// The stock of the candidates, as a bound sees it.
pub(crate) struct Stock<'a> {
    facts: &'a Facts<'a>,
    samples: &'a DemandSamples,
    /// What samples count in what is earned.
    weights: Option<&'a [f64]>,
    law: &'a Capture,
    /// o, by row.
    costs: &'a [f64],
    /// B of money and units.
    room: [Option<f64>; 2],
}

impl<'a> Stock<'a> {
    pub(crate) fn new(
        facts: &'a Facts<'a>,
        samples: &'a DemandSamples,
        weights: Option<&'a [f64]>,
        law: &'a Capture,
        costs: &'a [f64],
    ) -> Self {
        let budget = &facts.settings.budget;
        let money = budget.stock.map(|stock| money::convert(facts.settings, stock, facts.base) as f64);
        Self { facts, samples, weights, law, costs, room: [money, budget.stock_units.map(|units| units as f64)] }
    }

    /// # Errors
    /// Prices of budgets that do not exist, or that are no prices.
    pub(crate) fn lines(&self, prices: &StockPrices, open_max: usize) -> Result<Lines, Failure> {
        let doubt = |text: String| Failure::new("E-VER-002", text);
        let mu = [prices.money, prices.units];
        for (price, room) in mu.iter().zip(self.room) {
            if !(price.is_finite() && *price >= 0.0 && (room.is_some() || *price == 0.0)) {
                return Err(doubt(format!("the certificate prices stock at {price}, which is no price of a budget")));
            }
        }
        let find = |id: &String| self.facts.find(id).map(|site| site as usize);
        let mut around: Vec<usize> = prices
            .around
            .iter()
            .map(|id| find(id).ok_or_else(|| doubt(format!("the certificate names {id}, no candidate"))))
            .collect::<Result<_, _>>()?;
        around.sort_unstable();
        let kept = Kept::new(self.law);
        let (beside, least) = (kept.beside(&around), kept.least(open_max));
        let rows = self.law.alone.len();
        let drawn: Vec<Option<(f64, Vec<f64>)>> = (0..rows)
            .into_par_iter()
            .map(|row| {
                let curves = self.curves(row, |device| parts(least[row][device]))?;
                Some(self.drawn(row, &curves, mu, &beside[row]))
            })
            .collect();
        let value = |row: usize, slopes: &[f64]| {
            let alone = &self.law.alone[row];
            slopes.iter().zip(alone).map(|(slope, &alone)| if alone > 0.0 { slope / alone } else { 0.0 }).collect()
        };
        let devices = self.samples.devices.len();
        let mut lines = Lines {
            values: Vec::new(),
            costs: Vec::new(),
            constant: mu.iter().zip(self.room).map(|(price, room)| price * room.unwrap_or(0.0)).sum(),
            impossible: drawn.iter().map(Option::is_none).collect(),
        };
        for (row, drawn) in drawn.into_iter().enumerate() {
            let (constant, slopes) = drawn.unwrap_or((0.0, vec![0.0; devices]));
            lines.costs.push(self.costs[row] - constant);
            lines.values.push(value(row, &slopes));
        }
        Ok(lines)
    }

    /// No stock of the open rows (ascending) earns more, less their open costs; minus infinity where none keeps the
    /// service. The prices are sought from `prices`.
    pub(crate) fn at_most(&self, open: &[usize], prices: &StockPrices) -> f64 {
        let demand = self.law.demand(open);
        let curves: Option<Vec<Vec<Curve>>> = open
            .iter()
            .zip(&demand)
            .map(|(&row, demand)| {
                let alone = &self.law.alone[row];
                let part = |device: usize| if alone[device] > 0.0 { demand[device] / alone[device] } else { 1.0 };
                self.curves(row, |device| (vec![part(device)], 0, 0))
            })
            .collect();
        let Some(curves) = curves else { return f64::NEG_INFINITY };
        let cost: f64 = open.iter().map(|&row| self.costs[row]).sum();
        let at = |mu: [f64; 2]| {
            let filled = open.iter().zip(&curves).map(|(&row, curves)| filled(curves, self.shelf(row), mu));
            filled.sum::<f64>() + mu.iter().zip(self.room).map(|(price, room)| price * room.unwrap_or(0.0)).sum::<f64>()
        };
        let mut mu = [prices.money, prices.units];
        let mut best = at(mu).min(at([0.0; 2]));
        for _ in 0..SEARCHES {
            for which in 0..2 {
                if self.room[which].is_none() {
                    continue;
                }
                // Convex in one price: thirds of its range are left out in turn.
                let (mut low, mut high) = (0.0, 4.0 * mu[which].max(1e-9));
                let with = |price: f64| at(std::array::from_fn(|at| if at == which { price } else { mu[at] }));
                for _ in 0..STEPS {
                    let (one, other) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
                    if with(one) <= with(other) {
                        high = other;
                    } else {
                        low = one;
                    }
                }
                best = best.min(with(0.5 * (low + high)));
                mu[which] = 0.5 * (low + high);
            }
        }
        best - cost
    }

    fn shelf(&self, row: usize) -> Option<u32> {
        self.facts.market.stores[self.samples.stores[row].at()].shelf_units
    }

    /// The devices that a store carries; none where no level keeps the service, or the shelf does not hold it.
    fn curves(&self, row: usize, parts: impl Fn(usize) -> (Vec<f64>, usize, usize)) -> Option<Vec<Curve>> {
        let mut curves = Vec::new();
        for device in 0..self.samples.devices.len() {
            let alone = Line::new(self.facts, self.samples, row, device, 1.0);
            let Some(mut alone) = alone.filter(|_| self.law.alone[row][device] > 0.0) else { continue };
            // Carried is what earns something where all samples count alike, whatever they count here.
            if alone.best() > 0.0 {
                if self.weights.is_some() {
                    alone = self.line(row, device, 1.0)?;
                }
                curves.push(self.curve(row, device, &mut alone, parts(device))?);
            }
        }
        let needed: u64 = curves.iter().map(|curve| curve.floors[curve.first] as u64 * u64::from(curve.shelf)).sum();
        self.shelf(row).is_none_or(|shelf| needed <= u64::from(shelf)).then_some(curves)
    }

    fn line(&self, row: usize, device: usize, part: f64) -> Option<Line> {
        Line::weighted(self.facts, self.samples, self.weights, (row, device), part)
    }

    fn curve(
        &self,
        row: usize,
        device: usize,
        alone: &mut Line,
        (parts, first, whole): (Vec<f64>, usize, usize),
    ) -> Option<Curve> {
        let settings = self.facts.settings;
        let market = self.facts.market.stores[self.samples.stores[row].at()].market;
        let terms = self.facts.market.terms(self.samples.devices[device], market)?;
        let rate = settings.rate(self.facts.market.markets[market.at()].currency)?;
        let (pack, most) = (alone.pack, alone.units_max);
        let mut lines: Vec<Line> = parts.iter().filter_map(|&part| self.line(row, device, part)).collect();
        let floor = |line: &mut Line| {
            let Some(level) = settings.stock.service_min else { return Some(0) };
            let mut units = 0;
            while line.service_level(units) < level.fraction {
                units = units_after(units, pack, most)?;
            }
            Some((units / pack) as usize)
        };
        let floors: Vec<Option<usize>> = lines.iter_mut().map(floor).collect();
        floors[first]?;
        let floors: Vec<usize> = floors.into_iter().map(|floor| floor.unwrap_or(0)).collect();
        // A level that is the best of some part is among them: better levels come with more demand.
        let mut packs = floors[..=whole].iter().copied().max().unwrap_or(0);
        for line in [alone, &mut lines[whole]] {
            let best = line.best();
            while let Some(units) = u32::try_from(packs).ok().and_then(|packs| packs.checked_mul(pack)) {
                if line.earns(units) >= best || units > most {
                    break;
                }
                packs += 1;
            }
        }
        let units = |packs: usize| u32::try_from(packs).unwrap_or(u32::MAX).saturating_mul(pack);
        let earned = |line: &mut Line| (0..=packs).map(|packs| line.earns(units(packs)) * rate).collect();
        Some(Curve {
            device,
            first,
            whole,
            earned: lines.iter_mut().map(earned).collect(),
            parts,
            floors,
            cost: f64::from(pack) * money::convert(settings, terms.unit_cost, self.facts.base) as f64,
            units: f64::from(pack),
            shelf: pack * terms.shelf_units,
        })
    }

    /// nu S + sum of A, and sigma by device.
    fn drawn(&self, row: usize, curves: &[Curve], mu: [f64; 2], beside: &[f64]) -> (f64, Vec<f64>) {
        let mut slopes = vec![0.0; self.samples.devices.len()];
        if curves.iter().all(|curve| curve.parts.len() == 1) {
            return (filled(curves, self.shelf(row), mu), slopes);
        }
        let near = |curve: &Curve| {
            let far = |at: &usize| (curve.parts[*at] - beside[curve.device]).abs();
            (curve.first..=curve.whole).min_by(|one, other| far(one).total_cmp(&far(other))).unwrap_or(curve.whole)
        };
        let (_, shelf_price) = loose(curves, self.shelf(row), mu, near);
        let mut constant = shelf_price * self.shelf(row).map_or(0.0, f64::from);
        for curve in curves {
            let price = curve.price(mu) + shelf_price * f64::from(curve.shelf);
            let (above, slope) = curve.line(price, beside[curve.device]);
            constant += above;
            slopes[curve.device] = slope;
        }
        (constant, slopes)
    }
}

/// Parts to compute, with the positions of the least that can happen and of 1.
fn parts(least: f64) -> (Vec<f64>, usize, usize) {
    if least > WHOLE {
        return (vec![1.0], 0, 0);
    }
    let inside = BETWEEN.iter().map(|at| if *at == 1.0 { 1.0 } else { least + at * (1.0 - least) });
    let below = (least > 0.0).then_some((1.0 - OUTSIDE) * least);
    let parts: Vec<f64> = below.into_iter().chain(inside).chain([1.0 + OUTSIDE]).collect();
    let whole = parts.len() - 2;
    (parts, usize::from(least > 0.0), whole)
}

/// The best filling of a shelf where packs may be cut, and the price of its space.
fn loose(curves: &[Curve], shelf: Option<u32>, mu: [f64; 2], at: impl Fn(&Curve) -> usize) -> (f64, f64) {
    let (mut value, mut room) = (0.0, shelf.map_or(f64::INFINITY, f64::from));
    let mut packs: Vec<(f64, f64, f64)> = Vec::new();
    for curve in curves {
        let (earned, floor, price) = (&curve.earned[at(curve)], curve.floors[at(curve)], curve.price(mu));
        value += earned[floor] - price * floor as f64;
        room -= (floor * curve.shelf as usize) as f64;
        let more = earned[floor..].windows(2).map(|pair| pair[1] - pair[0] - price).filter(|more| *more > 0.0);
        packs.extend(more.map(|more| (more / f64::from(curve.shelf.max(1)), more, f64::from(curve.shelf))));
    }
    packs.sort_by(|one, other| other.0.total_cmp(&one.0));
    for (density, more, size) in packs {
        if size > room {
            return (value + more * (room / size).max(0.0), density);
        }
        value += more;
        room -= size;
    }
    (value, 0.0)
}

/// The best filling with whole packs, at the last part; from above, where the shelf is very large.
fn filled(curves: &[Curve], shelf: Option<u32>, mu: [f64; 2]) -> f64 {
    let (most, shelf_price) = loose(curves, shelf, mu, |curve| curve.whole);
    let Some(shelf) = shelf.filter(|&shelf| shelf_price > 0.0 && shelf <= SHELF_MAX) else { return most };
    // By space used at most.
    let mut best = vec![0.0; shelf as usize + 1];
    for curve in curves {
        let price = curve.price(mu);
        let next = (0..best.len()).map(|room| {
            let levels = (curve.floors[curve.whole]..curve.earned[curve.whole].len()).map(|packs| {
                let left = room.checked_sub(packs * curve.shelf as usize)?;
                Some(best[left] + curve.earned[curve.whole][packs] - price * packs as f64)
            });
            levels.flatten().fold(f64::NEG_INFINITY, f64::max)
        });
        best = next.collect();
    }
    best.last().copied().unwrap_or(0.0).min(most)
}

impl Curve {
    fn price(&self, mu: [f64; 2]) -> f64 {
        mu[0] * self.cost + mu[1] * self.units
    }

    /// (A, sigma).
    fn line(&self, price: f64, part: f64) -> (f64, f64) {
        let corners = self.corners(price);
        // The slope of the hull at `part`: of all pairs left and right of it, the one that passes highest; where
        // several do, the least steep.
        let part = if part > 1.0 - APART { 1.0 } else { part };
        let mut pairs: Vec<(f64, f64)> = Vec::new();
        for left in corners.iter().filter(|corner| corner.0 < part - APART) {
            for right in corners.iter().filter(|corner| corner.0 >= part) {
                let slope = (right.1 - left.1) / (right.0 - left.0);
                pairs.push((left.1 + slope * (part - left.0), slope));
            }
        }
        let highest = pairs.iter().map(|pair| pair.0).fold(f64::NEG_INFINITY, f64::max);
        let level = |pair: &&(f64, f64)| pair.0 >= highest - LEVEL * highest.abs().max(1.0);
        let slope = pairs.iter().filter(level).map(|pair| pair.1).reduce(f64::min).unwrap_or(0.0).max(0.0);
        let above = corners.iter().map(|corner| corner.1 - slope * corner.0).fold(f64::NEG_INFINITY, f64::max);
        (above, slope)
    }

    /// Corners of a polygon above what the best level earns, over all parts that can happen.
    fn corners(&self, price: f64) -> Vec<(f64, f64)> {
        let net = |at: usize, packs: usize| self.earned[at][packs] - price * packs as f64;
        if self.parts.len() == 1 {
            let levels = (self.floors[0]..self.earned[0].len()).map(|packs| net(0, packs));
            return vec![(self.parts[0], levels.fold(f64::NEG_INFINITY, f64::max))];
        }
        let mut corners = Vec::new();
        for at in self.first..self.whole {
            let (low, high) = (self.parts[at], self.parts[at + 1]);
            let (mut ends, mut between) = ([f64::NEG_INFINITY; 2], Vec::new());
            for packs in self.floors[at]..self.earned[at].len() {
                let (start, end) = (net(at, packs), net(at + 1, packs));
                ends = [ends[0].max(start), ends[1].max(end)];
                let slope =
                    |one: usize| (net(one + 1, packs) - net(one, packs)) / (self.parts[one + 1] - self.parts[one]);
                let after = slope(at + 1);
                if at == 0 {
                    ends[0] = ends[0].max(end - after * (high - low));
                } else if slope(at - 1) > after {
                    let by = (end - start - after * (high - low)) / (slope(at - 1) - after);
                    let by = by.clamp(0.0, high - low);
                    between.push((low + by, start + slope(at - 1) * by));
                }
            }
            corners.extend([(low, ends[0]), (high, ends[1])]);
            corners.extend(between);
        }
        corners
    }
}
