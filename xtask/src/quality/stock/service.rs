//! Stock promised, and what it serves.
//!
//! A chain has [`STORES`] stores at each of [`MEANS`]. A choice sees the chain's history and promises for each store a stock for
//! [`WINDOW`] weeks, of type 1 and, apart, of fill rate. What it serves is counted on the [`FRESH`] weeks that follow, window
//! by window, each beginning full. Standard errors are between chains. `truth` chooses the same way from the distribution
//! of windows itself ([`TRUTH_WINDOWS`] of them): what it serves beyond the promise is the rounding to whole units.

use std::io::{self, Write};

use models::counts::NegativeBinomial;
use models::inventory::learned::Belief;
use models::inventory::service::{Policy, Promise, smallest};
use models::inventory::{Pmf, Unsound};
use models::opening::Week;
use rand::SeedableRng;
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::demand::{Stockouts, Truth};

const MEANS: [f64; 6] = [0.5, 1.0, 2.0, 5.0, 12.0, 30.0];
const STORES: usize = 6;
const SIZES: [f64; 3] = [1.0, 3.0, 10.0];
const CORRELATIONS: [f64; 2] = [0.0, 0.4];
const HISTORIES: [usize; 2] = [26, 8];
const STOCKOUTS: [(Stockouts, &str); 2] = [(Stockouts::None, "none"), (Stockouts::Varied(0.25), "in 25 % of weeks")];
const WINDOW: u32 = 3;
const FRESH: usize = 30;
const PROMISED: f64 = 0.95;
const TRUTH_WINDOWS: usize = 200_000;

/// The choices, in the order of the table.
const CHOICES: [&str; 5] = ["truth", "ours, of a chain", "ours, of a store alone", "negative binomial", "Poisson"];

/// What one chain was served under a choice: by mean of the store, (windows or units asked for, served).
type Tally = [[f64; 2]; MEANS.len()];

/// One chain: by choice, type 1 and fill.
type Served = [[Tally; 2]; CHOICES.len()];

/// Measures `chains` chains of every kind and prints a table for each promise.
pub(super) fn table(out: &mut impl Write, chains: usize) -> io::Result<()> {
    writeln!(
        out,
        "Stock for {WINDOW} weeks promised {:.0} %, what it serves, %: {chains} chains of {} stores for each of sizes {SIZES:?} and \
         correlations {CORRELATIONS:?}. \"Less truth\": what it serves less what the truth's own choice serves. \"Worst\": the size \
         and correlation that is furthest from it.",
        100.0 * PROMISED,
        STORES * MEANS.len()
    )?;
    let mut kinds = Vec::new();
    for history in HISTORIES {
        for (stockouts, name) in STOCKOUTS {
            let cells: Vec<Vec<Served>> = SIZES
                .iter()
                .flat_map(|&size| CORRELATIONS.map(|correlation| (size, correlation)))
                .map(|(size, correlation)| {
                    let truths = MEANS.map(|mean| Truth { mean, size, correlation });
                    let known = truths.map(|truth| levels(windows(truth)));
                    let seed = |chain: usize| {
                        (history as u64) << 48 | ((size * 10.0 + correlation * 1e3) as u64) << 24 | chain as u64
                    };
                    (0..chains)
                        .into_par_iter()
                        .map(|chain| one(&truths, &known, history, stockouts, seed(chain)))
                        .collect()
                })
                .collect();
            kinds.push((history, name, cells));
        }
    }
    for (promise, name) in ["type 1", "fill rate"].into_iter().enumerate() {
        writeln!(out, "\n**{name}**\n")?;
        write!(out, "| weeks | stockouts | choice | served | s.e. | less truth | worst |")?;
        MEANS.iter().try_for_each(|mean| write!(out, " {mean} a week |"))?;
        writeln!(out, "\n|--:|---|---|--:|--:|--:|--:|{}", "--:|".repeat(MEANS.len()))?;
        for (history, stockouts, cells) in &kinds {
            for (choice, called) in CHOICES.iter().enumerate() {
                let all = || cells.iter().flatten().map(|chain| &chain[choice][promise]);
                let (mean, error) = overall(all());
                let less = |cell: &[Served]| {
                    let of = |choice: usize| overall(cell.iter().map(|chain| &chain[choice][promise])).0;
                    of(choice) - of(0)
                };
                let apart: Vec<f64> = cells.iter().map(|cell| less(cell)).collect();
                let worst =
                    apart.iter().copied().fold(0.0, |worst: f64, x| if x.abs() > worst.abs() { x } else { worst });
                let beside = apart.iter().sum::<f64>() / apart.len() as f64;
                write!(
                    out,
                    "| {history} | {stockouts} | {called} | {mean:.1} | {error:.2} | {beside:+.1} | {worst:+.1} |"
                )?;
                for at in 0..MEANS.len() {
                    write!(out, " {:.1} |", share(all().map(|tally| tally[at])))?;
                }
                writeln!(out)?;
            }
        }
    }
    Ok(())
}

