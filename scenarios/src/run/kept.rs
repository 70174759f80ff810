//! Parameters of the histories, kept from plan to plan (decision 10).
//!
//! A fit follows from the weeks that it was fitted to. So what a plan says follows from the tables, and from how many weeks
//! ago the parameters of each history were found: these ages, and not the bytes of the file that keeps the parameters,
//! are what the run's id is of and what run.json holds. A history that is fitted now and one that was fitted to all of
//! these weeks before have the same age, 0, and the same forecast; so the same tables find their finished run, whatever was
//! kept since.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cluster::States;
use domain::forecast::PanelForecast;
use domain::hash::ContentHash;
use domain::market::Market;
use domain::stop::Stop;

use super::{RunError, SEASON_WEEKS};
use crate::store::record::{KeptRecord, RunRecord};

/// The file, and how old its parameters are for the histories of a market.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    states: Arc<States>,
    keys: Vec<u64>,
    ages: Ages,
}

impl Kept {
    /// Holds what an opened file keeps against the histories of `market`.
    ///
    /// # Errors
    /// If the file can't be read.
    pub(super) fn of(path: &Path, states: Arc<States>, market: &Market) -> Result<Self, RunError> {
        let keys = cluster::keys(market);
        let ages = states.ages(&market.sales, &keys, SEASON_WEEKS).map_err(cluster::ClusterError::from)?;
        Ok(Self { path: path.to_path_buf(), states, keys, ages: Ages::of(&ages) })
    }

    pub(super) fn states(&self) -> Arc<States> {
        Arc::clone(&self.states)
    }

    pub(super) fn keys(&self) -> &[u64] {
        &self.keys
    }

    pub(super) fn ages(&self) -> &Ages {
        &self.ages
    }

    /// As run.json holds it; none where every history is fitted to all of its weeks.
    pub(super) fn record(&self) -> Option<KeptRecord> {
        let file = crate::store::real_path(&self.path).display().to_string();
        self.ages.any().then(|| KeptRecord { file, sha256: self.ages.hash().hex(), ages: self.ages.0.clone() })
    }

    /// Makes what this run found count for the next.
    ///
    /// # Errors
    /// If the file can't be written.
    pub(super) fn commit(&self) -> Result<(), RunError> {
        Ok(self.states.commit().map_err(cluster::ClusterError::from)?)
    }
}

/// How many weeks ago the parameters of histories were found, as (weeks, histories that follow each other).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ages(Vec<(u32, u32)>);

impl Ages {
    fn of(ages: &[u32]) -> Self {
        let count = |run: &[u32]| (run[0], u32::try_from(run.len()).unwrap_or(u32::MAX));
        Self(ages.chunk_by(|a, b| a == b).map(count).collect())
    }

    /// Whether any are old.
    pub(super) fn any(&self) -> bool {
        self.0.iter().any(|run| run.0 > 0)
    }

    pub(super) fn hash(&self) -> ContentHash {
        ContentHash::of_bytes(format!("{:?}", self.0).as_bytes())
    }

    /// What a reader has to know of them.
    pub(super) fn remark(&self) -> Option<String> {
        let old = self.0.iter().filter(|run| run.0 > 0);
        let (most, count) = old.fold((0, 0_u64), |(most, count), run| (most.max(run.0), count + u64::from(run.1)));
        (count > 0).then(|| {
            format!(
                "A new fit of {count} histories: they go on from parameters that were found up to {most} weeks ago."
            )
        })
    }
}

/// What a reader has to know of the parameters that a run went on from.
pub(super) fn remark(record: &KeptRecord) -> Option<String> {
    Ages(record.ages.clone()).remark()
}

/// The forecasts of a run's histories, as it had them.
///
/// # Errors
/// An interrupt; where they can't be made.
pub(super) fn histories(record: &RunRecord, market: &Market, stop: &Stop) -> Result<PanelForecast, RunError> {
    let runs = record.kept.as_ref().map_or(&[][..], |kept| &kept.ages);
    let ages: Vec<u32> = runs.iter().flat_map(|&(age, count)| std::iter::repeat_n(age, count as usize)).collect();
    let weeks = record.settings.horizon_weeks as usize;
    Ok(cluster::forecast_again(&market.sales, &ages, weeks, SEASON_WEEKS, stop)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_by_runs_and_the_young_need_no_word() {
        let ages = Ages::of(&[3, 3, 0, 3, 2]);
        assert_eq!(ages.0, [(3, 2), (0, 1), (3, 1), (2, 1)]);
        assert!(ages.remark().is_some_and(|text| text.contains("of 4 histories") && text.contains("up to 3 weeks")));
        assert_ne!(ages.hash(), Ages::of(&[3, 3, 0, 3, 1]).hash());
        let young = Ages::of(&[0, 0]);
        assert!(!young.any() && young.remark().is_none() && !Ages::of(&[]).any());
    }
}
