//! What depots hold, worked out again.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | D_0, S_0 | demand on the depot over its lead time; what it orders up to | units |
//! | B = (D_0 - S_0)^+ | `System::owed` | units |
//!
//! No S_0 beyond E[D_0] + c(0)/h_0 is best, c(0) being what all costs with nothing at the depot: holding alone costs
//! h_0 E[(S_0 - D_0)^+] >= h_0 (S_0 - E[D_0]). What is stated beyond is refused before a sum of that length is begun.
//!
//! E[B^2] = E[(D_0 - S_0)^2] - sum over k < S_0 of (S_0 - k)^2 P(D_0 = k): what is held is summed, where the engine sums what is
//! owed. What a corner waits for has the mean and the variance that follow, as a negative binomial [graves1985].

use domain::forecast::DemandSamples;
use domain::plan::replenishment::DepotLine;

use super::{RELATIVE, Trade, agrees};
use crate::counts::Window;
use crate::facts::Facts;

/// Without a depot a corner serves as well if it misses at most this part of demand more.
const AS_WELL: f64 = 1e-6;
/// Levels are looked for up to here, units.
const FARTHEST: u32 = 1 << 16;

/// No demand that a plan was made for is wider, units.
const WIDEST: u32 = 1 << 20;

/// Cost per week, and what a review does not serve at once.
#[derive(Clone, Copy, Default)]
struct Kept {
    cost: f64,
    short: f64,
}

/// The corners of one depot, in one sample each.
struct System<'a> {
    trades: Vec<&'a Trade>,
    /// L_0.
    weeks: f64,
    /// h_0.
    held: f64,
}

/// Counts of this mean and variance.
fn counts(mean: f64, variance: f64) -> Window {
    let over = variance - mean;
    let size = if over > 1e-12 * mean { mean * mean / over } else { f64::INFINITY };
    Window::new(std::iter::once(mean), size)
}

fn variance(trade: &Trade, rate: f64, weeks: f64) -> f64 {
    let mean = rate * weeks;
    if mean > 0.0 { mean + mean * rate / trade.size } else { 0.0 }
}

impl System<'_> {
    fn samples(&self) -> usize {
        self.trades.first().map_or(0, |trade| trade.rates.len())
    }

    /// E[B], Var[B] and E[(S_0 - D_0)^+] in a sample.
    fn owed(&self, sample: usize, depot: u32) -> (f64, f64, f64) {
        let mean: f64 = self.trades.iter().map(|trade| trade.rates[sample] * self.weeks).sum();
        let spread: f64 = self.trades.iter().map(|trade| variance(trade, trade.rates[sample], self.weeks)).sum();
        let mut demand = counts(mean, spread);
        let owed = mean - demand.served(depot);
        let squares: f64 =
            (0..depot).map(|k| f64::from(depot - k).powi(2) * (demand.below(k + 1) - demand.below(k))).sum();
        let far = spread.max(mean) + (mean - f64::from(depot)).powi(2);
        (owed, (far - squares - owed * owed).max(0.0), f64::from(depot) - demand.served(depot))
    }

    fn kept(trade: &Trade, level: u32, mut waits: impl FnMut(f64) -> Window) -> Kept {
        let (mut after, mut before) = (waits(trade.lead + trade.review), waits(trade.lead));
        let short = |window: &mut Window| window.mean() - window.served(level);
        let (mean, end, start) = (after.mean(), short(&mut after), short(&mut before));
        let cost = (trade.holding + trade.loss) * (f64::from(level) - mean + end) + trade.margin / trade.review * end;
        Kept { cost, short: end - start }
    }

    /// Each corner behind the depot, and the cost of all with it.
    fn with(&self, depot: u32) -> (Vec<Kept>, f64) {
        let part = 1.0 / self.samples() as f64;
        let (mut found, mut cost) = (vec![Kept::default(); self.trades.len()], 0.0);
        for sample in 0..self.samples() {
            let all: f64 = self.trades.iter().map(|trade| trade.rates[sample]).sum();
            let (owed, spread, held) = self.owed(sample, depot);
            cost += part * self.held * held;
            for (trade, sum) in self.trades.iter().zip(&mut found) {
                let rate = trade.rates[sample];
                let share = if all > 0.0 { rate / all } else { 0.0 };
                let kept = Self::kept(trade, trade.units, |weeks| {
                    let own = share * share * spread + share * (1.0 - share) * owed;
                    counts(share * owed + rate * weeks, own + variance(trade, rate, weeks))
                });
                sum.cost += part * kept.cost;
                sum.short += part * kept.short;
            }
        }
        cost += found.iter().map(|kept| kept.cost).sum::<f64>();
        (found, cost)
    }

    /// What no base stock is beyond.
    fn most(&self, pack: u32) -> f64 {
        let all: f64 = self.trades.iter().flat_map(|trade| &trade.rates).sum();
        let mean = all / self.samples() as f64 * self.weeks;
        let nothing = self.with(0).1;
        let farthest = if self.held > 0.0 { mean + nothing / self.held } else { f64::INFINITY };
        farthest.min(f64::from(WIDEST)) + f64::from(pack)
    }

    /// A corner by itself, at a level.
    fn alone(&self, trade: &Trade, level: u32) -> Kept {
        let mut sum = Kept::default();
        for &rate in &trade.rates {
            let kept = Self::kept(trade, level, |weeks| {
                let weeks = weeks + self.weeks;
                counts(rate * weeks, variance(trade, rate, weeks))
            });
            sum.cost += kept.cost / trade.rates.len() as f64;
            sum.short += kept.short / trade.rates.len() as f64;
        }
        sum
    }
}

