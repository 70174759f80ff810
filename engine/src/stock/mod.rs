//! How many units of each device every corner holds.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | q_jk | `Stocked::units` | units, a multiple of the pack |
//! | c_jk = D_jk(y) / F-bar_jk | `Line::factor` | what other corners leave of the demand alone |
//!
//! maximise sum_jk Pi_jk(q_jk), with Pi of [`window`], subject to q <= units_max, shelf space of each
//! store, money and units of opening stock, and a floor on P(D <= q) for every device that a corner
//! carries. A device is carried where it earns something alone; one that earns nothing is not stocked.
//! Pi is concave, so the best level is found line by line, and budgets by [`allocate`].

use domain::forecast::DemandSamples;
use domain::market::Market;
use domain::settings::{Measure, Settings};
use domain::units::Currency;
use ndarray::Array2;
use rayon::prelude::*;

pub mod allocate;
pub mod decide;
pub mod depot;
pub mod ledger;
pub mod prices;
pub mod reorder;
pub mod replenish;
pub mod terms;
pub mod window;

use allocate::{Allocation, Ask, Budget, allocate};
use ledger::{Ledger, Score};
use terms::Terms;
use window::{Window, best_alone};

use crate::EngineError;
use crate::formulate::profit::all_terms;

/// A device at a corner.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Position of the store among the chosen.
    pub store: usize,
    /// Position of the device in the samples.
    pub device: usize,
    /// What a unit earns and costs there.
    pub terms: Terms,
    /// c.
    pub factor: f64,
    /// Demand of a window, beside the other corners.
    pub window: Window,
}

/// The stock of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Stocked {
    /// The lines that are carried, by store, then device.
    pub lines: Vec<Line>,
    /// q, by line.
    pub units: Vec<u32>,
    /// Whether no better stock exists (for these stores, over these samples).
    pub exact: bool,
}

/// What other corners leave of the demand alone: D / F; 1 where the law knows nobody in reach, because
/// then it has nothing to say and the forecast stands.
#[must_use]
pub fn factors(demand: &Array2<f64>, alone: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn(demand.dim(), |at| if alone[at] > 0.0 { demand[at] / alone[at] } else { 1.0 })
}

/// What the stock of a store has to obey, whoever else is chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Stocking {
    /// By store of the samples and device; none where it is not sold.
    pub terms: Vec<Vec<Option<Terms>>>,
    /// Shelf units, by store of the samples.
    pub shelf: Vec<Option<u32>>,
    /// What all opening stock may cost, in minor units of the base currency.
    pub money_max: Option<i64>,
    /// Units of all opening stock.
    pub stock_max: Option<i64>,
    /// The least P(D <= q) of a carried device.
    pub service_min: Option<f64>,
    /// Units of a device at a corner at most.
    pub units_max: u32,
    /// Stock that earns this part less than the best counts as the best.
    pub gap: f64,
}

/// Of the gap asked for the whole, the part that stock under budgets may take.
const STOCK_GAP: f64 = 0.2;
/// Money in cents makes sums that no tree tells apart: stock this near to the best is the best.
const SAME: f64 = 1e-7;

impl Stocking {
    /// What the scenario asks of the stores of `samples`.
    ///
    /// # Errors
    /// Where a currency has no rate.
    pub fn of(
        market: &Market,
        settings: &Settings,
        base: Currency,
        samples: &DemandSamples,
    ) -> Result<Self, EngineError> {
        let money = settings.budget.stock.map(|money| crate::formulate::money::convert(settings, base, money, base));
        Ok(Self {
            terms: all_terms(market, settings, base, samples)?,
            shelf: samples.stores.iter().map(|store| market.stores[store.at()].shelf_units).collect(),
            money_max: money.transpose()?.map(|money| money.minor),
            stock_max: settings.budget.stock_units.map(|units| i64::try_from(units).unwrap_or(i64::MAX)),
            service_min: settings.stock.service_min.map(|share| share.fraction),
            units_max: settings.stock.units_max,
            gap: (STOCK_GAP * settings.gap()).max(SAME),
        })
    }

