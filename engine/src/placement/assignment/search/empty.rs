//! Whether a part of the space holds any plan, as far as the counts, one pair, one floor or one row tell.

use std::cmp::Reverse;

use domain::problem::Site;

use super::{Search, count};
use crate::placement::assignment::prices::State;

impl Search<'_> {
    /// Whether the counts, a conflicting pair or a row leave no plan where columns are in these states.
    pub(in crate::placement::assignment) fn no_plan(&self, state: &[State]) -> bool {
        let (open, free) = (count(state, State::Open), count(state, State::Free));
        if open > self.rules.open_max || open + free < self.rules.open_min {
            return true;
        }
        let is_open = |site: Site| self.matrix.sites.binary_search(&site).is_ok_and(|at| state[at] == State::Open);
        if self.rules.conflicts.iter().any(|&(one, other)| is_open(one) && is_open(other)) {
            return true;
        }
        if !self.rules.reach.is_empty() {
            let of = |state_of: State| -> Vec<Site> {
                self.matrix
                    .sites
                    .iter()
                    .zip(state)
                    .filter(|(_, state)| **state == state_of)
                    .map(|(site, _)| *site)
                    .collect()
            };
            if self.rules.out_of_reach(&of(State::Open), &of(State::Free)) {
                return true;
            }
        }
        let (least, most) = (self.rules.open_min.saturating_sub(open), (self.rules.open_max - open).min(free));
        self.rules.own_rows().any(|(_, row)| {
            let (mut base, mut terms) = (0_i64, vec![0_i64; 0]);
            let mut listed = 0;
            for &(site, coefficient) in &row.terms {
                if let Ok(at) = self.matrix.sites.binary_search(&site) {
                    match state[at] {
                        State::Open => base += coefficient,
                        State::Free => {
                            terms.push(coefficient);
                            listed += 1;
                        }
                        State::Closed => {}
                    }
                }
            }
            terms.resize(terms.len() + free - listed, 0);
            let extreme = |sign: i64| {
                let mut signed: Vec<i64> = terms.iter().map(|term| sign * term).collect();
                signed.sort_unstable_by_key(|&term| Reverse(term));
                let paying = signed.iter().take_while(|term| **term > 0).count();
                sign * signed[..paying.clamp(least, most)].iter().sum::<i64>() + base
            };
            row.max.is_some_and(|max| extreme(-1) > max) || row.min.is_some_and(|min| extreme(1) < min)
        })
    }
}
