//! Split conformal intervals by horizon [vovk2005; lei2018], pooled over series.
//!
//! | symbol | here | |
//! |---|---|---|
//! | s = (z - f) / sigma | a score of a forecast f of the past | sigma: the series' spread at its origin |
//!
//! The quantile of level tau at h is f + sigma x the score of rank tau (n + 1) among those of like distance. Few windows
//! share few shocks, so scores are widened by 1 + [`WIDENING`] / shocks, about one a week of each window.

use domain::forecast::LEVELS;

/// Scores that a horizon needs; with fewer, all horizons share.
const SCORES_MIN: usize = 200;
/// As for univariate series: halfway between two values that were measured there.
const WIDENING: f64 = 2.5;

/// What to add to a forecast at each level, per spread, by periods ahead from 1.
#[derive(Debug, Clone)]
pub(super) struct Offsets(Vec<[f64; LEVELS.len()]>);

impl Offsets {
    /// From (periods ahead, score) of `windows` times in the past.
    pub(super) fn of(scores: &[(i64, f64)], reach: i64, windows: usize) -> Self {
        let widening = 1.0 + WIDENING / (windows.max(1) * scores_per_window(reach)) as f64;
        let pooled = ranks(scores.iter().map(|one| one.1).collect());
        let near = (reach / 6).max(1);
        let by_horizon = (1..=reach).map(|h| {
            let like: Vec<f64> = scores.iter().filter(|one| (one.0 - h).abs() <= near).map(|one| one.1).collect();
            let offsets = if like.len() < SCORES_MIN { pooled } else { ranks(like) };
            offsets.map(|offset| offset * widening)
        });
        Self(by_horizon.collect())
    }

    /// Quantiles on the scale of z: non-crossing.
    pub(super) fn quantiles(&self, h: i64, f: f64, spread: f64) -> [f64; LEVELS.len()] {
        let at = (h.max(1) as usize - 1).min(self.0.len() - 1);
        self.0[at].map(|offset| f + spread * offset)
    }
}

/// Stretches of a window whose shocks are their own: a window of a season is worth a few.
fn scores_per_window(reach: i64) -> usize {
    (reach.unsigned_abs() as usize / 7).clamp(1, 6)
}

/// Ranks at each level; the middle is the forecast itself, as the blend was fitted.
fn ranks(mut scores: Vec<f64>) -> [f64; LEVELS.len()] {
    scores.sort_unstable_by(f64::total_cmp);
    let n = scores.len();
    LEVELS.map(|level| {
        if level == 0.5 || n == 0 {
            return 0.0;
        }
        let tail = level.min(1.0 - level);
        // Counted from the nearer end; the small slack keeps 0.1 x 20 from becoming 1.
        let at = ((tail * (n + 1) as f64 + 1e-9).floor() as usize).clamp(1, n) - 1;
        if level < 0.5 { scores[at].min(0.0) } else { scores[n - 1 - at].max(0.0) }
    })
}
