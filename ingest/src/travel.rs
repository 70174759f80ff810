//! Table `travel`: minutes between zones and stores, reachable pairs only.

use domain::diagnostic::Diagnostic;
use domain::ids::Idx;
use domain::market::{Store, Travel};

use crate::findings::{Findings, SHOWN, at};
use crate::frame::Frame;
use crate::stores::Stores;
use crate::text::shown;
use crate::zones::Zones;

pub(crate) const NEEDED: [&str; 3] = ["zone_id", "store_id", "minutes"];

/// Fastest travel that is believed, as the crow flies. Scheduled flights aside nothing goes faster.
const KM_PER_HOUR_MAX: f64 = 300.0;
/// The median pair must lie between walking slowly and driving on an empty motorway.
const MEDIAN_KM_PER_HOUR: std::ops::RangeInclusive<f64> = 1.5..=140.0;
/// Below this distance a centre and a door are not precise enough to judge a speed.
const NEAR_KM: f64 = 2.0;
/// As long as any journey on the ground takes, in minutes.
const MINUTES_MAX: f64 = 70_000.0;

/// Reads the table; rows by zone, ascending by store.
pub(crate) fn read(frame: &Frame, zones: &Zones, stores: &Stores, findings: &mut Findings) -> Travel {
    let mut rows: Vec<(usize, Idx<Store>, u32, usize)> = Vec::with_capacity(frame.len());
    let mut speeds: Vec<f64> = Vec::new();
    let (mut across, mut odd) = (0_u64, Vec::new());
    for number in 0..frame.len() {
        let mut row = frame.read(number, findings);
        let zone = zones.of_row(&mut row);
        let store = stores.of_row(&mut row);
        let minutes = row.real("minutes", None);
        if let Some(minutes) = minutes
            && !(0.0..=MINUTES_MAX).contains(&minutes)
        {
            row.wrong("E-GEO-003", "minutes", "is no travel time in minutes", "leave unreachable pairs out");
        }
        let (true, Some(zone), Some(store), Some(minutes)) = (row.sound(), zone, store, minutes) else { continue };
        let (from, to) = (&zones.facts[zone.at()], &stores.facts[store.at()]);
        if from.market != to.market {
            across += 1;
            continue;
        }
        let km = from.place.km_to(to.place);
        if km > NEAR_KM {
            let speed = km / minutes.max(1e-6) * 60.0;
            speeds.push(speed);
            if speed > KM_PER_HOUR_MAX {
                odd.push((number, km, minutes));
            }
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 and 70,000,000")]
        rows.push((zone.at(), store, (minutes * 1000.0).round() as u32, number));
    }
    too_fast(frame, &odd, findings);
    speeds.sort_by(f64::total_cmp);
    if let Some(&median) = speeds.get(speeds.len() / 2)
        && !MEDIAN_KM_PER_HOUR.contains(&median)
    {
        let cause = format!("the middle pair travels at {median:.1} km/h as the crow flies: are these minutes?");
        findings.screen(
            "E-GEO-003",
            frame.whole("minutes"),
            cause,
            "give minutes, not seconds, hours or kilometres",
            0,
        );
    }
    if across > 0 {
        let cause = format!("{across} pairs across markets are not used");
        findings.say(Diagnostic::info("I-TRV-001", at(frame.file(0)), cause, ""));
    }
    rows.sort_unstable_by_key(|row| (row.0, row.1, row.3));
    for pair in rows.windows(2) {
        if (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1) {
            let cause = format!(
                "the pair of {} and {} stands twice",
                shown(zones.ids.names()[pair[1].0].as_str()),
                shown(stores.ids.name(pair[1].1))
            );
            findings.refuse("E-KEY-001", frame.place(pair[1].3, "zone_id"), cause, "keep one row per zone and store");
        }
    }
    rows.dedup_by_key(|row| (row.0, row.1));
    let mut starts = vec![0; zones.ids.len() + 1];
    rows.iter().for_each(|row| starts[row.0 + 1] += 1);
    for zone in 0..zones.ids.len() {
        starts[zone + 1] += starts[zone];
    }
    Travel::Table { starts, pairs: rows.into_iter().map(|(_, store, time, _)| (store, time)).collect() }
}

fn too_fast(frame: &Frame, odd: &[(usize, f64, f64)], findings: &mut Findings) {
    for (number, km, minutes) in odd.iter().take(SHOWN) {
        let cause = format!("{minutes} minutes for {km:.0} km as the crow flies is faster than {KM_PER_HOUR_MAX} km/h");
        let more = if *number == odd[0].0 { odd.len().saturating_sub(SHOWN) as u64 } else { 0 };
        let place = frame.place(*number, "minutes");
        let action = "give minutes; correct the coordinates or the time";
        findings.screen("E-GEO-003", place, cause, action, more);
    }
}
