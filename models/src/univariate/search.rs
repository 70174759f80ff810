//! Small minimisers for the few smoothing parameters: deterministic, without allocation.

/// Minimises a function of one variable on [low, high]: a grid of `GRID` points, then golden section
/// around the best of them. Returns (argument, value).
pub(super) fn line(low: f64, high: f64, steps: usize, mut cost: impl FnMut(f64) -> f64) -> (f64, f64) {
    const GRID: usize = 6;
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let width = (high - low) / (GRID - 1) as f64;
    let mut best = (low, f64::INFINITY);
    for at in 0..GRID {
        let x = low + at as f64 * width;
        let value = cost(x);
        if value < best.1 {
            best = (x, value);
        }
    }
    let (mut a, mut b) = ((best.0 - width).max(low), (best.0 + width).min(high));
    let (mut c, mut d) = (b - GOLDEN * (b - a), a + GOLDEN * (b - a));
    let (mut at_c, mut at_d) = (cost(c), cost(d));
    for _ in 0..steps {
        if at_c <= at_d {
            (b, d, at_d) = (d, c, at_c);
            c = b - GOLDEN * (b - a);
            at_c = cost(c);
        } else {
            (a, c, at_c) = (c, d, at_d);
            d = a + GOLDEN * (b - a);
            at_d = cost(d);
        }
        for (x, value) in [(c, at_c), (d, at_d)] {
            if value < best.1 {
                best = (x, value);
            }
        }
    }
    best
}

/// Minimises a function on a box by compass search: tries each coordinate up and down by its step,
/// and halves the steps when nothing improves, `halvings` times. Returns (argument, value).
pub(super) fn compass<const N: usize>(
    start: [f64; N],
    low: [f64; N],
    high: [f64; N],
    halvings: usize,
    mut cost: impl FnMut(&[f64; N]) -> f64,
) -> ([f64; N], f64) {
    let (mut best, mut value) = (start, cost(&start));
    let mut step = 0.25;
    for _ in 0..halvings {
        // A few sweeps at each step at the most: a valley is followed on the next, finer one.
        for _ in 0..3 {
            let before = value;
            for at in 0..N {
                for sign in [1.0, -1.0] {
                    let mut tried = best;
                    tried[at] = (best[at] + sign * step * (high[at] - low[at])).clamp(low[at], high[at]);
                    if tried[at] == best[at] {
                        continue;
                    }
                    let here = cost(&tried);
                    if here < value {
                        (best, value) = (tried, here);
                        break;
                    }
                }
            }
            if value >= before {
                break;
            }
        }
        step *= 0.5;
    }
    (best, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_find_the_bottom_of_a_bowl() {
        let (x, value) = line(0.0, 1.0, 30, |x| (x - 0.37) * (x - 0.37));
        // 30 golden steps shrink 0.4 to 2e-7; the value is its square.
        assert!((x - 0.37).abs() < 1e-6 && value < 1e-12);
        let ([a, b], _) =
            compass([0.5, 0.5], [0.0; 2], [1.0; 2], 16, |[a, b]| (a - 0.2).powi(2) + (b - 0.9).powi(2) + 0.5 * a * b);
        // The minimum: 2(a - 0.2) + 0.5 b = 0, 2(b - 0.9) + 0.5 a = 0; b at 0.907, a at 0 (the box).
        assert!(a < 1e-4 && (b - 0.9).abs() < 1e-3, "{a} {b}");
    }
}
