//! What corners leave each other, evaluated a second time.
//!
//! | symbol | is | unit |
//! |---|---|---|
//! | c_jk(S) = D_jk(S + j)/F_jk | [`Kept::beside`] | |
//! | the least of c_jk over all S of fewer than p others | [`Kept::least`], from below | |
//!
//! Under `share` nobody takes more of a zone than its p - 1 strongest others; under `nearest` a zone is safe only
//! with the nearest of all candidates.

use domain::settings::CaptureLaw;

use crate::capture::{Capture, Pair, Place};

/// What rounding may have added to a least part.
const ROUNDING: f64 = 1e-9;

/// A law with every attraction at hand.
pub(crate) struct Kept<'a> {
    law: &'a Capture,
    /// s, by row and device.
    attraction: Vec<Vec<f64>>,
}

impl<'a> Kept<'a> {
    pub(crate) fn new(law: &'a Capture) -> Self {
        Self { law, attraction: law.attractions() }
    }

    /// c of every row and device beside the open rows.
    pub(crate) fn beside(&self, open: &[usize]) -> Vec<Vec<f64>> {
        let mut is_open = vec![false; self.law.alone.len()];
        open.iter().for_each(|&row| is_open[row] = true);
        if self.law.law == CaptureLaw::Nearest {
            return self.nearest(|row| is_open[row]);
        }
        // What the open rows pull of a zone is summed once for all its stores.
        let mut summed: Option<(usize, usize, f64)> = None;
        self.parts_with(&mut summed, |summed, place, at, device, slot| {
            let pull = |pair: &Pair| self.attraction[pair.row][device] * pair.pull;
            let all = match *summed {
                Some((place, of, all)) if (place, of) == (at, device) => all,
                _ => place.pairs.iter().filter(|pair| is_open[pair.row]).map(pull).sum(),
            };
            *summed = Some((at, device, all));
            let own = &place.pairs[slot];
            Some(if is_open[own.row] { (all - pull(own)).max(0.0) } else { all })
        })
    }

    /// c where a zone goes to the nearest of the rows that count, or to the row itself if none of them is nearer.
    fn nearest(&self, counts: impl Fn(usize) -> bool) -> Vec<Vec<f64>> {
        let mut first: Option<(usize, Option<(u32, usize)>)> = None;
        self.parts_with(&mut first, |first, place, at, _, slot| {
            let order = |pair: &Pair| (pair.time, pair.row);
            let nearest = match *first {
                Some((place, nearest)) if place == at => nearest,
                _ => place.pairs.iter().filter(|pair| counts(pair.row)).map(order).min(),
            };
            *first = Some((at, nearest));
            let own = order(&place.pairs[slot]);
            if nearest.is_some_and(|nearest| nearest < own) { None } else { Some(0.0) }
        })
    }

    /// No corner keeps less, whoever else is open, at `most` corners.
    pub(crate) fn least(&self, most: usize) -> Vec<Vec<f64>> {
        let others = most.saturating_sub(1);
        if self.law.law == CaptureLaw::Nearest && others > 0 {
            return self.bounded(self.nearest(|_| true));
        }
        let mut strongest: Vec<(usize, usize, Vec<(f64, usize)>)> = Vec::new();
        let parts = self.parts_with(&mut strongest, |strongest, place, at, device, slot| {
            let own = &place.pairs[slot];
            if others == 0 {
                return Some(0.0);
            }
            // The strongest of a zone are found once for all its stores.
            if strongest.last().is_none_or(|known| (known.0, known.1) != (at, device)) {
                let pulls = place.pairs.iter().map(|pair| (self.attraction[pair.row][device] * pair.pull, pair.row));
                let mut pulls: Vec<(f64, usize)> = pulls.collect();
                pulls.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
                pulls.truncate(others + 1);
                strongest.clear();
                strongest.push((at, device, pulls));
            }
            let pulls = &strongest.last()?.2;
            Some(pulls.iter().filter(|pull| pull.1 != own.row).take(others).map(|pull| pull.0).sum())
        });
        self.bounded(parts)
    }

    /// Parts with what rounding may have added taken off.
    fn bounded(&self, mut parts: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
        for part in parts.iter_mut().flatten().filter(|part| **part < 1.0) {
            *part = (*part - ROUNDING).max(0.0);
        }
        parts
    }

    /// D/F, at most 1, where `others` says what others pull of a zone (none: all of it).
    fn parts_with<T>(
        &self,
        state: &mut T,
        others: impl Fn(&mut T, &Place, usize, usize, usize) -> Option<f64>,
    ) -> Vec<Vec<f64>> {
        let law = self.law;
        let devices = law.devices;
        if law.law == CaptureLaw::Independent {
            return vec![vec![1.0; devices]; law.alone.len()];
        }
        let mut parts = vec![vec![0.0; devices]; law.alone.len()];
        for (at, place) in law.places.iter().enumerate() {
            for device in 0..devices {
                let potential = law.potential(place, device);
                for (slot, pair) in place.pairs.iter().enumerate() {
                    let Some(others) = others(state, place, at, device, slot) else { continue };
                    let pull = self.attraction[pair.row][device] * pair.pull;
                    parts[pair.row][device] += potential
                        * match law.law {
                            CaptureLaw::Nearest => pull.min(1.0),
                            CaptureLaw::Share | CaptureLaw::Independent => pull / (place.outside + pull + others),
                        };
                }
            }
        }
        for (parts, alone) in parts.iter_mut().zip(&law.alone) {
            for (part, &alone) in parts.iter_mut().zip(alone) {
                *part = if alone > 0.0 { (*part / alone).min(1.0) } else { 1.0 };
            }
        }
        parts
    }
}
