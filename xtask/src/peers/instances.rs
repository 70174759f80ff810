//! Instances made here, the same on every machine.

use std::fmt::Write;

use domain::seed::Seed;

/// Numbers in [0, 1), one after the other.
struct Draws {
    seed: Seed,
    name: &'static str,
    at: u64,
}

impl Draws {
    fn unit(&mut self) -> f64 {
        self.at += 1;
        (self.seed.stream(self.name, self.at) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, count: usize) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 0, below the count")]
        let drawn = (self.unit() * count as f64) as usize;
        drawn.min(count - 1)
    }

    /// About normal: the sum of twelve uniforms, centred.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

/// A connected random graph like OR-Library's: n^2 / 50 edges of length 1 to 100, a path through all vertices first.
pub(super) fn graph(vertices: usize, p: usize, seed: u64) -> String {
    let mut draws = Draws { seed: Seed(seed), name: "graph", at: 0 };
    let edges = vertices * vertices / 50;
    let mut order: Vec<usize> = (1..=vertices).collect();
    for at in (1..vertices).rev() {
        order.swap(at, draws.below(at + 1));
    }
    let mut text = format!("{vertices} {edges} {p}\n");
    for edge in 0..edges {
        let (one, other) = match order.get(edge..edge + 2) {
            Some(pair) => (pair[0], pair[1]),
            None => {
                let one = draws.below(vertices);
                (one + 1, (one + 1 + draws.below(vertices - 1)) % vertices + 1)
            }
        };
        let _ = writeln!(text, "{one} {other} {}", 1 + draws.below(100));
    }
    text
}

/// Sites and weighted zones around 60 towns of falling size on 1,000 x 1,000 km: the two tables.
pub(super) fn towns(sites: usize, zones: usize, seed: u64) -> (String, String) {
    const TOWNS: usize = 60;
    const SIDE: f64 = 1000.0;
    let mut draws = Draws { seed: Seed(seed), name: "towns", at: 0 };
    let size: Vec<f64> = (1..=TOWNS).map(|rank| (rank as f64).powf(-0.9)).collect();
    let total: f64 = size.iter().sum();
    let centres: Vec<[f64; 3]> = size
        .iter()
        .map(|size| [SIDE * draws.unit(), SIDE * draws.unit(), 8.0 + 60.0 * size * (0.5 + 0.7 * draws.unit())])
        .collect();
    let mut point = |rural: f64| {
        if draws.unit() < rural {
            return [SIDE * draws.unit(), SIDE * draws.unit(), draws.normal()];
        }
        let mut left = draws.unit() * total;
        let town = size.iter().position(|size| {
            left -= size;
            left < 0.0
        });
        let [x, y, spread] = centres[town.unwrap_or(TOWNS - 1)];
        let mut along = |centre: f64| (centre + spread * draws.normal()).clamp(0.0, SIDE);
        [along(x), along(y), draws.normal()]
    };
    let (mut site_rows, mut zone_rows) = ("site,x,y\n".to_owned(), "zone,x,y,weight\n".to_owned());
    for number in 0..sites {
        let [x, y, _] = point(0.1);
        let _ = writeln!(site_rows, "s{number},{x},{y}");
    }
    for number in 0..zones {
        let [x, y, z] = point(0.18);
        let weight = (8.2 + 0.45 * z).exp().round();
        let _ = writeln!(zone_rows, "z{number},{x},{y},{weight}");
    }
    (site_rows, zone_rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphs_are_connected_and_of_the_size_asked_for() {
        let text = graph(30, 3, 1);
        assert_eq!(text.lines().count(), 1 + 30 * 30 / 50);
        let larger = graph(100, 5, 1);
        let found = engine::instances::pmed(&larger).expect("connected");
        assert_eq!((found.sites, found.default_p, larger.lines().count()), (100, Some(5), 201));
        assert_ne!(graph(100, 5, 2), larger);
    }

    #[test]
    fn towns_give_tables_of_finite_rows() {
        let (sites, zones) = towns(5, 9, 1);
        assert_eq!((sites.lines().count(), zones.lines().count()), (6, 10));
        let numbers = zones.lines().skip(1).flat_map(|line| line.split(',').skip(1));
        assert!(numbers.map(|word| word.parse::<f64>().expect("a number")).all(|number| (0.0..1e6).contains(&number)));
    }
}
