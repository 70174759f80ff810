//! What a plan is worth, how sure that is, and what would change it.
//!
//! Money is estimated on fresh samples ([`outcomes`]), drawn from another stream than those the plan
//! was decided over, because the best of many looks better than it is [smith2006]. For the same reason demand is
//! multiplied by the selection factor: truth over forecast among the best-looking tenth of held-out
//! stores, shrunk towards 1 by how few they are. One store more or fewer, other assumptions and other
//! luck are decided again ([`again`], [`stress`]), the nearest misses are evaluated exactly ([`swaps`]), and what the
//! choice between the nearest two hangs on is solved for ([`threshold`]).

use domain::forecast::{DemandSamples, Forecast};
use domain::market::Market;
use domain::plan::{NotChosen, Worth};
use domain::problem::Site;
use domain::seed::Seed;
use domain::settings::{ObjectiveKind, Settings};
use domain::stop::Stop;
use domain::units::Money;
use ndarray::Array2;

pub mod again;
pub mod legal;
mod markets;
pub mod misses;
pub mod narrow;
pub mod outcomes;
pub mod stress;
pub mod swaps;
pub(crate) mod threshold;

use narrow::Narrow;
use outcomes::{Book, Change, quantile};

use crate::EngineError;
use crate::formulate::{self, Problem, Stated};
use crate::solve::joined;
use crate::stock::Stocked;

/// Fresh samples.
const FRESH: u32 = 1_000;
/// The stream of fresh samples.
pub const WORTH: &str = "worth";
/// The stream of the luck in perturbed problems.
const LUCK: &str = "luck";
/// Held-out stores among the best-looking tenth at which their ratio counts half.
const HALF_TRUSTED: f64 = 5.0;
/// Weeks within which opening has to be paid for, to be said at all.
const PAYBACK_MAX: f64 = 156.0;
/// The largest factor on demand that a break-even is sought at.
const BREAK_EVEN_MAX: f64 = 100.0;

/// A decision, as far as it is taken.
#[derive(Debug)]
pub struct Choice<'a> {
    /// The market.
    pub market: &'a Market,
    /// The forecast.
    pub forecast: &'a Forecast,
    /// The scenario.
    pub settings: &'a Settings,
    /// The problem.
    pub stated: &'a Stated,
    /// Open sites, ascending.
    pub open: &'a [Site],
    /// The samples decided over, of the chosen stores alone.
    pub samples: &'a DemandSamples,
    /// D, `chosen x devices`.
    pub demand: &'a Array2<f64>,
    /// The stock.
    pub stocked: &'a Stocked,
}

/// What a plan is worth.
#[derive(Debug)]
pub struct Valued<'a> {
    /// What plan.json says of it.
    pub worth: Worth,
    /// Expected profit by store.
    pub expected: Vec<Money>,
    /// 8 in 10 outcomes, by store.
    pub intervals: Vec<[Money; 2]>,
    /// 8 in 10 outcomes of the plan, base-currency major units.
    pub interval: [f64; 2],
    /// Share of perturbed problems in which each store is chosen again.
    pub shares: Vec<f64>,
    /// The nearest misses.
    pub misses: Vec<NotChosen>,
    /// The plan with its fresh samples.
    pub book: Book<'a>,
    /// What was found without proof, as sentences.
    pub remarks: Vec<String>,
}

