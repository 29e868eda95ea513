//! Links within the documentation lead to files and headings that are there.

use std::path::Path;

use super::{expect_none, project_files, root};

/// Everything that a page links to: what stands between `](` and `)`.
fn links(markdown: &str) -> impl Iterator<Item = &str> {
    markdown.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(link, _)| link))
}

/// A heading as links name it: in lower case, with hyphens for spaces and without other signs.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|sign| sign.is_alphanumeric() || " -_".contains(*sign));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// What is wrong with a link of a page, if anything. Links to other places are not followed.
fn broken(page: &Path, text: &str, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") || link.contains(char::is_whitespace) {
        return None;
    }
    let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
    let target = root().join(page).with_file_name(file);
    let said = |what: &str| Some(format!("{}: {link:?} leads to no {what}", page.display()));
    if !file.is_empty() && !target.exists() {
        return said("file");
    }
    if fragment.is_empty() {
        return None;
    }
    let there = if file.is_empty() { text.to_owned() } else { std::fs::read_to_string(target).unwrap_or_default() };
    let headings = there.lines().filter(|line| line.starts_with('#')).map(|line| anchor(line.trim_start_matches('#')));
    let is_there = there.contains(&format!("id=\"{fragment}\"")) || headings.into_iter().any(|name| name == fragment);
    if is_there { None } else { said("heading") }
}

#[test]
fn links_of_the_documentation_lead_somewhere() {
    let pages = project_files().into_iter().filter(|path| path.extension().is_some_and(|end| end == "md"));
    let mut seen = 0;
    let mut violations = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(root().join(&page)).unwrap();
        for link in links(&text) {
            seen += 1;
            violations.extend(broken(&page, &text, link));
        }
    }
    assert!(seen > 50, "links were not read: {seen}");
    expect_none(&violations);
}

#[test]
fn the_readme_leads_to_every_guide() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let reached: Vec<_> = links(&readme).collect();
    let guides = project_files().into_iter().filter(|path| path.starts_with("docs/guides"));
    let violations = guides
        .filter(|path| !reached.iter().any(|link| path == Path::new(link)))
        .map(|path| format!("README.md has no link to {}", path.display()));
    expect_none(&violations.collect::<Vec<_>>());
}

#[test]
fn a_link_to_nowhere_is_noticed() {
    let page = Path::new("docs/guides/page.md");
    let text = "# A page\n\n## What `it` is\n\n<a id=\"here\"></a>\n";
    for good in ["../index.md", "#a-page", "#what-it-is", "#here", "https://example.test/x#y"] {
        assert_eq!(broken(page, text, good), None, "{good}");
    }
    for bad in ["nowhere.md", "#nothing", "../index.md#nothing"] {
        assert!(broken(page, text, bad).is_some(), "{bad}");
    }
    assert_eq!(links("[a](b.md), [c]( d ) and e").collect::<Vec<_>>(), ["b.md", " d "]);
}