/// Percent served, and its standard error between chains: of type 1 of all windows, of fill of all units.
fn overall<'a>(tallies: impl Iterator<Item = &'a Tally> + Clone) -> (f64, f64) {
    let (_, error) = super::summary(&tallies.clone().map(|tally| share(tally.iter().copied())).collect::<Vec<_>>());
    (share(tallies.flatten().copied()), error)
}

fn share(cells: impl Iterator<Item = [f64; 2]>) -> f64 {
    let [asked, served] = cells.fold([0.0; 2], |sum, cell| [sum[0] + cell[0], sum[1] + cell[1]]);
    100.0 * served / asked
}

/// The levels that a distribution of the window promises; none serve where it has no table.
fn levels(window: Result<Pmf, Unsound>) -> [i64; 2] {
    let Ok(window) = window else { return [0; 2] };
    let (shape, always) = (Policy::BaseStock { level: 0 }, Pmf::always(0));
    [Promise::Cycle(PROMISED), Promise::Fill(PROMISED)].map(|promise| {
        match smallest(shape, promise, &always, &window) {
            Ok(Policy::BaseStock { level }) => level.max(0),
            _ => 0,
        }
    })
}

/// Windows as they come, from paths a few weeks long, so that they hang together within one alone.
fn windows(truth: Truth) -> Result<Pmf, Unsound> {
    let random = &mut Pcg64::seed_from_u64(7);
    let sums: Vec<u32> = (0..TRUTH_WINDOWS).map(|_| truth.path(WINDOW as usize, random).iter().sum()).collect();
    Pmf::samples(&sums)
}

fn one(
    truths: &[Truth; MEANS.len()],
    known: &[[i64; 2]; MEANS.len()],
    history: usize,
    stockouts: Stockouts,
    seed: u64,
) -> Served {
    let random = &mut Pcg64::seed_from_u64(seed);
    let mut stores: Vec<(usize, Vec<Week>, Vec<u32>)> = Vec::new();
    for (at, truth) in truths.iter().enumerate() {
        for _ in 0..STORES {
            let path = truth.path(history + FRESH, random);
            let seen = truth.seen(&path[..history], stockouts, random);
            let fresh = path[history..].chunks_exact(WINDOW as usize).map(|weeks| weeks.iter().sum()).collect();
            stores.push((at, seen, fresh));
        }
    }
    let chain: Vec<Vec<Week>> = stores.iter().map(|store| store.1.clone()).collect();
    let belief = Belief::of_chain(&chain);
    let mut served: Served = [[[[0.0; 2]; MEANS.len()]; 2]; CHOICES.len()];
    for (at, weeks, fresh) in &stores {
        let alone = Belief::alone(std::slice::from_ref(weeks));
        let (mean, size) = moments(weeks);
        let window = f64::from(WINDOW);
        let plain = |size: f64| Pmf::negative_binomial(NegativeBinomial { mean: window * mean, size: window * size });
        let chosen = [
            known[*at],
            levels(belief.window(weeks, WINDOW)),
            levels(alone.window(weeks, WINDOW)),
            levels(plain(size)),
            levels(plain(f64::INFINITY)),
        ];
        for (choice, chosen) in chosen.iter().enumerate() {
            for (promise, &level) in chosen.iter().enumerate() {
                let tally = &mut served[choice][promise][*at];
                for &asked in fresh {
                    let (asked, level) = (f64::from(asked), level as f64);
                    let [all, kept] = if promise == 0 {
                        [1.0, f64::from(u8::from(asked <= level))]
                    } else {
                        [asked, asked.min(level)]
                    };
                    tally[0] += all;
                    tally[1] += kept;
                }
            }
        }
    }
    served
}

/// Mean and size as the moments of what was sold say, stockouts not looked at: the usual choice.
fn moments(weeks: &[Week]) -> (f64, f64) {
    let count = weeks.len() as f64;
    let mean = weeks.iter().map(|week| week.units).sum::<f64>() / count;
    let variance = weeks.iter().map(|week| (week.units - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    (mean, if variance > mean { mean * mean / (variance - mean) } else { f64::INFINITY })
}
