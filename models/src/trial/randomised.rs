//! Pairs of stores, of which a recorded coin chooses who is treated.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | v_ab | variance of l_at - l_bt over the lookback | square of logs |
//! | P | `Randomised::pairs` | pairs |
//! | s = sqrt(sum v)/P | `scale` | logs |
//! | z_i | `Randomised::flips` | true: the second of pair i is treated |
//! | d_i | `Randomised::differences` | gain of the store treated less that of its partner, logs |
//!
//! minimise sum v over P disjoint pairs: the nearest pair first, then exchanges of partners and of stores left
//! over while the sum falls. The test needs the flips alone to be fair ([`super::signs`]); what is adjusted for
//! comes from stores outside all pairs, so that no flip moves it. Near pairs buy precision only [imai2009].

use std::ops::Range;

use domain::seed::Seed;

use super::history::{History, Windows};
use super::signs::Flips;
use super::{Estimator, TrialError, probability};

/// Pairs at least for which 5 % can be told.
pub const PAIRS_MIN: usize = 6;
/// Rounds of exchanges at most.
const ROUNDS_MAX: usize = 8;

/// Pairs and their flips.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Randomised {
    /// Disjoint pairs.
    pub pairs: Vec<(usize, usize)>,
    /// Whether the second of the pair is treated.
    pub flips: Vec<bool>,
}

impl Randomised {
    /// Flips a coin for each pair: the same seed flips the same.
    ///
    /// # Errors
    /// A store in two pairs.
    pub fn flip(pairs: Vec<(usize, usize)>, seed: Seed) -> Result<Self, TrialError> {
        let mut stores: Vec<usize> = pairs.iter().flat_map(|&(one, other)| [one, other]).collect();
        stores.sort_unstable();
        if let Some(twice) = stores.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(TrialError::Store { store: twice[0] });
        }
        // A bit of a hash of the seed and the pair's number: anyone can toss the coin again.
        let flips = (0..).zip(&pairs).map(|(at, _)| seed.stream("trial flips", at) >> 63 == 1).collect();
        Ok(Self { pairs, flips })
    }

    /// The stores treated, by pair.
    #[must_use]
    pub fn treated(&self) -> Vec<usize> {
        self.pairs.iter().zip(&self.flips).map(|(&(one, other), &flip)| if flip { other } else { one }).collect()
    }

    /// d_i of the pairs observed in half of each window, for a pilot that began in week `start`.
    ///
    /// # Errors
    /// Windows that leave the panel, a store it does not hold.
    pub fn differences(
        &self,
        history: &History,
        windows: &Windows,
        estimator: Estimator,
        start: usize,
    ) -> Result<Vec<f64>, TrialError> {
        history.check(windows, start)?;
        let stores: Vec<usize> = self.pairs.iter().flat_map(|&(one, other)| [one, other]).collect();
        if let Some(&store) = stores.iter().find(|&&store| store >= history.stores()) {
            return Err(TrialError::Store { store });
        }
        let gains = estimator.gains(history, windows, start, &stores, &stores);
        let signed = self.pairs.iter().zip(&self.flips).filter_map(|(&(one, other), &flip)| {
            let difference = gains[one]? - gains[other]?;
            Some(if flip { -difference } else { difference })
        });
        Ok(signed.collect())
    }
}

/// Chooses `count` disjoint pairs of near stores from the lookback before week `start`, nearest first.
///
/// # Errors
/// Windows that leave the panel, unknown stores, too few stores with enough weeks in common.
pub fn pairs(
    history: &History,
    windows: &Windows,
    stores: &[usize],
    count: usize,
    start: usize,
) -> Result<Vec<(usize, usize)>, TrialError> {
    if windows.lookback == 0 || start < windows.lookback || start > history.weeks() {
        return Err(TrialError::Windows { start, weeks: history.weeks() });
    }
    let mut sorted = stores.to_vec();
    sorted.sort_unstable();
    if let Some(&store) = sorted.iter().find(|&&store| store >= history.stores()) {
        return Err(TrialError::Store { store });
    }
    if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(TrialError::Store { store: twice[0] });
    }
    let weeks: Range<usize> = start - windows.lookback..start;
    let cost = |one: usize, other: usize| history.variance(one, other, weeks.clone());
    let mut all: Vec<(f64, usize, usize)> = sorted
        .iter()
        .enumerate()
        .flat_map(|(at, &one)| sorted[at + 1..].iter().map(move |&other| (one, other)))
        .map(|(one, other)| (cost(one, other), one, other))
        .filter(|(cost, ..)| cost.is_finite())
        .collect();
    all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut free = vec![false; history.stores()];
    sorted.iter().for_each(|&store| free[store] = true);
    let mut chosen: Vec<(f64, usize, usize)> = Vec::with_capacity(count);
    for (cost, one, other) in all {
        if chosen.len() < count && free[one] && free[other] {
            (free[one], free[other]) = (false, false);
            chosen.push((cost, one, other));
        }
    }
    if chosen.len() < count {
        return Err(TrialError::Pairs { pairs: count, stores: stores.len() });
    }
    for _ in 0..ROUNDS_MAX {
        if !exchange(&mut chosen, &mut free, &sorted, &cost) {
            break;
        }
    }
    chosen.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    Ok(chosen.into_iter().map(|(_, one, other)| (one.min(other), one.max(other))).collect())
}

