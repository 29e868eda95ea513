//! The log: `tracing` events as the JSON lines that Terraform reads from a plugin's stderr.
//!
//! Terraform sorts them into its own log by level and keeps their fields. What is not asked for by an environment
//! variable is not written, so that a run without logging pays nothing.

use std::fmt::Debug;
use std::io::{self, Write as _};

use serde_json::{Map, Value as Json};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

/// Bytes of one field's text; Terraform's line buffer is 64 KiB, and beyond it a line is no longer JSON.
const MAX_TEXT: usize = 8 << 10;

/// Crates below the provider. Their news is about connections, and shown on request only (`TF_LOG_SDK`).
const TRANSPORT: [&str; 7] = ["h2", "hyper", "hyper_util", "tonic", "tower", "rustls", "tokio_rustls"];

/// hclog's format; a line with any other is not taken for JSON.
const TIMESTAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");

/// Sends the process's `tracing` events to stderr, as far as the environment asks for them.
///
/// `address` is the provider's: for `quic-clb/clb`, the variable `TF_LOG_PROVIDER_CLB` counts before
/// `TF_LOG_PROVIDER`, and that before `TF_LOG`.
pub(super) fn install(address: &str, variable: impl Fn(&str) -> Option<String>) {
    let levels = Levels::read(address, variable);
    if levels.provider == LevelFilter::OFF {
        return;
    }
    // One write per line keeps lines whole. Where stderr is gone there is nobody to tell.
    let out = |line: &str| drop(io::stderr().lock().write_all(line.as_bytes()));
    // An author may have installed a subscriber of their own; then that one stays.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Bridge { levels, out }));
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Levels {
    provider: LevelFilter,
    transport: LevelFilter,
}

impl Levels {
    fn read(address: &str, variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(|value| level(&value));
        let name = address.rsplit('/').next().unwrap_or(address).replace('-', "_").to_uppercase();
        let provider =
            set(&format!("TF_LOG_PROVIDER_{name}")).or_else(|| set("TF_LOG_PROVIDER")).or_else(|| set("TF_LOG"));
        let provider = provider.unwrap_or(LevelFilter::OFF);
        Self { provider, transport: set("TF_LOG_SDK").unwrap_or(LevelFilter::WARN).min(provider) }
    }

    /// Spans of the provider are kept at every level: a warning needs to say in which call it arose.
    fn allow(&self, metadata: &Metadata<'_>) -> bool {
        let krate = metadata.target().split("::").next().unwrap_or_default();
        if TRANSPORT.contains(&krate) {
            self.transport >= *metadata.level()
        } else {
            metadata.is_span() || self.provider >= *metadata.level()
        }
    }
}

/// As Terraform reads it: `JSON` is everything, and so is what it does not know.
fn level(value: &str) -> LevelFilter {
    match value.to_uppercase().as_str() {
        "OFF" => LevelFilter::OFF,
        "ERROR" => LevelFilter::ERROR,
        "WARN" => LevelFilter::WARN,
        "INFO" => LevelFilter::INFO,
        "DEBUG" => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}

struct Bridge<W> {
    levels: Levels,
    out: W,
}

/// What a span adds to every event inside it.
struct SpanFields(Map<String, Json>);

impl<S, W> Layer<S> for Bridge<W>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: Fn(&str) + Send + Sync + 'static,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.levels.allow(metadata)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(SpanFields(fields.0));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(SpanFields(known)) = span.extensions_mut().get_mut()
        {
            let mut fields = Fields::default();
            values.record(&mut fields);
            known.extend(fields.0);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Map::new();
        for span in context.event_scope(event).into_iter().flat_map(tracing_subscriber::registry::Scope::from_root) {
            if let Some(SpanFields(fields)) = span.extensions().get() {
                line.extend(fields.clone());
            }
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        line.extend(fields.0);
        let message = line.remove("message");
        line.insert("@message".into(), text(message).into());
        line.insert("@level".into(), name(*event.metadata().level()).into());
        line.insert("@module".into(), event.metadata().target().replace("::", ".").into());
        line.insert("@timestamp".into(), OffsetDateTime::now_utc().format(TIMESTAMP).unwrap_or_default().into());
        (self.out)(&format!("{}\n", Json::Object(line)));
    }
}

/// A message as text, whatever it is and also when there is none: at anything else Terraform itself crashes.
fn text(message: Option<Json>) -> String {
    match message {
        None => String::new(),
        Some(Json::String(text)) => text,
        Some(other) => other.to_string(),
    }
}

fn name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// The fields of a span or event as JSON.
#[derive(Default)]
struct Fields(Map<String, Json>);

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Json>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, cut(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field, cut(&format!("{value:?}")));
    }
}

fn cut(text: &str) -> String {
    let kept = text.floor_char_boundary(MAX_TEXT);
    if kept == text.len() { text.to_owned() } else { format!("{}… ({} bytes)", &text[..kept], text.len()) }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    fn levels(variables: &[(&str, &str)]) -> Levels {
        Levels::read("quic-clb/clb", |name| Some(variables.iter().find(|(given, _)| *given == name)?.1.to_owned()))
    }

    #[test]
    fn the_more_particular_variable_counts() {
        assert_eq!(levels(&[]).provider, LevelFilter::OFF);
        assert_eq!(levels(&[("TF_LOG", "json")]).provider, LevelFilter::TRACE);
        assert_eq!(levels(&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "warn")]).provider, LevelFilter::WARN);
        let variables = [("TF_LOG_PROVIDER", "warn"), ("TF_LOG_PROVIDER_CLB", "debug")];
        assert_eq!(levels(&variables).provider, LevelFilter::DEBUG);
        assert_eq!(levels(&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "off")]).provider, LevelFilter::OFF);
    }

    #[test]
    fn the_transport_is_silent_unless_asked() {
        assert_eq!(levels(&[("TF_LOG", "TRACE")]).transport, LevelFilter::WARN);
        assert_eq!(levels(&[("TF_LOG", "TRACE"), ("TF_LOG_SDK", "debug")]).transport, LevelFilter::DEBUG);
        assert_eq!(levels(&[("TF_LOG", "ERROR")]).transport, LevelFilter::ERROR);
    }

    #[test]
    fn every_line_has_a_text_for_its_message() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        let out = move |line: &str| kept.lock().expect("no panic holds it").push(line.to_owned());
        let levels = levels(&[("TF_LOG", "TRACE")]);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(Bridge { levels, out }), || {
            tracing::info!("said");
            tracing::info!(port = 443);
            tracing::info!(message = 7);
            tracing::info_span!("call", message = true).in_scope(|| tracing::warn!(port = 443));
        });
        let lines = lines.lock().expect("no panic holds it");
        let messages = lines.iter().map(|line| {
            let line: Json = serde_json::from_str(line).expect("a line of JSON");
            line["@message"].as_str().map(ToOwned::to_owned)
        });
        assert_eq!(messages.collect::<Vec<_>>(), ["said", "", "7", "true"].map(|text| Some(text.to_owned())));
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let text = "é".repeat(MAX_TEXT);
        let cut = cut(&format!("x{text}"));
        assert!(cut.len() < MAX_TEXT + 40 && cut.ends_with(" bytes)"), "{}", cut.len());
    }
}
