//! One reorder point, worked out again.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | b, g = S - s | `Trade::pack`, `gap` | units |
//! | m(k) | `visits` | expected visits to k units further down, before the next order |
//! | T_ir | `next` | the chance that a cycle which starts i below S is followed by one r below it, i, r < b |
//!
//! A cycle that starts i below S ends at the first j >= g, and leaves j mod b: T_ir = sum over j < g of m(j - i) P(D >= g - j
//! and D = r - j mod b). With pi = pi T a cycle lasts sum of pi_i sum over k < g - i of m(k) reviews, and what is looked at
//! is averaged over these [snyder2019]. The engine knows neither T nor pi.

use domain::plan::replenishment::ReorderLine;
use domain::settings::Reorder;

use super::{RELATIVE, Trade, agrees};
use crate::counts::Window;
use crate::facts::Facts;

/// What is left out of a sample's demand, at its far end.
const TAIL: f64 = 1e-13;

/// The figures of a policy, per review.
#[derive(Clone, Copy, Default)]
struct Figures {
    orders: f64,
    /// Money without that of orders.
    spent: f64,
    failed: f64,
    short: f64,
}

impl Figures {
    fn add(&mut self, other: Self, part: f64) {
        self.orders += part * other.orders;
        self.spent += part * other.spent;
        self.failed += part * other.failed;
        self.short += part * other.short;
    }
}

/// Demand of one sample, as far as it was asked for.
struct Sample {
    review: Window,
    lead: Window,
    protection: Window,
}

impl Sample {
    fn new(trade: &Trade, rate: f64) -> Self {
        // No time, no demand, whatever its dispersion.
        let over = |weeks: f64| match weeks > 0.0 {
            true => Window::new(std::iter::once(rate * weeks), trade.size * weeks),
            false => Window::new(std::iter::once(0.0), f64::INFINITY),
        };
        Self { review: over(trade.review), lead: over(trade.lead), protection: over(trade.lead + trade.review) }
    }

    fn at(&mut self, trade: &Trade, y: u32) -> Figures {
        let served = self.protection.served(y);
        let short = self.protection.mean() - served;
        Figures {
            orders: 0.0,
            spent: trade.kept() * (f64::from(y) - served) + trade.margin * short,
            failed: 1.0 - self.protection.below(y + 1),
            short: short - (self.lead.mean() - self.lead.served(y)),
        }
    }

    /// (s, S) in packs of b.
    fn points(&mut self, trade: &Trade, level: u32, reorder: u32) -> Figures {
        let (gap, pack) = ((level - reorder) as usize, trade.pack as usize);
        if self.review.mean() <= 0.0 {
            return self.at(trade, level);
        }
        let masses = self.masses(gap);
        let moves = 1.0 - masses[0];
        let mut visits = vec![1.0 / moves];
        for k in 1..gap {
            let sum: f64 = (1..=k).map(|l| masses[l] * visits[k - l]).sum();
            visits.push(sum / moves);
        }
        // P(D >= k and D = r mod b), k up to g.
        let mut far = vec![vec![0.0; pack]; gap + 1];
        let mut beyond = vec![0.0; pack];
        for l in (0..masses.len()).rev() {
            beyond[l % pack] += masses[l];
            if l <= gap {
                far[l].clone_from(&beyond);
            }
        }
        let next: Vec<Vec<f64>> = (0..pack)
            .map(|start| {
                let mut row = vec![0.0; pack];
                for j in start..gap {
                    for (rest, chance) in row.iter_mut().enumerate() {
                        *chance += visits[j - start] * far[gap - j][(rest + gap * pack - j) % pack];
                    }
                }
                row
            })
            .collect();
        let starts = stationary(&next);
        let (mut lasts, mut sums) = (0.0, Figures::default());
        for j in 0..gap {
            let spent: f64 = starts.iter().zip(0..=j).map(|(start, i)| start * visits[j - i]).sum();
            lasts += spent;
            #[expect(clippy::cast_possible_truncation, reason = "below a level of 32 bits")]
            sums.add(self.at(trade, level - j as u32), spent);
        }
        let mut found = Figures::default();
        found.add(sums, 1.0 / lasts);
        found.orders = 1.0 / lasts;
        found
    }

