//! Exponential smoothing [hyndman2008], averaged over its parameters, with a mask.
//!
//! | symbol | field | |
//! |---|---|---|
//! | alpha, beta, phi, gamma | `Component` | smoothing of level, trend and season; damping (phi = 0: no trend) |
//! | l, b | states | level, trend |
//! | s_i | `seasons` | additive index of the position i of the season |
//! | w | `Component::share` | weight of a component, adding up to 1 |
//!
//! f = l + phi b + s_i; e = y - f; l' = l + phi b + alpha e; b' = phi b + beta e; s_i' = s_i + gamma e. Over a gap
//! e = 0. h ahead: l + (phi + … + phi^h) b + s_i. A multiplicative season is an additive one of logarithms.
//!
//! No parameter is picked: all of a fixed grid are used, with weights proportional to their likelihood under
//! Laplace errors, (mean |e|)^-n, times a prior that gives no trend as much as all trends together, and
//! e^-2 for the two parameters that a trend has more (Akaike weights [burnham2002]). On short histories,
//! whose likelihood is flat, this beat the best parameters on every set of M3; on long ones it is nearly them.
//!
//! Given (alpha, beta, phi, gamma) the errors are linear in (l_0, b_0), which follow from least squares in
//! one pass; a second pass sums the absolute errors. The lanes of a pass are the values of alpha.

use serde::{Deserialize, Serialize};

/// Values of alpha, the lanes of a pass.
const ALPHAS: [f64; LANES] = [0.03, 0.08, 0.15, 0.25, 0.4, 0.55, 0.75, 0.95];
const LANES: usize = 8;

/// Pairs (beta / alpha, phi).
const TRENDS: [(f64, f64); 10] = [
    (0.0, 0.0),
    (0.0, 0.8),
    (0.2, 0.8),
    (0.5, 0.8),
    (0.0, 0.9),
    (0.2, 0.9),
    (0.5, 0.9),
    (0.0, 0.98),
    (0.1, 0.98),
    (0.3, 0.98),
];

/// Values of gamma / (1 - alpha), where there is a season.
const GAMMAS: [f64; 4] = [0.0, 0.05, 0.15, 0.4];

/// Components that weigh less than this share of the heaviest are left out.
const SHARE_MIN: f64 = 1e-3;

type Lane = [f64; LANES];

/// One set of parameters, with its states.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Component {
    alpha: f64,
    beta: f64,
    phi: f64,
    gamma: f64,
    level: f64,
    trend: f64,
    share: f64,
}

/// The average, and where its filters are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Start", into = "Start")]
pub(super) struct Smoothing {
    components: Vec<Component>,
    /// Seasonal indices, by position, then component.
    seasons: Vec<f64>,
    /// The shares' mean of `seasons`, by position.
    season: Vec<f64>,
    position: usize,
}

/// A [`Smoothing`] before its first period, as it is kept: parameters by their places in the grid.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Start {
    /// (gamma, trend, lane; level, trend, share).
    components: Vec<([u8; 3], [f64; 3])>,
    season: Vec<f64>,
}

impl From<Start> for Smoothing {
    fn from(start: Start) -> Self {
        let at = |values: &[f64], place: u8| values.get(usize::from(place)).copied().unwrap_or_default();
        let components: Vec<Component> = start
            .components
            .iter()
            .map(|&([gamma, pace, lane], [level, trend, share])| {
                let alpha = at(&ALPHAS, lane);
                let (pace, phi) = TRENDS.get(usize::from(pace)).copied().unwrap_or_default();
                let gamma = at(&GAMMAS, gamma) * (1.0 - alpha);
                Component { alpha, beta: alpha * pace, phi, gamma, level, trend, share }
            })
            .collect();
        let seasons = start.season.iter().flat_map(|&index| std::iter::repeat_n(index, components.len())).collect();
        Self { components, seasons, season: start.season, position: 0 }
    }
}

impl From<Smoothing> for Start {
    fn from(smoothing: Smoothing) -> Self {
        let place = |found: Option<usize>| found.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX);
        let components = smoothing.components.iter().map(|one| {
            let alpha = one.alpha;
            let gamma = GAMMAS.iter().position(|gamma| gamma * (1.0 - alpha) == one.gamma);
            let trend = TRENDS.iter().position(|(pace, phi)| alpha * pace == one.beta && *phi == one.phi);
            let lane = ALPHAS.iter().position(|value| *value == alpha);
            ([place(gamma), place(trend), place(lane)], [one.level, one.trend, one.share])
        });
        Self { components: components.collect(), season: smoothing.season }
    }
}

