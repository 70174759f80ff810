//! Table `corners`: those that exist.

use domain::market::Corner;

use crate::findings::Findings;
use crate::frame::Frame;
use crate::stores::Stores;

pub(crate) const NEEDED: [&str; 2] = ["store_id", "opened"];
pub(crate) const OPTIONAL: [&str; 1] = ["closed"];

/// Reads the table; ascending by store, then date.
pub(crate) fn read(frame: &Frame, stores: &Stores, findings: &mut Findings) -> Vec<Corner> {
    let mut corners: Vec<Corner> = Vec::new();
    for at in 0..frame.len() {
        let mut row = frame.read(at, findings);
        let store = stores.of_row(&mut row);
        let opened = row.date("opened");
        let closed = row.date_or_blank("closed");
        if let (Some(opened), Some(closed)) = (opened, closed)
            && closed < opened
        {
            row.wrong("E-DATE-005", "closed", "lies before `opened`", "correct the dates");
        }
        if let (true, Some(store), Some(opened)) = (row.sound(), store, opened) {
            let overlaps = |known: &Corner| {
                known.store == store
                    && known.closed.is_none_or(|end| end >= opened)
                    && closed.is_none_or(|end| end >= known.opened)
            };
            if corners.iter().any(overlaps) {
                let what = "has another corner in the same time";
                findings.refuse(
                    "E-KEY-001",
                    frame.place(at, "store_id"),
                    what,
                    "keep one row per corner, without overlaps",
                );
            } else {
                corners.push(Corner { store, opened, closed });
            }
        }
    }
    corners.sort_by_key(|corner| (corner.store, corner.opened));
    corners
}
