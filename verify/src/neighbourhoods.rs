//! A bound on profit that needs no certificate: the market is cut into neighbourhoods, and the best of
//! each is found by looking.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | f(S) | [`crate::field`] | what the sites S earn together, less what opening them costs |
//! | V_c(m) | `Part::best` | the largest f of m sites of neighbourhood c, or something above it |
//! | U | [`Field::bound`] | no plan of at most p sites earns more |
//!
//! Three facts carry the bound; all follow from this: another corner never adds to a corner's demand.
//!
//! 1. f(S) <= sum over c of f(S in c) for any partition into neighbourhoods c. So
//!    U = max of sum_c V_c(m_c) over sum m_c <= p, which is a dynamic programme.
//! 2. f(S and T) <= f(S) + sum over l in T of (what l earns beside S - o_l). So V_c(m) is found by a
//!    depth-first search that leaves out what can't reach the best found.
//! 3. f(T) <= 1/(m - 1) x the sum of f(T without j) over the m sites j of T: every site's demand is
//!    counted m - 1 times on the right, each time with one neighbour fewer. So V_c(m) <= m/(m - 1)
//!    V_c(m - 1), which is used until V_c(m) is worth looking for, or where looking takes too long.
//!
//! V_c(m) is looked for only where the programme's optimum uses it. Neighbourhoods join the pairs that
//! take most from each other first; any partition is valid, a good one makes U small. Rules other than
//! the counts are left out, which can only raise U.

use rayon::prelude::*;

use crate::field::{Entry, Field, Open, Sharing};

/// Sites that take part in neighbourhoods of more than one; the rest, which earn least, stand alone.
const PAIRED_MAX: usize = 1_500;

/// Sites of a neighbourhood at most.
const PART_MAX: usize = 64;

/// Nodes of one search at most.
const NODES_MAX: u64 = 40_000;

/// Times that the programme is solved at most.
const ROUNDS_MAX: usize = 400;

/// A sum of n terms, whatever its order, is off by less than n x 2^-53 of the sum of their sizes; no sum
/// here has more than 10^5 terms.
const OUTWARD: f64 = 2e-11;

impl Field {
    /// U for at most `p` sites; as soon as it is at most `target` it is small enough.
    pub(crate) fn bound(&self, p: usize, target: f64) -> f64 {
        let nothing = self.nothing();
        let alone: Vec<f64> =
            (0..self.sites.len()).into_par_iter().map(|site| self.gain(&nothing, index(site))).collect();
        let scale: f64 = alone.iter().map(|worth| worth.abs()).fold(1.0, f64::max) * p.max(1) as f64;
        let mut parts = self.parts(&alone, p);
        let mut bound = f64::INFINITY;
        for _ in 0..ROUNDS_MAX {
            let (value, used) = programme(&parts, p);
            bound = value;
            if bound <= target {
                break;
            }
            // The searches of a round are independent of each other.
            let wanted: Vec<(usize, usize)> =
                (0..parts.len()).map(|at| (at, used[at])).filter(|&(at, m)| m >= 2 && !parts[at].looked[m]).collect();
            if wanted.is_empty() {
                break;
            }
            let found: Vec<Option<f64>> = wanted.par_iter().map(|&(at, m)| self.best(&parts[at].sites, m)).collect();
            for (&(at, m), found) in wanted.iter().zip(found) {
                parts[at].looked[m] = true;
                if let Some(best) = found {
                    parts[at].settle(m, best);
                }
            }
        }
        bound + OUTWARD * scale
    }