/// Says what a decision is worth.
///
/// # Errors
/// Where a search fails or a currency has no rate.
pub fn value<'a>(choice: &Choice<'a>, stop: &Stop) -> Result<Valued<'a>, EngineError> {
    let (market, settings, stated, open) = (choice.market, choice.settings, choice.stated, choice.open);
    let base = stated.base;
    let stores: Vec<_> = open.iter().map(|&site| stated.candidates[site as usize]).collect();
    let fresh = formulate::samples(market, choice.forecast, settings, &stores, WORTH, FRESH)?;
    let costs: Vec<Money> = open.iter().map(|&site| stated.open_costs[site as usize]).collect();
    let book = Book {
        lines: &choice.stocked.lines,
        units: &choice.stocked.units,
        open_costs: costs.iter().map(Money::major).collect(),
        fresh,
        selection: selection(choice.forecast, settings),
        seed: Seed(settings.seed),
    };
    let outcomes = book.outcomes(&Change::none());
    let money = |major: f64| Money::from_major(major, base);
    let expected: Vec<Money> = outcomes.expected.iter().map(|&profit| money(profit)).collect();
    let intervals = (0..open.len())
        .map(|store| {
            let drawn = outcomes.of_store(store);
            [0.1, 0.9].map(|level| money(quantile(&drawn, level)))
        })
        .collect();
    let totals = outcomes.totals();
    let interval = [0.1, 0.9].map(|level| quantile(&totals, level));
    let losses = totals.iter().filter(|total| **total < 0.0).count();
    let narrow = match &stated.problem {
        // A store more or other stores are other pairs: they are not looked at here.
        Problem::Profit { problem, .. } if !open.is_empty() && !stated.pilot.comparison.randomised => {
            Some(Narrow::of(&stated.rules, problem, open))
        }
        _ => None,
    };
    let mut remarks = Vec::new();
    let (next, last) = neighbours(choice, narrow.as_ref(), stop, &mut remarks)?;
    let worth = Worth {
        expected_profit: sum(&expected, base),
        selection_factor: book.selection,
        chance_of_loss: losses as f64 / totals.len().max(1) as f64,
        open_cost: sum(&costs, base),
        stock_cost: stock_cost(choice.stocked, base),
        payback_weeks: payback(choice, &book),
        next_store_value: next,
        last_store_value: last,
        break_even_demand: break_even(&book),
        stress: if open.is_empty() { Vec::new() } else { stress::stress(choice, &book, narrow.as_ref())? },
        markets: markets::markets(choice, &expected)?,
    };
    let shares = shares(choice, narrow.as_ref())?;
    Ok(Valued { worth, expected, intervals, interval, shares, misses: listed(choice)?, book, remarks })
}

/// Truth over forecast among the best-looking tenth, shrunk towards 1 and kept within 0.7 to 1. Stores that were
/// not chosen for what they are forecast to sell need no correction.
fn selection(forecast: &Forecast, settings: &Settings) -> f64 {
    match (&forecast.quality, settings.objective.kind) {
        (Some(quality), ObjectiveKind::Profit) if quality.top_ratio.is_finite() => {
            let tenth = quality.stores as f64 / 10.0;
            let trust = tenth / (tenth + HALF_TRUSTED);
            (1.0 + trust * (quality.top_ratio - 1.0)).clamp(0.7, 1.0)
        }
        _ => 1.0,
    }
}

fn sum(amounts: &[Money], currency: domain::units::Currency) -> Money {
    Money { minor: amounts.iter().map(|money| money.minor).sum(), currency }
}

fn stock_cost(stocked: &Stocked, currency: domain::units::Currency) -> Money {
    let cost = |(line, &units): (&crate::stock::Line, &u32)| line.terms.cost_base_minor * i64::from(units);
    Money { minor: stocked.lines.iter().zip(&stocked.units).map(cost).sum(), currency }
}

/// Weeks until what is earned, in the rhythm of adoption, has paid for opening.
fn payback(choice: &Choice<'_>, book: &Book<'_>) -> Option<f64> {
    let cost: f64 = book.open_costs.iter().sum();
    let profits = book.line_profits(&Change::none());
    let weekly = |week: usize| -> f64 {
        book.lines
            .iter()
            .zip(&profits)
            .filter(|(line, _)| line.terms.adopted > 0.0)
            .map(|(line, profit)| profit * choice.samples.adoption[[line.device, week]] / line.terms.adopted)
            .sum()
    };
    if cost <= 0.0 {
        return (!choice.open.is_empty()).then_some(0.0);
    }
    let weeks = choice.samples.adoption.ncols();
    let mut earned = 0.0;
    for week in 0..weeks {
        let more = weekly(week);
        if earned + more >= cost {
            return Some(week as f64 + (cost - earned) / more);
        }
        earned += more;
    }
    let pace = weekly(weeks.checked_sub(1)?);
    let after = weeks as f64 + (cost - earned) / pace;
    (pace > 0.0 && after <= PAYBACK_MAX).then_some(after)
}

