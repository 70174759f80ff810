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
use super::prices::State;
use super::search::{Outside, Search};
use super::{by_volume, root};
use crate::placement::PlacementError;

/// Finds a first plan and the sites to begin with.
pub(super) fn begin(search: &mut Search<'_>) -> Result<(), PlacementError> {
    let sites = search.rules.sites;
    if sites <= search.sizes.sites_few
        || (by_volume::applies(search) && search.matrix.entries() <= search.pairs_few())
    {
        if search.matrix.is_measured() {
            search.recast(&[]);
        }
        let first = search.first();
        search.offer_sites(&first);
        return Ok(());
    }
    let most = search.sizes.core.max(6 * search.rules.open_max);
    let mut chosen = vec![false; sites];
    let mut first = Vec::new();
    if search.zones.len() >= 2 * search.sizes.sample {
        let (found, rho) = sampled(search)?;
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
    search.offer_sites(&first);
    Ok(())
}

/// The search over a sample of zones: its plan, and what its prices make of every site.
fn sampled(search: &Search<'_>) -> Result<(Vec<Site>, Vec<i128>), PlacementError> {
    let problem = sample(search.problem, search.zones.len() / search.sizes.sample);
    let zones = Zones::of(&problem)?;
    let mut small = Search::new(search.rules, &problem, &zones, GAP, search.stop, &Silent, search.sizes);
    let held = root::run(&mut small)?.held;
    Ok((small.best.as_ref().map_or_else(Vec::new, |best| best.1.clone()), small.rho(&held)))
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
