//! Who goes to which of the open corners, in truth: coded apart from `domain::capture`.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | L_jk | `levels` | units per week the store would draw from people untouched by others |
//! | l_ijk = L_jk n_ik g_ij / sum_h n_hk g_hj | what it draws from zone i | units per week |
//! | M_ik = n_ik x saturation_k | | units per week |
//!
//! - `independent`: D_jk = L_jk.
//! - `nearest`: a zone's people go to the open corner that they reach soonest: D_jk = sum of l_ijk over those zones.
//! - `share`: D_jk = sum_i l_ijk / (1 + sum over open h of l_ihk / M_ik): a corner saturates its own
//!   zones, and a neighbour more so. These are multinomial-logit choices whose odds are set zone by
//!   zone, where the fitted law has one attractiveness per store [mcfadden1974].
//! - `mix`: loyal x independent + (1 - loyal) x share.

use crate::truth::Law;
use crate::world::World;

struct Entry<'a> {
    slot: usize,
    minutes: f64,
    /// n g / sum n g, by device.
    portion: &'a [f64],
}

/// A set of open corners and the zones around them.
pub(crate) struct Field<'a> {
    world: &'a World,
    open: Vec<usize>,
    /// Zone, and its entries, ascending by slot.
    zones: Vec<(usize, Vec<Entry<'a>>)>,
}

