//! The members together: fitted once, rolled along the history, weighed, and their middle taken.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | f_i(t, h) | forecast of member i from origin t, h ahead | units |
//! | E_i(h) | mean over the origins of abs(y - f_i) | units |
//! | r_i | mean over h of E_i(h) over its mean over the members | |
//! | a = 16 n^2/(n^2 + 300^2) | [`Ensemble::sharpness`], n known cells | |
//! | w_i | proportional to r_i^-a | |
//!
//! The forecast is the weighted mean of the middle half of the members' weight: sorted, what lies below its
//! first or above its last quarter does not count [jose2008]. With a short history the errors, all in sample, say
//! little, and the members weigh the same, which is hard to beat [bates1969]; with a long one the weight moves to
//! who errs least. Which members there are, a caller may choose ([`Methods`]).

use serde::{Deserialize, Serialize};

use super::Methods;
use super::autoregression::Autoregression;
use super::ces::Ces;
use super::mstl::Removed;
use super::prepare::Series;
use super::season::Season;
use super::smoothing::Smoothing;
use super::theta::Theta;

/// Origins at most that weigh the members, the latest.
const ORIGINS_MAX: usize = 300;

/// Known cells at which the sharpness is half of its limit. 150 does as well within the training parts; the larger
/// keeps to equal weights for longer.
const KNOWN_HALF: f64 = 300.0;

/// The sharpness of an endless history.
const SHARPNESS: f64 = 16.0;

/// Logarithms are taken where the least known value is above this share of the mean.
pub(super) const LOG_SHARE: f64 = 0.01;

/// What a member sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum View {
    /// Values without their season.
    Seasonless,
    /// Values.
    Plain,
    /// Logarithms of the values.
    Logs,
    /// What MSTL leaves of the values.
    Left,
    /// What MSTL leaves of their logarithms.
    LogsLeft,
}

impl View {
    fn logs(self) -> bool {
        matches!(self, Self::Logs | Self::LogsLeft)
    }

    fn left(self) -> bool {
        matches!(self, Self::Left | Self::LogsLeft)
    }

    /// A value of period `at` as the member sees it.
    fn see(self, season: &Season, removed: &Removed, at: usize, value: f64) -> f64 {
        match self {
            Self::Seasonless => season.take_out(at, value),
            Self::Plain => value,
            Self::Logs => value.ln(),
            Self::Left => value - removed.at(at),
            Self::LogsLeft => value.ln() - removed.at(at),
        }
    }

    /// What a member's forecast of period `origin + h` says in units: at least 0, and finite.
    fn tell(self, season: &Season, removed: &Removed, (origin, h): (usize, usize), forecast: f64) -> f64 {
        match self {
            Self::Seasonless => season.put_back(origin + h, forecast),
            Self::Plain => forecast,
            Self::Logs => forecast.exp(),
            Self::Left => forecast + removed.ahead(origin, h),
            Self::LogsLeft => (forecast + removed.ahead(origin, h)).exp(),
        }
        .clamp(0.0, f64::MAX)
    }
}

/// A method, fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Model {
    Theta(Theta),
    Ces(Ces),
    Smoothing(Smoothing),
    Autoregression(Autoregression),
}

impl Model {
    fn step(&mut self, value: Option<f64>) {
        match self {
            Self::Theta(theta) => theta.step(value),
            Self::Ces(ces) => ces.step(value),
            Self::Smoothing(smoothing) => smoothing.step(value),
            Self::Autoregression(autoregression) => autoregression.step(value),
        }
    }

    fn ahead(&self, ahead: &mut [f64]) {
        match self {
            Self::Theta(theta) => theta.ahead(ahead),
            Self::Ces(ces) => ces.ahead(ahead),
            Self::Smoothing(smoothing) => smoothing.ahead(ahead),
            Self::Autoregression(autoregression) => autoregression.ahead(ahead),
        }
    }
}

/// Fitted members, before the first period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Ensemble {
    season: Season,
    members: Vec<(View, Model)>,
    /// What MSTL took out of the series that was fitted: of any other, and once kept, it is taken out anew.
    #[serde(skip)]
    removed: Removed,
}

/// What the members forecast from the latest origins, and from the end.
#[derive(Debug, Clone)]
pub(super) struct Rolled {
    /// The forecasts after the whole series.
    pub(super) ahead: Vec<f64>,
    /// The first origin: how many periods it has seen.
    pub(super) first: usize,
    /// By origin, `horizon` forecasts each; those beyond the series' end are 0.
    pub(super) past: Vec<f64>,
}

