//! What the search asks of a problem, whatever its law and however it is stored.

use domain::problem::Site;

use super::arena::Cells;

/// What a plan is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Valued {
    /// As far as it was found.
    pub value: f64,
    /// At most.
    pub bound: f64,
}

impl Valued {
    /// There is no such plan.
    pub const NONE: Self = Self { value: f64::NEG_INFINITY, bound: f64::NEG_INFINITY };

    /// Known to the last digit.
    pub(super) fn exactly(value: f64) -> Self {
        Self { value, bound: value }
    }
}

/// A problem over all its candidates.
pub(super) trait Field: Sync {
    /// u_j: what each candidate earns alone. No plan is worth more than this more with it than without.
    fn alone(&self) -> &[f64];

    /// c: see [`super::Worth::chance`].
    fn chance(&self) -> f64 {
        1.0
    }

    /// What a site adds whatever else is open.
    fn own(&self, site: usize) -> f64;

    /// What the open sites (ascending) are worth, as it is published; where that is not above `above`, any number
    /// between the two will do.
    fn value(&self, open: &[Site], above: f64) -> Valued;

    /// An evaluation with nothing open.
    fn tracker(&self) -> Box<dyn Track + '_>;

    /// Marks in `mark` (with `stamp`) the candidates whose change may depend on whether `site` is open.
    fn mark_neighbours(&self, site: usize, mark: &mut [u32], stamp: u32);

    /// The zones over `sites`, ascending, from which cuts come.
    fn cells(&self, sites: &[Site]) -> Cells;

    /// Where groups of those zones are about a site each: which, in the order in which they claim zones.
    fn claimants(&self, _sites: &[Site]) -> Vec<Site> {
        Vec::new()
    }

    /// How far [`Track`] and the cuts may be below f for what they leave out, at `most` open sites.
    fn left_out(&self, most: usize) -> f64;
}

/// A set of open sites with what it earns. Values kept this way drift by rounding: whoever publishes one asks
/// [`Field::value`].
pub(super) trait Track: Sync {
    /// f of what is open.
    fn value(&self) -> f64;
    /// What opening `site` (now closed) would change.
    fn change(&self, site: usize) -> f64;
    /// Opens `site`, now closed.
    fn open(&mut self, site: usize);
    /// Closes `site`, now open.
    fn close(&mut self, site: usize);
}