impl<'a> Field<'a> {
    /// The field of the open stores, given as positions.
    pub(crate) fn of(world: &'a World, open: &[usize]) -> Self {
        let mut entries: Vec<(usize, Entry<'a>)> = Vec::new();
        for (slot, &store) in open.iter().enumerate() {
            let portions = world.truth.portions[store].chunks_exact(world.device_count);
            for (near, portion) in world.near[store].iter().zip(portions) {
                entries.push((near.zone as usize, Entry { slot, minutes: near.minutes, portion }));
            }
        }
        entries.sort_by_key(|(zone, entry)| (*zone, entry.slot));
        let mut zones: Vec<(usize, Vec<Entry<'a>>)> = Vec::new();
        for (zone, entry) in entries {
            match zones.last_mut() {
                Some((last, list)) if *last == zone => list.push(entry),
                _ => zones.push((zone, vec![entry])),
            }
        }
        Self { world, open: open.to_vec(), zones }
    }

    pub(crate) fn open(&self) -> &[usize] {
        &self.open
    }

    /// Lbar of the open stores, `open x devices`.
    pub(crate) fn mean_levels(&self) -> Vec<f64> {
        self.open.iter().flat_map(|&store| self.world.truth.mean[store].iter().copied()).collect()
    }

    /// D, `open x devices`, from levels of the same shape.
    pub(crate) fn demand(&self, levels: &[f64]) -> Vec<f64> {
        let loyal = match self.world.truth.law {
            Law::Independent => return levels.to_vec(),
            Law::Nearest => return self.nearest(levels),
            Law::Share => 0.0,
            Law::Mix { loyal } => loyal,
        };
        let shared = self.shared(levels);
        levels.iter().zip(shared).map(|(level, shared)| loyal * level + (1.0 - loyal) * shared).collect()
    }

    fn nearest(&self, levels: &[f64]) -> Vec<f64> {
        let devices = self.world.device_count;
        let mut demand = self.walk_in(levels);
        for (_, entries) in &self.zones {
            let soonest = entries.iter().min_by(|a, b| a.minutes.total_cmp(&b.minutes).then(a.slot.cmp(&b.slot)));
            if let Some(Entry { slot, portion, .. }) = soonest {
                (0..devices).for_each(|device| {
                    demand[slot * devices + device] += levels[slot * devices + device] * portion[device];
                });
            }
        }
        demand
    }

    fn shared(&self, levels: &[f64]) -> Vec<f64> {
        let devices = self.world.device_count;
        let truth = &self.world.truth;
        let mut demand = self.walk_in(levels);
        for (zone, entries) in &self.zones {
            for device in 0..devices {
                let most = truth.appetite[*zone][device] * truth.saturation[device];
                let drawn = |entry: &Entry<'_>| levels[entry.slot * devices + device] * entry.portion[device];
                let odds: f64 = entries.iter().map(|entry| drawn(entry) / most).sum();
                for entry in entries {
                    demand[entry.slot * devices + device] += drawn(entry) / (1.0 + odds);
                }
            }
        }
        demand
    }

    /// A store without people around it sells to those who pass by; any other starts from nothing.
    fn walk_in(&self, levels: &[f64]) -> Vec<f64> {
        let devices = self.world.device_count;
        let alone = |slot: usize| self.world.near[self.open[slot]].is_empty();
        levels.iter().enumerate().map(|(at, level)| if alone(at / devices) { *level } else { 0.0 }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::WorldSize;

    /// The two open-able stores that lie nearest to each other.
    fn neighbours(world: &World) -> [usize; 2] {
        let stores = &world.geography.stores;
        let pairs = (0..stores.len()).flat_map(|a| (0..a).map(move |b| [a, b]));
        pairs
            .filter(|[a, b]| stores[*a].market == stores[*b].market)
            .min_by(|x, y| {
                let km = |[a, b]: &[usize; 2]| crate::catchment::km(stores[*a].place, stores[*b].place);
                km(x).total_cmp(&km(y))
            })
            .expect("stores")
    }

    #[test]
    fn adjacent_corners_sell_less_than_the_sum_of_each_alone_where_people_are_shared() {
        let mut world = World::new(&WorldSize::demo(120), 4);
        let pair = neighbours(&world);
        let sold = |world: &World, open: &[usize]| -> f64 {
            let field = Field::of(world, open);
            field.demand(&field.mean_levels()).iter().sum()
        };
        for (law, shares) in
            [(Law::Share, true), (Law::Mix { loyal: 0.5 }, true), (Law::Nearest, true), (Law::Independent, false)]
        {
            world.truth.law = law;
            let apart = sold(&world, &pair[..1]) + sold(&world, &pair[1..]);
            let together = sold(&world, &pair);
            let kept = together / apart;
            if shares {
                assert!(kept < 0.98, "{law:?} keeps {kept}");
            } else {
                // Only the order of the sum differs.
                assert!((kept - 1.0).abs() < 1e-12, "{law:?} keeps {kept}");
            }
            assert!(together > 0.4 * apart, "{law:?} keeps {kept}");
        }
    }

    #[test]
    fn a_corner_alone_sells_its_level_where_zones_do_not_saturate() {
        let mut world = World::new(&WorldSize::sample(), 4);
        world.truth.law = Law::Nearest;
        for store in 0..world.shops.len() {
            let field = Field::of(&world, &[store]);
            let levels = field.mean_levels();
            for (level, sold) in levels.iter().zip(field.demand(&levels)) {
                // The portions add up to 1 within rounding of a hundred terms.
                assert!((sold - level).abs() < 1e-9 * level, "{level} {sold}");
            }
        }
    }

    #[test]
    fn under_nearest_a_zone_goes_where_it_gets_soonest() {
        let mut world = World::new(&WorldSize::demo(120), 4);
        world.truth.law = Law::Nearest;
        let pair = neighbours(&world);
        let minutes = |store: usize, zone: u32| world.near[store].iter().find(|n| n.zone == zone).map(|n| n.minutes);
        let field = Field::of(&world, &pair);
        let levels = field.mean_levels();
        let devices = world.device_count;
        let kept: f64 = (world.near[pair[0]].iter().zip(world.truth.portions[pair[0]].chunks_exact(devices)))
            .filter(|(near, _)| minutes(pair[1], near.zone).is_none_or(|other| near.minutes <= other))
            .map(|(_, portion)| portion[0])
            .sum();
        assert!(kept > 0.0 && kept < 1.0);
        let sold = field.demand(&levels)[0];
        // The same terms in the same order, but for one multiplication.
        assert!((sold - kept * levels[0]).abs() < 1e-9 * levels[0], "{sold} {kept}");
    }
}
