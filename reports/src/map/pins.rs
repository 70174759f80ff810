//! Places numbered pins so that none hides another, as near to their stores as that allows.

/// How far apart the centres of two pins lie at least, in pixels of the map.
pub(super) const APART: f64 = 27.0;

/// Rounds of pushing; a dozen pins settle in a few.
const ROUNDS: usize = 300;

/// Where each pin goes, for stores at `places` on a map of `width` x `height` pixels.
///
/// Pins too near are pushed apart, each by half, and kept within the map; pins that are free move
/// back towards their stores. The same places give the same pins.
pub(super) fn place(places: &[(f64, f64)], width: f64, height: f64) -> Vec<(f64, f64)> {
    let mut pins = places.to_vec();
    for round in 0..ROUNDS {
        // Towards the store, less and less, so that the pushing has the last word.
        let home = 0.08 * (1.0 - round as f64 / ROUNDS as f64).powi(2);
        for (pin, place) in pins.iter_mut().zip(places) {
            pin.0 += (place.0 - pin.0) * home;
            pin.1 += (place.1 - pin.1) * home;
        }
        let mut settled = true;
        for a in 0..pins.len() {
            for b in a + 1..pins.len() {
                let (dx, dy) = (pins[b].0 - pins[a].0, pins[b].1 - pins[a].1);
                let apart = dx.hypot(dy);
                if apart >= APART {
                    continue;
                }
                settled = false;
                // Pins in one place part in a direction of their own.
                let angle = if apart > 1e-6 { dy.atan2(dx) } else { (a + 2 * b) as f64 };
                let push = (APART - apart) / 2.0 + 0.05;
                pins[a] = (pins[a].0 - push * angle.cos(), pins[a].1 - push * angle.sin());
                pins[b] = (pins[b].0 + push * angle.cos(), pins[b].1 + push * angle.sin());
            }
        }
        for pin in &mut pins {
            let margin = APART / 2.0;
            pin.0 = pin.0.clamp(margin.min(width / 2.0), (width - margin).max(width / 2.0));
            pin.1 = pin.1.clamp(margin.min(height / 2.0), (height - margin).max(height / 2.0));
        }
        if settled && home < 0.01 {
            break;
        }
    }
    pins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pin_hides_another_and_a_free_pin_stays_at_home() {
        let mut places = vec![(200.0, 150.0); 7];
        places.push((500.0, 40.0));
        let pins = place(&places, 600.0, 300.0);
        for a in 0..pins.len() {
            for b in a + 1..pins.len() {
                // A pixel of slack: the map is drawn in whole pixels.
                assert!((pins[a].0 - pins[b].0).hypot(pins[a].1 - pins[b].1) > APART - 1.0, "{a} {b}");
            }
        }
        assert_eq!(pins[7], (500.0, 40.0));
        assert_eq!(pins, place(&places, 600.0, 300.0));
    }

    #[test]
    fn pins_stay_on_the_map() {
        for (x, y) in place(&[(0.0, 0.0), (0.0, 0.0), (600.0, 300.0)], 600.0, 300.0) {
            assert!(x > 0.0 && x < 600.0 && y > 0.0 && y < 300.0);
        }
        assert!(place(&[(1.0, 1.0), (2.0, 2.0)], 4.0, 4.0).iter().all(|pin| pin.0.is_finite()));
        assert!(place(&[], 10.0, 10.0).is_empty());
    }
}
