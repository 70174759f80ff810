//! What a report says beside the plan: the stores it names, the candidates on its map, the outlook.

use domain::forecast::{Forecast, LEVELS};
use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::settings::Settings;
use domain::study::{Outlook, StoreNote};
use rand::SeedableRng;
use rand_pcg::Pcg64;
use rayon::prelude::*;

use crate::formulate::assignment::milli;
use crate::formulate::{Stated, money, near};
use crate::pilot::series::Related;
use crate::worth::outcomes::{Book, count, quantile};
use crate::{EngineError, StudyNotes};

/// Weeks of history in the outlook.
const HISTORY_WEEKS: usize = 52;

/// Stores named that a chosen one resembles most.
const ALIKE: usize = 3;

/// What the notes are made of.
pub(crate) struct Sources<'a> {
    pub(crate) market: &'a Market,
    pub(crate) forecast: &'a Forecast,
    pub(crate) settings: &'a Settings,
    pub(crate) stated: &'a Stated,
    /// Chosen stores, ascending.
    pub(crate) chosen: &'a [Idx<Store>],
    /// Part of each chosen store's demand that the others take away.
    pub(crate) cannibalised: &'a [f64],
    /// Their controls and the nearest misses.
    pub(crate) others: Vec<Idx<Store>>,
    pub(crate) book: &'a Book<'a>,
}

/// The notes, without remarks.
///
/// # Errors
/// Where an open cost has no rate.
pub(crate) fn notes(from: &Sources<'_>) -> Result<StudyNotes, EngineError> {
    let market = from.market;
    let alike = from.chosen.iter().filter_map(|store| from.forecast.stores.binary_search(store).ok());
    let alike = alike.flat_map(|row| from.forecast.analogs[row].iter().take(ALIKE).map(|analog| analog.store));
    let mut named: Vec<Idx<Store>> = from.chosen.iter().chain(&from.others).copied().chain(alike).collect();
    named.sort_unstable();
    named.dedup();
    let reach = milli(from.settings.travel.reach_minutes());
    let mut people = vec![0_u64; named.len()];
    for (zone, row) in market.zones.iter().zip(near::rows(market, &market.travel_times(), &named, reach)) {
        row.iter().for_each(|&(at, _)| people[at as usize] += zone.population);
    }
    let stores = named
        .iter()
        .zip(people)
        .map(|(&store, people)| store_note(from, store, people))
        .collect::<Result<_, EngineError>>()?;
    let candidates = from
        .stated
        .candidates
        .iter()
        .filter(|store| from.chosen.binary_search(store).is_err())
        .map(|store| {
            let facts = &market.stores[store.at()];
            let country = u16::try_from(facts.market.at()).unwrap_or(u16::MAX);
            (country, rounded(facts.place.lat), rounded(facts.place.lon))
        })
        .collect();
    Ok(StudyNotes { stores, candidates, outlook: outlook(from), remarks: Vec::new() })
}

/// Degrees to a thousandth.
fn rounded(degrees: f64) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "a thousandth of a degree is well within an f32")]
    let short = ((degrees * 1000.0).round() / 1000.0) as f32;
    short
}

fn store_note(from: &Sources<'_>, store: Idx<Store>, people_in_reach: u64) -> Result<StoreNote, EngineError> {
    let (market, forecast, base) = (from.market, from.forecast, from.stated.base);
    let row = forecast.stores.binary_search(&store).ok();
    let mut contributions: Vec<(String, f64)> = row
        .map(|row| forecast.contributions[row].iter().map(|part| (part.group.clone(), part.factor)).collect())
        .unwrap_or_default();
    let size = |factor: f64| factor.max(f64::MIN_POSITIVE).ln().abs();
    contributions.sort_by(|a, b| size(b.1).total_cmp(&size(a.1)).then_with(|| a.0.cmp(&b.0)));
    let analogs = row
        .map(|row| {
            let named =
                |analog: &domain::forecast::Analog| (market.store_ids.name(analog.store).to_owned(), analog.weight);
            forecast.analogs[row].iter().map(named).collect()
        })
        .unwrap_or_default();
    let chosen = from.chosen.binary_search(&store).ok();
    Ok(StoreNote {
        store_id: market.store_ids.name(store).to_owned(),
        name: market.store_name(store).to_owned(),
        market: market.market_ids.name(market.stores[store.at()].market).to_owned(),
        people_in_reach,
        analogs,
        contributions,
        cannibalised: chosen.map_or(0.0, |at| from.cannibalised[at]),
        open_cost: money::open_cost(market, from.settings, base, store, base)?.major(),
    })
}

/// Related sales behind, device demand ahead: counts drawn week by week from the fresh samples.
fn outlook(from: &Sources<'_>) -> Outlook {
    let related = Related::new(from.market, from.settings, &from.forecast.devices);
    let mut history = Vec::new();
    for &store in from.chosen {
        let units = related.units(store);
        let last = &units[units.len().saturating_sub(HISTORY_WEEKS)..];
        if history.len() < last.len() {
            // Markets may have histories of different lengths: each ends in the week before the plan.
            history.splice(0..0, vec![0.0; last.len() - history.len()]);
        }
        let shift = history.len() - last.len();
        last.iter().zip(&mut history[shift..]).for_each(|(units, sum)| *sum += units.unwrap_or(0.0));
    }
    let book = from.book;
    let fresh = &book.fresh;
    let weeks = fresh.adoption.ncols();
    let rate = |sample: usize, line: &crate::stock::Line| {
        fresh.rates[[sample, line.store, line.device]] * line.factor * book.selection
    };
    let drawn: Vec<Vec<f64>> = (0..fresh.len())
        .into_par_iter()
        .map(|sample| {
            let mut random = Pcg64::seed_from_u64(book.seed.stream("outlook", sample as u64));
            (0..weeks)
                .map(|week| {
                    book.lines
                        .iter()
                        .map(|line| {
                            let mean = rate(sample, line) * fresh.adoption[[line.device, week]];
                            count(mean, fresh.dispersion[line.device], &mut random)
                        })
                        .sum()
                })
                .collect()
        })
        .collect();
    let means: Vec<f64> = book
        .lines
        .iter()
        .map(|line| (0..fresh.len()).map(|sample| rate(sample, line)).sum::<f64>() / fresh.len().max(1) as f64)
        .collect();
    let mean = (0..weeks)
        .map(|week| book.lines.iter().zip(&means).map(|(line, mean)| mean * fresh.adoption[[line.device, week]]).sum())
        .collect();
    let quantiles = (0..weeks)
        .map(|week| {
            let mut values: Vec<f64> = drawn.iter().map(|sample| sample[week]).collect();
            values.sort_unstable_by(f64::total_cmp);
            LEVELS.map(|level| quantile(&values, level))
        })
        .collect();
    Outlook { history, mean, quantiles }
}
