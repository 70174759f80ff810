//! The coins of a randomised pilot: which store of each pair opens, and what every assignment stocks.
//!
//! The coins are fair and independent, one per pair, and the scenario's seed is their record: the same pairs and the same
//! seed fall the same way. They are tossed once the pairs are decided, and nothing is decided by how they fell.

use domain::certificate::Assignment;
use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::problem::Site;
use domain::seed::Seed;
use domain::settings::Settings;
use models::trial::Randomised;

use crate::formulate::{Problem, Stated};
use crate::pilot::pairs::{PAIRS_MIN, Pairing, assignments, opened};
use crate::solve::joint;
use crate::stock::decide::{Decided, decide};
use crate::{Conflict, EngineError};

/// Coins that fell.
#[derive(Debug, Clone)]
pub(crate) struct Tossed {
    /// The pairs.
    pub(crate) pairs: Pairing,
    /// The sites that open, ascending.
    pub(crate) open: Vec<Site>,
    /// The other of each pair, by open site.
    pub(crate) partners: Vec<Site>,
}

/// Pairs the members that were decided, and tosses; none where the pilot is not randomised, or nothing opens.
///
/// # Errors
/// Where the solver fails.
pub(crate) fn tossed(stated: &Stated, settings: &Settings, members: &[Site]) -> Result<Option<Tossed>, EngineError> {
    let comparison = &stated.pilot.comparison;
    if !comparison.randomised || members.is_empty() {
        return Ok(None);
    }
    let pairs = comparison.pairing(&stated.rules, members)?.ok_or(EngineError::NothingFound)?;
    let by_store = pairs.pairs.iter().map(|&(one, other)| (one as usize, other as usize)).collect();
    let flips = Randomised::flip(by_store, Seed(settings.seed))?.flips;
    let open = opened(&pairs.pairs, &flips);
    let partner = |site: &Site| {
        let of = |&&(one, other): &&(Site, Site)| one == *site || other == *site;
        pairs.pairs.iter().find(of).map_or(*site, |&(one, other)| if one == *site { other } else { one })
    };
    let partners = open.iter().map(partner).collect();
    Ok(Some(Tossed { pairs, open, partners }))
}

/// What every assignment that the objective counts would stock.
///
/// # Errors
/// Where a currency has no rate, or the solver fails.
pub(crate) fn stocked(
    market: &Market,
    settings: &Settings,
    stated: &Stated,
    pairs: &Pairing,
) -> Result<Vec<Assignment>, EngineError> {
    let (Problem::Profit { samples, .. }, Some(joint)) = (&stated.problem, joint(stated)) else {
        return Ok(Vec::new());
    };
    let store = |site: Site| -> Idx<Store> { stated.candidates[site as usize] };
    let mut all = Vec::new();
    for second in assignments(pairs.pairs.len()) {
        let open = opened(&pairs.pairs, &second);
        let (rows, factors, _) = joint.beside(&open);
        let chosen = samples.select(&rows);
        let Decided::Stocked(stocked) = decide(market, settings, stated.base, &chosen, &factors)? else {
            return Err(EngineError::NothingFound);
        };
        let held = stocked.lines.iter().zip(&stocked.units).filter(|(_, units)| **units > 0);
        let held = held.map(|(line, &units)| {
            let store = market.store_ids.name(chosen.stores[line.store]).to_owned();
            (store, market.device_ids.name(chosen.devices[line.device]).to_owned(), units)
        });
        let open = open.iter().map(|&site| market.store_ids.name(store(site)).to_owned()).collect();
        all.push(Assignment { open, stock: held.collect() });
    }
    Ok(all)
}

/// Why there is no randomised plan.
pub(crate) fn without_pairs(settings: &Settings) -> Conflict {
    let pilot = &settings.pilot;
    let asked = pilot.detect.map_or(String::new(), |detect| {
        format!(" that find an effect of {:.1} % 8 times in 10", 100.0 * detect.fraction)
    });
    let why = format!(
        "no {PAIRS_MIN} pairs or more of stores of one market{asked} were found that obey the other rules whatever the coins say, with all stores {} km or more apart",
        settings.placement.distance_min.map_or(0.0, |apart| apart.km).max(pilot.spillover.km),
    );
    Conflict { rule: "pilot.design".into(), why, code: "E-INF-007" }
}
