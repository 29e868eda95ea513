//! What Terraform says with `-json`: one object a line, some of which are errors and warnings with a place.

use std::fmt::{self, Write as _};

use serde_json::Value as Json;

use crate::{Path, Severity, Step};

/// An error or a warning, as Terraform shows it.
#[derive(Clone, Debug)]
pub(super) struct Diagnostic {
    pub severity: Severity,
    summary: String,
    detail: String,
    /// Of a resource, data source, provider block or output; empty for none.
    address: String,
    place: Option<Place>,
}

/// The part of the configuration that it is about.
#[derive(Clone, Debug)]
struct Place {
    file: String,
    line: u64,
    /// The lines of it, as they stand in the file.
    code: String,
    /// The bytes of `code` before what is marked.
    before: usize,
}

/// All diagnostics of the lines that a command printed with `-json`.
pub(super) fn of_lines(out: &str) -> Vec<Diagnostic> {
    let lines = out.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    lines.filter_map(|line| Diagnostic::read(line.get("diagnostic")?)).collect()
}

/// All diagnostics of what `terraform validate -json` printed, which is one object.
pub(super) fn of_validate(out: &str) -> Vec<Diagnostic> {
    let said: Json = serde_json::from_str(out).unwrap_or_default();
    said["diagnostics"].as_array().into_iter().flatten().filter_map(Diagnostic::read).collect()
}

/// All errors of a command that does not know `-json`: its text, out of the frames and lines that it is set in. They
/// have no place.
pub(super) fn of_text(err: &str) -> Vec<Diagnostic> {
    let lines = err.lines().map(|line| line.trim_matches(['│', '╷', '╵', ' ']));
    let text = lines.collect::<Vec<_>>().join("\n");
    let joined = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let errors = text.split("Error: ").skip(1).map(|error| {
        let (summary, detail) = error.split_once("\n\n").unwrap_or((error, ""));
        let (summary, detail) = (joined(summary), joined(detail));
        Diagnostic { severity: Severity::Error, summary, detail, address: String::new(), place: None }
    });
    errors.collect()
}

/// A line for the reader: of JSON only the message.
pub(super) fn readable(line: &str) -> String {
    let Ok(json) = serde_json::from_str::<Json>(line) else { return line.to_owned() };
    let diagnostic = json.get("diagnostic").and_then(Diagnostic::read).map(|diagnostic| diagnostic.to_string());
    diagnostic.or_else(|| Some(json.get("@message")?.as_str()?.to_owned())).unwrap_or_else(|| line.to_owned())
}

impl Diagnostic {
    fn read(json: &Json) -> Option<Self> {
        let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
        let snippet = &json["snippet"];
        let place = snippet["code"].as_str().map(|code| Place {
            file: text(&json["range"]["filename"]),
            line: snippet["start_line"].as_u64().unwrap_or_default(),
            code: code.to_owned(),
            before: snippet["highlight_start_offset"].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or(0),
        });
        let of_context = snippet["context"].as_str().map(address).unwrap_or_default();
        // Of a provider Terraform gives an address of another kind, with a host.
        let given = json["address"].as_str().filter(|address| !address.starts_with("provider["));
        Some(Self {
            severity: if json["severity"].as_str()? == "error" { Severity::Error } else { Severity::Warning },
            summary: text(&json["summary"]),
            detail: text(&json["detail"]),
            address: given.map_or(of_context, ToOwned::to_owned),
            place,
        })
    }

