//! The weeks after opening of stores held out.

use models::opening::{Prior, Series, Week, common, noise, update};

use super::data::Data;
use super::{ColdStartTableError, Split};

/// After how many weeks the level is asked for again.
pub(super) const WEEKS: [usize; 6] = [0, 1, 2, 4, 8, 13];

/// The level of each held-out store after [`WEEKS`] weeks. Training stores teach the chain's weeks and the noise.
pub(super) fn follow(data: &Data, split: &Split) -> Result<Vec<Vec<f64>>, ColdStartTableError> {
    let others: Vec<Series> = split.train.iter().map(|&store| data.weeks[store].clone()).collect();
    let index = common(&others);
    let Some(noise) = noise(&others, &index) else {
        return Err(ColdStartTableError::Table { table: "weeks.csv", row: "fewer than two weeks".to_owned() });
    };
    let after = |weeks: usize| {
        let forecast = split.test.iter().zip(&split.said).map(|(&store, said)| {
            let (log_level, log_sd) = split.fitted.log_moments(said.level, said.scale);
            let prior = Prior { log_level, log_sd, adoption: None };
            let known = data.weeks[store].iter().enumerate().filter_map(|(week, units)| Some((week, (*units)?)));
            let seen: Vec<Week> = known
                .take(weeks)
                .map(|(week, units)| Week { units, exposure: index[week], years: 1.0, censored: false })
                .collect();
            update(&prior, &seen, noise).level
        });
        forecast.collect()
    };
    Ok(WEEKS.map(after).to_vec())
}
