//! Bars as SVG, for figures that are read beside each other. A chart is one unit and one bar for each party.

use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const NAME: f64 = 150.0;
const BAR: f64 = 18.0;
const GAP: f64 = 34.0;

/// One chart: what it shows, and a value for each name.
pub struct Chart {
    /// Title with its unit.
    pub title: &'static str,
    /// Names and values, drawn in this order.
    pub bars: Vec<(String, f64)>,
}

/// The charts below each other, each to a scale of its own.
pub fn bars(title: &str, charts: &[Chart]) -> String {
    let mut body = String::new();
    let mut y = 30.0;
    for chart in charts.iter().filter(|chart| !chart.bars.is_empty()) {
        // Writing to a text cannot fail.
        let _ = writeln!(body, "<text x=\"10\" y=\"{y:.0}\" font-weight=\"bold\">{}</text>", chart.title);
        y += 10.0;
        let most = chart.bars.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
        for (name, value) in &chart.bars {
            let (length, middle) = ((WIDTH - NAME - 100.0) * value / most, y + BAR - 5.0);
            let colour = if name == "clb-simulator" { "#2a6fb0" } else { "#b8c4ce" };
            let _ = writeln!(
                body,
                "<text x=\"10\" y=\"{middle:.0}\">{name}</text><rect x=\"{NAME}\" y=\"{y:.0}\" width=\"{length:.1}\" \
                 height=\"{:.0}\" fill=\"{colour}\"/><text x=\"{:.1}\" y=\"{middle:.0}\">{}</text>",
                BAR - 4.0,
                NAME + length + 6.0,
                short(*value)
            );
            y += BAR;
        }
        y += GAP;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{y:.0}\" font-family=\"sans-serif\" \
         font-size=\"12\"><title>{title}</title><rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{body}</svg>\n"
    )
}

/// Three digits that count.
fn short(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}