    /// All it says: the summary, and after a colon the detail.
    pub(super) fn sentence(&self) -> String {
        let parts = [self.summary.as_str(), self.detail.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
    }

    /// Whether it is shown at this attribute of this address.
    ///
    /// Terraform marks the value of the first attribute of a path. Where it finds none, because the attribute is a block
    /// or is not set, it marks the first line of the whole; then the message must name the path.
    pub(super) fn is_at(&self, address: &str, path: &Path) -> bool {
        let Some(place) = self.place.as_ref().filter(|_| self.address == address) else { return false };
        match (place.marked_attribute(), path.steps().first()) {
            (_, None) => true,
            (Some(marked), Some(Step::Attribute(first))) => marked == first,
            (None, _) => self.sentence().contains(&path.to_string()),
            (Some(_), Some(_)) => false,
        }
    }
}

impl Place {
    /// The attribute whose value is marked: its name and an equals sign stand before it.
    fn marked_attribute(&self) -> Option<&str> {
        let before = self.code.get(..self.before)?.trim_end().strip_suffix('=')?.trim_end();
        let is_of_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
        Some(before.rsplit(|letter| !is_of_name(letter)).next().unwrap_or_default())
    }
}

/// The address that a header is of: `resource "board_note" "a"` is `board_note.a`, and `provider "board"` is
/// `provider.board`.
fn address(header: &str) -> String {
    let words: Vec<&str> = header.split_whitespace().map(|word| word.trim_matches('"')).collect();
    words.strip_prefix(&["resource"]).unwrap_or(&words).join(".")
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.severity == Severity::Error { "Error" } else { "Warning" };
        write!(f, "{kind}: {}", self.sentence())?;
        let Some(place) = &self.place else { return Ok(()) };
        write!(f, "\n  on {} line {}", place.file, place.line)?;
        if !self.address.is_empty() {
            write!(f, ", in {}", self.address)?;
        }
        for (line, code) in (place.line..).zip(place.code.lines()) {
            f.write_char('\n')?;
            write!(f, "  {line}: {code}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path;

    fn shown(address: Option<&str>, context: &str, code: &str, marked: &str) -> Diagnostic {
        let before = code.find(marked).unwrap();
        let json = serde_json::json!({
            "severity": "error", "summary": "Too long", "detail": "`text.de` is too long.", "address": address,
            "range": { "filename": "main.tf" },
            "snippet": { "context": context, "code": code, "start_line": 3, "highlight_start_offset": before },
        });
        Diagnostic::read(&json).unwrap()
    }

    #[test]
    fn the_attribute_whose_value_is_marked_is_the_place() {
        let found = shown(Some("x_note.a"), "resource \"x_note\" \"a\"", "  text = {", "{");
        assert!(found.is_at("x_note.a", &path!(text)) && found.is_at("x_note.a", &path!(text.en)));
        assert!(!found.is_at("x_note.a", &path!(title)) && !found.is_at("x_note.b", &path!(text)));
        let in_one_line = shown(None, "resource \"x_note\" \"a\"", "resource \"x_note\" \"a\" { text = 7 }", "7");
        assert!(in_one_line.is_at("x_note.a", &path!(text)) && !in_one_line.is_at("x_note.a", &path!(a)));
    }

    #[test]
    fn where_only_the_whole_is_marked_the_message_has_to_name_the_path() {
        let found = shown(Some("x_note.a"), "resource \"x_note\" \"a\"", "resource \"x_note\" \"a\" {", "{");
        assert!(found.is_at("x_note.a", &path!(text.de)) && !found.is_at("x_note.a", &path!(text.en)));
        assert!(found.is_at("x_note.a", &Path::root()));
    }

    #[test]
    fn what_is_no_resource_has_an_address_too() {
        let provider =
            shown(Some("provider[\"example.org/x/x\"]"), "provider \"x\"", "provider \"x\" { text = 7 }", "7");
        assert!(provider.is_at("provider.x", &path!(text)));
        assert_eq!(address("data \"x_notes\" \"all\""), "data.x_notes.all");
    }

    #[test]
    fn errors_in_text_are_taken_out_of_their_frames() {
        let framed = "╷\n│ Error: Cannot\n│ import\n│ \n│ There is no\n│ such thing.\n╵\n\nError: Other\n";
        let found: Vec<String> = of_text(framed).iter().map(Diagnostic::sentence).collect();
        assert_eq!(found, ["Cannot import: There is no such thing.", "Other"]);
    }

    #[test]
    fn a_line_is_read_as_a_person_would_see_it() {
        assert_eq!(readable(r#"{"@level":"info","@message":"x_note.a: Creating..."}"#), "x_note.a: Creating...");
        assert_eq!(readable("plain"), "plain");
        let line = r#"{"@message":"Error: A","diagnostic":{"severity":"error","summary":"A","detail":"b"}}"#;
        assert_eq!(readable(line), "Error: A: b");
    }
}