impl Ensemble {
    /// Fits every member to the whole of `series`.
    pub(super) fn fit(series: &Series, period: usize, methods: Methods) -> Self {
        let season = Season::of(series, period);
        let (values, seen) = (&series.values, &series.seen);
        let mut members = Vec::new();
        if methods != Methods::Mstl {
            let seasonless: Vec<f64> =
                values.iter().enumerate().map(|(at, &value)| season.take_out(at, value)).collect();
            members = vec![
                (View::Seasonless, Model::Theta(Theta::fit(&seasonless, seen))),
                (View::Seasonless, Model::Ces(Ces::fit(&seasonless, seen))),
                (View::Seasonless, Model::Autoregression(Autoregression::fit(&seasonless, seen, false))),
                (View::Seasonless, Model::Autoregression(Autoregression::fit(&seasonless, seen, true))),
            ];
            members.extend(smoothings(series, &season));
        }
        let mut removed = Removed::default();
        if methods != Methods::Middle {
            let view = if has_logs(series) { View::LogsLeft } else { View::Left };
            removed = Removed::of(series, &season, view.logs());
            // Without a season it would be the smoothing that is among the members already.
            if methods == Methods::Mstl || removed.any() {
                let see = |at: usize| if seen[at] { view.see(&season, &removed, at, values[at]) } else { 0.0 };
                let left: Vec<f64> = (0..series.len()).map(see).collect();
                members.push((view, Model::Smoothing(Smoothing::fit(&left, seen, &[0.0]))));
            }
        }
        Self { season, members, removed }
    }

    /// Fits exponential smoothing alone.
    pub(super) fn smoothing(series: &Series, period: usize) -> Self {
        let season = Season::of(series, period);
        Self { members: smoothings(series, &season), season, removed: Removed::default() }
    }

    /// Whether a series, perhaps longer than the one that was fitted, is one that all members can take in.
    pub(super) fn takes(&self, series: &Series) -> bool {
        !self.members.iter().any(|(view, _)| view.logs()) || has_logs(series)
    }

    /// Takes MSTL's season out of `series`, where a member asks for it: parameters of an earlier fit bring none.
    pub(super) fn remove(&mut self, series: &Series) {
        if let Some((view, _)) = self.members.iter().find(|(view, _)| view.left()) {
            self.removed = Removed::of(series, &self.season, view.logs());
        }
    }

    /// Whether MSTL took a season out.
    pub(super) fn removes(&self) -> bool {
        self.removed.any()
    }

    /// Whether a season was found.
    pub(super) fn seasonal(&self) -> bool {
        self.season.period() > 1
    }

    /// The plain mean of the members' forecasts after `series`.
    pub(super) fn mean(mut self, series: &Series, horizon: usize) -> Vec<f64> {
        let n = series.len();
        let mut mean = vec![0.0; horizon];
        let mut ahead = vec![0.0; horizon];
        let share = 1.0 / self.members.len().max(1) as f64;
        for (view, model) in &mut self.members {
            for at in 0..n {
                model.step(series.seen[at].then(|| view.see(&self.season, &self.removed, at, series.values[at])));
            }
            model.ahead(&mut ahead);
            for (h, (mean, &forecast)) in mean.iter_mut().zip(&ahead).enumerate() {
                *mean += share * view.tell(&self.season, &self.removed, (n, h), forecast);
            }
        }
        mean
    }

    /// Rolls the members along `series`, and forecasts `horizon` periods after it.
    pub(super) fn roll(mut self, series: &Series, horizon: usize) -> Rolled {
        let n = series.len();
        if horizon == 0 {
            return Rolled { ahead: Vec::new(), first: n, past: Vec::new() };
        }
        let first = (n / 3).max(3).max(n.saturating_sub(ORIGINS_MAX)).min(n);
        let count = self.members.len();
        // By origin, then member, then period ahead; the last origin is the end.
        let mut forecasts = vec![0.0; (n - first + 1) * count * horizon];
        for origin in 1..=n {
            let at = origin - 1;
            let value = series.seen[at].then_some(series.values[at]);
            for (member, (view, model)) in self.members.iter_mut().enumerate() {
                model.step(value.map(|value| view.see(&self.season, &self.removed, at, value)));
                if origin < first {
                    continue;
                }
                let from = ((origin - first) * count + member) * horizon;
                let reach = if origin < n { horizon.min(n - origin) } else { horizon };
                let ahead = &mut forecasts[from..from + reach];
                model.ahead(ahead);
                for (h, forecast) in ahead.iter_mut().enumerate() {
                    *forecast = view.tell(&self.season, &self.removed, (origin, h), *forecast);
                }
            }
        }
        let weights = weights(series, first, horizon, count, &forecasts);
        let mut line = vec![(0.0, 0.0); count];
        let mut past = Vec::with_capacity((n - first + 1) * horizon);
        for origin in forecasts.chunks_exact(count * horizon) {
            for h in 0..horizon {
                for (member, slot) in line.iter_mut().enumerate() {
                    *slot = (origin[member * horizon + h], weights[member]);
                }
                past.push(middle(&mut line));
            }
        }
        let ahead = past.split_off((n - first) * horizon);
        Rolled { ahead, first, past }
    }
}