    /// The lines that the stores in `rows` of `samples` carry; `factors` is c, `rows x devices`.
    #[must_use]
    pub fn lines(&self, samples: &DemandSamples, rows: &[usize], factors: &Array2<f64>) -> Vec<Line> {
        let places: Vec<(usize, usize)> =
            (0..rows.len()).flat_map(|store| (0..samples.devices.len()).map(move |device| (store, device))).collect();
        let line = |(store, device): (usize, usize)| {
            let terms = self.terms[rows[store]][device].clone()?;
            let rates = samples.of(rows[store], device);
            let (_, earned) = best_alone(rates, &terms, self.units_max);
            if earned <= 0.0 {
                return None;
            }
            let factor = factors[[store, device]];
            let window = Window::lasting(rates, factor, &terms, self.units_max, self.service_min);
            Some(Line { store, device, terms, factor, window })
        };
        places.into_par_iter().filter_map(line).collect()
    }

    /// The fewest packs that keep the service level; none where no level does.
    #[must_use]
    pub fn floor(&self, line: &Line) -> Option<u32> {
        self.service_min.map_or(Some(0), |level| line.window.packs_for(level, &line.terms, self.packs_max(line)))
    }

    fn packs_max(&self, line: &Line) -> u32 {
        self.units_max / line.terms.pack
    }

    /// What a line asks for, given its floor.
    fn ask(&self, line: &Line, floor: u32) -> Ask {
        let best = line.window.best_packs(&line.terms, self.packs_max(line));
        let values =
            (1..=best.max(floor)).map(|pack| line.window.pack_value(pack, &line.terms) * line.terms.rate).collect();
        Ask { values, floor }
    }

    /// The budgets over lines, each with the store whose shelf it is, or what else it is; shelves first.
    fn budgets(&self, rows: &[usize], lines: &[Line]) -> Vec<(Limit, Budget)> {
        let mut budgets = Vec::new();
        let pack = |line: &Line| i64::from(line.terms.pack);
        for (at, &row) in rows.iter().enumerate() {
            if let Some(max) = self.shelf[row] {
                let taken = |line: &Line| if line.store == at { pack(line) * i64::from(line.terms.shelf) } else { 0 };
                let weights = lines.iter().map(taken).collect();
                budgets.push((Limit::Shelf(at), Budget { weights, max: i64::from(max) }));
            }
        }
        if let Some(max) = self.money_max {
            let weights = lines.iter().map(|line| pack(line) * line.terms.cost_base_minor).collect();
            budgets.push((Limit::Money, Budget { weights, max }));
        }
        if let Some(max) = self.stock_max {
            budgets.push((Limit::Units, Budget { weights: lines.iter().map(pack).collect(), max }));
        }
        budgets
    }

    /// What the best stock of the stores in `rows` earns over the horizon, and what none can exceed, in base-currency
    /// major units; none where no stock obeys the rules. `factors` as for [`Stocking::lines`].
    ///
    /// # Errors
    /// Where the solver fails.
    pub fn earns(
        &self,
        samples: &DemandSamples,
        rows: &[usize],
        factors: &Array2<f64>,
    ) -> Result<Option<(f64, f64)>, EngineError> {
        self.earns_within(samples, rows, factors, self.gap)
    }

    /// The same, with stock that earns this part less than the best counting as the best; infinite where any good stock
    /// will do.
    ///
    /// # Errors
    /// Where the solver fails.
    pub fn earns_within(
        &self,
        samples: &DemandSamples,
        rows: &[usize],
        factors: &Array2<f64>,
        gap: f64,
    ) -> Result<Option<(f64, f64)>, EngineError> {
        Ok(self.filled(samples, rows, factors, gap)?.map(|filled| (filled.earned, filled.most)))
    }

    /// The best stock itself, as [`Stocking::earns_within`] values it.
    fn filled(
        &self,
        samples: &DemandSamples,
        rows: &[usize],
        factors: &Array2<f64>,
        gap: f64,
    ) -> Result<Option<Filled>, EngineError> {
        let lines = self.lines(samples, rows, factors);
        let Some((asks, budgets)) = self.asked(rows, &lines) else { return Ok(None) };
        let most = self.most(rows, &asks, &budgets);
        let (packs, gap) = match allocate(&asks, &budgets, gap)? {
            Allocation::Exact(packs) => (packs, if gap.is_finite() { gap } else { 0.0 }),
            Allocation::Good(packs) => (packs, f64::INFINITY),
            Allocation::TooTight(_) => return Ok(None),
        };
        let earned: f64 = lines.iter().zip(&packs).map(|(line, packs)| line.earns(packs * line.terms.pack)).sum();
        // The gap is of what packs beyond the floors add, which is no more than all packs of some value.
        let turnover: f64 = asks.iter().flat_map(|ask| &ask.values).map(|value| value.max(0.0)).sum();
        let most = most.min(earned + gap * turnover).max(earned);
        Ok(Some(Filled { lines, floors: asks.iter().map(|ask| ask.floor).collect(), budgets, packs, earned, most }))
    }

