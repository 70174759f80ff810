//! How stock is kept up: one reorder point for each line, within its level, and what depots hold.
//!
//! | code | is told where |
//! |---|---|
//! | E-VER-011 | a line is missing, one too many, out of order or of another policy; packs, levels or figures do not agree; a neighbouring choice costs less |
//!
//! Figures are worked out again from the samples: reorder points from the chain of what an order leaves modulo a pack
//! ([`reorder`]), depots from sums over what they hold ([`depot`]), neither as the engine does it.

mod depot;
mod reorder;

use domain::forecast::DemandSamples;
use domain::plan::Plan;
use domain::plan::replenishment::{Replenishment, SCHEMA};
use domain::settings::Reorder;

use crate::Failure;
use crate::capture::Capture;
use crate::facts::Facts;
use crate::profit::row_of;

/// Two evaluations of a long-run mean agree to about 1e-9 of it; a chain whose moves are rare loses some digits more.
const RELATIVE: f64 = 1e-6;

/// What one line of stock is made of, in major units of its market's currency.
struct Trade {
    /// Units per week at the horizon's mean adoption, by sample.
    rates: Vec<f64>,
    /// r, per week.
    size: f64,
    margin: f64,
    holding: f64,
    loss: f64,
    pack: u32,
    /// Weeks from order to shelf.
    lead: f64,
    review: f64,
    /// Base currency per unit of the market's.
    rate: f64,
    market: usize,
    /// Position of the device in the samples.
    device: usize,
    /// The decided level.
    units: u32,
    name: String,
}

impl Trade {
    /// Of each line of the plan's stock, in its order; none where a line was told with the stock.
    fn of(
        facts: &Facts<'_>,
        samples: &DemandSamples,
        law: &Capture,
        demand: &[Vec<f64>],
        plan: &Plan,
        open: &[u32],
    ) -> Option<Vec<Self>> {
        let market = facts.market;
        let trade = |line: &domain::plan::StockLine| {
            let device = samples.devices.binary_search(&market.device_ids.find(&line.device)?).ok()?;
            let slot = open.binary_search(&facts.find(&line.store_id)?).ok()?;
            let row = row_of(facts, samples, open[slot])?;
            let home = market.stores[samples.stores[row].at()].market;
            let terms = market.terms(samples.devices[device], home)?;
            let alone = law.alone[row][device];
            let part = if alone > 0.0 { demand[slot][device] / alone } else { 1.0 };
            let weekly = part * samples.adoption.row(device).iter().rev().sum::<f64>() / facts.weeks;
            Some(Self {
                rates: (0..samples.len()).map(|sample| weekly * samples.rates[[sample, row, device]]).collect(),
                size: samples.dispersion[device],
                margin: terms.price.major() - terms.unit_cost.major(),
                holding: terms.holding_cost_per_week.major(),
                loss: (terms.unit_cost.major() - terms.salvage.major()) / facts.weeks,
                pack: terms.pack_size.max(1),
                lead: f64::from(terms.lead_time_weeks),
                review: f64::from(facts.settings.stock.review_weeks),
                rate: facts.settings.rate(market.markets[home.at()].currency)?,
                market: home.at(),
                device,
                units: line.units,
                name: format!("{} of {}", line.device, line.store_id),
            })
        };
        plan.stock.iter().map(trade).collect()
    }

    /// What is left or short at a review's end, per unit.
    fn kept(&self) -> f64 {
        self.review * (self.holding + self.loss)
    }
}

/// Checks the section; `demand` is D by open site and device.
pub(crate) fn check(
    facts: &Facts<'_>,
    samples: &DemandSamples,
    law: &Capture,
    demand: &[Vec<f64>],
    plan: &Plan,
    open: &[u32],
    failures: &mut Vec<Failure>,
) {
    let mut wrong = |text: String| failures.push(Failure::new("E-VER-011", text));
    let asked = &facts.settings.stock;
    let stated = match (&plan.replenishment, asked.reorder != Reorder::Levels || asked.depot.is_some()) {
        (Some(stated), true) => stated,
        (None, false) => return,
        (Some(_), false) => {
            return wrong("the plan says how its stock is kept up, and the scenario does not ask".into());
        }
        (None, true) => return wrong("the plan does not say how its stock is kept up".into()),
    };
    let Replenishment { schema, policy, review_weeks, currency, lines, depot } = stated;
    if schema != SCHEMA
        || *policy != asked.reorder
        || *review_weeks != asked.review_weeks
        || currency != facts.base.code()
    {
        wrong(format!(
            "{schema}, {policy:?} every {review_weeks} weeks in {currency} is not what the settings ask for"
        ));
    }
    let Some(trades) = Trade::of(facts, samples, law, demand, plan, open) else { return };
    if asked.reorder == Reorder::Levels {
        if !lines.is_empty() {
            wrong("corners are filled up at each review, and have reorder points".into());
        }
    } else {
        let same = |a: &domain::plan::replenishment::ReorderLine, b: &domain::plan::StockLine| {
            (&a.store_id, &a.device) == (&b.store_id, &b.device)
        };
        if lines.len() == plan.stock.len() && lines.iter().zip(&plan.stock).all(|(line, stock)| same(line, stock)) {
            for (line, trade) in lines.iter().zip(&trades) {
                reorder::check(facts, trade, line, &mut wrong);
            }
        } else {
            wrong(format!(
                "{} reorder points stand beside {} lines of stock, or of others",
                lines.len(),
                plan.stock.len()
            ));
        }
    }
    depot::check(facts, samples, &trades, depot, &mut wrong);
}

/// Whether a stated figure is the one that was found, to the rounding of sums of size `scale`.
fn agrees(stated: f64, found: f64, scale: f64) -> bool {
    (stated - found).abs() <= RELATIVE * scale.abs().max(found.abs())
}
