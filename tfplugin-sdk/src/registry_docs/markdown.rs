//! Pieces of Markdown: code, fenced blocks, the head of a page, and descriptions laid into lists.
//!
//! Not a Markdown reader: an author's text is passed on as it is, and only cut where a list needs it.

/// The head of a page, by which the Registry sorts and lists it.
pub(super) struct FrontMatter<'a> {
    pub title: String,
    /// The page of the provider itself is in no category.
    pub is_index: bool,
    pub description: &'a str,
}

impl FrontMatter<'_> {
    pub fn text(&self) -> String {
        let category = if self.is_index { "" } else { "subcategory: \"\"\n" };
        let (summary, _) = first_paragraph(self.description);
        let description = match plain(&summary) {
            empty if empty.is_empty() => "\"\"".to_owned(),
            text => format!("|-\n  {text}"),
        };
        let source = "# Made by tfplugin-sdk from the provider's schema and examples/: changes here are overwritten.";
        format!("---\n{source}\npage_title: \"{}\"\n{category}description: {description}\n---", self.title)
    }
}

/// A text as code within a line.
pub(super) fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text, '`') + 1);
    // A space keeps a backtick at the end apart from the fence; readers take it away.
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A block of code.
pub(super) fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat((longest_run(text, '`') + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}", text.trim())
}

fn longest_run(text: &str, sign: char) -> usize {
    text.split(|letter| letter != sign).map(str::len).max().unwrap_or(0)
}

/// The first paragraph as one line, and the lines after it. A list, a table or a block of code ends it too.
pub(super) fn first_paragraph(text: &str) -> (String, Vec<&str>) {
    let lines: Vec<&str> = text.trim().lines().collect();
    let end = lines.iter().position(|line| line.is_empty() || opens_block(line)).unwrap_or(lines.len());
    let (first, rest) = lines.split_at(end);
    (first.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" "), rest.to_vec())
}

fn opens_block(line: &str) -> bool {
    let line = line.trim_start();
    let is_numbered = line.trim_start_matches(|letter: char| letter.is_ascii_digit()).starts_with(". ")
        && line.starts_with(|letter: char| letter.is_ascii_digit());
    is_numbered || ["- ", "* ", "+ ", "```", "~~~", "|", ">"].iter().any(|sign| line.starts_with(sign))
}

/// An item of a list: `opening`, a text, and the sentences of `more`. These follow the first paragraph, or stand at the
/// end where that introduces a list. What is below the first line is indented.
pub(super) fn item(opening: &str, text: &str, more: &[String]) -> String {
    let (mut first, rest) = first_paragraph(text);
    let more = more.join(" ");
    let introduces = rest.iter().find(|line| !line.is_empty()).is_some_and(|line| opens_block(line));
    if !more.is_empty()
        && !introduces
        && first.ends_with(|letter: char| letter.is_alphanumeric() || "`)".contains(letter))
    {
        first.push('.');
    }
    let (beside, at_end) = if introduces { ("", more.as_str()) } else { (more.as_str(), "") };
    let line: Vec<&str> = [opening, &first, beside].into_iter().filter(|part| !part.is_empty()).collect();
    let indent = indent_below(opening);
    let end = if at_end.is_empty() { vec![] } else { vec!["", at_end] };
    let below = rest.into_iter().chain(end);
    let below = below.map(|line| if line.is_empty() { "\n".to_owned() } else { format!("\n{indent}{line}") });
    line.join(" ") + &below.collect::<String>()
}

/// How far what belongs to an item is indented.
pub(super) fn indent_below(opening: &str) -> &'static str {
    if opening.starts_with("1.") { "   " } else { "  " }
}

/// A text without code marks, bold marks and links.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        plain += before;
        let link = after.split_once("](").and_then(|(label, tail)| Some((label, tail.split_once(')')?.1)));
        if let Some((label, tail)) = link.filter(|(label, _)| !label.contains(['[', ']'])) {
            plain += label;
            rest = tail;
        } else {
            plain.push('[');
            rest = after;
        }
    }
    (plain + rest).replace("**", "").replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_fenced_by_more_than_it_has_inside() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a`"), "`` `a` ``");
        assert_eq!(block("text", "x\n```\ny\n"), "````text\nx\n```\ny\n````");
    }

    #[test]
    fn a_summary_is_plain_text() {
        assert_eq!(plain("See [the `guide`](a/b.md), **now**."), "See the guide, now.");
        assert_eq!(plain("A list [1] and [2](x), or [3"), "A list [1] and 2, or [3");
    }

    #[test]
    fn what_follows_the_first_paragraph_stands_below_it_as_it_was() {
        let more = ["Must be one.".to_owned()];
        assert_eq!(item("- `a` (String)", "What it\nis", &more), "- `a` (String) What it is. Must be one.");
        assert_eq!(item("- `a` (String)", "", &more), "- `a` (String) Must be one.");
        assert_eq!(item("- `a` (String)", "", &[]), "- `a` (String)");
        let listed = "One of\n- this\n- that\n\n    code";
        assert_eq!(
            item("1. `a`", listed, &more),
            "1. `a` One of\n   - this\n   - that\n\n       code\n\n   Must be one."
        );
        assert_eq!(item("- `a`", "What.\n\nMore.", &more), "- `a` What. Must be one.\n\n  More.");
        assert_eq!(first_paragraph("1. a").0, "");
        assert_eq!(first_paragraph("1.5 of\n5 a").0, "1.5 of 5 a");
    }

    #[test]
    fn the_head_of_a_page_has_one_line_of_plain_text() {
        let head =
            FrontMatter { title: "a Resource - b".into(), is_index: false, description: "The `a`\nof b.\n\nMore." };
        let text = head.text();
        assert!(text.starts_with("---\n# "), "{text}");
        assert!(text.ends_with("subcategory: \"\"\ndescription: |-\n  The a of b.\n---"), "{text}");
        let index = FrontMatter { title: "b Provider".into(), is_index: true, description: "" };
        assert!(index.text().ends_with("page_title: \"b Provider\"\ndescription: \"\"\n---"), "{}", index.text());
    }
}
