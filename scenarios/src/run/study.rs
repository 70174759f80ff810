//! The study: all that the run knows, gathered from the rooms that found it out.

use domain::forecast::{Basis, Forecast, PanelForecast};
use domain::hash::ContentHash;
use domain::plan::Plan;
use domain::settings::{CaptureLaw, ObjectiveKind, Settings};
use domain::study::{self, DeviceNote, ForecastNote, MarketNote, Provenance, Study, TableNote, TravelNote};
use engine::StudyNotes;

use super::{Context, settings_hash};
use crate::spec::Scenario;

/// Gathers the study.
#[expect(clippy::too_many_arguments, reason = "each is one noun of the run")]
pub(super) fn assemble(
    scenario: &Scenario,
    context: &Context<'_>,
    loaded: &ingest::Loaded,
    forecast: &Forecast,
    histories: &PanelForecast,
    plan: &Plan,
    notes: StudyNotes,
    market_hash: &ContentHash,
) -> Study {
    let (settings, market) = (&scenario.settings, &loaded.market);
    let currency = settings.fx.base.unwrap_or_else(|| market.markets[0].currency);
    let mut tables: Vec<TableNote> = Vec::new();
    for input in &loaded.inputs {
        match tables.iter_mut().find(|table| table.role == input.role) {
            Some(table) => table.rows += input.rows,
            None => tables.push(TableNote { role: input.role.clone(), rows: input.rows }),
        }
    }
    let markets = market
        .market_ids
        .iter()
        .map(|at| MarketNote {
            market: market.market_ids.name(at).to_owned(),
            country: market.markets[at.at()].country.clone(),
            language: market.markets[at.at()].language.clone(),
            candidates: count(candidates(plan, &notes, at.at(), market.market_ids.name(at))),
        })
        .collect();
    let devices = forecast
        .devices
        .iter()
        .enumerate()
        .map(|(at, device)| DeviceNote {
            device: market.device_ids.name(*device).to_owned(),
            assumed: forecast.basis[at] == Basis::Assumed,
            methods: forecast.methods[at].clone(),
        })
        .collect();
    let quality = forecast.quality;
    Study {
        schema: study::SCHEMA.into(),
        provenance: Provenance {
            as_of: settings.as_of.to_string(),
            seed: settings.seed,
            version: context.version.to_owned(),
            solver: engine::solver::lp::Lp::version().to_owned(),
            market_hash: market_hash.hex(),
            settings_hash: settings_hash(settings).hex(),
            command: context.command.to_owned(),
            synthetic: scenario.synthetic,
            tables,
        },
        plan: plan.clone(),
        currency,
        horizon_weeks: settings.horizon_weeks,
        stores_max: settings.placement.stores_max(),
        travel: TravelNote {
            reach_minutes: settings.travel.reach_minutes(),
            radius_minutes: (settings.objective.kind == ObjectiveKind::Coverage)
                .then(|| settings.objective.radius.map_or(10.0, |radius| radius.minutes)),
        },
        stores: notes.stores,
        markets,
        candidates: notes.candidates,
        outlook: notes.outlook,
        devices,
        forecast: ForecastNote {
            stores_held_out: quality.map_or(0, |quality| count(quality.stores)),
            wape: quality.map(|quality| quality.wape),
            coverage_80: quality.map(|quality| quality.coverage_80),
            coverage_80_top: quality.map(|quality| quality.coverage_80_top),
            history_coverage_80: histories.coverage_80,
            series: count(histories.series.len()),
        },
        not_modelled: not_modelled(settings).into_iter().chain(notes.remarks).collect(),
    }
}

/// Candidates of a market, chosen or not.
fn candidates(plan: &Plan, notes: &StudyNotes, at: usize, name: &str) -> usize {
    let chosen = plan.stores.iter().filter(|store| store.market == name).count();
    chosen + notes.candidates.iter().filter(|candidate| usize::from(candidate.0) == at).count()
}

fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// What the run left out, said plainly.
fn not_modelled(settings: &Settings) -> Vec<String> {
    let mut left_out = vec![
        "Competitors that open, close or answer during the pilot.".to_owned(),
        "Staff: whether a store has the people to run a corner.".to_owned(),
        "Sales that a corner brings to, or takes from, the rest of its store.".to_owned(),
    ];
    match settings.objective.kind {
        ObjectiveKind::Profit => left_out.push(
            "Placement values a captured unit at what it earns in a corner that stands alone; the money shown is estimated with the stock of this plan."
                .to_owned(),
        ),
        ObjectiveKind::Distance | ObjectiveKind::Coverage => {
            left_out.push("Profit: stores were chosen for people and travel alone; stock and controls came after.".to_owned());
        }
    }
    if settings.capture.law == CaptureLaw::Independent {
        left_out
            .push("Cannibalisation: every corner is taken to sell its own forecast, whatever else is open.".to_owned());
    }
    left_out
}
