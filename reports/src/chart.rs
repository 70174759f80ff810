//! Charts: SVG drawn here, in whole pixels, with no text that a narrow screen would shrink away.
//!
//! A chart in a table's cell is laid out in percent of the cell, so that it prints and narrows with
//! its table. Colours are classes of the page's style sheet.

use std::fmt::Write as _;

/// A scale of values across the width of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// A scale that holds zero and all values, with a little room at both ends.
    pub(crate) fn around(values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = values.into_iter().fold((0.0_f64, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
        let room = ((high - low) * 0.03).max(1e-9);
        Self { low: if low < 0.0 { low - room } else { low - room * 0.3 }, high: high + room }
    }

    /// Where a value lies, in percent of the width.
    pub(crate) fn percent(self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low) * 100.0
    }

    /// Round values to mark.
    pub(crate) fn ticks(self) -> Vec<f64> {
        ticks(self.low, self.high, 4.0)
    }
}

/// Round values from `low` to `high`, about `wanted` of them.
pub(crate) fn ticks(low: f64, high: f64, wanted: f64) -> Vec<f64> {
    let raw = ((high - low) / wanted).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= raw).unwrap_or(raw);
    let mut at = (low / step).ceil();
    let mut out = Vec::new();
    while at * step <= high && out.len() < 20 {
        out.push(if at == 0.0 { 0.0 } else { at * step });
        at += 1.0;
    }
    out
}

/// The lines of a column of bars, as a style sheet's list of backgrounds: once for a table, not in each of its cells.
pub(crate) fn grid(scale: Scale) -> String {
    let line = |tick: f64| {
        let colour = if tick == 0.0 { "zero" } else { "faint" };
        format!("linear-gradient(var(--{colour}),var(--{colour})) {:.1}% 0/1px 100% no-repeat", scale.percent(tick))
    };
    scale.ticks().into_iter().map(line).collect::<Vec<_>>().join(",")
}

/// A bar from low to high with a dot at the middle value, as the style of a table's cell: where the bar lies, as
/// backgrounds count it, how wide it is, and where the dot is.
pub(crate) fn span(scale: Scale, low: f64, middle: f64, high: f64) -> String {
    let (from, to) = (scale.percent(low), scale.percent(high));
    let (left, width) = place(from, (to - from).max(0.0));
    format!("--w:{width:.1}%;--x:{left:.1}%;--m:{:.1}", scale.percent(middle))
}

/// A background's place in percent is of the room that it leaves: that place, and the width.
fn place(left: f64, width: f64) -> (f64, f64) {
    let width = width.clamp(0.0, 99.0);
    (100.0 * left / (100.0 - width), width)
}

/// A bar from the middle to the right or the left, as a cell's class and style: where the bar lies, as backgrounds count
/// it, and how wide it is. `part` is in -1 to 1.
pub(crate) fn push(part: f64) -> (&'static str, String) {
    let width = 50.0 * part.clamp(-1.0, 1.0).abs();
    let (class, left) = if part < 0.0 { ("down", 50.0 - width) } else { ("up", 50.0) };
    let (left, width) = place(left, width);
    (class, format!("--w:{width:.1}%;--x:{left:.1}%"))
}

/// A hundred squares, of which as many are filled as outcomes in a hundred.
pub(crate) fn hundred(share: f64) -> String {
    let filled = (share * 100.0).round().clamp(0.0, 100.0);
    let (mut on, mut off) = (String::new(), String::new());
    for at in 0..100_u32 {
        let path = if f64::from(at) < filled { &mut on } else { &mut off };
        let _ = write!(path, "M{} {}h6v6h-6z", at % 25 * 8, at / 25 * 8);
    }
    format!(
        "<svg class=\"hundred\" viewBox=\"0 0 198 30\" aria-hidden=\"true\"><path class=\"off\" d=\"{off}\"/><path class=\"on\" d=\"{on}\"/></svg>"
    )
}

/// The inner frame of a chart of weeks: width, height and the plot's edges, in pixels.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 250.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 420.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 218.0;

/// A chart of weeks under construction.
struct Weeks {
    svg: String,
    high: f64,
    last: f64,
}

impl Weeks {
    /// The frame with its horizontal lines; `label` is what the picture shows, `last` the last week.
    fn new(label: &str, high: f64, last: usize) -> Self {
        let high = if high > 0.0 { high * 1.04 } else { 1.0 };
        let mut chart = Self {
            svg: format!("<svg class=\"weeks\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{label}\">"),
            high,
            last: (last.max(1)) as f64,
        };
        for tick in ticks(0.0, high, 4.0) {
            let y = chart.y(tick);
            let _ = write!(
                chart.svg,
                "<path class=\"{}\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/><text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                if tick == 0.0 { "base" } else { "grid" },
                LEFT - 8.0,
                y + 4.5,
                if high < 5.0 {
                    crate::number::number(tick)
                } else {
                    crate::number::round(&crate::number::amount_short(tick))
                }
            );
        }
        chart
    }

    fn x(&self, week: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * week / self.last
    }

