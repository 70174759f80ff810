//! Many series at once: forecasting as a SQL aggregate
