//! How many units a window of weeks asks for: a mixture of negative binomials, one per sample.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | mu_s | `Part::mean` | units per window |
//! | r | `Window::size` | size: variance = mu + mu^2 / r; infinite for Poisson |
//! | P(D < u) | `Window::below` | |
//!
//! P(D = u + 1) = P(D = u) (u + r)/(u + 1) mu/(r + mu) [johnson2005]. The recursion starts at 0 where
//! P(D = 0) can be held, else far below the mode with a weight relative to the mode's, and the sum of
//! all weights turns it into a probability: so neither a factorial nor an underflow is met.

/// Below this, exp is too small to start from.
const LOG_SMALLEST: f64 = -650.0;

/// One sample's demand.
struct Part {
    mean: f64,
    /// P(D = next) once `next` has reached `start`.
    probability: f64,
    /// The first count whose probability is not negligible.
    start: u32,
}

/// The demand of a window, over all samples.
pub(crate) struct Window {
    size: f64,
    parts: Vec<Part>,
    /// What each part counts, adding up to 1; none where all count alike.
    weights: Option<Vec<f64>>,
    /// P(D < u) for u = 0, 1, …, as far as asked for.
    below: Vec<f64>,
    /// E[min(u, D)] for the same u.
    served: Vec<f64>,
}

impl Window {
    pub(crate) fn new(means: impl Iterator<Item = f64>, size: f64) -> Self {
        let parts = means.map(|mean| Part::new(mean, size)).collect();
        Self { size, parts, weights: None, below: vec![0.0], served: vec![0.0] }
    }

    /// The same with parts that count `weights`.
    pub(crate) fn counting(self, weights: Vec<f64>) -> Self {
        Self { weights: Some(weights), ..self }
    }

    /// E[D].
    pub(crate) fn mean(&self) -> f64 {
        match &self.weights {
            Some(weights) => self.parts.iter().zip(weights).rev().map(|(part, weight)| weight * part.mean).sum(),
            None => self.parts.iter().rev().map(|part| part.mean).sum::<f64>() / self.parts.len() as f64,
        }
    }

    /// P(D < u).
    pub(crate) fn below(&mut self, units: u32) -> f64 {
        self.extend(units);
        self.below[units as usize]
    }

    /// E[min(u, D)].
    pub(crate) fn served(&mut self, units: u32) -> f64 {
        self.extend(units);
        self.served[units as usize]
    }

    fn extend(&mut self, units: u32) {
        while self.below.len() <= units as usize {
            let last = self.below.len() - 1;
            #[expect(clippy::cast_possible_truncation, reason = "as long as `units`, which has 32 bits")]
            let here = last as u32;
            let mut sum = 0.0;
            for (at, part) in self.parts.iter_mut().enumerate() {
                if here >= part.start {
                    sum += self.weights.as_ref().map_or(1.0, |weights| weights[at]) * part.probability;
                    part.probability *= ratio(here, part.mean, self.size);
                }
            }
            let all = if self.weights.is_some() { 1.0 } else { self.parts.len() as f64 };
            let below = (self.below[last] + sum / all).min(1.0);
            self.below.push(below);
            self.served.push(self.served[last] + (1.0 - below));
        }
    }
}

/// P(D = u + 1) / P(D = u).
fn ratio(u: u32, mean: f64, size: f64) -> f64 {
    let u = f64::from(u);
    if size.is_finite() { (u + size) / (u + 1.0) * (mean / (size + mean)) } else { mean / (u + 1.0) }
}

impl Part {
    fn new(mean: f64, size: f64) -> Self {
        let log_none = if size.is_finite() { -size * (mean / size).ln_1p() } else { -mean };
        if log_none > LOG_SMALLEST {
            return Self { mean, probability: log_none.exp(), start: 0 };
        }
        let mode = if size.is_finite() { (mean * (size - 1.0) / size).max(0.0) } else { mean };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "non-negative, and a cast saturates"
        )]
        let mode = (mode.floor() as u32).min(u32::MAX / 2);
        let (mut start, mut first) = (mode, 1.0);
        let mut total = 1.0;
        // 1e-40 of the mode's weight is far below the last digit of any sum of probabilities.
        while start > 0 && first > 1e-40 {
            first /= ratio(start - 1, mean, size);
            start -= 1;
            total += first;
        }
        let (mut at, mut weight) = (mode, 1.0);
        while weight > 1e-20 {
            weight *= ratio(at, mean, size);
            at += 1;
            total += weight;
        }
        Self { mean, probability: first / total, start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: NB with r = 1 is geometric, P(D < u) = 1 - (mu/(1+mu))^u.
    #[test]
    fn size_one_is_geometric() {
        let mut window = Window::new([3.0].into_iter(), 1.0);
        for u in 0..40 {
            let truth = 1.0 - 0.75_f64.powi(u);
            // Forty additions of numbers below 1.
            assert!((window.below(u as u32) - truth).abs() < 1e-14, "{u}");
        }
    }

    #[test]
    fn means_and_tails_of_large_demand_are_kept() {
        // Poisson with mean 2,000 underflows at 0; its median is its mean, to within a unit.
        let mut window = Window::new([2000.0].into_iter(), f64::INFINITY);
        assert!(window.below(1500) < 1e-20);
        let half = (window.below(2000) + window.below(2001)) / 2.0;
        assert!((half - 0.5).abs() < 0.01, "{half}");
        assert!((window.served(4000) - 2000.0).abs() < 1e-6);
    }

    #[test]
    fn a_mixture_serves_the_mean_of_its_parts() {
        let mut window = Window::new([0.0, 4.0].into_iter(), 2.5);
        assert!((window.mean() - 2.0).abs() < 1e-15);
        assert!((window.served(400) - 2.0).abs() < 1e-9);
    }
}
