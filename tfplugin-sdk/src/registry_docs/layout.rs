//! The rules by which the Registry reads a repository: what may lie in `docs/`, how a page begins, and that pages and
//! things belong together. They are those that `tfplugindocs validate` checks, that a page says in its head and its title
//! what it is about, and that `examples/` has nothing that no page shows.
//!
//! Not here: whether a page says what the schema says ([`super::files`]).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::kind::Kind;

/// The folder of pages written by hand.
const GUIDES: &str = "guides";

/// Translations for the CDK, which the Registry reads and nothing here makes.
const TRANSLATIONS: &str = "cdktf";

/// The Registry takes smaller files only, in bytes.
const TOO_LARGE: usize = 500_000;

/// The Registry takes no more files.
const MOST_FILES: usize = 2_000;

/// A page, for the rules of its head.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    Index,
    Guide,
    Thing,
}

/// Everything that is wrong, each as one sentence that begins with a place in `folder`. `things` are the names of what
/// the provider has, by kind.
pub(super) fn problems(folder: &Path, provider: &str, things: &[(Kind, Vec<&str>)]) -> Vec<String> {
    let mut problems = Vec::new();
    if folder.join("website/docs").is_dir() {
        problems.push("website/docs: the old layout; the Registry takes docs/ alone".to_owned());
    }
    for (place, name) in entries(folder, "docs") {
        let is_known =
            [GUIDES, TRANSLATIONS].contains(&name.as_str()) || things.iter().any(|(kind, _)| kind.folder == name);
        if folder.join(&place).is_dir() && !is_known {
            problems.push(format!("{place}: the Registry reads no such folder"));
        }
    }
    check_page(folder, "docs/index.md", Page::Index, &mut problems);
    let mut count = 1;
    for (place, _) in entries(folder, &format!("docs/{GUIDES}")) {
        count += 1;
        check_page(folder, &place, Page::Guide, &mut problems);
    }
    for (kind, names) in things {
        let expected: BTreeSet<String> = names.iter().map(|name| kind.page(provider, name)).collect();
        let found = entries(folder, &format!("docs/{}", kind.folder));
        count += found.len();
        for missing in expected.iter().filter(|place| !found.iter().any(|(found, _)| found == *place)) {
            problems.push(format!("{missing}: there is no such page"));
        }
        for (place, _) in found {
            check_page(folder, &place, Page::Thing, &mut problems);
            if !expected.contains(&place) {
                problems.push(format!("{place}: the provider has no such {}", kind.title.to_lowercase()));
            }
        }
        for (place, name) in entries(folder, &format!("examples/{}", kind.folder)) {
            if !names.contains(&name.as_str()) {
                problems.push(format!("{place}: the provider has no such {}", kind.title.to_lowercase()));
                continue;
            }
            let shown = kind.shown_files();
            let unseen = entries(folder, &place).into_iter().filter(|(_, name)| !shown.contains(&name.as_str()));
            problems.extend(unseen.map(|(file, _)| format!("{file}: no page shows it; {} do", shown.join(", "))));
        }
    }
    if count > MOST_FILES {
        problems.push(format!("docs: there are {count} files, and the Registry takes {MOST_FILES}"));
    }
    problems
}

/// What lies in a folder, sorted: places and names. Nothing when there is no such folder.
fn entries(folder: &Path, place: &str) -> Vec<(String, String)> {
    let Ok(entries) = fs::read_dir(folder.join(place)) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names.into_iter().map(|name| (format!("{place}/{name}"), name)).collect()
}

fn check_page(folder: &Path, place: &str, page: Page, problems: &mut Vec<String>) {
    let path = folder.join(place);
    if path.is_dir() {
        problems.push(format!("{place}: the Registry reads no folders here"));
        return;
    }
    if path.extension().is_none_or(|extension| extension != "md") {
        problems.push(format!("{place}: the name of a page ends in .md"));
        return;
    }
    match fs::read_to_string(&path) {
        Ok(text) if text.len() >= TOO_LARGE => {
            problems
                .push(format!("{place}: it has {} bytes, and the Registry takes less than {TOO_LARGE}", text.len()));
        }
        Ok(text) => {
            let found = head_problems(&text, page).into_iter().chain(title_problem(&text));
            problems.extend(found.map(|problem| format!("{place}: {problem}")));
        }
        Err(error) => problems.push(format!("{place}: {error}")),
    }
}

/// What is wrong with the head of a page.
fn head_problems(text: &str, page: Page) -> Vec<String> {
    let Some(keys) = keys_of_head(text) else {
        return vec!["a page begins with a head: `---`, `page_title: ...`, `---`".to_owned()];
    };
    let mut problems: Vec<String> =
        ["layout", "sidebar_current"].iter().filter(|key| keys.contains(*key)).map(|key| unwelcome(key)).collect();
    if page == Page::Index && keys.contains("subcategory") {
        problems.push(unwelcome("subcategory"));
    }
    let mut wanted = vec!["page_title", "description"];
    if page == Page::Guide {
        // Without one the Registry sorts a guide by nothing; empty is "Guides".
        wanted.push("subcategory");
    }
    problems.extend(wanted.iter().filter(|key| !keys.contains(*key)).map(|key| format!("its head must have `{key}`")));
    problems
}

/// What is wrong with the title below the head: there is exactly one, and it comes first.
fn title_problem(text: &str) -> Option<String> {
    let below = text.strip_prefix("---\n")?.split_once("\n---\n")?.1;
    let mut is_code = false;
    let told: Vec<&str> = below
        .lines()
        .filter(|line| {
            let is_fence = line.starts_with("```");
            is_code ^= is_fence;
            !is_fence && !is_code && !line.trim().is_empty()
        })
        .collect();
    let titles = told.iter().filter(|line| line.starts_with("# ")).count();
    let is_first = told.first().is_some_and(|line| line.starts_with("# "));
    (titles != 1 || !is_first).then(|| format!("a page has one title, `# ...`, first below its head; it has {titles}"))
}

