//! A depot that pools: what joint stock saves, and what a depot's stock does for its stores.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | sd_i, mean_i | `stores`: normal demand per period | units |
//! | rho | `correlation`, of every pair | |
//! | L_0, L | lead times to the depot and on to a store, periods or time | |
//! | lambda_i, lambda_0 | `rate` of store i, of all: Poisson | units per time |
//! | S_0 | `depot`: the depot's base stock | units |
//!
//! *Pooled*: apart, stores cost (h + p) phi(z) sum of sd_i; together (h + p) phi(z) sd with
//! sd^2 = (1 - rho) sum of sd_i^2 + rho (sum of sd_i)^2 [eppen1979].
//! *Allocating*: the depot keeps nothing and shares each arrival so that all stores are equally well off. Store i then
//! stands as with variance sd_i^2 (L + 1 + L_0 sum of sd_k^2/(sum of sd_k)^2), demand independent [eppen1981].
//! *Holding*: with Poisson demand and one-for-one orders the depot owes B = (D_0 - S_0)^+ units, D_0 Poisson of
//! lambda_0 L_0, each of them to store i with probability lambda_i/lambda_0 [simon1971; graves1985]. So what store i is
//! waiting for is a binomial share of B plus its own Poisson demand over L, exactly: its [`on_order`] takes the place
//! of a lead time's demand, and its [`fill`] is P(on order <= S_i - 1). [`cheapest`] tries every S_0: the cost is not convex in it.
//! Where demand is no Poisson, [`moments`] takes the place of [`on_order`].

pub mod moments;

use super::demand::density;
use super::order_up_to::WIDEST;
use super::{Costs, Demand, Normal, Pmf, Unsound, narrow, not_negative, positive};
use crate::normal;

/// Expected costs per period, each at its best levels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pooling {
    /// Every store for itself.
    pub apart: f64,
    /// One stock for all.
    pub together: f64,
    /// The level of that one stock, units.
    pub level: f64,
}

/// The demand of all stores together.
///
/// # Errors
/// No store, or a correlation outside -1/(stores - 1)..=1, or one that leaves no variance.
pub fn pooled(stores: &[Normal], correlation: f64) -> Result<Normal, Unsound> {
    if stores.is_empty() {
        return Err(Unsound::Empty { what: "the list of stores" });
    }
    let [mean, sum, squares] = totals(stores);
    let lowest = if stores.len() > 1 { -1.0 / (stores.len() - 1) as f64 } else { -1.0 };
    if !(lowest..=1.0).contains(&correlation) {
        return Err(Unsound::Together("no demands have such a correlation, every pair of them"));
    }
    Normal::new(mean, ((1.0 - correlation) * squares + correlation * sum * sum).max(0.0).sqrt())
}

/// What one stock for all saves.
///
/// # Errors
/// Costs that are not above 0, and what [`pooled`] refuses.
pub fn pooling(costs: Costs, stores: &[Normal], correlation: f64) -> Result<Pooling, Unsound> {
    let ratio = costs.ratio()?;
    let all = pooled(stores, correlation)?;
    let unit = per_sd(costs, ratio);
    let [_, sum, _] = totals(stores);
    Ok(Pooling { apart: unit * sum, together: unit * all.sd(), level: all.quantile(ratio) })
}

/// A depot that allocates what arrives: the level of the whole system, and its expected cost per period, as
/// `together`; `apart` is what the stores cost when each orders over both lead times for itself.
///
/// # Errors
/// Costs that are not above 0, lead times below 0, or no store.
pub fn allocating(costs: Costs, stores: &[Normal], to_depot: f64, to_store: f64) -> Result<Pooling, Unsound> {
    let ratio = costs.ratio()?;
    let to_depot = not_negative("the lead time to the depot", to_depot)?;
    let own = 1.0 + not_negative("the lead time to a store", to_store)?;
    if stores.is_empty() {
        return Err(Unsound::Empty { what: "the list of stores" });
    }
    let [mean, sum, squares] = totals(stores);
    let shared = (own + to_depot * squares / (sum * sum)).sqrt();
    let unit = per_sd(costs, ratio);
    Ok(Pooling {
        apart: unit * sum * (own + to_depot).sqrt(),
        together: unit * sum * shared,
        level: mean * (own + to_depot) + normal::quantile(ratio) * sum * shared,
    })
}

