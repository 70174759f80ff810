//! The comparison of the stores that were chosen: their controls, and what the pilot detects.

use domain::calendar::{Date, Days};
use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::plan::{PilotDesign, Warning};
use domain::problem::Site;
use domain::settings::Settings;
use models::trial::Estimator;

use super::calibrate::{Calibrated, calibrated, coined};
use super::pairs::Pairing;
use super::past::Past;
use super::series::Related;
use super::{POWER, SIZE, Stage};
use crate::EngineError;
use crate::formulate::conflicts::list;

/// Controls and what they are good for.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// The controls of each chosen store, best match first.
    pub controls: Vec<Vec<Idx<Store>>>,
    /// What plan.json says of the design.
    pub design: PilotDesign,
    /// W-PIL-001, where there are too few; W-PIL-002, where less is detected than was asked for.
    pub warnings: Vec<Warning>,
}

impl Stage {
    /// Designs the comparison of the open sites (ascending); `related` are the sales that the past was made of.
    ///
    /// # Errors
    /// Where the solver fails, or the sales can't be logged.
    pub fn design(
        &self,
        market: &Market,
        settings: &Settings,
        related: Related<'_>,
        open: &[Site],
    ) -> Result<Design, EngineError> {
        let pilot = &settings.pilot;
        let mut design = blank(settings);
        let mut warnings = Vec::new();
        if self.comparison.each == 0 || open.is_empty() {
            return Ok(Design { controls: vec![Vec::new(); open.len()], design, warnings });
        }
        let matches = self.comparison.controls(open)?;
        let short = matches.controls.iter().filter(|controls| controls.len() < self.comparison.each);
        if short.clone().next().is_some() {
            let text = format!(
                "{} of {} chosen stores have fewer than {} controls: too few stores of their market were open and sold all along, have no corner and lie {} km or more from every chosen store.",
                short.count(),
                open.len(),
                self.comparison.each,
                pilot.spillover.km
            );
            warnings.push(Warning { code: "W-PIL-001".into(), text });
        }
        if matches.controls.iter().any(|controls| !controls.is_empty()) {
            design.design = "matched".into();
            let found = match &self.calibrated {
                Some(known) => Some(known.clone()),
                None => calibrated(&self.past, settings, &self.comparison.eligible, open.len(), None)?,
            };
            let scale = self.comparison.scale(&matches);
            if let Some((known, scale)) = found.as_ref().zip(scale) {
                design.estimator = Some(name(known.plan.estimator).into());
                design.scale = Some(scale);
                design.kappa = Some(known.kappa);
                design.minimum_detectable_effect = Some((known.kappa * scale).exp_m1());
                design.placebo_windows = u32::try_from(known.starts).unwrap_or(u32::MAX);
                design.placebos = u32::try_from(known.calibration.errors().len()).unwrap_or(u32::MAX);
                let past = Past::of(market, &related.everything())?;
                design.minimum_detectable_effect_store =
                    self.of_store(&past, settings, known, open, &matches.controls)?;
            }
        }
        let missed: Vec<&str> = self
            .comparison
            .balanced
            .iter()
            .filter(|_| !matches.balanced)
            .map(|balance| balance.name.as_str())
            .collect();
        warnings.extend(short_of(&design));
        if !missed.is_empty() {
            let text =
                format!("The controls differ from the chosen stores by more than was asked for in {}.", list(&missed));
            warnings.push(Warning { code: "W-PIL-002".into(), text });
        }
        let controls =
            matches.controls.into_iter().map(|controls| controls.into_iter().map(Idx::new).collect()).collect();
        Ok(Design { controls, design, warnings })
    }

    /// What the same comparison detects in all that the stores sell.
    fn of_store(
        &self,
        past: &Past,
        settings: &Settings,
        known: &Calibrated,
        open: &[Site],
        controls: &[Vec<usize>],
    ) -> Result<Option<f64>, EngineError> {
        let Some(all) = calibrated(past, settings, &self.comparison.eligible, open.len(), Some(known.plan.estimator))?
        else {
            return Ok(None);
        };
        let weeks = past.start - known.plan.windows.lookback..past.start;
        let (mut sum, mut count) = (0.0, 0.0);
        for (&site, controls) in open.iter().zip(controls).filter(|(_, controls)| !controls.is_empty()) {
            let own = self.comparison.store_of[site as usize];
            let each = controls.iter().map(|&control| past.history.variance(own, control, weeks.clone()));
            sum += each.sum::<f64>() / controls.len() as f64;
            count += 1.0;
        }
        let effect = all.calibration.minimum_detectable_effect(sum.sqrt() / count, SIZE, POWER)?;
        Ok(effect.is_finite().then_some(effect))
    }
}