fn unwelcome(key: &str) -> String {
    format!("its head must not have `{key}`")
}

/// The keys of the head of a page; `None` when it has none, or none that ends.
fn keys_of_head(text: &str) -> Option<BTreeSet<&str>> {
    let mut lines = text.lines();
    if lines.next()?.trim_end() != "---" {
        return None;
    }
    let mut keys = BTreeSet::new();
    for line in lines {
        if line.trim_end() == "---" {
            return Some(keys);
        }
        // What is indented belongs to the key above it.
        if !line.starts_with([' ', '\t', '#']) {
            keys.extend(line.split_once(':').map(|(key, _)| key));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::kind::{FUNCTION, RESOURCE};
    use super::*;

    const HEAD: &str = "---\npage_title: \"x\"\nsubcategory: \"\"\ndescription: |-\n  layout: no key\n---\n\n# x\n";
    const INDEX: &str = "---\npage_title: \"x\"\ndescription: |-\n  x\n---\n\n# x\n";

    /// The problems of a repository with these files, whose provider `a` has the resource `a_b` and the function `f`.
    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (place, text) in files {
            let path = folder.path().join(place);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        problems(folder.path(), "a", &[(RESOURCE, vec!["a_b"]), (FUNCTION, vec!["f"])])
    }

    const SOUND: [(&str, &str); 5] = [
        ("docs/index.md", INDEX),
        ("docs/resources/b.md", HEAD),
        ("docs/functions/f.md", HEAD),
        ("docs/guides/start.md", HEAD),
        ("examples/resources/a_b/resource.tf", ""),
    ];

    #[test]
    fn a_sound_repository_has_no_problems() {
        assert_eq!(found(&SOUND), Vec::<String>::new());
        // What else lies in docs/ is no matter of the Registry.
        assert_eq!(found(&[&SOUND[..], &[("docs/notes.txt", "")]].concat()), Vec::<String>::new());
    }

    #[test]
    fn pages_and_things_belong_together() {
        assert_eq!(found(&SOUND[..2]), ["docs/functions/f.md: there is no such page"]);
        let strangers =
            [("docs/resources/c.md", HEAD), ("docs/functions/a_f.md", HEAD), ("examples/functions/g/x.tf", "")];
        assert_eq!(
            found(&[&SOUND[..], &strangers].concat()),
            [
                "docs/resources/c.md: the provider has no such resource",
                "docs/functions/a_f.md: the provider has no such function",
                "examples/functions/g: the provider has no such function",
            ]
        );
    }

    #[test]
    fn what_the_registry_does_not_read_is_found() {
        let large = format!("{HEAD}{}", "x".repeat(500_000 - HEAD.len()));
        let wrong = [
            ("docs/guides/deep/page.md", HEAD),
            ("docs/guides/image.png", ""),
            ("docs/guides/large.md", &large),
            ("docs/resource/b.md", HEAD),
            ("examples/resources/a_b/example.tf", ""),
            ("website/docs/index.html.markdown", ""),
        ];
        assert_eq!(
            found(&[&SOUND[..], &wrong].concat()),
            [
                "website/docs: the old layout; the Registry takes docs/ alone",
                "docs/resource: the Registry reads no such folder",
                "docs/guides/deep: the Registry reads no folders here",
                "docs/guides/image.png: the name of a page ends in .md",
                "docs/guides/large.md: it has 500000 bytes, and the Registry takes less than 500000",
                "examples/resources/a_b/example.tf: no page shows it; resource.tf, import-by-string-id.tf, import.sh, \
                 import-by-identity.tf do",
            ]
        );
        let many: Vec<String> = (0..2_000).map(|number| format!("docs/guides/{number}.md")).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|place| (place.as_str(), HEAD)).collect();
        assert_eq!(found(&[&SOUND[..], &many].concat()), ["docs: there are 2004 files, and the Registry takes 2000"]);
    }

    #[test]
    fn the_head_of_a_page_is_checked() {
        for (text, page, problem) in [
            ("# Title", Page::Thing, "a page begins with a head"),
            ("---\npage_title: \"x\"\n", Page::Thing, "a page begins with a head"),
            ("---\nlayout: \"x\"\n---\n", Page::Thing, "must not have `layout`"),
            ("---\nsidebar_current: \"x\"\n---\n", Page::Guide, "must not have `sidebar_current`"),
            ("---\nsubcategory: \"\"\n---\n", Page::Index, "must not have `subcategory`"),
            ("---\nsubcategory: \"\"\n---\n", Page::Guide, "must have `page_title`"),
            ("---\npage_title: \"x\"\n---\n", Page::Thing, "must have `description`"),
            ("---\npage_title: \"x\"\n---\n", Page::Guide, "must have `subcategory`"),
        ] {
            let found = head_problems(text, page).join("\n");
            assert!(found.contains(problem), "{text:?}: {found}");
        }
        assert_eq!(head_problems(HEAD, Page::Guide), Vec::<String>::new());
        assert_eq!(head_problems(INDEX, Page::Index), Vec::<String>::new());
    }

    #[test]
    fn a_page_has_one_title() {
        assert_eq!(title_problem(&format!("{HEAD}\n```sh\n# a remark\n```\n\n## More\n")), None);
        for wrong in ["", "Text.\n\n# x\n", "# x\n\n# y\n", "## x\n"] {
            assert!(title_problem(&format!("---\npage_title: \"x\"\n---\n\n{wrong}")).is_some(), "{wrong:?}");
        }
    }
}
