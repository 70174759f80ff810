//! Counts: how many units a window asks for.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | m | `NegativeBinomial::mean` | units in the window |
//! | r | `NegativeBinomial::size` | variance = m + m^2 / r; infinite: Poisson |
//! | P(D >= u) | [`NegativeBinomial::survival`] | |
//! | E[min(q, D)] | [`NegativeBinomial::sold`] | units |
//!
//! p_0 = (r / (r + m))^r and p_u = p_(u-1) (r + u - 1)/u m/(r + m); Poisson is the limit e^-m, m/u.
//! Every step multiplies by a positive number, so relative errors only add up. Where p_0 is too small
//! for an f64 the recursion starts at the mode instead, whose probability comes from ln Gamma, and
//! runs down and up from it. P(D >= u) = 1 - sum of p below u: exact to about 1e-14 absolute.
//! E[min(q, D)] = sum over u = 1..q of P(D >= u).

/// Below this logarithm of p_0 the forward recursion would lose digits to subnormal numbers.
const LOG_SMALL: f64 = -650.0;

/// Demand of a window. `mean` is finite and at least 0; `size` is above 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NegativeBinomial {
    /// Mean m.
    pub mean: f64,
    /// Size r; infinite for Poisson.
    pub size: f64,
}

impl NegativeBinomial {
    /// P(D >= u) for u = 0..=`units`.
    #[must_use]
    pub fn survival(&self, units: usize) -> Vec<f64> {
        let mut table = vec![0.0; units + 1];
        self.survival_into(&mut table);
        table
    }

    /// Fills `table[u]` with P(D >= u); never rises in u, within [0, 1]. Allocates nothing.
    pub fn survival_into(&self, table: &mut [f64]) {
        let Some((first, rest)) = table.split_first_mut() else { return };
        *first = 1.0;
        if self.mean <= 0.0 {
            rest.fill(0.0);
            return;
        }
        let log_start = self.log_zero();
        if log_start > LOG_SMALL {
            let (mut mass, mut below) = (log_start.exp(), 0.0);
            for (at, slot) in rest.iter_mut().enumerate() {
                below += mass;
                *slot = (1.0 - below).max(0.0);
                mass *= self.step(at + 1);
            }
        } else {
            self.from_mode(table);
        }
    }

    /// E[min(units, D)].
    #[must_use]
    pub fn sold(&self, units: usize) -> f64 {
        self.survival(units).iter().skip(1).sum()
    }

    /// ln p_0.
    fn log_zero(&self) -> f64 {
        if self.size.is_infinite() { -self.mean } else { -self.size * (self.mean / self.size).ln_1p() }
    }

    /// p_u / p_(u-1).
    fn step(&self, u: usize) -> f64 {
        let u = u as f64;
        if self.size.is_infinite() {
            self.mean / u
        } else {
            (self.size + u - 1.0) / u * (self.mean / (self.size + self.mean))
        }
    }

    /// The table when p_0 underflows: from the mode down, then up.
    fn from_mode(&self, table: &mut [f64]) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "non-negative; a cast saturates")]
        let mode = if self.size.is_infinite() {
            self.mean as usize
        } else {
            (self.mean * (1.0 - 1.0 / self.size)).max(0.0) as usize
        };
        let start = self.log_mass(mode).exp();
        // Downwards: masses of mode, mode - 1, …; only those within the table are kept, as masses.
        table.fill(0.0);
        let (mut mass, mut at) = (start, mode);
        loop {
            if at < table.len() {
                table[at] = mass;
            }
            if at == 0 || mass < f64::MIN_POSITIVE {
                break;
            }
            mass /= self.step(at);
            at -= 1;
        }
        let mut mass = start;
        for at in mode + 1..table.len() {
            mass *= self.step(at);
            table[at] = mass;
        }
        let mut under = 0.0_f64;
        for slot in table.iter_mut() {
            let here = *slot;
            *slot = (1.0 - under).clamp(0.0, 1.0);
            under += here;
        }
    }

    /// ln p_u through ln Gamma.
    fn log_mass(&self, u: usize) -> f64 {
        let (u, m, r) = (u as f64, self.mean, self.size);
        if r.is_infinite() {
            u * m.ln() - m - ln_gamma(u + 1.0)
        } else {
            ln_gamma(u + r) - ln_gamma(r) - ln_gamma(u + 1.0) + self.log_zero() - u * (r / m).ln_1p()
        }
    }
}

