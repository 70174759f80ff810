//! Fits the cold start, then decides: placement, stock, pilot design, worth
