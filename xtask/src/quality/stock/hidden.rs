//! What stockouts hide of demand, and how much of it is found again.
//!
//! Chains of [`STORES`] stores of one kind, whose levels spread by [`SPREAD`] in the log. Bias: the sum of the estimated levels over that
//! of the true ones, less 1. The chain is learnt, and each store's level is the mean of its posterior in it, as a plan
//! learns what stores sell (`engine::fit`). Beside it: what was sold taken as demand, and weeks with a stockout left out.

use std::io::{self, Write};

use models::opening::{Prior, Week, update};
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::demand::{Stockouts, Truth};

const MEANS: [f64; 3] = [2.0, 6.0, 30.0];
const SIZES: [f64; 3] = [1.0, 3.0, 10.0];
const CORRELATIONS: [f64; 2] = [0.0, 0.4];
const SHARES: [f64; 4] = [0.10, 0.25, 0.40, 0.50];
const HISTORIES: [usize; 2] = [26, 8];
const STORES: usize = 40;
const SPREAD: f64 = 0.4;
/// Estimates: ours, what was sold, weeks without a stockout.
const ESTIMATES: usize = 3;

/// Prints the bias for every kind of stockout and share of weeks.
pub(super) fn table(out: &mut impl Write, chains: usize) -> io::Result<()> {
    writeln!(
        out,
        "\nMean demand from weeks with stockouts, bias in %: {chains} chains of {STORES} stores for each of means {MEANS:?}, sizes \
         {SIZES:?} and correlations {CORRELATIONS:?}.\n"
    )?;
    writeln!(
        out,
        "| weeks | shelf | weeks with a stockout | bias | s.e. | correlation 0 | 0.4 | worst kind | its s.e. | as sold | those weeks left out |"
    )?;
    writeln!(out, "|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")?;
    let shelves: [(&str, fn(f64) -> Stockouts); 3] = [
        ("the same each week", Stockouts::Shelf),
        ("varied", Stockouts::Varied),
        ("blind: whatever the demand", Stockouts::Blind),
    ];
    for history in HISTORIES {
        for (name, stockouts) in shelves {
            for share in SHARES {
                let kinds: Vec<(Truth, Vec<[f64; ESTIMATES]>)> = kinds()
                    .map(|truth| {
                        let chain = |chain: usize| bias(truth, history, stockouts(share), chain as u64);
                        (truth, (0..chains).into_par_iter().map(chain).collect())
                    })
                    .collect();
                let of = |estimate: usize| {
                    let all: Vec<f64> = kinds.iter().flat_map(|kind| &kind.1).map(|bias| bias[estimate]).collect();
                    super::summary(&all)
                };
                // Between kinds estimates may differ for good: the error is that of each kind's chains.
                let each: Vec<(f64, f64)> = kinds
                    .iter()
                    .map(|kind| super::summary(&kind.1.iter().map(|bias| bias[0]).collect::<Vec<_>>()))
                    .collect();
                let error = each.iter().map(|kind| kind.1 * kind.1).sum::<f64>().sqrt() / each.len() as f64;
                let worst =
                    each.iter().copied().fold(
                        (0.0, 0.0),
                        |worst: (f64, f64), kind| {
                            if kind.0.abs() > worst.0.abs() { kind } else { worst }
                        },
                    );
                let among = |correlation: f64| {
                    let kinds = kinds.iter().zip(&each).filter(|(kind, _)| kind.0.correlation == correlation);
                    let biases: Vec<f64> = kinds.map(|(_, bias)| bias.0).collect();
                    biases.iter().sum::<f64>() / biases.len() as f64
                };
                let [apart, together] = CORRELATIONS.map(among);
                writeln!(
                    out,
                    "| {history} | {name} | {:.0} % | {:+.2} | {error:.2} | {apart:+.2} | {together:+.2} | {:+.1} | {:.1} | {:+.1} | {:+.1} |",
                    100.0 * share,
                    of(0).0,
                    worst.0,
                    worst.1,
                    of(1).0,
                    of(2).0
                )?;
            }
        }
    }
    Ok(())
}

fn kinds() -> impl Iterator<Item = Truth> {
    let pairs = SIZES.into_iter().flat_map(|size| CORRELATIONS.map(|correlation| (size, correlation)));
    pairs.flat_map(|(size, correlation)| MEANS.map(|mean| Truth { mean, size, correlation }))
}

/// Of one chain, %, by estimate.
fn bias(truth: Truth, history: usize, stockouts: Stockouts, chain_number: u64) -> [f64; ESTIMATES] {
    let random = &mut Pcg64::seed_from_u64(chain_number << 32 | (truth.mean * 1e3) as u64 ^ (truth.size * 77.0) as u64);
    let (stores, levels): (Vec<Vec<Week>>, Vec<f64>) = (0..STORES)
        .map(|_| {
            let score: f64 = StandardNormal.sample(random);
            let store = Truth { mean: truth.mean * (SPREAD * score).exp(), ..truth };
            let path = store.path(history, random);
            (store.seen(&path, stockouts, random), store.mean)
        })
        .unzip();
    let Some(chain) = models::opening::chain(&stores) else { return [f64::NAN; ESTIMATES] };
    let prior = Prior { log_level: chain.log_mean, log_sd: chain.log_sd, adoption: None };
    let mut sums = [[0.0; 2]; ESTIMATES];
    let mut add = |estimate: usize, level: f64, truth: f64| {
        sums[estimate][0] += level;
        sums[estimate][1] += truth;
    };
    for (weeks, &level) in stores.iter().zip(&levels) {
        add(0, update(&prior, weeks, chain.noise).level, level);
        add(1, weeks.iter().map(|week| week.units).sum::<f64>() / history as f64, level);
        let kept: Vec<f64> = weeks.iter().filter(|week| !week.censored).map(|week| week.units).collect();
        if !kept.is_empty() {
            add(2, kept.iter().sum::<f64>() / kept.len() as f64, level);
        }
    }
    sums.map(|[found, truth]| 100.0 * (found / truth - 1.0))
}
