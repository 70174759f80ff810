//! The session: the only place that knows where queries run.

use std::sync::Arc;

use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::AggregateUDF;
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::aggregate::Forecast;
use crate::way::Way;

/// What a query may hold at most, in bytes: twenty times a bucket of two years of weeks.
pub(crate) const MEMORY: usize = 1 << 30;

/// A session on this machine with `threads` partitions, which knows the aggregate
/// `forecast(t, y, state, horizon, season)`.
///
/// # Errors
/// Where the data engine can't set up its memory.
pub fn session(threads: usize) -> Result<SessionContext, DataFusionError> {
    session_within(threads, MEMORY, Way::default())
}

/// The same in a way of one's own, with so many bytes of memory, beyond which it goes to files of its own. Operators
/// that can do so share what there is evenly.
///
/// # Errors
/// Where the data engine can't set up its memory.
pub(crate) fn session_within(threads: usize, memory: usize, way: Way) -> Result<SessionContext, DataFusionError> {
    let config = SessionConfig::new().with_target_partitions(threads.max(1));
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(FairSpillPool::new(memory))).build_arc()?;
    let session = SessionContext::new_with_config_rt(config, runtime);
    session.register_udaf(AggregateUDF::new_from_shared_impl(Arc::new(Forecast::new(way))));
    Ok(session)
}
