//! The pages as files: which of them are stale, and writing them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use super::kind::Kind;

/// Every page that is not as it should be, each as one sentence that begins with its place: it is missing, it differs, or
/// it is of nothing the provider has.
pub(super) fn stale(folder: &Path, pages: &BTreeMap<String, String>, kinds: &[Kind]) -> Vec<String> {
    let differing = pages.iter().filter_map(|(place, text)| match fs::read_to_string(folder.join(place)) {
        Ok(found) => difference(&found, text).map(|line| format!("{place}: line {line} is not as it should be")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(format!("{place}: it is missing")),
        Err(error) => Some(format!("{place}: {error}")),
    });
    let orphans = orphans(folder, pages, kinds);
    differing.chain(orphans.iter().map(|place| format!("{place}: it is of nothing the provider has"))).collect()
}

/// The first line that differs, counted from 1.
fn difference(found: &str, expected: &str) -> Option<usize> {
    let same = found.lines().zip(expected.lines()).take_while(|(found, expected)| found == expected).count();
    (found != expected).then_some(same + 1)
}

/// Writes the pages that differ and removes those of nothing the provider has; what it did, one page a line.
pub(super) fn write(folder: &Path, pages: &BTreeMap<String, String>, kinds: &[Kind]) -> io::Result<Vec<String>> {
    let mut done = Vec::new();
    for (place, text) in pages {
        let path = folder.join(place);
        if fs::read_to_string(&path).is_ok_and(|found| found == *text) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text)?;
        done.push(format!("wrote {place}"));
    }
    for place in orphans(folder, pages, kinds) {
        fs::remove_file(folder.join(&place))?;
        done.push(format!("removed {place}"));
    }
    Ok(done)
}

/// Pages in the folders of things that are of none, sorted.
fn orphans(folder: &Path, pages: &BTreeMap<String, String>, kinds: &[Kind]) -> Vec<String> {
    let mut orphans = Vec::new();
    for kind in kinds {
        let Ok(entries) = fs::read_dir(folder.join("docs").join(kind.folder)) else { continue };
        let names = entries.filter_map(Result::ok).map(|entry| entry.file_name());
        let pages_here = names.filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "md"));
        let places = pages_here.map(|name| format!("docs/{}/{}", kind.folder, name.to_string_lossy()));
        orphans.extend(places.filter(|place| !pages.contains_key(place)));
    }
    orphans.sort();
    orphans
}
