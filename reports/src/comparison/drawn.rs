//! Pictures of a comparison: money along an axis, and the scenarios that hold a store.

use std::fmt::Write as _;

use super::view::{Line, View, written};
use crate::chart::ticks;
use crate::number;

/// The frame of a chart along an axis, in pixels.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 452.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 212.0;
/// Lines that have a look of their own; where there are more, only the base's has.
pub(super) const LOOKS: usize = 4;
/// Scenarios that have a mark each.
pub(super) const MARKS: usize = 60;

/// The measure along an axis: one line per combination of the other settings, broken where there is no plan.
pub(super) fn along(view: &View<'_>, axis: usize, lines: &[Line]) -> Option<String> {
    let values: Vec<f64> = lines.iter().flat_map(|line| &line.points).filter_map(|&point| view.value(point)).collect();
    let first = *values.first()?;
    let (low, high) = values.iter().fold((first.min(0.0), first.max(0.0)), |(a, b), &v| (a.min(v), b.max(v)));
    let room = ((high - low) * 0.05).max(f64::MIN_POSITIVE);
    let (low, high) = (if low < 0.0 { low - room } else { 0.0 }, high + room);
    let names = &view.of.axes[axis].values;
    let x = |at: usize| LEFT + (RIGHT - LEFT) * (at as f64 + 0.5) / names.len() as f64;
    let y = |value: f64| BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low);
    let mut svg = format!("<svg class=\"weeks along\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" aria-hidden=\"true\">");
    for tick in ticks(low, high, 4.0) {
        let class = if tick == 0.0 { "base" } else { "grid" };
        let _ = write!(
            svg,
            "<path class=\"{class}\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/><text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            y(tick) + 4.5,
            number::round(&view.short(tick)),
            y = y(tick)
        );
    }
    // Where there are many values, as many are named as have room.
    let step = names.len().div_ceil(8);
    for (at, name) in names.iter().enumerate().step_by(step) {
        let short: String = written(name).chars().take(14).collect();
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>",
            x(at),
            BOTTOM + 22.0,
            crate::map::escape(&short)
        );
    }
    // The base is drawn last, over the others.
    let mut order: Vec<(usize, &Line)> = lines.iter().enumerate().collect();
    order.sort_by_key(|(_, line)| line.base);
    for (look, line) in order {
        let (mut path, mut dots, mut lead) = (String::new(), String::new(), 'M');
        for (at, &point) in line.points.iter().enumerate() {
            let Some(value) = view.value(point) else {
                lead = 'M';
                continue;
            };
            let _ = write!(path, "{lead}{:.1} {:.1}", x(at), y(value));
            let _ = write!(dots, "M{:.1} {:.1}h0", x(at), y(value));
            lead = 'L';
        }
        let class = look_of(look, line, lines.len());
        let _ = write!(svg, "<path class=\"line {class}\" d=\"{path}\"/><path class=\"knots {class}\" d=\"{dots}\"/>");
    }
    svg.push_str("</svg>");
    Some(svg)
}

/// The class of a line.
pub(super) fn look_of(at: usize, line: &Line, lines: usize) -> String {
    match lines > LOOKS {
        true if line.base => "look0".into(),
        true => "pale".into(),
        false => format!("look{at}"),
    }
}

/// A sample of a line for the key beside its name.
pub(super) fn key(class: &str) -> String {
    format!(
        "<svg class=\"sample\" viewBox=\"0 0 30 10\" aria-hidden=\"true\"><path class=\"line {class}\" d=\"M0 5H30\"/></svg>"
    )
}

/// One square per scenario, filled where its plan holds the store, crossed out where it has no plan; `block` scenarios
/// stand together.
pub(super) fn marks(held: &[Option<bool>], block: usize) -> String {
    let (mut on, mut off, mut none, mut x) = (String::new(), String::new(), String::new(), 1);
    for (at, held) in held.iter().enumerate() {
        if at > 0 && at % block.max(1) == 0 {
            x += 5;
        }
        let _ = match held {
            Some(true) => write!(on, "M{x} 1h8v10h-8z"),
            Some(false) => write!(off, "M{x} 1h8v10h-8z"),
            None => write!(none, "M{x} 1l8 10m0 -10l-8 10"),
        };
        x += 10;
    }
    let paths = [("on", on), ("off", off), ("none", none)];
    let drawn: String = paths
        .iter()
        .filter(|(_, path)| !path.is_empty())
        .map(|(class, path)| format!("<path class=\"{class}\" d=\"{path}\"/>"))
        .collect();
    format!(
        "<svg class=\"marks\" viewBox=\"0 0 {x} 12\" width=\"{x}\" height=\"12\" aria-hidden=\"true\">{drawn}</svg>"
    )
}

/// A bar of a share.
pub(super) fn bar(share: f64) -> String {
    let width = share.clamp(0.0, 1.0) * 100.0;
    format!(
        "<svg class=\"share\" aria-hidden=\"true\"><rect class=\"all\" width=\"100%\" height=\"100%\"/><rect class=\"part\" width=\"{width:.1}%\" height=\"100%\"/></svg>"
    )
}