impl Smoothing {
    /// Fits to the known cells of `values`, whose season starts as `season` (one index per position;
    /// without a season, a single 0), and stands before the first of them.
    pub(super) fn fit(values: &[f64], seen: &[bool], season: &[f64]) -> Self {
        let known = seen.iter().filter(|&&seen| seen).count() as f64;
        let size = values.iter().map(|value| value.abs()).sum::<f64>() / known.max(1.0);
        let gammas = if season.len() > 1 { &GAMMAS[..] } else { &GAMMAS[..1] };
        let mut tried: Vec<(f64, Component)> = Vec::with_capacity(gammas.len() * TRENDS.len() * LANES);
        let mut rings = Rings::new(season.len());
        for &gamma in gammas {
            for &(pace, phi) in &TRENDS {
                let pass = Pass {
                    beta: ALPHAS.map(|alpha| alpha * pace),
                    phi,
                    gamma: ALPHAS.map(|alpha| gamma * (1.0 - alpha)),
                };
                let (level, trend) = pass.starts(values, seen, season, &mut rings);
                let errors = pass.errors(values, seen, season, &mut rings, level, trend);
                // -2 ln of prior and likelihood.
                let prior = if phi > 0.0 { 4.0 + 2.0 * ((TRENDS.len() - 1) as f64).ln() } else { 0.0 };
                for lane in 0..LANES {
                    // Below a millionth of a millionth of the level, errors are rounding.
                    let mean = (errors[lane] / known.max(1.0)).max(1e-12 * size).max(f64::MIN_POSITIVE);
                    let component = Component {
                        alpha: ALPHAS[lane],
                        beta: pass.beta[lane],
                        phi,
                        gamma: pass.gamma[lane],
                        level: level[lane],
                        trend: trend[lane],
                        share: 0.0,
                    };
                    tried.push((2.0 * known * mean.ln() + prior, component));
                }
            }
        }
        Self::average(tried, season)
    }

    fn average(mut tried: Vec<(f64, Component)>, season: &[f64]) -> Self {
        let least = tried.iter().map(|one| one.0).fold(f64::INFINITY, f64::min);
        for (worth, component) in &mut tried {
            component.share = (0.5 * (least - *worth)).exp();
        }
        let mut components: Vec<Component> = tried.into_iter().map(|one| one.1).collect();
        components.retain(|component| component.share >= SHARE_MIN);
        let total: f64 = components.iter().map(|component| component.share).sum();
        components.iter_mut().for_each(|component| component.share /= total);
        let seasons = season.iter().flat_map(|&index| std::iter::repeat_n(index, components.len())).collect();
        Self { components, seasons, season: season.to_vec(), position: 0 }
    }

    /// Takes in the next period, if it is known.
    pub(super) fn step(&mut self, value: Option<f64>) {
        let count = self.components.len();
        let seasons = &mut self.seasons[self.position * count..(self.position + 1) * count];
        let mut mean = 0.0;
        for (component, season) in self.components.iter_mut().zip(seasons) {
            component.trend *= component.phi;
            component.level += component.trend;
            if let Some(value) = value {
                let error = value - component.level - *season;
                component.level += component.alpha * error;
                component.trend += component.beta * error;
                *season += component.gamma * error;
            }
            mean += component.share * *season;
        }
        self.season[self.position] = mean;
        self.position = (self.position + 1) % self.season.len();
    }

    /// Forecasts of the next periods.
    pub(super) fn ahead(&self, ahead: &mut [f64]) {
        let level: f64 = self.components.iter().map(|component| component.share * component.level).sum();
        ahead.fill(level);
        // Components of one phi stand together in the grid, but for the seasons' repetition.
        let mut from = 0;
        while from < self.components.len() {
            let phi = self.components[from].phi;
            let alike = self.components[from..].iter().take_while(|component| component.phi == phi);
            let (count, trend) = alike.fold((0, 0.0), |(count, trend), one| (count + 1, trend + one.share * one.trend));
            from += count;
            if phi > 0.0 {
                let (mut damping, mut sum) = (1.0, 0.0);
                for forecast in ahead.iter_mut() {
                    damping *= phi;
                    sum += damping;
                    *forecast += sum * trend;
                }
            }
        }
        for (h, forecast) in ahead.iter_mut().enumerate() {
            *forecast += self.season[(self.position + h) % self.season.len()];
        }
    }
}

/// Memory of a pass: three seasonal indices per position and lane.
struct Rings {
    values: Vec<[Lane; 3]>,
}

impl Rings {
    fn new(period: usize) -> Self {
        Self { values: vec![[[0.0; LANES]; 3]; period] }
    }

    fn reset(&mut self, season: &[f64]) {
        for (ring, &index) in self.values.iter_mut().zip(season) {
            *ring = [[index; LANES], [0.0; LANES], [0.0; LANES]];
        }
    }
}

/// The parameters of a pass; alpha is [`ALPHAS`].
struct Pass {
    beta: Lane,
    phi: f64,
    gamma: Lane,
}

