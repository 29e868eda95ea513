//! `clb-simulator rules`: prints the rule book.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::ValueEnum;
use clb_model::rules::Status;

use super::asides::{ASIDES, Fate};
use super::{Entry, entries};

/// Options of the command.
#[derive(clap::Args)]
pub struct Arguments {
    /// Only what has this text in its id, its sentence, its code or its source
    text: Option<String>,
    /// Only what is as sure as this
    #[arg(long, value_enum)]
    status: Option<Word>,
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
    /// What has no rule here, and why, instead
    #[arg(long, conflicts_with = "status")]
    not_simulated: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Word {
    Documented,
    OfficialClient,
    Seed,
    Choice,
}

impl From<Word> for Status {
    fn from(word: Word) -> Self {
        match word {
            Word::Documented => Self::Documented,
            Word::OfficialClient => Self::OfficialClient,
            Word::Seed => Self::Seed,
            Word::Choice => Self::Choice,
        }
    }
}

/// Prints what was asked for.
pub fn run(arguments: &Arguments) -> ExitCode {
    let text = if arguments.not_simulated { asides(arguments) } else { statements(arguments) };
    // Whoever reads may have enough and close the pipe.
    let _ = std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes());
    ExitCode::SUCCESS
}

fn has(wanted: Option<&str>, texts: &[&str]) -> bool {
    wanted.is_none_or(|wanted| {
        let wanted = wanted.to_lowercase();
        texts.iter().any(|text| text.to_lowercase().contains(&wanted))
    })
}

fn statements(arguments: &Arguments) -> String {
    let status = arguments.status.map(|word| Status::from(word).word());
    let asked = |entry: &Entry| {
        let texts = [entry.id, entry.sentence, entry.code.unwrap_or_default(), entry.source];
        status.is_none_or(|status| status == entry.status) && has(arguments.text.as_deref(), &texts)
    };
    let found: Vec<Entry> = entries().into_iter().filter(asked).collect();
    if arguments.json { json(&found) } else { table(&found) }
}

fn table(found: &[Entry]) -> String {
    let mut text = String::new();
    let mut noun = "";
    for entry in found {
        if entry.noun != noun {
            noun = entry.noun;
            let _ = writeln!(text, "{}{noun}\n", if text.is_empty() { "" } else { "\n" });
        }
        let code = entry.code.unwrap_or("(refuses nothing)");
        let _ = writeln!(text, "  {:<42} {code:<44} {}", entry.id, entry.status);
        let _ = writeln!(text, "      {}\n      [{}]", entry.sentence, entry.source);
    }
    let _ = writeln!(text, "{}{} statements", if text.is_empty() { "" } else { "\n" }, found.len());
    text
}

fn asides(arguments: &Arguments) -> String {
    let asked = ASIDES.iter().filter(|aside| has(arguments.text.as_deref(), &[aside.id, aside.sentence, aside.reason]));
    if arguments.json {
        let rows: Vec<serde_json::Value> = asked
            .map(|aside| {
                let part_of = if let Fate::PartOf(other) = aside.fate { Some(other) } else { None };
                serde_json::json!({
                    "id": aside.id, "sentence": aside.sentence, "part_of": part_of, "reason": aside.reason,
                })
            })
            .collect();
        return json(&rows);
    }
    let mut text = String::new();
    for aside in asked {
        let fate =
            if let Fate::PartOf(other) = aside.fate { format!("part of {other}") } else { "not simulated".into() };
        let _ = writeln!(text, "  {:<42} {fate}\n      {}\n      {}", aside.id, aside.sentence, aside.reason);
    }
    text
}

fn json<T: serde::Serialize>(rows: &[T]) -> String {
    // Rows of plain text always become JSON.
    serde_json::to_string_pretty(rows).unwrap_or_default() + "\n"
}
