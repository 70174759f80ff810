//! (s, S): each review, when the position is at most s, order up to S.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | p_j | `review`: P(D = j), demand between two reviews | |
//! | G(y) | [`Costs`] over `protection`: demand of the lead time and the review after it | money per review |
//! | m(j), M(j) | `Renewal`: expected visits to S - j before the next order; m summed below j | |
//! | K | `fixed` | money per order |
//! | c(s, S) | [`cost`] | money per review |
//!
//! m(0) = 1/(1 - p_0), m(j) = sum over l = 1..j of p_l m(j - l)/(1 - p_0), and
//! c(s, S) = (K + sum over j < S - s of m(j) G(S - j))/M(S - s), shortages waiting. The best pair comes from
//! [zheng1991]: s falls from the minimum y* of G until c(s, y*) <= G(s); then S rises while G(S) <= the best cost so
//! far, s following whenever S improves on it. It ends with the exact optimum.

use super::{Costs, Pmf, Unsound, narrow, not_negative};

/// Widest gap between s and S: the search takes as many steps as its square.
pub const WIDEST: usize = 1 << 15;

/// A policy and its cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrderUpTo {
    /// s, units.
    pub reorder: i64,
    /// S, units.
    pub level: i64,
    /// Money per review.
    pub cost: f64,
}

/// The cost of any s < S.
///
/// # Errors
/// Costs that make no sense, demand that is always 0, s not below S, or a gap beyond [`WIDEST`].
pub fn cost(
    costs: Costs,
    fixed: f64,
    review: &Pmf,
    protection: &Pmf,
    reorder: i64,
    level: i64,
) -> Result<f64, Unsound> {
    let mut search = Search::new(costs, fixed, review, protection)?;
    search.cost(reorder, level)
}

/// The pair of least cost.
///
/// # Errors
/// Costs that make no sense, demand that is always 0, or a best gap beyond [`WIDEST`].
pub fn cheapest(costs: Costs, fixed: f64, review: &Pmf, protection: &Pmf) -> Result<OrderUpTo, Unsound> {
    let mut search = Search::new(costs, fixed, review, protection)?;
    let least = protection.smallest(costs.ratio()?);
    let (mut level, mut reorder) = (least, least - 1);
    while search.cost(reorder, level)? > search.period(reorder) {
        reorder -= 1;
    }
    let mut best = search.cost(reorder, level)?;
    let mut next = level + 1;
    while search.period(next) <= best {
        if search.cost(reorder, next)? < best {
            level = next;
            while search.cost(reorder, level)? <= search.period(reorder + 1) {
                reorder += 1;
            }
            best = search.cost(reorder, level)?;
        }
        next += 1;
    }
    Ok(OrderUpTo { reorder, level, cost: best })
}

struct Search<'a> {
    costs: Costs,
    fixed: f64,
    protection: &'a Pmf,
    renewal: Renewal<'a>,
}

impl<'a> Search<'a> {
    fn new(costs: Costs, fixed: f64, review: &'a Pmf, protection: &'a Pmf) -> Result<Self, Unsound> {
        costs.ratio()?;
        let fixed = not_negative("the fixed cost", fixed)?;
        Ok(Self { costs, fixed, protection, renewal: Renewal::new(review)? })
    }

    /// G(y).
    fn period(&self, y: i64) -> f64 {
        self.costs.at(self.protection, y as f64)
    }

    fn cost(&mut self, reorder: i64, level: i64) -> Result<f64, Unsound> {
        let visits = self.renewal.visits(gap(reorder, level)?);
        let (mut spent, mut reviews) = (self.fixed, 0.0);
        for (&visits, y) in visits.iter().zip((reorder + 1..=level).rev()) {
            spent += visits * self.costs.at(self.protection, y as f64);
            reviews += visits;
        }
        Ok(spent / reviews)
    }
}

/// S - s.
pub(super) fn gap(reorder: i64, level: i64) -> Result<usize, Unsound> {
    let gap = level.checked_sub(reorder).and_then(|gap| usize::try_from(gap).ok()).unwrap_or(0);
    match gap {
        0 => Err(Unsound::Together("the reorder point is not below the level ordered up to")),
        gap => narrow("the gap between reorder point and level, in units,", gap, WIDEST),
    }
}

/// m(j), made as far as it is asked for.
#[derive(Debug)]
pub(super) struct Renewal<'a> {
    review: &'a Pmf,
    moves: f64,
    visits: Vec<f64>,
}

impl<'a> Renewal<'a> {
    pub(super) fn new(review: &'a Pmf) -> Result<Self, Unsound> {
        // 1 - p_0, without the rounding of a p_0 near 1.
        let moves = if review.low() > 0 { 1.0 } else { review.above(0) };
        if moves <= 0.0 {
            return Err(Unsound::Together("demand between reviews is always 0"));
        }
        Ok(Self { review, moves, visits: vec![1.0 / moves] })
    }

    /// m(0), …, m(gap - 1).
    pub(super) fn visits(&mut self, gap: usize) -> &[f64] {
        while self.visits.len() < gap {
            let j = self.visits.len() as i64;
            let mut sum = 0.0;
            for l in self.review.low().max(1)..=j.min(self.review.high()) {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0..j")]
                let before = (j - l) as usize;
                sum += self.review.mass(l) * self.visits[before];
            }
            self.visits.push(sum / self.moves);
        }
        &self.visits[..gap]
    }
}