/// The factor on demand at which expected profit is nothing, by bisection: with its stock fixed, what
/// a plan earns rises with demand.
fn break_even(book: &Book<'_>) -> Option<f64> {
    let earned = |factor: f64| book.expected(&Change { demand: factor, ..Change::none() }).iter().sum::<f64>();
    if book.open_costs.is_empty() || earned(0.0) >= 0.0 {
        return None;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while earned(high) < 0.0 {
        if high >= BREAK_EVEN_MAX {
            return Some(BREAK_EVEN_MAX);
        }
        (low, high) = (high, f64::min(high * 2.0, BREAK_EVEN_MAX));
    }
    // Halved 20 times, a factor of 1 is known to a millionth.
    for _ in 0..20 {
        let middle = 0.5 * (low + high);
        if earned(middle) < 0.0 { low = middle } else { high = middle }
    }
    Some(0.5 * (low + high))
}

/// What one store more would add and one fewer would cost, in the objective's unit.
fn neighbours(
    choice: &Choice<'_>,
    narrow: Option<&Narrow>,
    stop: &Stop,
    remarks: &mut Vec<String>,
) -> Result<(Option<f64>, Option<f64>), EngineError> {
    let (rules, open) = (&choice.stated.rules, choice.open);
    let more =
        (rules.open_max < rules.sites && open.len() < rules.sites - rules.exclude.len()).then_some(rules.open_max + 1);
    let fewer = (open.len() > 1).then(|| open.len() - 1);
    match (&choice.stated.problem, narrow) {
        (Problem::Profit { .. }, Some(narrow)) => {
            let here = narrow.inwards(open);
            let now = narrow.problem.value(&here);
            let value = |open_max: usize| again::profit_value(narrow, &here, open_max);
            remarks.push("The values of one store more and one fewer, and the plans under other assumptions, come from a search without proof.".into());
            let next = more.and_then(value).map(|value| (value - now).max(0.0));
            Ok((next, fewer.and_then(value).map(|value| (now - value).max(0.0))))
        }
        (Problem::Assignment(problem), _) => {
            let now = problem.value(open);
            let unit = match choice.settings.objective.kind {
                ObjectiveKind::Distance => 1000.0,
                _ => 1.0,
            };
            let mut proven = true;
            let mut value = |open_max: Option<usize>| -> Result<Option<f64>, EngineError> {
                let Some(open_max) = open_max else { return Ok(None) };
                let found = again::assignment(rules, problem, open, open_max, stop)?;
                proven &= found.is_none_or(|found| found.1);
                Ok(found.map(|found| (found.0 - now) as f64 / unit))
            };
            let (next, last) = (value(more)?, value(fewer)?);
            if !proven {
                remarks.push("The values of one store more and one fewer come from a search without proof.".into());
            }
            Ok((next.map(|value| (-value).max(0.0)), last.map(|value| value.max(0.0))))
        }
        (Problem::Profit { .. }, None) => Ok((None, None)),
    }
}

/// In what share of the perturbed problems each store is chosen again. What is sought in distance and
/// coverage does not depend on the forecast, so there every store is.
fn shares(choice: &Choice<'_>, narrow: Option<&Narrow>) -> Result<Vec<f64>, EngineError> {
    let Some(narrow) = narrow else { return Ok(vec![1.0; choice.open.len()]) };
    let stores: Vec<_> = narrow.sites.iter().map(|&site| choice.stated.candidates[site as usize]).collect();
    let own = again::own_luck(choice.forecast);
    let count = u32::try_from(again::PERTURBED).unwrap_or(u32::MAX);
    let samples = formulate::samples(choice.market, &own, choice.settings, &stores, LUCK, count)?;
    let rows = formulate::profit::rows_of(choice.market, &own.stores, &stores)?;
    let mean = own.mean.select(ndarray::Axis(0), &rows);
    let luck = again::factors(&samples, &mean);
    let counts = again::chosen_again(narrow, &narrow.inwards(choice.open), &luck);
    Ok(counts.into_iter().map(|count| f64::from(count) / again::PERTURBED as f64).collect())
}

/// The nearest misses, in the objective's unit.
fn listed(choice: &Choice<'_>) -> Result<Vec<NotChosen>, EngineError> {
    if choice.open.is_empty() || choice.stated.pilot.comparison.randomised {
        return Ok(Vec::new());
    }
    let rules = &choice.stated.rules;
    let (swaps, unit) = match &choice.stated.problem {
        Problem::Profit { problem, samples, stocking, .. } => {
            let losses = swaps::profit(problem, choice.open).swap;
            let joint = joined(choice.stated, problem, samples, stocking);
            (misses::stocked(&joint, rules, choice.open, &losses)?, 1.0)
        }
        Problem::Assignment(problem) => {
            let losses = swaps::assignment(problem, rules.sites, choice.open).swap;
            let swaps = misses::misses(rules, choice.open, &losses, misses::LISTED);
            (swaps, if choice.settings.objective.kind == ObjectiveKind::Distance { 1000.0 } else { 1.0 })
        }
    };
    let id = |site: Site| choice.market.store_ids.name(choice.stated.candidates[site as usize]).to_owned();
    Ok(swaps
        .into_iter()
        .map(|swap| NotChosen {
            store_id: id(swap.enters),
            // A loss of rounding's size below nothing is a tie.
            swap_cost: if swap.loss < 0.0 && swap.loss > -1e-6 { 0.0 } else { swap.loss / unit },
            instead_of: id(swap.leaves),
        })
        .collect())
}