    /// The best stock at what samples count, then moved to what `measure` makes of its outcomes once `cost` is paid; none
    /// where no stock obeys the rules. `factors` as for [`Stocking::lines`].
    ///
    /// # Errors
    /// Where the solver fails.
    pub fn hedged(
        &self,
        samples: &DemandSamples,
        rows: &[usize],
        factors: &Array2<f64>,
        cost: f64,
        measure: &Measure,
    ) -> Result<Option<Hedged>, EngineError> {
        let Some(filled) = self.filled(samples, rows, factors, self.gap)? else { return Ok(None) };
        let Filled { lines, floors, budgets, packs, earned, most } = filled;
        // A pack that pays in the mean of all samples may be worth adding back; one that pays in no mean is not.
        let highest = |(line, &packs): (&Line, &u32)| {
            let alike = line.window.alike().best_packs(&line.terms, self.packs_max(line));
            packs.max(alike)
        };
        let levels: Vec<u32> = lines.iter().zip(&packs).map(highest).collect();
        let ledger = Ledger::of(samples, rows, &lines, &levels, cost);
        let weighted = ledger.profits(&packs);
        let polished = ledger.polished(packs, &floors, &budgets, measure);
        let profits = ledger.profits(&polished);
        let score = Score::of(measure, &profits);
        Ok(Some(Hedged { lines, packs: polished, score, profits, weighted, earned: earned - cost, most: most - cost }))
    }

    /// No stock of these stores earns more; none where no level keeps the service.
    #[must_use]
    pub fn at_most(&self, samples: &DemandSamples, rows: &[usize], factors: &Array2<f64>) -> Option<f64> {
        let lines = self.lines(samples, rows, factors);
        let (asks, budgets) = self.asked(rows, &lines)?;
        Some(self.most(rows, &asks, &budgets))
    }

    fn most(&self, rows: &[usize], asks: &[Ask], budgets: &[Budget]) -> f64 {
        let shelves = rows.iter().filter(|&&row| self.shelf[row].is_some()).count();
        // Pi adds up its packs, but for rounding.
        let most = prices::bound(asks, budgets, shelves);
        most + 1e-9 * most.abs()
    }

    fn asked(&self, rows: &[usize], lines: &[Line]) -> Option<(Vec<Ask>, Vec<Budget>)> {
        let floors: Vec<u32> = lines.iter().map(|line| self.floor(line)).collect::<Option<_>>()?;
        let asks = lines.iter().zip(floors).map(|(line, floor)| self.ask(line, floor)).collect();
        Some((asks, self.budgets(rows, lines).into_iter().map(|(_, budget)| budget).collect()))
    }
}

/// The best stock of some stores, and what stood in its way.
struct Filled {
    lines: Vec<Line>,
    floors: Vec<u32>,
    budgets: Vec<Budget>,
    packs: Vec<u32>,
    earned: f64,
    most: f64,
}

/// Stock, judged by its outcomes. Money is in base-currency major units, opening paid.
#[derive(Debug, Clone)]
pub struct Hedged {
    /// The lines that are carried.
    pub lines: Vec<Line>,
    /// Packs, by line.
    pub packs: Vec<u32>,
    /// How they fare.
    pub score: Score,
    /// What they earn, by sample.
    pub profits: Vec<f64>,
    /// What the stock earns by sample that is best at what samples count.
    pub weighted: Vec<f64>,
    /// What that stock earns in the weighted mean.
    pub earned: f64,
    /// What no stock of these stores exceeds in the weighted mean.
    pub most: f64,
}

impl Hedged {
    /// As a plan's stock, with the service and the fill that its levels have in fact.
    #[must_use]
    pub fn stocked(&self) -> Stocked {
        let units = self.lines.iter().zip(&self.packs).map(|(line, packs)| packs * line.terms.pack).collect();
        Stocked { lines: self.lines.clone(), units, exact: true }
    }
}

impl Line {
    /// Pi(q), in base-currency major units.
    #[must_use]
    pub fn earns(&self, units: u32) -> f64 {
        self.window.profit(units, &self.terms) * self.terms.rate
    }
}

/// What a budget is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    /// The shelf of a store, by its position among the chosen.
    Shelf(usize),
    /// `budget.stock`.
    Money,
    /// `budget.stock_units`.
    Units,
}