    fn y(&self, value: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * value / self.high
    }

    fn path(&self, points: impl Iterator<Item = (f64, f64)>) -> String {
        let mut path = String::new();
        for (at, (week, value)) in points.enumerate() {
            let lead = if at == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{lead}{:.1} {:.1}", self.x(week), self.y(value));
        }
        path
    }

    fn week_label(&mut self, week: f64, anchor: &str, text: &str) {
        let x = self.x(week);
        let _ =
            write!(self.svg, "<text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"{anchor}\">{text}</text>", BOTTOM + 20.0);
    }

    fn finish(mut self) -> String {
        self.svg.push_str("</svg>");
        self.svg
    }
}

/// A line of past weeks up to today.
pub(crate) fn history(values: &[f64]) -> Option<String> {
    let (first, rest) = values.split_first()?;
    let high = rest.iter().fold(*first, |a, &b| a.max(b));
    let last = values.len().saturating_sub(1);
    let mut chart = Weeks::new("Weekly sales of related products in the chosen stores", high, last);
    let path = chart.path(values.iter().enumerate().map(|(week, &value)| (week as f64, value)));
    let _ = write!(chart.svg, "<path class=\"line past\" d=\"{path}\"/>");
    let ago = format!("{} weeks ago", values.len());
    chart.week_label(0.0, "start", &ago);
    chart.week_label(last.max(1) as f64, "end", "today");
    Some(chart.finish())
}

/// The fan: bands of 19, 8 and 5 in 10 (of 20, 10 and 10) outcomes, and the mean.
pub(crate) fn fan(mean: &[f64], quantiles: &[[f64; 7]]) -> Option<String> {
    let (&last_mean, last_quantiles) = (mean.last()?, quantiles.last()?);
    let high = quantiles.iter().map(|q| q[6]).chain(mean.iter().copied()).fold(0.0, f64::max);
    let last = mean.len();
    let mut chart = Weeks::new("Forecast weekly demand of the corners, with its range", high, last);
    for (class, low, high) in [("b95", 0, 6), ("b80", 1, 5), ("b50", 2, 4)] {
        let up = quantiles.iter().enumerate().map(|(week, q)| (week as f64 + 1.0, q[high]));
        let down = quantiles.iter().enumerate().rev().map(|(week, q)| (week as f64 + 1.0, q[low]));
        let path = chart.path(up.chain(down));
        let _ = write!(chart.svg, "<path class=\"{class}\" d=\"{path}z\"/>");
    }
    let path = chart.path(mean.iter().enumerate().map(|(week, &value)| (week as f64 + 1.0, value)));
    let _ = write!(chart.svg, "<path class=\"line\" d=\"{path}\"/>");
    // Labels at the end, kept apart by the height of a line of text.
    let mut at = [last_quantiles[5], last_mean, last_quantiles[1]].map(|value| chart.y(value) + 4.5);
    at[0] = at[0].min(at[1] - 16.0);
    at[2] = at[2].max(at[1] + 16.0);
    for ((y, value), class) in at.iter().zip([last_quantiles[5], last_mean, last_quantiles[1]]).zip(["", "end", ""]) {
        let _ = write!(
            chart.svg,
            "<text class=\"{class}\" x=\"{:.0}\" y=\"{y:.1}\">{}</text>",
            RIGHT + 8.0,
            crate::number::units(value)
        );
    }
    chart.week_label(1.0, "start", "week 1");
    if last > 4 {
        let middle = last.div_ceil(2);
        chart.week_label(middle as f64, "middle", &format!("week {middle}"));
    }
    if last > 1 {
        chart.week_label(last as f64, "end", &format!("week {last}"));
    }
    Some(chart.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(ticks(0.0, 5.5e6, 4.0), [0.0, 2e6, 4e6]);
        assert_eq!(ticks(-310.0, 950.0, 4.0), [0.0, 500.0]);
        assert_eq!(ticks(0.0, 0.0, 4.0), [0.0]);
    }

    #[test]
    fn a_scale_holds_zero_and_every_value() {
        let scale = Scale::around([-20.0, 80.0]);
        assert!(scale.percent(-20.0) > 0.0 && scale.percent(80.0) < 100.0);
        let all_zero = Scale::around([0.0]);
        assert!(all_zero.percent(0.0).is_finite());
    }

    #[test]
    fn a_hundred_squares_show_the_share() {
        let on = |share: f64| hundred(share).split("class=\"on\"").nth(1).map_or(0, |path| path.matches('M').count());
        assert_eq!([0.0, 0.004, 0.031, 1.0].map(on), [0, 0, 3, 100]);
    }

    #[test]
    fn charts_of_nothing_are_none_and_of_one_week_have_no_nan() {
        assert_eq!(history(&[]), None);
        assert_eq!(fan(&[], &[]), None);
        let one = fan(&[3.0], &[[1.0, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0]]).unwrap_or_default();
        assert!(!one.is_empty() && !one.contains("NaN") && !one.contains("inf"));
        assert!(!history(&[0.0]).unwrap_or_default().contains("NaN"));
    }
}
