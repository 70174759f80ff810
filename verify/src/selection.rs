//! The largest sum of values over "at least n, at most p sites, these open, those closed": a sort.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | rho'_j | `Ranked::value` | cost units x 2^-bits |
//! | n, p | `Counts` | sites |

/// How many sites may be open.
#[derive(Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) min: usize,
    pub(crate) max: usize,
}

/// What a part of the space says of a site.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Free,
    Open,
    Closed,
}

/// Values of sites, and the sites from the largest value down (ties to the lower site).
pub(crate) struct Ranked {
    pub(crate) value: Vec<i128>,
    order: Vec<u32>,
}

impl Ranked {
    pub(crate) fn new(value: Vec<i128>) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "sites are numbered in 32 bits")]
        let mut order: Vec<u32> = (0..value.len() as u32).collect();
        order.sort_unstable_by_key(|&site| (std::cmp::Reverse(value[site as usize]), site));
        Self { value, order }
    }

    /// The largest sum; none if no choice has an allowed count.
    pub(crate) fn largest(&self, counts: Counts, state: impl Fn(u32) -> State) -> Option<i128> {
        let (mut sum, mut open) = (0_i128, 0_usize);
        for site in 0..self.value.len() {
            #[expect(clippy::cast_possible_truncation, reason = "sites are numbered in 32 bits")]
            if state(site as u32) == State::Open {
                sum += self.value[site];
                open += 1;
            }
        }
        if open > counts.max {
            return None;
        }
        for &site in self.order.iter().filter(|&&site| state(site) == State::Free) {
            let value = self.value[site as usize];
            if open >= counts.max || (open >= counts.min && value <= 0) {
                break;
            }
            sum += value;
            open += 1;
        }
        (open >= counts.min).then_some(sum)
    }

    /// The same with one more site forced open, for every free site: (site, largest sum). Sites
    /// whose opening leaves no allowed count are left out.
    pub(crate) fn largest_with_each(&self, counts: Counts, state: impl Fn(u32) -> State) -> Vec<(u32, i128)> {
        let (mut base, mut open) = (0_i128, 0_usize);
        let mut free = Vec::new();
        for &site in &self.order {
            match state(site) {
                State::Open => {
                    base += self.value[site as usize];
                    open += 1;
                }
                State::Free => free.push(site),
                State::Closed => {}
            }
        }
        if open >= counts.max {
            return Vec::new();
        }
        let mut prefix = vec![0_i128];
        for &site in &free {
            prefix.push(prefix[prefix.len() - 1] + self.value[site as usize]);
        }
        let positive = free.iter().filter(|&&site| self.value[site as usize] > 0).count();
        let mut found = Vec::new();
        for (rank, &site) in free.iter().enumerate() {
            let value = self.value[site as usize];
            // Besides it: as many of the others as pay, within what the counts leave.
            let others = free.len() - 1;
            let (low, high) = (counts.min.saturating_sub(open + 1), (counts.max - open - 1).min(others));
            if low > high {
                continue;
            }
            let take = (positive - usize::from(value > 0)).clamp(low, high);
            let sum = if rank < take { prefix[take + 1] - value } else { prefix[take] };
            found.push((site, base + value + sum));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_sort_agrees_with_enumeration(
            values in prop::collection::vec(-9_i128..9, 1..8),
            states in prop::collection::vec(0_u8..4, 8),
            min in 0_usize..4, extra in 0_usize..4,
        ) {
            let counts = Counts { min, max: min + extra };
            let state = |site: u32| match states[site as usize] { 0 => State::Open, 1 => State::Closed, _ => State::Free };
            let best = |force: Option<u32>| (0_u32..1 << values.len()).filter(|set| {
                let count = set.count_ones() as usize;
                (0..values.len() as u32).all(|site| {
                    let open = set >> site & 1 == 1;
                    match state(site) { State::Open => open, State::Closed => !open, State::Free => true }
                }) && force.is_none_or(|site| set >> site & 1 == 1) && (counts.min..=counts.max).contains(&count)
            }).map(|set| (0..values.len()).filter(|site| set >> site & 1 == 1).map(|site| values[site]).sum::<i128>()).max();
            let ranked = Ranked::new(values.clone());
            prop_assert_eq!(ranked.largest(counts, state), best(None));
            let each = ranked.largest_with_each(counts, state);
            for site in (0..values.len() as u32).filter(|&site| state(site) == State::Free) {
                let found = each.iter().find(|found| found.0 == site).map(|found| found.1);
                prop_assert_eq!(found, best(Some(site)));
            }
        }
    }
}