    /// (R, Q): every position above R as often as any.
    fn lots(&mut self, trade: &Trade, reorder: u32, lot: u32) -> Figures {
        let mut found = Figures::default();
        for y in reorder + 1..=reorder + lot {
            found.add(self.at(trade, y), 1.0 / f64::from(lot));
        }
        found.orders = self.review.served(lot) / f64::from(lot);
        found
    }

    /// P(D = l) of a review, to the end of its tail and at least up to `gap`.
    fn masses(&mut self, gap: usize) -> Vec<f64> {
        let mut masses = Vec::new();
        let (mut at, mut below) = (0_u32, 0.0);
        while masses.len() <= gap || below < 1.0 - TAIL {
            at += 1;
            let next = self.review.below(at);
            masses.push(next - below);
            // Sums of masses may end below 1 by their rounding.
            if next <= below && f64::from(at) > 10.0 * (self.review.mean() + gap as f64 + 10.0) {
                break;
            }
            below = next;
        }
        masses
    }
}

/// pi = pi T, adding up to 1: pi (I - T + E) = 1, with E all ones, by elimination.
fn stationary(next: &[Vec<f64>]) -> Vec<f64> {
    let size = next.len();
    let entry = |row: usize, column: usize| f64::from(u8::from(row == column)) - next[column][row] + 1.0;
    let mut rows: Vec<Vec<f64>> =
        (0..size).map(|row| (0..size).map(|column| entry(row, column)).chain([1.0]).collect()).collect();
    for at in 0..size {
        let pivot = (at..size).max_by(|&a, &b| rows[a][at].abs().total_cmp(&rows[b][at].abs())).unwrap_or(at);
        rows.swap(at, pivot);
        let (above, below) = rows.split_at_mut(at + 1);
        for row in below {
            let factor = row[at] / above[at][at];
            row.iter_mut().zip(&above[at]).skip(at).for_each(|(value, from)| *value -= factor * from);
        }
    }
    let mut found = vec![0.0; size];
    for at in (0..size).rev() {
        let known: f64 = (at + 1..size).map(|column| rows[at][column] * found[column]).sum();
        found[at] = (rows[at][size] - known) / rows[at][at];
    }
    found
}

/// A policy that is looked at.
#[derive(Clone, Copy, PartialEq)]
enum Choice {
    Points { reorder: u32 },
    Lots { reorder: u32, lot: u32 },
}

impl Choice {
    /// Those next to it that the level has room for.
    fn beside(self, trade: &Trade) -> Vec<Self> {
        let (level, pack) = (trade.units, trade.pack);
        match self {
            Self::Points { reorder } => [reorder.checked_sub(1), Some(reorder + 1)]
                .into_iter()
                .flatten()
                .filter(|reorder| reorder + pack <= level)
                .map(|reorder| Self::Points { reorder })
                .collect(),
            Self::Lots { reorder, lot } => {
                let near = [(Some(reorder + 1), Some(lot)), (reorder.checked_sub(1), Some(lot))];
                let other = [(Some(reorder), Some(lot + pack)), (Some(reorder), lot.checked_sub(pack))];
                near.into_iter()
                    .chain(other)
                    .filter_map(|(reorder, lot)| Some((reorder?, lot.filter(|&lot| lot > 0)?)))
                    .filter(|(reorder, lot)| reorder + lot <= level)
                    .map(|(reorder, lot)| Self::Lots { reorder, lot })
                    .collect()
            }
        }
    }

