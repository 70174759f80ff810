//! How the pilot will be compared: matched controls, and what the comparison can detect.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | m | `pilot.controls_per_store` | count |
//! | delta_w | one placebo effect | difference of log growth, chosen less controls |
//! | MDE = exp((1.96 + 0.84) rms delta) - 1 | `PilotDesign::minimum_detectable_effect` | share |
//!
//! The error is calibrated on windows of the past in which no pilot ran: in each, controls are chosen
//! anew from the weeks before it, as for the pilot itself, and the effect that is not there is
//! measured over `watch_weeks`. Formula standard errors of weekly store sales are far too small [bertrand2004].
//! The root mean square about 0 counts a bias as error too. 1.96 + 0.84 are the normal quantiles of
//! a two-sided test at 5 % and of a power of 80 % [bloom1995].

use std::ops::Range;

use domain::calendar::{Date, Days};
use domain::forecast::Forecast;
use domain::ids::Idx;
use domain::market::{Country, Market, Store};
use domain::plan::{PilotDesign, Warning};
use domain::settings::Settings;
use rayon::prelude::*;

pub mod likeness;
pub mod matching;
pub mod series;

use likeness::{Look, Scales, mean};
use series::Related;

use crate::EngineError;
use crate::formulate::candidates::open_corners;

/// Placebo windows at most: enough to know a root mean square to a sixth.
const WINDOWS_MAX: usize = 24;
/// Placebo windows at least, before anything is said of the effect that can be detected.
const WINDOWS_MIN: usize = 4;

/// Controls and what they are good for.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// The controls of each chosen store, best match first.
    pub controls: Vec<Vec<Idx<Store>>>,
    /// What plan.json says of the design.
    pub design: PilotDesign,
    /// W-PIL-001, where there are too few.
    pub warnings: Vec<Warning>,
}

/// Stores that could be controls of the chosen ones, by market.
struct Pool {
    country: Idx<Country>,
    /// Positions among the chosen.
    chosen: Vec<usize>,
    /// Chosen first (in that order), then the eligible, ascending.
    stores: Vec<Idx<Store>>,
    /// Related sales by store.
    units: Vec<Vec<Option<f64>>>,
}

/// Designs the comparison for the chosen stores (ascending).
///
/// # Errors
/// Where the solver fails.
pub fn design(
    market: &Market,
    forecast: &Forecast,
    settings: &Settings,
    chosen: &[Idx<Store>],
) -> Result<Design, EngineError> {
    let pilot = &settings.pilot;
    let each = pilot.controls_per_store as usize;
    let mut design = PilotDesign {
        design: "none".into(),
        controls_per_store: pilot.controls_per_store,
        match_weeks: pilot.match_weeks,
        watch_weeks: pilot.watch_weeks,
        minimum_detectable_effect: None,
        placebo_windows: 0,
    };
    let mut controls = vec![Vec::new(); chosen.len()];
    if each == 0 || chosen.is_empty() {
        return Ok(Design { controls, design, warnings: Vec::new() });
    }
    let related = Related::new(market, settings, &forecast.devices);
    let eligible = eligible(market, settings, chosen);
    let pools: Vec<Pool> =
        market.market_ids.iter().filter_map(|country| pool(market, &related, chosen, &eligible, country)).collect();
    let match_weeks = pilot.match_weeks as usize;
    for pool in &pools {
        let weeks = related.weeks(pool.country);
        let matched = matched(market, pool, weeks.saturating_sub(match_weeks)..weeks, each)?;
        for (&at, found) in pool.chosen.iter().zip(matched) {
            controls[at] = found.into_iter().map(|position| pool.stores[position]).collect();
        }
    }
    let missing: usize = controls.iter().map(|controls| each - controls.len()).sum();
    let mut warnings = Vec::new();
    if missing > 0 {
        let short = controls.iter().filter(|controls| controls.len() < each).count();
        let text = format!(
            "{short} of {} chosen stores have fewer than {each} controls: too few stores of their market were open all along, have no corner and lie {} km or more from every chosen store.",
            chosen.len(),
            pilot.spillover.km
        );
        warnings.push(Warning { code: "W-PIL-001".into(), text });
    }
    if controls.iter().any(|controls| !controls.is_empty()) {
        design.design = "matched".into();
        let history = pools.iter().map(|pool| related.weeks(pool.country)).min().unwrap_or(0);
        let effects = placebos(market, &pools, history, match_weeks, pilot.watch_weeks as usize, each)?;
        design.placebo_windows = u32::try_from(effects.len()).unwrap_or(u32::MAX);
        if effects.len() >= WINDOWS_MIN {
            let square = mean(effects.iter().map(|effect| effect * effect)).unwrap_or(0.0);
            design.minimum_detectable_effect = Some(((1.96 + 0.84) * square.sqrt()).exp_m1());
        }
    }
    Ok(Design { controls, design, warnings })
}