/// Exponential smoothing of the values, and of their logarithms where these are no extremes.
fn smoothings(series: &Series, season: &Season) -> Vec<(View, Model)> {
    let (values, seen) = (&series.values, &series.seen);
    let mut members = vec![(View::Plain, Model::Smoothing(Smoothing::fit(values, seen, &season.additive(series))))];
    if has_logs(series) {
        let logs: Vec<f64> =
            values.iter().zip(seen).map(|(value, &seen)| if seen { value.ln() } else { 0.0 }).collect();
        members.push((View::Logs, Model::Smoothing(Smoothing::fit(&logs, seen, &season.logs()))));
    }
    members
}

/// Whether the logarithms of the values are no extremes.
fn has_logs(series: &Series) -> bool {
    let known = series.values.iter().zip(&series.seen).filter(|cell| *cell.1).map(|cell| *cell.0);
    known.fold(f64::INFINITY, f64::min) > LOG_SHARE * series.mean()
}

/// How much each member counts, adding up to 1.
fn weights(series: &Series, first: usize, horizon: usize, count: usize, forecasts: &[f64]) -> Vec<f64> {
    let n = series.len();
    let mut relative = vec![0.0; count];
    let mut horizons = 0.0;
    let mut errors = vec![0.0; count];
    for h in 0..horizon.min(n - first) {
        errors.fill(0.0);
        for origin in first..n - h {
            if series.judges[origin + h] {
                let from = (origin - first) * count * horizon + h;
                for (member, error) in errors.iter_mut().enumerate() {
                    *error += (series.values[origin + h] - forecasts[from + member * horizon]).abs();
                }
            }
        }
        let mean = errors.iter().sum::<f64>() / count as f64;
        if mean > 0.0 {
            relative.iter_mut().zip(&errors).for_each(|(relative, error)| *relative += error / mean);
            horizons += 1.0;
        }
    }
    if horizons == 0.0 {
        return vec![1.0 / count as f64; count];
    }
    let known = series.known() as f64;
    let sharpness = SHARPNESS * known * known / (known * known + KNOWN_HALF * KNOWN_HALF);
    // Errors of rounding size do not tell members apart.
    let least = relative.iter().copied().fold(f64::INFINITY, f64::min).max(1e-6 * horizons);
    relative.iter_mut().for_each(|error| *error = (error.max(least) / least).powf(-sharpness));
    let total: f64 = relative.iter().sum();
    relative.iter_mut().for_each(|weight| *weight /= total);
    relative
}

/// The mean of the middle half of the weight; `line` holds (value, weight) and is sorted.
fn middle(line: &mut [(f64, f64)]) -> f64 {
    line.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut sum, mut total) = (0.0_f64, 0.0, 0.0);
    for &(value, weight) in line.iter() {
        let part = ((below + weight).min(0.75) - below.max(0.25)).max(0.0);
        sum += part * value;
        total += part;
        below += weight;
    }
    sum / total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_leaves_out_a_quarter_on_each_side() {
        // Equal weights: 1 and 100 lie outside, 2 and 4 inside.
        assert_eq!(middle(&mut [(4.0, 0.25), (100.0, 0.25), (1.0, 0.25), (2.0, 0.25)]), 3.0);
        // One holds all but a tenth of the weight.
        assert_eq!(middle(&mut [(7.0, 0.9), (0.0, 0.1)]), 7.0);
        assert!((middle(&mut [(0.0, 0.4), (10.0, 0.6)]) - 7.0).abs() < 1e-12);
    }
}
