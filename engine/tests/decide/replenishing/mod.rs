//! Reorder points and depots, against trying everything and against running them.

mod depot;
mod plans;
mod points;

use engine::stock::terms::Terms;
use rand::RngExt;
use rand_pcg::Pcg64;

/// A device reviewed every 2 weeks with 3 more on the way.
fn terms(pack: u32, size: f64) -> Terms {
    Terms {
        margin: 30.0,
        loss: 13.0,
        holding: 0.2,
        cost: 40.0,
        cost_base_minor: 4000,
        pack,
        shelf: 1,
        rate: 1.0,
        weeks: 26.0,
        window: 5.0,
        adopted: 13.0,
        size: 5.0 * size,
    }
}

/// A count of mean `mean` and size `size`: one after the other, by the chance of each.
fn draw(random: &mut Pcg64, mean: f64, size: f64) -> i64 {
    let (u, mut below) = (random.random::<f64>(), 0.0);
    let mut mass = if size.is_finite() { (size / (size + mean)).powf(size) } else { (-mean).exp() };
    let mut count = 0;
    loop {
        below += mass;
        if u < below || mass < 1e-18 && f64::from(count) > mean {
            return i64::from(count);
        }
        let grow = if size.is_finite() { (f64::from(count) + size) * mean / (size + mean) } else { mean };
        count += 1;
        mass *= grow / f64::from(count);
    }
}