pub(super) fn check(
    facts: &Facts<'_>,
    samples: &DemandSamples,
    trades: &[Trade],
    stated: &[DepotLine],
    wrong: &mut impl FnMut(String),
) {
    let Some(asked) = &facts.settings.stock.depot else {
        if !stated.is_empty() {
            wrong("a depot is stated, and none is asked for".into());
        }
        return;
    };
    let mut places: Vec<(usize, usize)> = trades.iter().map(|trade| (trade.market, trade.device)).collect();
    places.sort_unstable();
    places.dedup();
    let name = |&(market, device): &(usize, usize)| {
        let (markets, devices) = (facts.market.market_ids.names(), facts.market.device_ids.names());
        (markets[market].as_str(), devices[samples.devices[device].at()].as_str())
    };
    if !places.iter().map(name).eq(stated.iter().map(|line| (line.market.as_str(), line.device.as_str()))) {
        return wrong("depots do not hold each device of each market that has any, in order".into());
    }
    for (line, place) in stated.iter().zip(&places) {
        let here: Vec<&Trade> = trades.iter().filter(|trade| (trade.market, trade.device) == *place).collect();
        let Some(&first) = here.first() else { continue };
        let held = asked.holding.fraction * first.holding + first.loss;
        let system = System { trades: here, weeks: f64::from(asked.lead_time_weeks), held };
        depot(&system, first, line, wrong);
    }
}

/// One line, whose corners have the terms of `terms`.
fn depot(system: &System<'_>, terms: &Trade, line: &DepotLine, wrong: &mut impl FnMut(String)) {
    let (name, pack) = (format!("the depot's {} in {}", line.device, line.market), terms.pack);
    if line.base_stock % pack != 0 {
        return wrong(format!("{name}: {} units are no whole packs of {pack}", line.base_stock));
    }
    let most = system.most(pack);
    if f64::from(line.base_stock) > most {
        return wrong(format!("{name}: {} units cost more to hold than none would, beyond {most:.0}", line.base_stock));
    }
    let (with, cost) = system.with(line.base_stock);
    let beside = [line.base_stock.checked_sub(pack), line.base_stock.checked_add(pack)];
    for other in beside.into_iter().flatten() {
        let less = system.with(other).1;
        if less < cost - RELATIVE * cost.abs() {
            wrong(format!("{name}: {other} units would cost {less} a week, {} cost {cost}", line.base_stock));
        }
    }
    let mean = |trade: &Trade| trade.rates.iter().sum::<f64>() / trade.rates.len() as f64 * trade.review;
    let demand: f64 = system.trades.iter().map(|trade| mean(trade)).sum();
    let (mut without, mut apart, mut cost_apart) = (0.0, 0, 0.0);
    for (trade, kept) in system.trades.iter().zip(&with) {
        let mut level = trade.units;
        let mut alone = system.alone(trade, level);
        without += alone.short;
        while alone.short > kept.short + AS_WELL * mean(trade) && level < FARTHEST {
            level += pack;
            alone = system.alone(trade, level);
        }
        apart += level - trade.units;
        cost_apart += alone.cost;
    }
    let fill = |short: f64| if demand > 0.0 { 1.0 - short / demand } else { 1.0 };
    let short: f64 = with.iter().map(|kept| kept.short).sum();
    let rate = terms.rate;
    for (what, said, found, scale) in [
        ("fill rate", line.fill_rate, fill(short), 1.0),
        ("fill rate without it", line.fill_rate_without, fill(without), 1.0),
        ("units apart", f64::from(line.units_apart), f64::from(apart), 1.0),
        ("saving per week", line.saves_per_week, rate * (cost_apart - cost), rate * (cost + cost_apart)),
    ] {
        if !agrees(said, found, scale) {
            wrong(format!("{name}: the {what} is {found}, not {said}"));
        }
    }
}
