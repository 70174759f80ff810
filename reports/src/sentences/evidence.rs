//! What the demand, the stock and the pilot rest on, and how well that was measured.

use domain::study::Study;

use crate::number;

/// The share of outcomes that a central range of 8 in 10 should hold.
const NOMINAL: f64 = 0.8;
/// A measured share this far below its nominal one is said to be too low; less may be chance.
const SHORT: f64 = 0.05;

/// Where demand ends up.
pub(crate) fn demand_heading(study: &Study) -> String {
    match (study.outlook.mean.last(), study.outlook.quantiles.last()) {
        (Some(&mean), Some(quantiles)) => format!(
            "Demand: about {} units a week by week {}, 8 in 10 outcomes {} to {}",
            number::units(mean),
            study.outlook.mean.len(),
            number::units(quantiles[1]),
            number::units(quantiles[5])
        ),
        _ => "Demand".into(),
    }
}

/// How the two charts are read.
pub(crate) fn outlook_note(study: &Study) -> String {
    let corners = match study.plan.stores.len() {
        1 => "the corner".to_owned(),
        stores => format!("the {} corners together", number::word(stores)),
    };
    if study.outlook.history.is_empty() {
        return format!("All devices, {corners}. These stores have no related sales to show.");
    }
    format!(
        "Left: what these stores sold of the related products. Right: what {corners} will sell of all devices. \
         The two count different goods, each on its own scale."
    )
}

/// What is assumed, and how often the ranges held the truth where that could be measured.
pub(crate) fn coverage(study: &Study) -> Vec<String> {
    let mut said = Vec::new();
    let assumed: Vec<String> =
        study.devices.iter().filter(|device| device.assumed).map(|device| device.device.clone()).collect();
    if !assumed.is_empty() {
        let whose = match (assumed.len() == study.devices.len(), assumed.len()) {
            (true, 1) => "The level of the device's demand".to_owned(),
            (true, all) => format!("The level of demand of all {} devices", number::word(all)),
            (false, 1..=3) => format!("The level of demand of {}", number::listed(&assumed)),
            (false, some) => {
                format!(
                    "The level of demand of {} of the {} devices",
                    number::word(some),
                    number::word(study.devices.len())
                )
            }
        };
        said.push(format!(
            "{whose} is assumed: related sales times an uptake that no store has shown yet. How often the range holds \
             the truth is not claimed for it."
        ));
    }
    let forecast = &study.forecast;
    match (forecast.stores_held_out, forecast.coverage_80) {
        (0, _) | (_, None) => said.push(
            "Too few stores could be held out, so it was not measured how often the range of a new store holds the truth."
                .into(),
        ),
        (stores, Some(share)) => {
            let top = forecast.coverage_80_top.map_or_else(String::new, |top| {
                format!(", and {} among the best-looking tenth, which is what a plan picks from", number::percent(top))
            });
            said.push(format!(
                "Tested on {} held out in turn: the 8-in-10 range of a store it had not seen held the truth {} of the \
                 time{top}.{}",
                number::counted(stores as usize, "store"),
                number::percent(share),
                verdict(share.min(forecast.coverage_80_top.unwrap_or(share)))
            ));
            if let Some(wape) = forecast.wape {
                said.push(format!(
                    "On those stores the forecasts were off by {} of sales (WAPE).",
                    number::percent(wape)
                ));
            }
        }
    }
    if let Some(share) = forecast.history_coverage_80 {
        said.push(format!(
            "For {}, the 8-in-10 range held the truth {} of the time in weeks set aside.{}",
            number::counted(forecast.series as usize, "existing sales series").replace("seriess", "series"),
            number::percent(share),
            verdict(share)
        ));
    }
    said.push(selection(study));
    said
}

/// Said where a range holds the truth less often than it should.
fn verdict(share: f64) -> &'static str {
    if share < NOMINAL - SHORT { " That is less than 80%: take the ranges as too narrow." } else { "" }
}

