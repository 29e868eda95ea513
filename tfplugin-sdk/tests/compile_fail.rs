//! What Terraform would refuse does not compile. Beside each file of mistakes (`compile_fail/*.rs`) a `.errors` file has
//! what the compiler says of them: what is wrong, at which words, and what to write instead.
//!
//! The compiler is asked directly, with the library that cargo has just built: a project for the mistakes alone would
//! build all dependencies once more. Only what points into the mistakes is compared, so that neither a changed line of
//! the SDK nor another release of the compiler breaks a test that still says the same.
//!
//! `BLESS=1 cargo test -p tfplugin-sdk --test compile_fail` writes the `.errors` files anew.
#![allow(missing_docs)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs, thread};

use serde_json::Value as Json;

#[test]
fn every_mistake_is_refused_with_a_sentence_that_helps() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail");
    let library = library();
    let mut cases = files(&folder);
    cases.retain(|file| file.extension().is_some_and(|end| end == "rs"));
    assert!(!cases.is_empty(), "{} is empty", folder.display());
    let wrong: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = cases
            .chunks(cases.len().div_ceil(thread::available_parallelism().map_or(1, usize::from)))
            .map(|cases| scope.spawn(|| cases.iter().filter_map(|case| difference(case, &library)).collect::<Vec<_>>()))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker does not panic")).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How what the compiler says differs from what it should say.
fn difference(case: &Path, library: &Path) -> Option<String> {
    let found = errors(case, library);
    let expected = case.with_extension("errors");
    if env::var_os("BLESS").is_some() {
        fs::write(&expected, &found).expect("the file can be written");
    }
    let wanted = fs::read_to_string(&expected).unwrap_or_default();
    (found.is_empty() || found != wanted).then(|| {
        let name = case.display();
        format!("{name}: the compiler says\n\n{found}\nbut should say\n\n{wanted}\n(BLESS=1 takes what it says now)")
    })
}

/// All errors of one file, in the order of its lines.
fn errors(case: &Path, library: &Path) -> String {
    let output = tempfile::tempdir().expect("a folder");
    let compiled = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "--cap-lints", "allow"])
        .args(["--error-format", "json"])
        .arg("--extern")
        .arg(format!("tfplugin_sdk={}", library.display()))
        .arg("-L")
        .arg(format!("dependency={}", library.parent().expect("it is in a folder").display()))
        .arg("--out-dir")
        .arg(output.path())
        .arg(case)
        .output()
        .expect("rustc is there: cargo has just used it");
    let stderr = String::from_utf8(compiled.stderr).expect("rustc writes UTF-8");
    let messages = stderr.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{stderr}")));
    let shown: BTreeSet<(u64, u64, String)> = messages.filter_map(|message| shown(&message, case)).collect();
    shown.into_iter().map(|(_, _, text)| text + "\n").collect()
}

/// A message with the words it marks and what it advises; with its line and column.
fn shown(message: &Json, case: &Path) -> Option<(u64, u64, String)> {
    let spans = message["spans"].as_array()?;
    let primary = spans.iter().filter(|span| span["is_primary"] == true);
    let marked: Vec<&Json> = primary.filter_map(|span| inside(span, case)).collect();
    // The last one only says how many there were.
    let (line, column_start) = (marked.first()?["line_start"].as_u64()?, marked.first()?["column_start"].as_u64()?);
    let mut text = format!("error: {}\n", message["message"].as_str()?);
    for span in marked {
        let words = &span["text"][0];
        let (source, from, to) = (words["text"].as_str()?, column(words, "start")?, column(words, "end")?);
        let margin = source.len() - source.trim_start().len();
        let marks = "^".repeat(to.saturating_sub(from).max(1));
        writeln!(text, "    {}", source.trim()).ok()?;
        writeln!(text, "    {}{marks} {}", " ".repeat(from - 1 - margin), span["label"].as_str().unwrap_or_default())
            .ok()?;
    }
    for advice in message["children"].as_array()? {
        let (level, said) = (advice["level"].as_str()?, advice["message"].as_str()?);
        let places = advice["spans"].as_array()?;
        let elsewhere = !places.is_empty() && places.iter().all(|span| inside(span, case).is_none());
        if elsewhere || is_internal(said) {
            continue;
        }
        let instead =
            places.iter().filter_map(|span| span["suggested_replacement"].as_str().map(str::trim)).collect::<Vec<_>>();
        let instead = if instead.is_empty() { String::new() } else { format!(": `{}`", instead.join("` `")) };
        writeln!(text, "  {level}: {said}{instead}").ok()?;
    }
    let trimmed: Vec<&str> = text.lines().map(str::trim_end).collect();
    Some((line, column_start, trimmed.join("\n") + "\n"))
}

fn column(words: &Json, end: &str) -> Option<usize> {
    usize::try_from(words[format!("highlight_{end}")].as_u64()?).ok()
}

/// What the compiler adds about how it came to this; it changes with the compiler.
fn is_internal(advice: &str) -> bool {
    [
        "this error originates",
        "required ",
        "the following other types",
        "the trait ",
        "for that trait",
        "for more information",
    ]
    .iter()
    .any(|start| advice.starts_with(start))
}

/// The span itself, or what it was expanded from, in the file.
fn inside<'a>(mut span: &'a Json, case: &Path) -> Option<&'a Json> {
    while span["file_name"].as_str()? != case.to_str()? {
        span = span.get("expansion")?.get("span")?;
    }
    Some(span)
}

/// The SDK as cargo has built it for this test. There may be several, with other features of its dependencies; whichever
/// is newer than all its sources was made from them.
fn library() -> PathBuf {
    let test = env::current_exe().expect("this is a program");
    let folder = test.parent().expect("it is in a folder");
    let is_library = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("libtfplugin_sdk-") && name.ends_with(".rlib")
    };
    let newest = files(folder).into_iter().filter(is_library).max_by_key(|file| changed(file));
    let newest = newest.unwrap_or_else(|| panic!("cargo has built no tfplugin_sdk in {}", folder.display()));
    let stale = sources(&newest).into_iter().find(|source| changed(source) > changed(&newest));
    assert_eq!(stale, None, "{} is older than that; run `cargo test` again", newest.display());
    newest
}

/// What the library was built from, as the compiler notes it beside it, and the derives.
fn sources(library: &Path) -> Vec<PathBuf> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let name = library.file_stem().expect("it has a name").to_string_lossy();
    let note = library.with_file_name(format!("{}.d", name.trim_start_matches("lib")));
    let note = fs::read_to_string(&note).unwrap_or_else(|error| panic!("{}: {error}", note.display()));
    let (_, noted) = note.lines().next().and_then(|line| line.split_once(": ")).expect("files follow a name");
    // As seen from the folder of the workspace; a space in a name is written with a backslash.
    let marked = noted.replace("\\ ", "\0");
    let mut sources: Vec<PathBuf> = marked
        .split(' ')
        .map(|source| package.parent().unwrap_or(package).join(source.replace('\0', " ")))
        .filter(|source| source.exists())
        .collect();
    assert!(!sources.is_empty(), "no source of {} is there", library.display());
    sources.extend(files(&package.join("macros/src")));
    sources
}

fn changed(file: &Path) -> SystemTime {
    fs::metadata(file).and_then(|about| about.modified()).expect("the file is there")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    files.sort();
    files
}