    /// Neighbourhoods: pairs that take most from each other join first.
    fn parts(&self, alone: &[f64], p: usize) -> Vec<Part> {
        let mut order: Vec<u32> = (0..alone.len()).map(index).filter(|&site| alone[site as usize] > 0.0).collect();
        order.sort_by(|&a, &b| alone[b as usize].total_cmp(&alone[a as usize]).then(a.cmp(&b)));
        let paired = &order[..order.len().min(PAIRED_MAX)];
        let mut root: Vec<usize> = (0..paired.len()).collect();
        let mut size = vec![1_usize; paired.len()];
        let mut losses = self.losses(paired);
        losses.sort_by(|a, b| b.2.total_cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1))));
        for (one, other, _) in losses {
            let (one, other) = (find(&mut root, one as usize), find(&mut root, other as usize));
            if one != other && size[one] + size[other] <= PART_MAX {
                let (low, high) = (one.min(other), one.max(other));
                root[high] = low;
                size[low] += size[high];
            }
        }
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); paired.len()];
        for (at, &site) in paired.iter().enumerate() {
            members[find(&mut root, at)].push(site);
        }
        let together = members.into_iter().filter(|sites| !sites.is_empty());
        let apart = order[paired.len()..].iter().map(|&site| vec![site]);
        together.chain(apart).map(|sites| Part::new(sites, alone, p)).collect()
    }

    /// What pairs of `sites` take from each other, as positions in `sites`, where it is anything.
    fn losses(&self, sites: &[u32]) -> Vec<(u32, u32, f64)> {
        let mut within: Vec<Vec<(u32, Entry)>> = vec![Vec::new(); self.cells.len()];
        for (at, &site) in sites.iter().enumerate() {
            for entry in &self.sites[site as usize].entries {
                within[entry.cell as usize].push((index(at), *entry));
            }
        }
        let count = sites.len();
        let mut lost = vec![0.0; count * count];
        for (cell, here) in self.cells.iter().zip(&within) {
            for (first, (one, a)) in here.iter().enumerate() {
                for (other, b) in &here[first + 1..] {
                    let both = match self.sharing {
                        Sharing::Share => (a.value * a.pull + b.value * b.pull) / (cell.outside + a.pull + b.pull),
                        Sharing::Nearest if (a.time, sites[*one as usize]) < (b.time, sites[*other as usize]) => {
                            a.value * a.pull
                        }
                        Sharing::Nearest => b.value * b.pull,
                    };
                    let apart = match self.sharing {
                        Sharing::Share => {
                            a.value * a.pull / (cell.outside + a.pull) + b.value * b.pull / (cell.outside + b.pull)
                        }
                        Sharing::Nearest => a.value * a.pull + b.value * b.pull,
                    };
                    lost[*one as usize * count + *other as usize] += cell.potential * (apart - both);
                }
            }
        }
        let pairs = (0..count).flat_map(|one| (one + 1..count).map(move |other| (one, other)));
        pairs
            .filter(|&(one, other)| lost[one * count + other] > 0.0)
            .map(|(one, other)| (index(one), index(other), lost[one * count + other]))
            .collect()
    }

    /// V(m) of a neighbourhood, exactly; none if looking takes too long.
    fn best(&self, sites: &[u32], m: usize) -> Option<f64> {
        let mut search = Search { field: self, sites, best: f64::NEG_INFINITY, nodes: 0, open: self.nothing() };
        search.descend(0, m, 0.0).then_some(search.best)
    }
}

/// A neighbourhood.
struct Part {
    /// Those that earn most alone first.
    sites: Vec<u32>,
    /// V(m) or more, for m = 0 to p.
    best: Vec<f64>,
    /// Whether V(m) was looked for.
    looked: Vec<bool>,
}

impl Part {
    fn new(sites: Vec<u32>, alone: &[f64], p: usize) -> Self {
        let counts = p.min(sites.len());
        let mut best = vec![0.0];
        for m in 1..=counts {
            best.push(best[m - 1] + alone[sites[m - 1] as usize]);
        }
        let mut part = Self { sites, looked: vec![false; best.len()], best };
        part.spread(2);
        part
    }

    /// V(m) is known.
    fn settle(&mut self, m: usize, best: f64) {
        self.best[m] = self.best[m].min(best);
        self.spread(m + 1);
    }

    /// Fact 3, from m upward.
    fn spread(&mut self, from: usize) {
        for m in from.max(2)..self.best.len() {
            let before = self.best[m - 1];
            // The fact is about f, which may be negative; then it says nothing below V(m - 1) = 0.
            self.best[m] = self.best[m].min(before.max(0.0) * m as f64 / (m as f64 - 1.0));
        }
    }
}

/// The best split of at most `p` sites over the neighbourhoods, and how many each takes.
fn programme(parts: &[Part], p: usize) -> (f64, Vec<usize>) {
    let mut value = vec![0.0; p + 1];
    let mut taken: Vec<Vec<u8>> = Vec::with_capacity(parts.len());
    for part in parts {
        let mut next = value.clone();
        let mut take = vec![0_u8; p + 1];
        for total in 1..=p {
            for m in 1..part.best.len().min(total + 1) {
                let with = value[total - m] + part.best[m];
                if with > next[total] {
                    next[total] = with;
                    take[total] = u8::try_from(m).unwrap_or(u8::MAX);
                }
            }
        }
        value = next;
        taken.push(take);
    }
    let mut used = vec![0; parts.len()];
    let mut left = p;
    for (at, take) in taken.iter().enumerate().rev() {
        used[at] = take[left] as usize;
        left -= used[at];
    }
    (value[p], used)
}

/// A depth-first search for the best m sites.
struct Search<'a> {
    field: &'a Field,
    sites: &'a [u32],
    best: f64,
    nodes: u64,
    open: Open,
}