    fn figures(self, trade: &Trade, samples: &mut [Sample]) -> Figures {
        let mut mean = Figures::default();
        let part = 1.0 / samples.len() as f64;
        for sample in samples {
            let found = match self {
                Self::Points { reorder } => sample.points(trade, trade.units, reorder),
                Self::Lots { reorder, lot } => sample.lots(trade, reorder, lot),
            };
            mean.add(found, part);
        }
        mean
    }
}

/// The policy that a line states; none where it is none of the asked kind, in whole packs and within its level.
fn stated(facts: &Facts<'_>, trade: &Trade, line: &ReorderLine) -> Option<Choice> {
    let (reorder, units, pack) = (line.reorder, trade.units, trade.pack);
    match (facts.settings.stock.reorder, line.up_to, line.lot) {
        (Reorder::Points, Some(level), None) => {
            let fits = level == units && reorder.checked_add(pack).is_some_and(|least| least <= level);
            fits.then_some(Choice::Points { reorder })
        }
        (Reorder::Lots, None, Some(lot)) => {
            let fits = lot > 0 && lot % pack == 0 && reorder.checked_add(lot).is_some_and(|top| top <= units);
            fits.then_some(Choice::Lots { reorder, lot })
        }
        _ => None,
    }
}

pub(super) fn check(facts: &Facts<'_>, trade: &Trade, line: &ReorderLine, wrong: &mut impl FnMut(String)) {
    let (name, settings) = (&trade.name, facts.settings);
    let Some(choice) = stated(facts, trade, line) else {
        let text = format!(
            "{name}: reordering at {} up to {:?} in lots of {:?} is no policy in packs of {} within a level of {}",
            line.reorder, line.up_to, line.lot, trade.pack, trade.units
        );
        return wrong(text);
    };
    let Some(fixed) = settings.stock.order_cost.map(|cost| Some(cost.major() * settings.rate(cost.currency)?)) else {
        return wrong("stock.order_cost is not stated".into());
    };
    let Some(fixed) = fixed.map(|fixed| fixed / trade.rate) else {
        return wrong("stock.order_cost is in a currency without a rate".into());
    };
    let mut samples: Vec<Sample> = trade.rates.iter().map(|&rate| Sample::new(trade, rate)).collect();
    let demand = trade.rates.iter().sum::<f64>() / trade.rates.len() as f64 * trade.review;
    let found = choice.figures(trade, &mut samples);
    let cost = |figures: Figures| figures.spent + fixed * figures.orders;
    let reviews = facts.weeks / trade.review;
    let fill = if demand > 0.0 { 1.0 - found.short / demand } else { 1.0 };
    let scale = (trade.kept() * f64::from(trade.units) + trade.margin * demand + fixed) * trade.rate / trade.review;
    for (what, said, found, scale) in [
        ("orders", line.orders, found.orders * reviews, 1.0),
        ("cost per week", line.cost_per_week, cost(found) * trade.rate / trade.review, scale),
        ("service level", line.service_level, 1.0 - found.failed, 1.0),
        ("fill rate", line.fill_rate, fill, 1.0),
    ] {
        if !agrees(said, found, scale) {
            wrong(format!("{name}: the {what} of reordering at {} is {found}, not {said}", line.reorder));
        }
    }
    let floor = settings.stock.service_min.map_or(f64::NEG_INFINITY, |least| least.fraction);
    let served = 1.0 - found.failed;
    for beside in choice.beside(trade) {
        let other = beside.figures(trade, &mut samples);
        let serves = 1.0 - other.failed;
        let better = if served >= floor - RELATIVE {
            serves >= floor + RELATIVE && cost(other) < cost(found) - RELATIVE * cost(found).abs()
        } else {
            serves > served + RELATIVE
        };
        if better {
            let what = match beside {
                Choice::Points { reorder } => format!("reordering at {reorder}"),
                Choice::Lots { reorder, lot } => format!("reordering at {reorder} in lots of {lot}"),
            };
            wrong(format!("{name}: {what} would be better"));
        }
    }
}
