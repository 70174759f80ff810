//! The normal distribution, for copulas and conformal tails.
//!
//! | symbol | function | |
//! |---|---|---|
//! | Phi(z) | [`cdf`] | rational approximation of Hart in West's form [west2005]: absolute error near 1e-15, relative below 1e-8 in the tails |
//! | Phi^-1(u) | [`quantile`] | Wichura's AS 241 [wichura1988], relative error near 1e-16 |

/// P(Z <= z).
#[must_use]
pub fn cdf(z: f64) -> f64 {
    let x = z.abs();
    let upper = if x > 37.0 {
        0.0
    } else {
        let density = (-0.5 * x * x).exp();
        if x < 7.071_067_811_865_47 {
            let top = horner(
                x,
                &[
                    0.035_262_496_599_891_1,
                    0.700_383_064_443_688,
                    6.373_962_203_531_65,
                    33.912_866_078_383,
                    112.079_291_497_871,
                    221.213_596_169_931,
                    220.206_867_912_376,
                ],
            );
            let bottom = horner(
                x,
                &[
                    0.088_388_347_648_318_4,
                    1.755_667_163_182_64,
                    16.064_177_579_207,
                    86.780_732_202_946_1,
                    296.564_248_779_674,
                    637.333_633_378_831,
                    793.826_512_519_948,
                    440.413_735_824_752,
                ],
            );
            density * top / bottom
        } else {
            let fraction = x + 1.0 / (x + 2.0 / (x + 3.0 / (x + 4.0 / (x + 0.65))));
            density / fraction / 2.506_628_274_631
        }
    };
    if z > 0.0 { 1.0 - upper } else { upper }
}

/// The z with P(Z <= z) = u; infinite at 0 and 1.
#[must_use]
pub fn quantile(u: f64) -> f64 {
    let q = u - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * horner(
            r,
            &[
                2_509.080_928_730_122_7,
                33_430.575_583_588_13,
                67_265.770_927_008_7,
                45_921.953_931_549_87,
                13_731.693_765_509_46,
                1_971.590_950_306_551_4,
                133.141_667_891_784_38,
                3.387_132_872_796_366_5,
            ],
        ) / horner(
            r,
            &[
                5_226.495_278_852_854,
                28_729.085_735_721_943,
                39_307.895_800_092_71,
                21_213.794_301_586_597,
                5_394.196_021_424_751,
                687.187_007_492_057_9,
                42.313_330_701_600_91,
                1.0,
            ],
        );
    }
    let tail = if q < 0.0 { u } else { 1.0 - u };
    if tail <= 0.0 {
        return if q < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let r = (-tail.ln()).sqrt();
    let z = if r <= 5.0 {
        let r = r - 1.6;
        horner(
            r,
            &[
                7.745_450_142_783_414e-4,
                0.022_723_844_989_269_184,
                0.241_780_725_177_450_6,
                1.270_458_252_452_368_4,
                3.647_848_324_763_204_5,
                5.769_497_221_460_691,
                4.630_337_846_156_546,
                1.423_437_110_749_683_5,
            ],
        ) / horner(
            r,
            &[
                1.050_750_071_644_416_9e-9,
                5.475_938_084_995_345e-4,
                0.015_198_666_563_616_457,
                0.148_103_976_427_480_08,
                0.689_767_334_985_1,
                1.676_384_830_183_803_8,
                2.053_191_626_637_759,
                1.0,
            ],
        )
    } else {
        let r = r - 5.0;
        horner(
            r,
            &[
                2.010_334_399_292_288_1e-7,
                2.711_555_568_743_487_6e-5,
                0.001_242_660_947_388_078_4,
                0.026_532_189_526_576_124,
                0.296_560_571_828_504_87,
                1.784_826_539_917_291_3,
                5.463_784_911_164_114,
                6.657_904_643_501_103,
            ],
        ) / horner(
            r,
            &[
                2.044_263_103_389_939_8e-15,
                1.421_511_758_316_446e-7,
                1.846_318_317_510_054_8e-5,
                7.868_691_311_456_133e-4,
                0.014_875_361_290_850_615,
                0.136_929_880_922_735_8,
                0.599_832_206_555_887_9,
                1.0,
            ],
        )
    };
    if q < 0.0 { -z } else { z }
}

/// A polynomial, highest power first.
fn horner(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabulated_values() {
        assert_eq!(quantile(0.5), 0.0);
        // Twelve digits of the tables in Abramowitz and Stegun 26.2.
        assert!((quantile(0.975) - 1.959_963_984_540).abs() < 1e-12);
        assert!((quantile(0.1) + 1.281_551_565_545).abs() < 1e-12);
        assert!((cdf(1.0) - 0.841_344_746_069).abs() < 1e-12);
    }

    #[test]
    fn each_undoes_the_other() {
        for step in 1..2000 {
            let u = f64::from(step) / 2000.0;
            // Both are good to about 1e-15 relative; 1e-13 leaves room for the slope in the tails.
            assert!((cdf(quantile(u)) - u).abs() < 1e-13, "{u}");
        }
        for exponent in 4..14 {
            let u = 10_f64.powi(-exponent);
            // What the rational approximation of the tail is good for, as said above.
            assert!((cdf(quantile(u)) / u - 1.0).abs() < 1e-8, "{u}: {}", cdf(quantile(u)));
        }
    }
}