/// One round of exchanges; whether any lowered the sum.
fn exchange(
    chosen: &mut [(f64, usize, usize)],
    free: &mut [bool],
    stores: &[usize],
    cost: &impl Fn(usize, usize) -> f64,
) -> bool {
    let mut moved = false;
    for at in 0..chosen.len() {
        for &new in stores {
            let (now, one, other) = chosen[at];
            if !free[new] {
                continue;
            }
            let (with_one, with_other) = (cost(one, new), cost(other, new));
            if with_one.min(with_other) < now {
                let (kept, dropped) = if with_one <= with_other { (one, other) } else { (other, one) };
                chosen[at] = (with_one.min(with_other), kept, new);
                (free[new], free[dropped]) = (false, true);
                moved = true;
            }
        }
        for next in at + 1..chosen.len() {
            let ((now, a, b), (then, c, d)) = (chosen[at], chosen[next]);
            for (one, other) in [((a, c), (b, d)), ((a, d), (b, c))] {
                let costs = (cost(one.0, one.1), cost(other.0, other.1));
                if costs.0 + costs.1 < now + then {
                    (chosen[at], chosen[next]) = ((costs.0, one.0, one.1), (costs.1, other.0, other.1));
                    moved = true;
                    break;
                }
            }
        }
    }
    moved
}

/// s: sqrt(sum v)/P over the lookback before week `start`, on which the errors of pairs are measured; a
/// pair with too few weeks in common makes it infinite.
#[must_use]
pub fn scale(history: &History, windows: &Windows, pairs: &[(usize, usize)], start: usize) -> f64 {
    let weeks = start.saturating_sub(windows.lookback)..start;
    let sum: f64 = pairs.iter().map(|&(one, other)| history.variance(one, other, weeks.clone())).sum();
    sum.sqrt() / pairs.len() as f64
}

/// kappa: the effect, in [`scale`]s, that the sign-flip test of this size finds with this power, over flips of
/// `count` pairs of `stores`, chosen and flipped again for each of `starts`. MDE = exp(kappa s) - 1.
///
/// An effect delta is found where the interval of the differences without it, moved by delta, excludes 0.
///
/// # Errors
/// As [`pairs`]; probabilities outside 0 to 1; no start that can be read; fewer than [`PAIRS_MIN`] pairs at 5 %.
#[expect(clippy::too_many_arguments, reason = "a design, where it is tried, and what is asked of it")]
pub fn kappa(
    history: &History,
    windows: &Windows,
    estimator: Estimator,
    stores: &[usize],
    count: usize,
    starts: &[usize],
    flips: usize,
    seed: Seed,
    (size, power): (f64, f64),
) -> Result<f64, TrialError> {
    let power = probability(power)?;
    let mut needed = Vec::new();
    for &start in starts {
        let pairs = pairs(history, windows, stores, count, start)?;
        let scale = scale(history, windows, &pairs, start);
        for flip in 0..flips {
            let stream = Seed(seed.stream("trial flips of the past", (start as u64) << 32 | flip as u64));
            let differences =
                Randomised::flip(pairs.clone(), stream)?.differences(history, windows, estimator, start)?;
            let (low, _) = Flips::new(&differences, seed)?.interval(size)?;
            needed.push(-low / scale);
        }
    }
    needed.sort_unstable_by(f64::total_cmp);
    let rank = (power * needed.len() as f64).ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and the length")]
    let rank = rank as usize;
    let needed = needed.get(rank.max(1) - 1).copied().filter(|needed| needed.is_finite());
    needed.ok_or(TrialError::Placebos { count: starts.len() * flips })
}