/// Stores that may be controls: open from before the match until after the watch, without a corner,
/// not chosen, and far enough from every chosen store. By store.
#[must_use]
pub fn eligible(market: &Market, settings: &Settings, chosen: &[Idx<Store>]) -> Vec<bool> {
    let days = |weeks: u32| Days::new(7 * u64::from(weeks));
    let from = settings.as_of.checked_sub_days(days(settings.pilot.match_weeks)).unwrap_or(Date::MIN);
    let until = settings.as_of.checked_add_days(days(settings.pilot.watch_weeks)).unwrap_or(Date::MAX);
    let mut eligible: Vec<bool> = market
        .stores
        .iter()
        .map(|store| store.opened <= from && store.closed.is_none_or(|closed| closed >= until))
        .collect();
    open_corners(market, settings).for_each(|corner| eligible[corner.store.at()] = false);
    let places: Vec<_> = chosen.iter().map(|store| market.stores[store.at()].place.unit()).collect();
    for (eligible, store) in eligible.iter_mut().zip(&market.stores) {
        let place = store.place.unit();
        *eligible &= places.iter().all(|chosen| place.km_to(*chosen) >= settings.pilot.spillover.km);
    }
    chosen.iter().for_each(|store| eligible[store.at()] = false);
    eligible
}

/// The pool of a market; none where nothing is chosen there.
fn pool(
    market: &Market,
    related: &Related<'_>,
    chosen: &[Idx<Store>],
    eligible: &[bool],
    country: Idx<Country>,
) -> Option<Pool> {
    let here = |store: Idx<Store>| market.stores[store.at()].market == country;
    let positions: Vec<usize> = (0..chosen.len()).filter(|&at| here(chosen[at])).collect();
    if positions.is_empty() {
        return None;
    }
    let mut stores: Vec<Idx<Store>> = positions.iter().map(|&at| chosen[at]).collect();
    stores.extend(market.store_ids.iter().filter(|&store| eligible[store.at()] && here(store)));
    let units = stores.par_iter().map(|&store| related.units(store)).collect();
    Some(Pool { country, chosen: positions, stores, units })
}

/// The controls of a pool's chosen stores, as positions in the pool, matched on a window of weeks.
fn matched(market: &Market, pool: &Pool, window: Range<usize>, each: usize) -> Result<Vec<Vec<usize>>, EngineError> {
    let looks: Vec<Look> = pool
        .stores
        .iter()
        .zip(&pool.units)
        .map(|(&store, units)| Look::of(market, store, units, window.clone()))
        .collect();
    let scales = Scales::of(looks.iter());
    let (chosen, others) = looks.split_at(pool.chosen.len());
    let distances: Vec<Vec<f64>> =
        chosen.iter().map(|one| others.iter().map(|other| scales.distance(one, other)).collect()).collect();
    let found = matching::assign(&distances, each)?;
    Ok(found.into_iter().map(|row| row.into_iter().map(|at| at + chosen.len()).collect()).collect())
}

/// The effects that placebo pilots would have shown.
fn placebos(
    market: &Market,
    pools: &[Pool],
    history: usize,
    match_weeks: usize,
    watch_weeks: usize,
    each: usize,
) -> Result<Vec<f64>, EngineError> {
    if match_weeks == 0 || watch_weeks == 0 || history < match_weeks + watch_weeks {
        return Ok(Vec::new());
    }
    let starts = history - watch_weeks - match_weeks + 1;
    let step = starts.div_ceil(WINDOWS_MAX);
    // The latest window ends with the history; the others step back from it.
    let windows: Vec<usize> = (0..starts).step_by(step).map(|back| history - watch_weeks - back).collect();
    let effects: Vec<Option<f64>> = windows
        .into_par_iter()
        .map(|start| {
            let mut differences = Vec::new();
            for pool in pools {
                // Each market's weeks are counted from its own end.
                let shift = pool.units.first().map_or(0, Vec::len) - history;
                let (before, after) =
                    (start - match_weeks + shift..start + shift, start + shift..start + watch_weeks + shift);
                let growth = |at: usize| growth(&pool.units[at], before.clone(), after.clone());
                for (one, controls) in matched(market, pool, before.clone(), each)?.into_iter().enumerate() {
                    let own = growth(one);
                    let theirs = mean(controls.into_iter().filter_map(growth));
                    differences.extend(own.zip(theirs).map(|(own, theirs)| own - theirs));
                }
            }
            Ok(mean(differences.into_iter()))
        })
        .collect::<Result<_, EngineError>>()?;
    Ok(effects.into_iter().flatten().collect())
}

/// ln of mean units after over mean units before; half a unit keeps a week without sales finite.
fn growth(units: &[Option<f64>], before: Range<usize>, after: Range<usize>) -> Option<f64> {
    let level =
        |window: Range<usize>| mean(units[window].iter().flatten().copied()).map(|mean| (mean.max(0.0) + 0.5).ln());
    Some(level(after)? - level(before)?)
}
