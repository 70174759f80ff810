//! The page: all that the template shows, and nothing it has to decide.

use askama::Template;
use domain::plan::{PilotDesign, Warning};
use domain::study::{Provenance, Study};

use crate::corners::{Corner, corners};
use crate::map::{self, Row};
use crate::sentences::{self, Sentence};
use crate::view::{self, Card, MarketRow, StockRow, StoreRow, StressRow, Tick, WhyRow};
use crate::{ReportError, chart, number};

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    title: String,
    banner: Option<String>,
    lead: Vec<Sentence>,
    cards: Vec<Card>,
    maps: Vec<Row>,
    several_maps: bool,
    where_heading: String,
    markets: Vec<MarketRow>,
    markets_total: Option<MarketRow>,
    several_markets: bool,
    stores_heading: String,
    stores_caption: String,
    stores: Vec<StoreRow>,
    store_ticks: Vec<Tick>,
    store_grid: String,
    corners: Vec<Corner>,
    reach: String,
    groups: Vec<String>,
    why: Vec<WhyRow>,
    misses: Vec<String>,
    choice_heading: String,
    changes: Vec<String>,
    scales: Option<String>,
    stress: Vec<StressRow>,
    stress_ticks: Vec<Tick>,
    stress_grid: String,
    demand_heading: String,
    outlook_note: String,
    history: Option<String>,
    fan: Option<String>,
    weeks: Vec<Vec<String>>,
    past: Vec<(String, String)>,
    coverage: Vec<String>,
    methods: Vec<(String, &'static str, String)>,
    stock_heading: String,
    stock_note: Option<String>,
    devices: Vec<String>,
    stock: Vec<StockRow>,
    stock_total: StockRow,
    reorder_note: Option<String>,
    reorder: Vec<(String, Vec<String>)>,
    depot_note: Option<String>,
    pilot: &'a PilotDesign,
    detectable: String,
    not_modelled: &'a [String],
    warnings: &'a [Warning],
    provenance: &'a Provenance,
    tables: Vec<(String, String)>,
    run_id: &'a str,
    scenario: &'a str,
}

/// The whole file.
///
/// # Errors
/// Where the template can't be written out.
pub(crate) fn render(study: &Study) -> Result<String, ReportError> {
    let plan = &study.plan;
    let labels = map::market_labels(study);
    let groups = view::groups(study);
    let (devices, stock, stock_total) = view::stock(study);
    let reorder = sentences::reorder_rows(study, &devices);
    let maps = map::rows(study);
    let chosen = plan.stores.len();
    let page = Page {
        title: sentences::title(study),
        banner: sentences::banner(study),
        lead: sentences::lead(study),
        cards: view::cards(study),
        where_heading: where_heading(chosen, chosen + study.candidates.len()),
        several_markets: study.markets.len() > 1,
        markets: view::markets(study, &labels),
        markets_total: view::markets_total(study),
        several_maps: maps.iter().map(|row| row.panels.len()).sum::<usize>() > 1,
        maps,
        stores_heading: match chosen {
            1 => "The store".into(),
            stores => format!("The {} stores", number::word(stores)),
        },
        stores_caption: format!(
            "Expected net benefit in {}, after opening costs. Dot: expected. Bar: 8 in 10 outcomes. Chosen again: how \
             often, when the choice is made again with noise on the forecast.",
            sentences::horizon(study)
        ),
        stores: view::stores(study, &labels),
        store_ticks: view::money_ticks(study, view::store_scale(study)),
        store_grid: chart::grid(view::store_scale(study)),
        corners: corners(study),
        reach: number::number(study.travel.reach_minutes),
        why: view::why(study, &groups),
        groups,
        misses: plan.not_chosen.iter().map(|missed| sentences::miss(study, missed)).collect(),
        choice_heading: sentences::choice_heading(study),
        changes: sentences::changes(study),
        scales: sentences::scales(study),
        stress: view::stress(study),
        stress_ticks: view::money_ticks(study, view::stress_scale(study)),
        stress_grid: chart::grid(view::stress_scale(study)),
        demand_heading: sentences::demand_heading(study),
        outlook_note: sentences::outlook_note(study),
        history: chart::history(&study.outlook.history),
        fan: chart::fan(&study.outlook.mean, &study.outlook.quantiles),
        weeks: weeks(study),
        past: past(study),
        coverage: sentences::coverage(study),
        methods: methods(study),
        stock_heading: sentences::stock_heading(study),
        stock_note: sentences::stock_note(study),
        devices,
        stock,
        stock_total,
        reorder_note: sentences::reorder_note(study),
        reorder,
        depot_note: sentences::depot_note(study),
        pilot: &plan.pilot,
        detectable: sentences::detectable(study),
        not_modelled: &study.not_modelled,
        warnings: &plan.warnings,
        provenance: &study.provenance,
        tables: study
            .provenance
            .tables
            .iter()
            .map(|t| (t.role.clone(), number::counted(t.rows as usize, "row")))
            .collect(),
        run_id: &plan.run_id,
        scenario: &plan.scenario,
    };
    Ok(page.render()?)
}

fn where_heading(chosen: usize, candidates: usize) -> String {
    format!("Where: {} of {}", number::count(chosen as u64), number::counted(candidates, "candidate"))
}

/// Rows of a table of weeks, about: the page stays light, and study.json and plan.xlsx have every week.
const WEEKS_SHOWN: usize = 6;

/// Whether a table of so many weeks has a row for this one: the first, the last, and some between.
fn shown(at: usize, of: usize) -> bool {
    let last = of.saturating_sub(1);
    at == last || at.is_multiple_of(last.div_ceil(WEEKS_SHOWN - 1).max(1))
}

/// The fan's figures: week, mean, and the ends of the ranges from below.
fn weeks(study: &Study) -> Vec<Vec<String>> {
    let outlook = &study.outlook;
    let row = |(week, (mean, q)): (usize, (&f64, &[f64; 7]))| {
        [(week + 1) as f64, *mean, q[0], q[1], q[2], q[3], q[4], q[5], q[6]].map(number::units).to_vec()
    };
    let rows = outlook.mean.iter().zip(&outlook.quantiles).enumerate();
    rows.filter(|&(at, _)| shown(at, outlook.mean.len())).map(row).collect()
}

/// Past sales: weeks ago, units.
fn past(study: &Study) -> Vec<(String, String)> {
    let history = &study.outlook.history;
    let row = |(at, units): (usize, &f64)| (number::count((history.len() - at) as u64), number::units(*units));
    history.iter().enumerate().filter(|&(at, _)| shown(at, history.len())).map(row).collect()
}

/// What each device's forecast rests on.
fn methods(study: &Study) -> Vec<(String, &'static str, String)> {
    let row = |device: &domain::study::DeviceNote| {
        let methods: Vec<String> =
            device.methods.iter().map(|(name, weight)| format!("{name} {}", number::percent(*weight))).collect();
        let level = if device.assumed { "assumed uptake" } else { "learned from stores that sell it" };
        (device.device.clone(), level, methods.join(", "))
    };
    study.devices.iter().map(row).collect()
}