impl Search<'_> {
    /// Extends what is open, worth `value`, by `left` of the sites from `from` on; false if it took too long.
    fn descend(&mut self, from: usize, left: usize, value: f64) -> bool {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return false;
        }
        let rest = &self.sites[from..];
        if left == 1 {
            for &site in rest {
                self.best = self.best.max(value + self.field.change(&self.open, site));
            }
            return true;
        }
        let gains: Vec<f64> = rest.iter().map(|&site| self.field.gain(&self.open, site)).collect();
        let mut ranked = gains.clone();
        ranked.sort_by(|a, b| b.total_cmp(a));
        let others: f64 = ranked.iter().take(left - 1).sum();
        for (at, &site) in rest.iter().enumerate() {
            if rest.len() - at < left {
                break;
            }
            if value + gains[at] + others <= self.best {
                continue;
            }
            let with = value + self.field.change(&self.open, site);
            let before = self.field.push(&mut self.open, site);
            let done = self.descend(from + at + 1, left - 1, with);
            self.field.pop(&mut self.open, site, before);
            if !done {
                return false;
            }
        }
        true
    }
}

fn find(root: &mut [usize], mut at: usize) -> usize {
    while root[at] != at {
        root[at] = root[root[at]];
        at = root[at];
    }
    at
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{Cell, Site};
    use proptest::prelude::*;

    /// f(S), from the formula.
    fn value(field: &Field, open: &[u32]) -> f64 {
        let mut sum: f64 = open.iter().map(|&site| -field.sites[site as usize].open_cost).sum();
        for (at, cell) in field.cells.iter().enumerate() {
            let here: Vec<(u32, &Entry)> = open
                .iter()
                .flat_map(|&site| field.sites[site as usize].entries.iter().map(move |entry| (site, entry)))
                .filter(|(_, entry)| entry.cell as usize == at)
                .collect();
            sum += match field.sharing {
                Sharing::Share => {
                    let total: f64 = here.iter().map(|(_, entry)| entry.pull).sum();
                    here.iter().map(|(_, e)| cell.potential * e.value * e.pull / (cell.outside + total)).sum()
                }
                Sharing::Nearest => here
                    .iter()
                    .min_by_key(|(site, entry)| (entry.time, *site))
                    .map_or(0.0, |(_, entry)| cell.potential * entry.value * entry.pull),
            };
        }
        sum
    }

    fn subsets(sites: u32, p: usize) -> impl Iterator<Item = Vec<u32>> {
        (0_u32..1 << sites)
            .filter(move |set| set.count_ones() as usize <= p)
            .map(move |set| (0..sites).filter(|site| set >> site & 1 == 1).collect())
    }

    fn fields() -> impl Strategy<Value = Field> {
        let cell = (1.0..50.0, 0.2..3.0).prop_map(|(potential, outside)| Cell { zone: 0, potential, outside });
        let entry = (0_u32..5, 0.05..1.0, 0.1..5.0, 0_u32..30);
        let site = (0.0..30.0, proptest::collection::btree_map(0_u32..5, entry, 0..5));
        (proptest::collection::vec(cell, 5), proptest::collection::vec(site, 1..9), any::<bool>()).prop_map(
            |(cells, sites, share)| Field {
                sharing: if share { Sharing::Share } else { Sharing::Nearest },
                cells,
                sites: sites
                    .into_iter()
                    .map(|(open_cost, entries)| Site {
                        open_cost,
                        entries: entries
                            .into_iter()
                            .map(|(cell, (_, pull, value, time))| Entry { cell, pull, value, time })
                            .collect(),
                    })
                    .collect(),
            },
        )
    }

    proptest! {
        #[test]
        fn no_plan_is_above_the_bound_and_with_one_neighbourhood_the_best_meets_it(field in fields(), p in 1_usize..5) {
            let best = subsets(index(field.sites.len()), p).map(|open| value(&field, &open)).fold(0.0, f64::max);
            let bound = field.bound(p, f64::NEG_INFINITY);
            prop_assert!(bound >= best - 1e-9, "{bound} < {best}");
            // Few sites make one neighbourhood each time that two of them share a cell, so nothing is
            // cut, and looking is exact.
            prop_assert!(bound <= best + 1e-6 * best.max(1.0), "{bound} > {best}");
        }
    }

    #[test]
    fn a_cheap_neighbour_of_a_dear_site_is_no_gain() {
        // The design's example: with w = b = 1, a = (1, 10) and values (10, 1), {1} earns 5 and {1, 2} 1.67.
        let entry = |pull, value| vec![Entry { cell: 0, pull, value, time: 0 }];
        let field = Field {
            sharing: Sharing::Share,
            cells: vec![Cell { zone: 0, potential: 1.0, outside: 1.0 }],
            sites: vec![
                Site { open_cost: 0.0, entries: entry(1.0, 10.0) },
                Site { open_cost: 0.0, entries: entry(10.0, 1.0) },
            ],
        };
        assert!((value(&field, &[0, 1]) - 20.0 / 12.0).abs() < 1e-12);
        assert!((field.bound(2, 0.0) - 5.0).abs() < 1e-6);
    }
}