/// What was done about having chosen the best-looking stores.
pub(crate) fn selection(study: &Study) -> String {
    let factor = study.plan.worth.selection_factor;
    let change = number::percent((1.0 - factor).abs());
    if change == "0%" || change == "below 0.1%" {
        "The best-looking stores turned out as good as they looked, so no correction was needed.".into()
    } else if factor < 1.0 {
        format!(
            "The best-looking stores look better than they are: demand in this report is lowered by {change} for it."
        )
    } else {
        format!(
            "The best-looking stores turned out better than they looked: demand in this report is raised by {change} for it."
        )
    }
}

/// How many devices, for how much.
pub(crate) fn stock_heading(study: &Study) -> String {
    let units: u64 = study.plan.stock.iter().map(|line| u64::from(line.units)).sum();
    let cost = &study.plan.worth.stock_cost;
    if units == 0 {
        return "Devices to order: none".into();
    }
    format!(
        "Devices to order: {} unit{}, {}",
        number::count(units),
        if units == 1 { "" } else { "s" },
        number::money(cost.major(), cost.currency)
    )
}

/// How well the stock serves.
pub(crate) fn stock_note(study: &Study) -> Option<String> {
    let lines: Vec<_> = study.plan.stock.iter().filter(|line| line.units > 0).collect();
    let least = lines.iter().map(|line| line.service_level).min_by(f64::total_cmp)?;
    let fill = lines.iter().map(|line| line.fill_rate).min_by(f64::total_cmp)?;
    let reordered = study.plan.replenishment.as_ref().is_some_and(|kept| !kept.lines.is_empty());
    Some(format!(
        "Opening stock in units: the level that each corner is filled up to. {} gets through at least {} of its \
         order cycles without running out, and serves at least {} of its demand.",
        if reordered { "Filled up at every review, every line" } else { "Every line" },
        number::percent(floor_hundredth(least)),
        number::percent(floor_hundredth(fill))
    ))
}

/// Rounded down to a whole hundredth, as a promise of `at least` needs.
pub(super) fn floor_hundredth(share: f64) -> f64 {
    (share * 100.0 + 1e-9).floor() / 100.0
}

