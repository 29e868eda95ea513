//! Prometheus' text exposition format, version 0.0.4: families of samples as lines.
//!
//! Only the format; which figures there are is in `metrics`. The source of the format is Prometheus' page "Exposition
//! formats".

use std::fmt::{Display, Write};

/// What HTTP calls the format.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What kind of figure a family has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One that only grows; its name ends in `_total`.
    Counter,
    /// One that goes up and down.
    Gauge,
    /// Counts of classes.
    Histogram,
}

/// A page that is being written.
#[derive(Debug, Default)]
pub struct Exposition(String);

/// The family that samples are being added to.
#[derive(Debug)]
pub struct Family<'a> {
    page: &'a mut String,
    name: &'static str,
}

impl Exposition {
    /// Begins a family; those before it are complete. Each name is there once, even without samples.
    pub fn family(&mut self, name: &'static str, kind: Kind, help: &'static str) -> Family<'_> {
        let word = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let page = &mut self.0;
        put(page, format_args!("# HELP {name} {help}\n# TYPE {name} {word}\n"));
        Family { page, name }
    }

    /// The page.
    pub fn finish(self) -> String {
        self.0
    }
}

impl Family<'_> {
    /// One figure. No two of a family have the same labels.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.line("", labels, value);
    }

    /// Counts of classes, each with its upper bound, the last without; and the sum of all that was counted.
    pub fn histogram(
        &mut self,
        labels: &[(&str, &str)],
        classes: impl IntoIterator<Item = (Option<f64>, u64)>,
        sum: f64,
    ) {
        let mut count = 0;
        for (up_to, in_class) in classes {
            count += in_class;
            let up_to = up_to.map_or_else(|| "+Inf".to_owned(), |up_to| up_to.to_string());
            self.line("_bucket", &[labels, &[("le", &up_to)]].concat(), count);
        }
        self.line("_sum", labels, sum);
        self.line("_count", labels, count);
    }

    fn line(&mut self, suffix: &str, labels: &[(&str, &str)], value: impl Display) {
        put(self.page, format_args!("{}{suffix}", self.name));
        for (place, (name, text)) in labels.iter().enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            put(self.page, format_args!("{before}{name}=\"{}\"", escaped(text)));
        }
        let end = if labels.is_empty() { "" } else { "}" };
        put(self.page, format_args!("{end} {value}\n"));
    }
}

fn put(page: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _ = page.write_fmt(what);
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_has_its_help_its_type_and_a_line_for_each_sample() {
        let mut page = Exposition::default();
        let mut family = page.family("x_total", Kind::Counter, "What x did.");
        family.sample(&[], 3);
        family.sample(&[("a", "1"), ("b", "say \"\\\"\n")], 0.5);
        page.family("y", Kind::Gauge, "Nothing.");
        assert_eq!(
            page.finish(),
            "# HELP x_total What x did.\n# TYPE x_total counter\nx_total 3\nx_total{a=\"1\",b=\"say \\\"\\\\\\\"\\n\"} 0.5\n\
             # HELP y Nothing.\n# TYPE y gauge\n"
        );
    }

    #[test]
    fn the_classes_of_a_histogram_add_up() {
        let mut page = Exposition::default();
        page.family("t_seconds", Kind::Histogram, "Times.").histogram(
            &[("l", "1")],
            [(Some(0.5), 2), (Some(1.0), 0), (None, 3)],
            9.25,
        );
        let text = page.finish();
        let lines: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "t_seconds_bucket{l=\"1\",le=\"0.5\"} 2",
                "t_seconds_bucket{l=\"1\",le=\"1\"} 2",
                "t_seconds_bucket{l=\"1\",le=\"+Inf\"} 5",
                "t_seconds_sum{l=\"1\"} 9.25",
                "t_seconds_count{l=\"1\"} 5",
            ]
        );
    }
}