impl Pass {
    /// The best (l_0, b_0) of each lane.
    fn starts(&self, values: &[f64], seen: &[bool], season: &[f64], rings: &mut Rings) -> (Lane, Lane) {
        rings.reset(season);
        let phi = self.phi;
        // States from zero, and how much of each start is still in them.
        let zero = [0.0; LANES];
        let (mut level, mut trend) = ([zero, [1.0; LANES], zero], [zero, zero, [1.0; LANES]]);
        let (mut ll, mut bb, mut lb, mut yl, mut yb) = (zero, zero, zero, zero, zero);
        let mut position = 0;
        for (&value, &seen) in values.iter().zip(seen) {
            let ring = &mut rings.values[position];
            for lane in 0..LANES {
                let mut state = [0.0; 3];
                for part in 0..3 {
                    trend[part][lane] *= phi;
                    level[part][lane] += trend[part][lane];
                    state[part] = level[part][lane] + ring[part][lane];
                }
                if seen {
                    let [forecast, by_level, by_trend] = state;
                    let error = value - forecast;
                    ll[lane] += by_level * by_level;
                    bb[lane] += by_trend * by_trend;
                    lb[lane] += by_level * by_trend;
                    yl[lane] += error * by_level;
                    yb[lane] += error * by_trend;
                    for (part, error) in [error, -by_level, -by_trend].into_iter().enumerate() {
                        level[part][lane] += ALPHAS[lane] * error;
                        trend[part][lane] += self.beta[lane] * error;
                        ring[part][lane] += self.gamma[lane] * error;
                    }
                }
            }
            position += 1;
            if position == season.len() {
                position = 0;
            }
        }
        let (mut level, mut trend) = (zero, zero);
        for lane in 0..LANES {
            let determinant = ll[lane] * bb[lane] - lb[lane] * lb[lane];
            if phi > 0.0 && determinant > 1e-12 * ll[lane] * bb[lane] {
                trend[lane] = (ll[lane] * yb[lane] - lb[lane] * yl[lane]) / determinant;
            }
            if ll[lane] > 0.0 {
                level[lane] = (yl[lane] - trend[lane] * lb[lane]) / ll[lane];
            }
        }
        (level, trend)
    }

    /// The sum of absolute one-step errors of each lane, from (l_0, b_0).
    fn errors(
        &self,
        values: &[f64],
        seen: &[bool],
        season: &[f64],
        rings: &mut Rings,
        mut level: Lane,
        mut trend: Lane,
    ) -> Lane {
        rings.reset(season);
        let mut sums = [0.0; LANES];
        let mut position = 0;
        for (&value, &seen) in values.iter().zip(seen) {
            let ring = &mut rings.values[position][0];
            for lane in 0..LANES {
                trend[lane] *= self.phi;
                level[lane] += trend[lane];
                if seen {
                    let error = value - level[lane] - ring[lane];
                    sums[lane] += error.abs();
                    level[lane] += ALPHAS[lane] * error;
                    trend[lane] += self.beta[lane] * error;
                    ring[lane] += self.gamma[lane] * error;
                }
            }
            position += 1;
            if position == season.len() {
                position = 0;
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_with_known_starts_makes_no_error() {
        // Simple smoothing of a constant with a season: l_0 is the constant, and nothing is left.
        let season = [3.0, -3.0];
        let values: Vec<f64> = (0..20).map(|at| 10.0 + season[at % 2]).collect();
        let seen = vec![true; 20];
        let pass = Pass { beta: [0.0; LANES], phi: 0.0, gamma: [0.1; LANES] };
        let mut rings = Rings::new(2);
        let (level, trend) = pass.starts(&values, &seen, &season, &mut rings);
        assert!(level.iter().all(|level| (level - 10.0).abs() < 1e-12) && trend == [0.0; LANES]);
        let errors = pass.errors(&values, &seen, &season, &mut rings, level, trend);
        assert!(errors.iter().all(|&error| error < 1e-11), "{errors:?}");
    }

    #[test]
    fn the_average_steps_as_the_textbook_says() {
        // One component: its forecasts are those of damped smoothing by hand.
        let one = Component { alpha: 0.4, beta: 0.1, phi: 0.9, gamma: 0.0, level: 5.0, trend: 1.0, share: 0.0 };
        let mut average = Smoothing::average(vec![(0.0, one)], &[0.0]);
        let (mut level, mut trend) = (5.0, 1.0);
        for value in [6.0, 7.5, 8.0] {
            let error = value - (level + 0.9 * trend);
            (level, trend) = (level + 0.9 * trend + 0.4 * error, 0.9 * trend + 0.1 * error);
            average.step(Some(value));
        }
        let mut ahead = [0.0; 2];
        average.ahead(&mut ahead);
        assert!((ahead[0] - (level + 0.9 * trend)).abs() < 1e-12);
        assert!((ahead[1] - (level + (0.9 + 0.81) * trend)).abs() < 1e-12);
    }
}
