//! How the pilot's stores can be compared: controls, what a comparison detects, and what of it is a rule of the decision.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | m | [`Comparison::each`] | controls per chosen store |
//! | v_jc | variance of l_jt - l_ct over the match, [`models::trial`] | square of logs |
//! | kappa | [`Calibration::kappa`] at [`SIZE`] and [`POWER`] | scales |
//! | delta | `pilot.detect` | share |
//! | r = (ln(1 + delta)/kappa)^2 | [`Comparison::limit`] | square of logs |
//! | eps_a | `pilot.representative`, `pilot.balanced` | units of attribute a |
//!
//! A plan y of P stores is compared by controls x_jc: each chosen store has m, each control serves one store, none has a
//! corner, is chosen itself or lies within the spillover distance of a chosen store. The design's scale is
//! s = sqrt(sum_jc v_jc x_jc/m)/P, and it detects exp(kappa s) - 1. So a plan that has to detect delta needs controls with
//!
//!   sum_jc v_jc x_jc/m <= P^2 r,
//!
//! and where balance is asked for, |sum_j y_j f_ja - sum_jc x_jc f_ca/m| <= eps_a P. Whether a plan has such controls is
//! answered exactly, plan by plan ([`controls`]); what it costs at least is a row that the search and its
//! bound know ([`limits`]): quality is a rule, and profit the objective. kappa is measured on pilots that never
//! were ([`calibrate`]), of as many stores as may be chosen at most: in scales it hardly depends on their number.

use std::ops::Range;
use std::sync::Arc;

use domain::forecast::Forecast;
use domain::geo::UnitVector;
use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::problem::Site;
use domain::settings::{Design, Settings};
use models::trial::History;

pub mod calibrate;
pub mod controls;
pub mod design;
pub mod eligible;
pub mod limits;
mod near;
pub mod pairs;
pub mod past;
pub mod readout;
pub mod series;
#[cfg(test)]
pub(crate) mod tests;

use calibrate::{Calibrated, Coined};
use past::Past;
use series::Related;

use crate::{Conflict, EngineError};

/// The size of the test that reads the pilot, and the share of effects of the size to be detected that it finds.
pub const SIZE: f64 = 0.05;
/// See [`SIZE`].
pub const POWER: f64 = 0.8;

/// What the chosen stores and their controls have to agree in.
#[derive(Debug, Clone, PartialEq)]
pub struct Balance {
    /// The attribute.
    pub name: String,
    /// f, by store; NaN where it is not known.
    pub values: Vec<f64>,
    /// eps.
    pub within: f64,
}

/// Who may be compared with whom.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Whether plans are sets of pairs ([`pairs`]), not of stores with controls of their own.
    pub randomised: bool,
    /// m; 0 where the pilot has no controls.
    pub each: usize,
    /// P at most.
    pub stores_max: usize,
    /// The store of each site.
    pub store_of: Vec<usize>,
    /// Stores that may be controls whoever is chosen, by store.
    pub eligible: Vec<bool>,
    /// Where the stores are.
    pub places: Vec<UnitVector>,
    /// No control lies nearer than so many km to a chosen store.
    pub spillover_km: f64,
    /// By site, the others that serve a zone with it (ascending): of a pair, one would take from its own control. Empty where
    /// pairs are not decided, or the capture law knows no zones.
    pub rivals: Vec<Vec<Site>>,
    /// Sales by store.
    pub history: Arc<History>,
    /// Weeks that stores are matched on.
    pub weeks: Range<usize>,
    /// r, where an effect has to be detected.
    pub limit: Option<f64>,
    /// Attributes that have to be balanced.
    pub balanced: Vec<Balance>,
    /// The nearest controls of each site.
    nearest: Vec<near::Nearest>,
}

/// A comparison with what it is calibrated by.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Who may be compared with whom.
    pub comparison: Comparison,
    /// Sales of related products.
    pub past: Past,
    /// What placebo pilots taught; none where the decision did not need it yet, or history is too short.
    pub calibrated: Option<Calibrated>,
    /// The same of a randomised pilot.
    pub coined: Option<Coined>,
}