impl Stage {
    /// The design of pairs: each open store (by position in `partners`) is compared with its partner.
    ///
    /// # Errors
    /// Where the sales can't be logged.
    pub fn paired(
        &self,
        market: &Market,
        settings: &Settings,
        related: Related<'_>,
        pairing: &Pairing,
        partners: &[Site],
    ) -> Result<Design, EngineError> {
        let count = pairing.pairs.len();
        let mut design = PilotDesign { design: "randomised".into(), controls_per_store: 1, ..blank(settings) };
        let eligible = &self.comparison.eligible;
        let found = match &self.coined {
            Some(known) => Some(known.clone()),
            None => coined(&self.past, settings, eligible, count, None)?,
        };
        if let Some((known, scale)) = found.as_ref().zip(pairing.scale()) {
            design.estimator = Some(name(known.estimator).into());
            design.scale = Some(scale);
            design.kappa = Some(known.kappa);
            design.minimum_detectable_effect = Some((known.kappa * scale).exp_m1());
            design.placebo_windows = u32::try_from(known.placebos.0).unwrap_or(u32::MAX);
            design.placebos = u32::try_from(known.placebos.0 * known.placebos.1).unwrap_or(u32::MAX);
            let past = Past::of(market, &related.everything())?;
            let weeks = past.start - known.windows.lookback..past.start;
            let store = |site: Site| self.comparison.store_of[site as usize];
            let sum: f64 = pairing
                .pairs
                .iter()
                .map(|&(one, other)| past.history.variance(store(one), store(other), weeks.clone()))
                .sum();
            let all = coined(&past, settings, eligible, count, Some(known.estimator))?;
            let effect = all.map(|all| (all.kappa * sum.sqrt() / count as f64).exp_m1());
            design.minimum_detectable_effect_store = effect.filter(|effect| effect.is_finite());
        }
        let warnings = short_of(&design).into_iter().collect();
        let controls = partners.iter().map(|&site| vec![Idx::new(self.comparison.store_of[site as usize])]).collect();
        Ok(Design { controls, design, warnings })
    }
}

/// The day after the weeks that the pilot is watched.
fn after(settings: &Settings) -> Option<Date> {
    settings.as_of.checked_add_days(Days::new(7 * u64::from(settings.pilot.watch_weeks)))
}

/// What the scenario asks, and nothing found yet.
fn blank(settings: &Settings) -> PilotDesign {
    let pilot = &settings.pilot;
    PilotDesign {
        design: "none".into(),
        controls_per_store: pilot.controls_per_store,
        match_weeks: pilot.match_weeks,
        watch_weeks: pilot.watch_weeks,
        judged_on: after(settings).map(|date| date.to_string()),
        detect: pilot.detect.map(|detect| detect.fraction),
        estimator: None,
        scale: None,
        kappa: None,
        minimum_detectable_effect: None,
        minimum_detectable_effect_store: None,
        drawn: None,
        placebo_windows: 0,
        placebos: 0,
    }
}

/// W-PIL-002, where less is detected than was asked for.
fn short_of(design: &PilotDesign) -> Option<Warning> {
    let reached = design.minimum_detectable_effect;
    let asked = design.detect.filter(|&asked| reached.is_none_or(|reached| reached > asked * (1.0 + 1e-9)))?;
    let found = reached.map_or("what it finds is not known".to_owned(), |reached| {
        format!("the least it finds 8 times in 10 is {:.1} %", 100.0 * reached)
    });
    let text = format!("The pilot was to detect an effect of {:.1} %; {found}.", 100.0 * asked);
    Some(Warning { code: "W-PIL-002".into(), text })
}

/// An estimator's name in plan.json.
#[must_use]
pub fn name(estimator: Estimator) -> &'static str {
    match estimator {
        Estimator::Weekly => "weekly",
        Estimator::Level => "level",
        Estimator::WeeklyAdjusted => "weekly-adjusted",
        Estimator::LevelAdjusted => "level-adjusted",
    }
}