/// ln Gamma(x) for x > 0: Stirling's series above 16, the recurrence below it.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 0.0);
    while x < 16.0 {
        shift += x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    // The first term left out, 691/360360 x^-11, is below 2e-16 from 16 on.
    let series = inverse
        * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0))));
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - shift
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// P(D >= u) as a sum of masses, each from ln Gamma alone.
    fn direct(demand: NegativeBinomial, u: usize) -> f64 {
        1.0 - (0..u).map(|at| demand.log_mass(at).exp()).sum::<f64>()
    }

    #[test]
    fn ln_gamma_of_whole_numbers_is_the_log_of_a_factorial() {
        let mut factorial = 1.0_f64;
        for n in 1..25 {
            assert!((ln_gamma(f64::from(n)) - factorial.ln()).abs() < 1e-13 * factorial.ln().max(1.0), "{n}");
            factorial *= f64::from(n);
        }
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-14);
    }

    #[test]
    fn size_one_is_geometric() {
        let demand = NegativeBinomial { mean: 3.0, size: 1.0 };
        for (u, survival) in demand.survival(40).into_iter().enumerate() {
            // 40 additions of numbers up to 1.
            assert!((survival - 0.75_f64.powi(u as i32)).abs() < 1e-14, "{u}");
        }
        assert!((demand.sold(3) - (0.75 + 0.5625 + 0.421_875)).abs() < 1e-14);
    }

    #[test]
    fn poisson_of_two() {
        let demand = NegativeBinomial { mean: 2.0, size: f64::INFINITY };
        let table = demand.survival(3);
        let e = (-2.0_f64).exp();
        for (have, want) in table.iter().zip([1.0, 1.0 - e, 1.0 - 3.0 * e, 1.0 - 5.0 * e]) {
            assert!((have - want).abs() < 1e-15);
        }
        assert_eq!(NegativeBinomial { mean: 0.0, size: 2.0 }.survival(3), vec![1.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_mean_far_beyond_the_reach_of_p_zero_is_right_too() {
        for size in [f64::INFINITY, 400.0] {
            let demand = NegativeBinomial { mean: 3000.0, size };
            let table = demand.survival(6000);
            assert!(demand.log_zero() < LOG_SMALL, "else this tests the forward recursion");
            assert!(table[0] == 1.0 && table[1] > 1.0 - 1e-12 && table[6000] < 1e-9);
            let mean: f64 = table.iter().skip(1).sum();
            // ln Gamma near 3000 carries about 1e-12 of relative error into each mass.
            assert!((mean / 3000.0 - 1.0).abs() < 1e-10, "{mean}");
        }
        // A table that ends far below the mode holds ones.
        assert!(NegativeBinomial { mean: 3000.0, size: f64::INFINITY }.survival(50).iter().all(|&p| p == 1.0));
    }

    proptest! {
        #[test]
        fn survival_equals_the_direct_sum(mean in 0.01..900.0_f64, size in 0.05..200.0_f64, units in 1_usize..300) {
            let demand = NegativeBinomial { mean, size };
            let table = demand.survival(units);
            prop_assert!(table.windows(2).all(|pair| pair[0] >= pair[1] && pair[1] >= 0.0));
            // Up to 300 masses, each from ln Gamma with an absolute error of about 1e-13 in its log.
            prop_assert!((table[units] - direct(demand, units).max(0.0)).abs() < 1e-10);
        }

        #[test]
        fn what_is_sold_rises_to_the_mean(mean in 0.01..30.0_f64, size in 0.5..50.0_f64) {
            let demand = NegativeBinomial { mean, size };
            let sold: Vec<f64> = [0, 5, 50, 20_000].iter().map(|&units| demand.sold(units)).collect();
            prop_assert!(sold.windows(2).all(|pair| pair[0] <= pair[1]));
            prop_assert!(sold[0] == 0.0 && (sold[3] - mean).abs() < 1e-8 * mean.max(1.0));
        }
    }
}
