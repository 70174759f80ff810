//! Whether the parts of a problem agree, before anything is indexed.

use domain::problem::{Assignment, CostRows, Rules, Site};

use crate::placement::PlacementError;

fn size(what: &'static str, found: usize, expected: usize) -> Result<(), PlacementError> {
    if found == expected { Ok(()) } else { Err(PlacementError::Shape { what, found, expected }) }
}

fn ascending(what: &'static str, sites: impl IntoIterator<Item = Site>, count: usize) -> Result<(), PlacementError> {
    let mut least = 0;
    for site in sites {
        if site < least || site as usize >= count {
            return Err(PlacementError::NoSuchSite { what, site, sites: count });
        }
        least = site.saturating_add(1);
    }
    Ok(())
}

/// # Errors
/// The first disagreement.
pub(super) fn shapes(rules: &Rules, problem: &Assignment) -> Result<(), PlacementError> {
    let zones = problem.zones();
    size("fallbacks", problem.fallback.len(), zones)?;
    match &problem.costs {
        CostRows::Dense { sites, costs } => {
            size("sites in its cost rows", *sites, rules.sites)?;
            size("costs", costs.len(), zones * sites)?;
        }
        CostRows::Places(places) => {
            size("sites in its places", places.sites.len(), rules.sites)?;
            size("zones in its places", places.zones.len(), zones)?;
            let numbers = places.zones.iter().chain(&places.sites).flatten().chain([&places.scale]);
            if let Some((at, &value)) = numbers.enumerate().find(|(_, value)| !value.is_finite()) {
                return Err(PlacementError::BadNumber { what: "coordinate", at, value });
            }
        }
        CostRows::Sparse { starts, site, cost } => {
            size("row starts", starts.len(), zones + 1)?;
            size("costs", cost.len(), site.len())?;
            size("entries by its row starts", starts.last().copied().unwrap_or(0), site.len())?;
            for row in starts.windows(2) {
                if row[0] > row[1] {
                    return Err(PlacementError::Shape { what: "row starts in order", found: row[1], expected: row[0] });
                }
                ascending("a cost row", site[row[0]..row[1]].iter().copied(), rules.sites)?;
            }
        }
    }
    ascending("the required sites", rules.require.iter().copied(), rules.sites)?;
    ascending("the excluded sites", rules.exclude.iter().copied(), rules.sites)?;
    for row in &rules.rows {
        ascending("a row", row.terms.iter().map(|(site, _)| *site), rules.sites)?;
    }
    for &(one, other) in &rules.conflicts {
        ascending("a conflict", [one, other], rules.sites)?;
    }
    Ok(())
}
