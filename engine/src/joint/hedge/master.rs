//! What samples count, so that no plan seen so far says that they count too little.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | V_is | [`Master::add`] | base-currency major units of plan i in sample s |
//! | R_s = w Q_s, or mu Q_s | the program's columns | |
//! | theta | its first column | base-currency major units |
//!
//! minimise theta - const subject to theta >= sum_s (rest_s + R_s) V_is for every plan i, 0 <= R_s <= r pi_s/a, sum R = r, with rest =
//! (1 - w) pi, r = w; or rest = pi, r = mu >= 0 and mu floor taken off. Its least value is the least bound that
//! the plans seen leave possible: cutting planes [kelley1960].

use domain::settings::{Aim, Measure};

use crate::EngineError;
use crate::solver::lp::{Lp, LpStatus};

/// The most that a floor may cost per unit: beyond it the mean does not matter any more.
const PRICE_MAX: f64 = 1e4;

/// The program.
pub(super) struct Master {
    program: Lp,
    /// The plans' V, so that none is added twice.
    planes: Vec<Vec<f64>>,
    measure: Measure,
    samples: usize,
    level: usize,
    price: Option<usize>,
    counts: Vec<usize>,
    /// What amounts are counted in, so that the program's numbers are near 1.
    scale: f64,
}

/// Where the program is least.
pub(super) struct Least {
    /// u.
    pub(super) counts: Vec<f64>,
    /// No u has a lesser bound.
    pub(super) level: f64,
}

impl Master {
    /// Without plans. `scale` is about what plans earn.
    pub(super) fn new(measure: Measure, samples: usize, scale: f64) -> Result<Self, EngineError> {
        let mut program = Lp::new();
        let scale = scale.abs().max(1.0);
        let level = program.add_column(1.0, f64::NEG_INFINITY, f64::INFINITY, false)?;
        let each = measure.most(samples);
        let (price, most, sum) = match measure.aim {
            Aim::Weight(weight) => (None, weight * each, weight),
            Aim::Floor(floor) => (Some(program.add_column(-floor / scale, 0.0, PRICE_MAX, false)?), f64::INFINITY, 0.0),
        };
        let counts: Vec<usize> =
            (0..samples).map(|_| program.add_column(0.0, 0.0, most, false)).collect::<Result<_, _>>()?;
        let mut all: Vec<(usize, f64)> = counts.iter().map(|&column| (column, 1.0)).collect();
        if let Some(price) = price {
            for &column in &counts {
                program.add_row(f64::NEG_INFINITY, 0.0, &[(column, 1.0), (price, -each)])?;
            }
            all.push((price, -1.0));
        }
        program.add_row(sum, sum, &all)?;
        Ok(Self { program, planes: Vec::new(), measure, samples, level, price, counts, scale })
    }

    /// pi or (1 - w) pi, of one sample.
    fn rest(&self) -> f64 {
        let alike = 1.0 / self.samples as f64;
        match self.measure.aim {
            Aim::Weight(weight) => (1.0 - weight) * alike,
            Aim::Floor(_) => alike,
        }
    }

    /// Adds a plan; whether it is a new one.
    pub(super) fn add(&mut self, profits: &[f64]) -> Result<bool, EngineError> {
        if self.planes.iter().any(|plane| plane == profits) {
            return Ok(false);
        }
        let mean: f64 = profits.iter().sum::<f64>() * self.rest() / self.scale;
        let mut terms = vec![(self.level, 1.0)];
        terms.extend(self.counts.iter().zip(profits).map(|(&column, profit)| (column, -profit / self.scale)));
        self.program.add_row(mean, f64::INFINITY, &terms)?;
        self.planes.push(profits.to_vec());
        Ok(true)
    }

    /// The least; none where the plans leave it open.
    pub(super) fn least(&mut self) -> Result<Option<Least>, EngineError> {
        let answer = self.program.solve()?;
        if answer.status != LpStatus::Optimal {
            return Ok(None);
        }
        let price = self.price.map(|price| answer.columns[price].max(0.0));
        let parts: Vec<f64> = self.counts.iter().map(|&column| answer.columns[column]).collect();
        let sum = match self.measure.aim {
            Aim::Weight(weight) => weight,
            Aim::Floor(_) => price.unwrap_or(0.0),
        };
        let counts = allowed(parts, sum, sum * self.measure.most(self.samples));
        let counts = counts.into_iter().map(|part| part + self.rest()).collect();
        Ok(Some(Least { counts, level: answer.objective * self.scale }))
    }
}

/// The parts moved by the program's tolerances: each from 0 to `most`, together `sum`.
fn allowed(mut parts: Vec<f64>, sum: f64, most: f64) -> Vec<f64> {
    parts.iter_mut().for_each(|part| *part = part.clamp(0.0, most));
    let found: f64 = parts.iter().sum();
    if found > sum && found > 0.0 {
        parts.iter_mut().for_each(|part| *part *= sum / found);
    } else if found < sum {
        let room: f64 = parts.iter().map(|part| most - part).sum();
        let share = if room > 0.0 { (sum - found) / room } else { 0.0 };
        parts.iter_mut().for_each(|part| *part = f64::min(*part + share * (most - *part), most));
    }
    parts
}