/// What the pilot can tell from chance.
pub(crate) fn detectable(study: &Study) -> String {
    let pilot = &study.plan.pilot;
    let watch = number::counted(pilot.watch_weeks as usize, "week");
    if pilot.design == "none" || pilot.controls_per_store == 0 {
        return "The pilot has no controls: what it changes can't be told from what would have happened anyway.".into();
    }
    let paired = pilot.design == "randomised";
    let tossed = if paired {
        let pairs = number::counted(study.plan.stores.len(), "pair");
        format!("Of {pairs} of like stores a recorded coin opened one each; the other is its control. ")
    } else {
        String::new()
    };
    let Some(effect) = pilot.minimum_detectable_effect else {
        return format!(
            "{tossed}Watched for {watch} against its controls; there is too little history to say how small a change it can find."
        );
    };
    let asked =
        pilot.detect.map_or_else(String::new, |asked| format!(" Asked for was {} or less.", number::percent(asked)));
    let all = pilot
        .minimum_detectable_effect_store
        .map_or_else(String::new, |all| format!(" In all that these stores sell it finds {}.", number::percent(all)));
    format!(
        "{tossed}Watched for {watch}, the pilot finds a change of related-category sales of {} or more 8 times in 10, and cries \
         wolf 1 time in 20{}.{asked}{all} That was calibrated on {} in which nothing happened.",
        number::percent(effect),
        if paired { " at most, whatever sales do" } else { "" },
        number::counted(pilot.placebo_windows as usize, "past window")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn demand_says_level_and_range() {
        let mut study = fixture::study(60);
        study.outlook.mean = vec![10.0, 2259.4];
        study.outlook.quantiles = vec![[0.0; 7], [1.0, 2018.6, 3.0, 4.0, 5.0, 2500.2, 7.0]];
        assert_eq!(
            demand_heading(&study),
            "Demand: about 2,259 units a week by week 2, 8 in 10 outcomes 2,019 to 2,500"
        );
        study.outlook.mean.clear();
        assert_eq!(demand_heading(&study), "Demand");
        assert!(outlook_note(&study).contains("the twelve corners together"));
        study.plan.stores.truncate(1);
        study.outlook.history.clear();
        assert_eq!(outlook_note(&study), "All devices, the corner. These stores have no related sales to show.");
    }

    #[test]
    fn what_is_assumed_is_called_assumed() {
        let mut study = fixture::study(60);
        for device in &mut study.devices {
            device.assumed = true;
        }
        assert!(coverage(&study)[0].starts_with("The level of demand of all five devices is assumed"));
        assert!(coverage(&study)[0].ends_with("is not claimed for it."));
        study.devices[0].assumed = false;
        assert!(coverage(&study)[0].starts_with("The level of demand of four of the five devices is assumed"));
        study.devices[1].assumed = false;
        study.devices[2].assumed = false;
        assert!(coverage(&study)[0].starts_with("The level of demand of ecg and blood-pressure is assumed"));
        study.devices.truncate(3);
        assert!(!coverage(&study).join(" ").contains("assumed"));
    }

    #[test]
    fn measured_coverage_is_said_also_where_it_is_poor() {
        let mut study = fixture::study(60);
        study.forecast.stores_held_out = 412;
        study.forecast.coverage_80 = Some(0.79);
        study.forecast.coverage_80_top = Some(0.77);
        let said = coverage(&study).join(" ");
        assert!(said.contains("Tested on 412 stores held out in turn"), "{said}");
        assert!(said.contains("held the truth 79% of the time, and 77% among the best-looking tenth"), "{said}");
        assert!(!said.contains("too narrow"));
        study.forecast.coverage_80_top = Some(0.61);
        assert!(coverage(&study).join(" ").contains("take the ranges as too narrow"));
        study.forecast.history_coverage_80 = Some(0.81);
        study.forecast.series = 3_600;
        assert!(coverage(&study).join(" ").contains("For 3,600 existing sales series, the 8-in-10 range held"));
        study.forecast.stores_held_out = 0;
        assert!(coverage(&study).join(" ").contains("Too few stores could be held out"));
    }

    #[test]
    fn the_correction_for_choosing_is_said_in_its_direction() {
        let mut study = fixture::study(60);
        study.plan.worth.selection_factor = 0.94;
        assert!(selection(&study).contains("lowered by 6%"));
        study.plan.worth.selection_factor = 1.0;
        assert!(selection(&study).contains("no correction was needed"));
        study.plan.worth.selection_factor = 1.03;
        assert!(selection(&study).contains("raised by 3%"));
    }

    #[test]
    fn stock_promises_no_more_than_its_poorest_line() {
        let mut study = fixture::study(60);
        study.plan.stock.truncate(2);
        (study.plan.stock[0].units, study.plan.stock[1].units) = (1, 0);
        (study.plan.stock[0].service_level, study.plan.stock[0].fill_rate) = (0.9199, 0.9999);
        study.plan.worth.stock_cost.minor = 12_000;
        assert_eq!(stock_heading(&study), "Devices to order: 1 unit, $120");
        let note = stock_note(&study).unwrap_or_default();
        assert!(note.contains("at least 91% of its order cycles"), "{note}");
        assert!(note.contains("at least 99% of its demand"), "{note}");
        study.plan.stock.clear();
        assert_eq!(stock_heading(&study), "Devices to order: none");
        assert_eq!(stock_note(&study), None);
    }

    #[test]
    fn the_pilot_says_what_it_can_find() {
        let mut study = fixture::study(60);
        study.plan.pilot.minimum_detectable_effect = Some(0.042);
        let said = detectable(&study);
        assert!(
            said.starts_with(
                "Watched for 13 weeks, the pilot finds a change of related-category sales of 4.2% or more"
            )
        );
        assert!(said.contains("8 times in 10"), "{said}");
        study.plan.pilot.design = "randomised".into();
        let told = detectable(&study);
        assert!(told.contains("a recorded coin opened one each") && told.contains("whatever sales do"), "{told}");
        study.plan.pilot.design = "matched".into();
        study.plan.pilot.minimum_detectable_effect = None;
        assert!(detectable(&study).contains("too little history"));
        study.plan.pilot.design = "none".into();
        assert!(detectable(&study).starts_with("The pilot has no controls"));
    }
}