/// A depot that holds stock, one of its stores, and the lead times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Route {
    /// S_0, units.
    pub depot: u32,
    /// lambda_0: all stores, units per time.
    pub rate: f64,
    /// lambda_i: this store; at most `rate`.
    pub own: f64,
    /// L_0, time.
    pub to_depot: f64,
    /// L, time.
    pub to_store: f64,
}

/// What a store is waiting for, from the depot and on the way.
///
/// # Errors
/// Rates that are not above 0, a store above all stores, lead times below 0, or demand too wide for a table.
pub fn on_order(route: Route) -> Result<Pmf, Unsound> {
    let (rate, own) = (positive("demand at the depot", route.rate)?, positive("demand at the store", route.own)?);
    if own > rate {
        return Err(Unsound::Together("a store's demand is above that of all stores"));
    }
    let upstream = Pmf::poisson(rate * not_negative("the lead time to the depot", route.to_depot)?)?;
    let way = Pmf::poisson(own * not_negative("the lead time to a store", route.to_store)?)?;
    let depot = i64::from(route.depot);
    let most = usize::try_from(upstream.high() - depot).unwrap_or(0);
    narrow("what a depot may owe, in units,", most, WIDEST)?;
    // Horner's rule over the owed: P(B >= k) times a coin, from the last owed unit to the first.
    let part = own / rate;
    let mut owed = vec![0.0; most + 1];
    for k in (0..=most).rev() {
        if k < most {
            for at in (1..=most - k).rev() {
                owed[at] = owed[at] * (1.0 - part) + owed[at - 1] * part;
            }
            owed[0] *= 1.0 - part;
        }
        owed[0] += if k == 0 { 1.0 - upstream.above(depot) } else { upstream.mass(depot + k as i64) };
    }
    Pmf::new(0, &owed)?.plus(&way)
}

/// Share of a store's demand that its base stock serves at once.
///
/// # Errors
/// What [`on_order`] refuses.
pub fn fill(route: Route, level: u32) -> Result<f64, Unsound> {
    Ok(1.0 - on_order(route)?.above(i64::from(level) - 1))
}

/// Base stocks of a depot and of its stores.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    /// S_0, units.
    pub depot: u32,
    /// S_i, units, by store.
    pub stores: Vec<i64>,
    /// Holding at the depot and the stores, shortage at the stores: money per time.
    pub cost: f64,
}

/// The base stocks of least cost, with `rates` of Poisson demand: every S_0 with the stores' own best levels.
///
/// # Errors
/// Costs or rates that are not above 0, lead times below 0, no store, or demand too wide for a table.
pub fn cheapest(costs: Costs, holding: f64, rates: &[f64], to_depot: f64, to_store: f64) -> Result<Levels, Unsound> {
    let holding = positive("the depot's holding cost", holding)?;
    let ratio = costs.ratio()?;
    let rate: f64 = rates.iter().sum();
    let upstream = Pmf::poisson(rate * not_negative("the lead time to the depot", to_depot)?)?;
    let mut best: Option<Levels> = None;
    // Beyond the most demand of its lead time a depot only keeps more.
    for depot in 0..=u32::try_from(upstream.high()).unwrap_or(u32::MAX) {
        let kept = holding * upstream.surplus(f64::from(depot));
        if best.as_ref().is_some_and(|best| kept >= best.cost) {
            break;
        }
        let (mut stores, mut cost) = (Vec::with_capacity(rates.len()), kept);
        for &own in rates {
            let waiting = on_order(Route { depot, rate, own, to_depot, to_store })?;
            let level = waiting.smallest(ratio);
            cost += costs.at(&waiting, level as f64);
            stores.push(level);
        }
        if best.as_ref().is_none_or(|best| cost < best.cost) {
            best = Some(Levels { depot, stores, cost });
        }
    }
    best.filter(|best| !best.stores.is_empty()).ok_or(Unsound::Empty { what: "the list of stores" })
}

/// (h + p) phi(z): the least cost per unit of standard deviation.
fn per_sd(costs: Costs, ratio: f64) -> f64 {
    (costs.holding + costs.shortage) * density(normal::quantile(ratio))
}

/// Sums of means, of standard deviations and of variances.
fn totals(stores: &[Normal]) -> [f64; 3] {
    stores.iter().fold([0.0; 3], |[mean, sum, squares], store| {
        [mean + store.mean(), sum + store.sd(), squares + store.sd() * store.sd()]
    })
}
