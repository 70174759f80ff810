//! A small minimiser for the few smoothing parameters: deterministic, without allocation.

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
    fn it_finds_the_bottom_of_a_bowl() {
        let ([a, b], _) =
            compass([0.5, 0.5], [0.0; 2], [1.0; 2], 16, |[a, b]| (a - 0.2).powi(2) + (b - 0.9).powi(2) + 0.5 * a * b);
        // The minimum: 2(a - 0.2) + 0.5 b = 0, 2(b - 0.9) + 0.5 a = 0; b at 0.907, a at 0 (the box).
        assert!(a < 1e-4 && (b - 0.9).abs() < 1e-3, "{a} {b}");
    }
}
