//! Which sites the search begins with.
//!
//! Of a few sites: all. Of many, the LP knows a core at first, and the other sites wait outside. Most of a good
//! core is known from a sample of the zones: the same search over it ends with prices, and the sites that they
//! make worth most begin the search over all zones. The sample's own search begins with sites at regular
//! places in the list, which prices soon replace by better ones.

use domain::places::Places;
use domain::problem::{Assignment, CostRows, Site};
use domain::stop::Silent;

use super::matrix::Zones;
use super::prices::{Prices, State};
use super::search::{Outside, Search};
use super::warm::Warm;
use super::{by_volume, root};
use crate::placement::PlacementError;

/// Finds a first plan and the sites to begin with: from an earlier answer and prices of it, where there are any.
pub(super) fn begin(
    search: &mut Search<'_>,
    warm: Option<&Warm>,
    prices: Option<&Prices>,
) -> Result<(), PlacementError> {
    let sites = search.rules.sites;
    if sites <= search.sizes.sites_few || (by_volume::applies(search) && search.matrix.entries() <= search.pairs_few())
    {
        if search.matrix.is_measured() {
            search.recast(&[]);
        }
        let first = warm.map_or_else(|| search.first(), |warm| warm.sites(search));
        mend(search, &first, warm.is_some());
        return Ok(());
    }
    let most = search.sizes.core.max(6 * search.rules.open_max);
    let mut chosen = vec![false; sites];
    let mut first = Vec::new();
    if let Some(warm) = warm {
        first = warm.sites(search);
    }
    if prices.is_some() || search.zones.len() >= 2 * search.sizes.sample {
        let (found, rho) = match prices {
            Some(prices) => (first, search.rho(prices)),
            None => sampled(search)?,
        };
        let mut ranked: Vec<usize> = (0..sites).collect();
        ranked.sort_by(|&one, &other| rho[other].cmp(&rho[one]).then(one.cmp(&other)));
        ranked.into_iter().take(most).for_each(|site| chosen[site] = true);
        first = found;
    }
    (0..sites).step_by(sites.div_ceil(most)).for_each(|site| chosen[site] = true);
    if first.is_empty() {
        first = search.first();
    }
    let states = std::mem::take(&mut search.state);
    let excluded = |site: &usize| states[*site] == State::Closed;
    first.iter().chain(&search.rules.require).for_each(|&site| chosen[site as usize] = true);
    #[expect(clippy::cast_possible_truncation, reason = "sites are numbered in 32 bits")]
    let core: Vec<(Site, State)> =
        (0..sites).filter(|site| chosen[*site] && !excluded(site)).map(|site| (site as Site, states[site])).collect();
    let waits = (0..sites).map(|site| !chosen[site] && !excluded(&site)).collect();
    search.outside = Outside { matrix: search.all(), waits };
    search.make_core(&core);
    mend(search, &first, warm.is_some());
    Ok(())
}

/// Offers sites as they are; an earlier plan also as what swaps make of it under the rules of now.
fn mend(search: &mut Search<'_>, first: &[Site], swaps: bool) {
    search.offer_sites(first);
    if swaps {
        let shares: Vec<f64> =
            search.matrix.sites.iter().map(|site| f64::from(u8::from(first.binary_search(site).is_ok()))).collect();
        let pool = search.in_play();
        search.round(&shares, &pool);
    }
    if search.best.is_none() {
        let first = search.first();
        search.offer_sites(&first);
    }
}

/// The search over a sample of zones: its plan, and what its prices make of every site.
fn sampled(search: &Search<'_>) -> Result<(Vec<Site>, Vec<i128>), PlacementError> {
    let problem = sample(search.problem, search.zones.len() / search.sizes.sample);
    let zones = Zones::of(&problem, search.rules)?;
    let mut small = Search::new(search.rules, &problem, &zones, GAP, search.stop, &Silent, search.sizes);
    let held = root::run(&mut small, None)?.held;
    Ok((small.best.as_ref().map_or_else(Vec::new, |best| best.1.clone()), small.rho(held.prices())))
}

/// The sample is solved to this gap: nearer than it is to the whole.
const GAP: f64 = 2e-3;

/// Every `step`-th zone.
fn sample(problem: &Assignment, step: usize) -> Assignment {
    let zones: Vec<usize> = (0..problem.zones()).step_by(step).collect();
    let costs = match &problem.costs {
        CostRows::Dense { sites, costs } => CostRows::Dense {
            sites: *sites,
            costs: zones.iter().flat_map(|zone| &costs[zone * sites..(zone + 1) * sites]).copied().collect(),
        },
        CostRows::Sparse { starts, site, cost } => {
            let rows = zones.iter().map(|&zone| starts[zone]..starts[zone + 1]);
            let mut new = vec![0];
            new.extend(rows.clone().scan(0, |so_far, row| {
                *so_far += row.len();
                Some(*so_far)
            }));
            CostRows::Sparse {
                starts: new,
                site: rows.clone().flat_map(|row| &site[row]).copied().collect(),
                cost: rows.flat_map(|row| &cost[row]).copied().collect(),
            }
        }
        CostRows::Places(places) => {
            CostRows::Places(Places { zones: zones.iter().map(|&zone| places.zones[zone]).collect(), ..places.clone() })
        }
    };
    Assignment {
        weights: zones.iter().map(|&zone| problem.weights[zone]).collect(),
        fallback: zones.iter().map(|&zone| problem.fallback[zone]).collect(),
        costs,
    }
}
