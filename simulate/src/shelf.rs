//! What stock does: a corner filled up to its level, week by week.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | S | `level` | units |
//! | L, R | `lead_weeks`, `review_weeks` | weeks |
//! | pi = (p - c) sold - (c - s) left - h held | `Supply::earned` | minor units |
//!
//! The corner opens with S on the shelf. Every R weeks it orders whole packs up to S, counting what
//! is on its way, and they arrive L weeks later; nothing is ordered that would arrive after the
//! horizon. Demand that meets an empty shelf is lost. Held is the mean of a week's first and last
//! stock, summed. What is left at the end brings its salvage [arrow1951].

use crate::assortment::Terms;

/// How a device is supplied and what it earns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Supply {
    pub(crate) lead_weeks: usize,
    pub(crate) review_weeks: usize,
    pub(crate) pack_size: u32,
    pub(crate) terms: Terms,
}

impl Supply {
    /// What the corner earns on one path of weekly demand, in minor units.
    pub(crate) fn earned(&self, level: u32, demand: &[u32]) -> f64 {
        let weeks = demand.len();
        let (mut stock, mut on_its_way, mut sold, mut held) = (level, 0_u32, 0_u64, 0.0);
        let mut arrivals = [0_u32; 64];
        for (week, &asked) in demand.iter().enumerate() {
            let arrived = std::mem::take(&mut arrivals[week % 64]);
            stock += arrived;
            on_its_way -= arrived;
            let first = stock;
            let now = asked.min(stock);
            stock -= now;
            sold += u64::from(now);
            held += 0.5 * f64::from(first + stock);
            let next = week + 1;
            if next.is_multiple_of(self.review_weeks) && next + self.lead_weeks < weeks {
                let order = level.saturating_sub(stock + on_its_way) / self.pack_size * self.pack_size;
                arrivals[(next + self.lead_weeks) % 64] += order;
                on_its_way += order;
            }
        }
        let Terms { cost, price, salvage, holding } = self.terms;
        (f64::from(price) - f64::from(cost)) * sold as f64
            - (f64::from(cost) - f64::from(salvage)) * f64::from(stock)
            - f64::from(holding) * held
    }

    /// Mean earnings at `level` over `paths` of `weeks` each.
    pub(crate) fn mean_earned(&self, level: u32, paths: &[u32], weeks: usize) -> f64 {
        let draws = (paths.len() / weeks).max(1);
        paths.chunks_exact(weeks).map(|path| self.earned(level, path)).sum::<f64>() / draws as f64
    }

    /// The level, in whole packs, that earns most on average when a unit of it costs `price` (minor units) besides, and
    /// what is left of that; first over a coarse grid, then pack by pack around its best point, since earnings rise
    /// and then fall.
    pub(crate) fn best_level(&self, paths: &[u32], weeks: usize, units_max: u32, price: f64) -> (u32, f64) {
        let window = self.lead_weeks + 2 * self.review_weeks;
        let most = paths
            .chunks_exact(weeks)
            .flat_map(|path| path.windows(window.min(weeks)).map(|part| part.iter().sum::<u32>()))
            .max()
            .unwrap_or(0);
        let packs_max = most.min(units_max) / self.pack_size;
        let step = (packs_max / 12).max(1);
        let try_all = |from: u32, upto: u32, step: u32| {
            let mut best = (0, f64::NEG_INFINITY);
            let mut packs = from;
            while packs <= upto {
                let level = packs * self.pack_size;
                let earned = self.mean_earned(level, paths, weeks) - price * f64::from(level);
                if earned > best.1 {
                    best = (packs, earned);
                }
                packs += step;
            }
            best
        };
        let coarse = try_all(0, packs_max, step);
        let fine = try_all(coarse.0.saturating_sub(step - 1), (coarse.0 + step - 1).min(packs_max), 1);
        let best = if fine.1 >= coarse.1 { fine } else { coarse };
        (best.0 * self.pack_size, best.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supply() -> Supply {
        let terms = Terms { cost: 60, price: 100, salvage: 20, holding: 2 };
        Supply { lead_weeks: 1, review_weeks: 2, pack_size: 1, terms }
    }

    #[test]
    fn a_path_worked_by_hand() {
        // Level 5. Week 0: 5 -> sells 3, 2 left. Week 1: asked 4, sells 2, 0 left; orders 5 for week 3.
        // Week 2: asked 1, sells none. Week 3: 5 arrive, sells 2, 3 left; an order would come in week 5.
        // Week 4: sells 1, 2 left. Held 3.5 + 1 + 0 + 4 + 2.5 = 11.
        let earned = supply().earned(5, &[3, 4, 1, 2, 1]);
        assert_eq!(earned, 40.0 * 8.0 - 40.0 * 2.0 - 2.0 * 11.0);
    }

    #[test]
    fn no_stock_earns_nothing() {
        assert_eq!(supply().earned(0, &[3, 4, 1]), 0.0);
        assert_eq!(supply().best_level(&[0, 0, 0, 0], 4, 100, 0.0), (0, 0.0));
    }

    #[test]
    fn the_best_level_beats_every_other_level() {
        let paths: Vec<u32> = (0..260_u32).map(|at| (at * 7919 + at * at) % 11).collect();
        let supply = supply();
        let (level, earned) = supply.best_level(&paths, 26, 400, 0.0);
        for other in 0..80 {
            assert!(supply.mean_earned(other, &paths, 26) <= earned, "{other} beats {level}");
        }
        assert!(level > 0);
    }
}
