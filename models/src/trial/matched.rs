//! Controls for given pilot stores, and the comparison with them.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | P, m | `pilot.len()`, `Plan::controls_per_store` | count |
//! | v_jc | variance of l_jt - l_ct over the lookback | square of logs |
//! | C_j | `Matched::controls` | stores |
//! | s = sqrt(sum_j sum_C v_jc/m)/P | `Matched::scale` | logs |
//! | e = mean_j (g_j - mean_C g_c) | `Matched::effect` | difference of logs |
//!
//! minimise sum v_jc x_jc, sum_c x_jc = m, sum_j x_jc <= 1: each control serves one store
//! ([`super::assign`]) [rosenbaum1989]. s is no standard error: it ranks designs, is a sum that a
//! decision can hold a limit on, and [`super::placebo`] measures how many s an effect that is not there comes to. (Single
//! exchanges after the assignment, so that the errors of one store's controls cancel, make no better claims: docs/trials.md.)

use ndarray::Array2;

use super::TrialError;
use super::assign::assign;
use super::gains::Estimator;
use super::history::{History, Windows, mean};

/// How a matched pilot is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Controls of each pilot store.
    pub controls_per_store: usize,
    /// Windows of the match and of the comparison.
    pub windows: Windows,
    /// How gains are measured.
    pub estimator: Estimator,
}

/// Pilot stores with their controls.
#[derive(Debug, Clone, PartialEq)]
pub struct Matched {
    /// The pilot's stores, as given.
    pub pilot: Vec<usize>,
    /// The controls of each, best match first.
    pub controls: Vec<Vec<usize>>,
    /// s.
    pub scale: f64,
}

impl Matched {
    /// Chooses controls for `pilot` among `candidates` from the lookback before week `start`.
    ///
    /// # Errors
    /// Stores that are unknown or repeated, windows that leave the panel, too few candidates with
    /// enough weeks in common.
    pub fn choose(
        history: &History,
        plan: &Plan,
        pilot: &[usize],
        candidates: &[usize],
        start: usize,
    ) -> Result<Self, TrialError> {
        check(history, pilot, candidates)?;
        let Windows { lookback, .. } = plan.windows;
        if lookback == 0 || start < lookback || start > history.weeks() {
            return Err(TrialError::Windows { start, weeks: history.weeks() });
        }
        let each = plan.controls_per_store;
        let short = TrialError::Controls { stores: pilot.len(), each, candidates: candidates.len() };
        if each == 0 || pilot.is_empty() {
            return Err(short);
        }
        let weeks = start - lookback..start;
        let cost = Array2::from_shape_fn((pilot.len(), candidates.len()), |(row, column)| {
            history.variance(pilot[row], candidates[column], weeks.clone())
        });
        let Some(chosen) = assign(pilot.len() * each, candidates.len(), |row, column| cost[[row / each, column]])
        else {
            return Err(short);
        };
        let mut controls: Vec<Vec<usize>> = chosen.chunks(each).map(<[usize]>::to_vec).collect();
        for (row, controls) in controls.iter_mut().enumerate() {
            controls.sort_by(|&a, &b| cost[[row, a]].total_cmp(&cost[[row, b]]).then(a.cmp(&b)));
        }
        let sum: f64 =
            (0..).zip(&controls).flat_map(|(row, of)| of.iter().map(move |&at| (row, at))).map(|at| cost[at]).sum();
        let controls: Vec<Vec<usize>> = controls
            .into_iter()
            .map(|columns| columns.into_iter().map(|column| candidates[column]).collect())
            .collect();
        if !sum.is_finite() {
            return Err(short);
        }
        Ok(Self { pilot: pilot.to_vec(), controls, scale: (sum / each as f64).sqrt() / pilot.len() as f64 })
    }

    /// The effect, as a difference of logs, of a pilot that began in week `start`. A store, or a
    /// control, that is not observed in half of a window is left out; none where nothing is left.
    ///
    /// # Errors
    /// Windows that leave the panel.
    pub fn effect(&self, history: &History, plan: &Plan, start: usize) -> Result<Option<f64>, TrialError> {
        history.check(&plan.windows, start)?;
        let compared: Vec<usize> = self.pilot.iter().chain(self.controls.iter().flatten()).copied().collect();
        let gains = plan.estimator.gains(history, &plan.windows, start, &compared, &self.pilot);
        Ok(mean(self.pilot.iter().zip(&self.controls).filter_map(|(&store, controls)| {
            Some(gains[store]? - mean(controls.iter().filter_map(|&control| gains[control]))?)
        })))
    }
}

/// Refuses stores that are unknown, repeated, or both pilot and candidate.
fn check(history: &History, pilot: &[usize], candidates: &[usize]) -> Result<(), TrialError> {
    let mut seen = vec![false; history.stores()];
    for &store in pilot.iter().chain(candidates) {
        match seen.get_mut(store) {
            Some(seen) if !*seen => *seen = true,
            _ => return Err(TrialError::Store { store }),
        }
    }
    Ok(())
}
