//! Scenario files to runs: spec, inheritance, run record
