//! Which column to branch on: what opening and closing it has been seen to do [achterberg2005].
//!
//! | symbol | here |
//! |---|---|
//! | gain per unit of share, opening and closing | `Experience::seen` |
//!
//! A column without experience is tried first, with a few steps on either half. Scores are products, so
//! that a column counts that lifts both halves.

use super::prices::State;

/// What trying one half showed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tried {
    column: u32,
    opened: bool,
    /// The bound's rise per unit of share that had to move.
    gain: f64,
}

/// What branching on each column did.
#[derive(Debug)]
pub(super) struct Experience {
    /// By column: (sum of gains per unit of share, how many), closing and opening.
    seen: Vec<[(f64, f64); 2]>,
}

/// Columns that are looked at for a node at most.
const LOOKED: usize = 12;
/// Columns that are tried at a node at most.
const TRIED: usize = 6;
/// Trials after which a column's experience is trusted.
const TRUSTED: f64 = 3.0;
/// A share nearer to 0 or 1 than this is decided.
const DECIDED: f64 = 0.02;

impl Experience {
    /// None yet, of so many columns.
    pub(super) fn new(width: usize) -> Self {
        Self { seen: vec![[(0.0, 0.0); 2]; width] }
    }

    /// Notes a trial.
    pub(super) fn learn(&mut self, tried: &Tried) {
        let (sum, count) = &mut self.seen[tried.column as usize][usize::from(tried.opened)];
        *sum += tried.gain;
        *count += 1.0;
    }

    /// The free column to branch on; none if no share is undecided. `gain` tries a half and says by how much the
    /// bound rises; `left` is what it has to rise to be done.
    pub(super) fn choose(
        &self,
        state: &mut [State],
        shares: &[f64],
        left: f64,
        learned: &mut Vec<Tried>,
        gain: impl Fn(&mut [State], u32, State) -> f64,
    ) -> Option<u32> {
        let undecided = |column: &u32| shares[*column as usize].min(1.0 - shares[*column as usize]);
        let mut looked: Vec<u32> = (0_u32..)
            .zip(state.iter())
            .filter(|(column, state)| **state == State::Free && undecided(column) > DECIDED)
            .map(|(column, _)| column)
            .collect();
        looked.sort_by(|one, other| undecided(other).total_cmp(&undecided(one)).then(one.cmp(other)));
        looked.truncate(LOOKED);
        let mut trials = 0;
        let mut best: Option<(f64, u32)> = None;
        for column in looked {
            let share = shares[column as usize];
            let mut score = 1.0;
            let known = self.seen[column as usize];
            let trusted = known.iter().all(|(_, count)| *count >= TRUSTED);
            trials += usize::from(!trusted);
            if !trusted && trials > TRIED {
                continue;
            }
            for (to, opened, moved) in [(State::Closed, false, share), (State::Open, true, 1.0 - share)] {
                let gain = if trusted {
                    let (sum, count) = known[usize::from(opened)];
                    moved * sum / count
                } else {
                    let gain = gain(state, column, to).max(0.0);
                    learned.push(Tried { column, opened, gain: gain.min(left) / moved });
                    gain
                };
                // A half that is done counts no more for being done with ease.
                score *= gain.clamp(1e-6 * left, left);
            }
            if best.is_none_or(|best| score > best.0) {
                best = Some((score, column));
            }
        }
        best.map(|best| best.1)
    }
}
