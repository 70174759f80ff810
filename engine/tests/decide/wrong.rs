//! Coverage instances that HiGHS 1.14.0 called optimal at a wrong value, each with its optimum by trying every
//! open set. `xtask/peers/wrong.py` finds them.

use domain::problem::{Assignment, CostRows, Rules};
use domain::stop::{Silent, Stop};
use engine::placement::assignment;
use engine::solver::lp::{Lp, LpStatus};

/// One instance: zones as bit masks over the sites that cover them.
struct Coverage {
    sites: usize,
    p: usize,
    exact: bool,
    whole: bool,
    optimum: u64,
    claimed: f64,
    weights: Vec<u64>,
    masks: Vec<u32>,
}

fn corpus() -> Vec<Coverage> {
    let lines = include_str!("../data/highs_1_14_wrong.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let number = |at: usize| words[at].parse::<usize>().expect("a number");
            Coverage {
                sites: number(0),
                p: number(1),
                exact: number(2) == 1,
                whole: number(3) == 1,
                optimum: number(4) as u64,
                claimed: words[5].parse().expect("a number"),
                weights: words[6].split(',').map(|weight| weight.parse().expect("a weight")).collect(),
                masks: words[7].split(',').map(|mask| u32::from_str_radix(mask, 16).expect("a mask")).collect(),
            }
        })
        .collect()
}

impl Coverage {
    /// The most weight that any allowed set covers, by trying them all.
    fn brute(&self) -> u64 {
        let allowed = |set: u32| {
            let count = set.count_ones() as usize;
            if self.exact { count == self.p } else { count <= self.p }
        };
        let covered = |set: u32| {
            self.masks.iter().zip(&self.weights).filter(|(mask, _)| **mask & set != 0).map(|(_, weight)| weight).sum()
        };
        (0..1 << self.sites).filter(|&set| allowed(set)).map(covered).max().expect("some set is allowed")
    }

    /// What our own search finds and proves: (value, bound), as covered weight.
    fn ours(&self) -> (u64, u64) {
        let (mut starts, mut site) = (vec![0], Vec::new());
        for mask in &self.masks {
            site.extend((0..self.sites as u32).filter(|site| mask >> site & 1 == 1));
            starts.push(site.len());
        }
        let problem = Assignment {
            weights: self.weights.clone(),
            fallback: vec![1; self.weights.len()],
            costs: CostRows::Sparse { starts, cost: vec![0; site.len()], site },
        };
        let open_min = if self.exact { self.p } else { 0 };
        let rules = Rules { sites: self.sites, open_min, open_max: self.p, ..Rules::default() };
        let placed = assignment::solve(&rules, &problem, 0.0, &Stop::default(), &Silent).expect("solved");
        let total = i128::from(self.weights.iter().sum::<u64>());
        let (value, bound) = placed.exact.expect("whole numbers");
        (u64::try_from(total - value).expect("a weight"), u64::try_from(total - bound).expect("a weight"))
    }

    /// What the pinned solver finds for the program that the older one failed on.
    fn program(&self) -> f64 {
        let mut lp = Lp::new();
        for _ in 0..self.sites {
            lp.add_column(0.0, 0.0, 1.0, true).expect("finite");
        }
        for &weight in &self.weights {
            lp.add_column(-(weight as f64), 0.0, 1.0, self.whole).expect("finite");
        }
        for (zone, mask) in self.masks.iter().enumerate() {
            let mut terms = vec![(self.sites + zone, 1.0)];
            terms.extend((0..self.sites).filter(|site| mask >> site & 1 == 1).map(|site| (site, -1.0)));
            lp.add_row(f64::NEG_INFINITY, 0.0, &terms).expect("finite");
        }
        let all: Vec<(usize, f64)> = (0..self.sites).map(|site| (site, 1.0)).collect();
        let most = self.p as f64;
        lp.add_row(if self.exact { most } else { f64::NEG_INFINITY }, most, &all).expect("finite");
        let answer = lp.solve().expect("solved");
        assert_eq!(answer.status, LpStatus::Optimal);
        -answer.objective
    }
}

#[test]
fn what_an_older_solver_got_wrong_is_proven_right() {
    let corpus = corpus();
    assert!(corpus.len() >= 40, "{} instances", corpus.len());
    for (number, instance) in corpus.iter().enumerate() {
        let optimum = instance.brute();
        assert_eq!(optimum, instance.optimum, "instance {number} as it is stored");
        assert!((instance.claimed - optimum as f64).abs() > 1e-3, "instance {number} was answered wrongly");
        assert_eq!(instance.ours(), (optimum, optimum), "instance {number}");
        let found = instance.program();
        assert!((found - optimum as f64).abs() < 1e-6 * optimum as f64 + 1e-6, "instance {number}: {found}");
    }
}