impl Stage {
    /// Of a market's stores, for the stores at `candidates`. Placebo pilots are run only where `pilot.detect` makes what
    /// they teach a rule.
    ///
    /// # Errors
    /// An attribute that stores do not have; sales that can't be logged.
    pub fn of(
        market: &Market,
        forecast: &Forecast,
        settings: &Settings,
        candidates: &[Idx<Store>],
    ) -> Result<Self, EngineError> {
        let pilot = &settings.pilot;
        let past = Past::of(market, &Related::new(market, settings, &forecast.devices))?;
        let eligible = eligible::eligible(market, settings);
        let stores_max = (settings.placement.stores_max() as usize).min(candidates.len());
        let randomised = pilot.design == Design::Randomised;
        let calibrated = match pilot.detect {
            Some(_) if !randomised => calibrate::calibrated(&past, settings, &eligible, stores_max, None)?,
            _ => None,
        };
        let coined = match pilot.detect {
            Some(_) if randomised => calibrate::coined(&past, settings, &eligible, stores_max, None)?,
            _ => None,
        };
        let kappa = calibrated.as_ref().map(|known| known.kappa).or(coined.as_ref().map(|known| known.kappa));
        let limit = pilot.detect.map(|detect| match kappa {
            Some(kappa) => (detect.fraction.ln_1p() / kappa).powi(2),
            // What can't be told can't be promised: no controls are good enough.
            None => -1.0,
        });
        let balanced = pilot
            .balanced
            .iter()
            .map(|(name, &within)| Ok(Balance { name: name.clone(), values: limits::attribute(market, name)?, within }))
            .collect::<Result<_, EngineError>>()?;
        let matched = pilot.match_weeks as usize;
        let comparison = Comparison {
            randomised,
            each: if randomised { 1 } else { pilot.controls_per_store as usize },
            stores_max,
            store_of: candidates.iter().map(|store| store.at()).collect(),
            eligible,
            places: market.stores.iter().map(|store| store.place.unit()).collect(),
            spillover_km: pilot.spillover.km,
            rivals: Vec::new(),
            history: Arc::new(past.history.clone()),
            weeks: past.start.saturating_sub(matched)..past.start,
            limit,
            balanced,
            nearest: Vec::new(),
        };
        Ok(Self { comparison: comparison.ready(), past, calibrated, coined })
    }

    /// What of the comparison no plan can have: `closed` are the sites that can't be chosen (ascending).
    #[must_use]
    pub fn impossible(&self, settings: &Settings, closed: &[Site]) -> Option<Conflict> {
        let comparison = &self.comparison;
        if !comparison.rules_out() || closed.len() < comparison.store_of.len() {
            return None;
        }
        let pilot = &settings.pilot;
        let (rule, why) = if pilot.detect.is_some() && self.calibrated.is_none() && self.coined.is_none() {
            let (matched, watched) = (pilot.match_weeks, pilot.watch_weeks);
            let weeks = self.past.start;
            let why = format!(
                "what a pilot finds can't be told from {weeks} weeks of sales: {matched} to match and {watched} to watch are needed several times over, and stores enough for controls"
            );
            (limits::DETECT, why)
        } else {
            let why =
                format!("no candidate has {} controls in its market, or the attributes asked for", comparison.each);
            ("pilot.controls_per_store", why)
        };
        Some(Conflict { rule: rule.into(), why, code: "E-INF-007" })
    }

    /// Why the controls of a plan are not good enough; empty where they are.
    ///
    /// # Errors
    /// Where the solver fails.
    pub fn against(&self, settings: &Settings, open: &[Site]) -> Result<Vec<Conflict>, EngineError> {
        if self.comparison.allows(open)? {
            return Ok(Vec::new());
        }
        let matches = self.comparison.controls(open)?;
        let mut found = Vec::new();
        let mut say = |rule: &str, why: String| found.push(Conflict { rule: rule.into(), why, code: "E-INF-007" });
        if settings.pilot.detect.is_some() {
            let scale = self.comparison.scale(&matches).zip(self.calibrated.as_ref());
            let reached = scale.map_or("no controls were found".to_owned(), |(scale, known)| {
                format!(
                    "the controls of the stores that earn most find {:.1} %",
                    100.0 * (known.kappa * scale).exp_m1()
                )
            });
            say(limits::DETECT, format!("{}; {reached}", limits::words(settings, limits::DETECT)));
        }
        for name in self.comparison.balanced.iter().filter(|_| !matches.balanced).map(|balance| &balance.name) {
            let why = format!("the controls differ from the chosen stores in `{name}` by more than is allowed");
            say(&format!("pilot.balanced.{name}"), why);
        }
        found.sort();
        Ok(found)
    }
}
