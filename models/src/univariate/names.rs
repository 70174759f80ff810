//! What a forecast says of how it was made: the method, then every policy that its series called for.
//!
//! The names are a closed set, made once.

use std::sync::LazyLock;

/// The method, or the choice among sparse methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Seasonal,
    Plain,
    Mstl,
    Smoothing,
    WithMstl,
    SparseSmoothing,
    SparseCroston,
    SparseSba,
    SparseTsb,
    Zero,
    Few,
}

/// In the order of [`Base`].
const BASES: [&str; 11] = [
    "weighted middle of theta, exponential smoothing, complex smoothing and autoregression, seasonal",
    "weighted middle of theta, exponential smoothing, complex smoothing and autoregression",
    "MSTL, and exponential smoothing of what it leaves",
    "exponential smoothing: no season for MSTL to take out",
    "weighted middle of theta, exponential smoothing, complex smoothing, autoregression and MSTL",
    "sparse: exponential smoothing",
    "sparse: Croston",
    "sparse: Syntetos-Boylan",
    "sparse: Teunter-Syntetos-Babai",
    "zero: nothing was ever sold",
    "short: mean of the few weeks known",
];

/// What was done to the series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Policies {
    pub(super) gaps: bool,
    pub(super) stockouts: bool,
    pub(super) outliers: bool,
    pub(super) shifts: bool,
    pub(super) kept: bool,
}

/// In the order of the bits of [`Policies::bits`].
const POLICIES: [&str; 5] = [
    "gaps and closed weeks carried over",
    "stockout weeks raised to their neighbours",
    "outliers damped",
    "history brought to the level after a shift",
    "parameters of an earlier fit",
];

impl Policies {
    fn bits(self) -> usize {
        let flags = [self.gaps, self.stockouts, self.outliers, self.shifts, self.kept];
        flags.iter().enumerate().map(|(bit, &set)| usize::from(set) << bit).sum()
    }
}

static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let all = BASES.iter().flat_map(|base| (0..1_usize << POLICIES.len()).map(move |bits| (base, bits)));
    all.map(|(base, bits)| {
        let mut name = (*base).to_owned();
        for (_, policy) in POLICIES.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1) {
            name.push_str("; ");
            name.push_str(policy);
        }
        name
    })
    .collect()
});

/// The method's name, as a person would say it.
pub(super) fn name(base: Base, policies: Policies) -> &'static str {
    &NAMES[base as usize * (1 << POLICIES.len()) + policies.bits()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_is_named() {
        let policies = Policies { gaps: true, shifts: true, ..Policies::default() };
        let have = name(Base::SparseTsb, policies);
        let want = "sparse: Teunter-Syntetos-Babai; gaps and closed weeks carried over; history brought to the level after a shift";
        assert_eq!(have, want);
        assert_eq!(name(Base::Few, Policies::default()), BASES[10]);
    }
}
