//! Forecasting and demand models: pure functions of arrays
