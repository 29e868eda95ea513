//! How the provider is tested: under Terraform, in words, and everything it has.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use tfplugin_sdk::testing::terraform::{
    Terraform, absent, apply, changed, destroy, import_verify, kept, matching, null, plan, plan_again, plan_is_empty,
    refresh, satisfying, set, taint, then, unknown, validate,
};
use tfplugin_sdk::testing::{Action, Core};
use tfplugin_sdk::{Context, Deferral, Dynamic, Provider, Resource, Result, Value, path};

use crate::backup::{Backup, BackupConfig};
use crate::files::{Files, FilesConfig};
use crate::folder::Folder;
use crate::listing::{Listing, ListingConfig};
use crate::provider::{Settings, SettingsConfig, provider};

const EVERYTHING: &str = r#"
terraform {
  provider_meta "folder" {
    team = "poets"
  }
}

ephemeral "folder_lock" "l" { holder = "me" }

resource "folder_file" "poem" {
  name = "${provider::folder::slug("An", "Old Poem!")}.txt"
  line { text = "roses" }
  line {
    text   = "violets"
    prefix = "- "
  }
  mode              = "600"
  seal              = ["amen"]
  secret_wo         = "hush"
  secret_wo_version = 1
  timeouts { create = "30s" }
}

resource "folder_index" "all" {
  name    = "index.md"
  title   = "Poems"
  readers = ["you", "me"]
  order   = "size"
  entries = { (folder_file.poem.name) = { about = "old" } }
}

data "folder_listing" "texts" {
  suffix     = ".txt"
  depends_on = [folder_file.poem, folder_index.all]
}

output "texts" { value = data.folder_listing.texts.names }
"#;

/// The provider under Terraform, for a folder that is there already.
fn managing<'a>(folder: &TempDir) -> Terraform<'a> {
    let block = format!("provider \"folder\" {{ path = \"{}\" }}", folder.path().display());
    Terraform::with(provider()).provider_block(block)
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

fn file(name: &str, content: &str) -> String {
    format!("resource \"folder_file\" \"f\" {{\n  name = \"{name}\"\n  content = \"{content}\"\n}}\n")
}

#[test]
fn it_is_declared_soundly() {
    provider().assert_valid();
}

#[tokio::test]
async fn everything_it_has_works_together() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    managing(&temporary)
        .steps([
            apply(EVERYTHING)
                .plans("folder_file.poem", Action::Create)
                .planned("folder_file.poem", path!(path), unknown())
                .planned("folder_file.poem", path!(mode), "600")
                .planned_output("texts", unknown())
                .state("folder_file.poem", path!(name), "an-old-poem.txt")
                .state("folder_file.poem", path!(line[1].prefix), "- ")
                .state("folder_file.poem", path!(line[2]), absent())
                .state("folder_file.poem", path!(seal), ["amen"])
                .state("folder_file.poem", path!(secret_wo), null())
                .state("folder_file.poem", path!(timeouts.create), "30s")
                .state("folder_file.poem", path!(path), matching(r"/an-old-poem\.txt$"))
                .planned("folder_index.all", path!(names), unknown())
                .state("folder_index.all", path!(keeper), "poets")
                .state("folder_index.all", path!(entries["an-old-poem.txt"].bytes), 21)
                .output("texts", ["an-old-poem.txt"])
                .hides("hush"),
            then(|| async {
                assert_eq!(read(folder, "an-old-poem.txt"), "roses\n- violets\namen\n");
                assert_eq!(read(folder, ".an-old-poem.txt.secret"), "hush");
                assert_eq!(read(folder, "index.md"), "Poems\nfor me, you\nkept by poets\nan-old-poem.txt: old\n");
                assert!(!folder.join(".lock").exists(), "the lock was given back");
            }),
            plan(EVERYTHING.replace("\"600\"", "\"0600\"")).is_empty(),
            then(|| async { fs::write(folder.join("an-old-poem.txt"), "weeds\n").unwrap() }),
            plan_again().drifts("folder_file.poem", Action::Update).plans("folder_file.poem", Action::Update).planned(
                "folder_file.poem",
                path!(content),
                null(),
            ),
            refresh().state("folder_file.poem", path!(content), "weeds\n"),
            apply(EVERYTHING).plans("folder_file.poem", Action::Update),
            then(|| async { assert_eq!(read(folder, "an-old-poem.txt"), "roses\n- violets\namen\n") }),
            then(|| async { fs::write(folder.join("index.md"), "gone\n").unwrap() }),
            apply(EVERYTHING.replace("  title   = \"Poems\"\n", ""))
                .plans("folder_index.all", Action::Replace)
                .because(path!(title))
                .state("folder_index.all", path!(lines), 3),
            then(|| async {
                assert_eq!(read(folder, "index.md"), "for me, you\nkept by poets\nan-old-poem.txt: old\n");
            }),
            apply("").plans("folder_file.poem", Action::Delete).gone("folder_file.poem"),
        ])
        .destroyed(|| async { is_empty(folder) })
        .await;
}

#[tokio::test]
async fn a_file_is_imported_renamed_tainted_and_let_go() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let let_go = "removed {\n  from = folder_file.f\n  lifecycle { destroy = false }\n}\n";
    managing(&temporary)
        .steps([
            apply(file("a.txt", "one")).state(
                "folder_file.f",
                path!(bytes),
                satisfying("3 or more", |bytes| matches!(bytes, Dynamic::Number(n) if n.to_i128() >= Some(3))),
            ),
            import_verify("folder_file.f"),
            import_verify("folder_file.f").by_command(),
            import_verify("folder_file.f").by_identity(),
            import_verify("folder_file.f").id("b.txt").fails("There is no folder_file with the id \"b.txt\""),
            apply(file("b.txt", "one"))
                .plans("folder_file.f", Action::Replace)
                .because(path!(name))
                .state("folder_file.f", path!(path), changed())
                .state("folder_file.f", path!(bytes), kept()),
            plan_is_empty(),
            taint("folder_file.f").tainted("folder_file.f"),
            apply(file("b.txt", "one")).plans("folder_file.f", Action::Replace),
            apply(let_go).forgets("folder_file.f").gone("folder_file.f"),
            plan(file("b.txt", "two")).warns("There is such a file").at("folder_file.f", path!(name)),
            apply(file("b.txt", "two") + "import {\n  to = folder_file.f\n  id = \"b.txt\"\n}\n")
                .imports("folder_file.f")
                .plans("folder_file.f", Action::Update)
                .plans_nothing_else(),
            destroy().plans("folder_file.f", Action::Delete),
        ])
        .destroyed(|| async { is_empty(folder) })
        .await;
}

#[tokio::test]
async fn a_file_that_is_there_is_not_overwritten_and_another_program_is_waited_for() {
    let temporary = tempfile::tempdir().unwrap();
    fs::write(temporary.path().join("a.txt"), "theirs").unwrap();
    let busy = temporary.path().join(".busy");
    let waiting = file("b.txt", "ours").replace("content", "timeouts { create = \"1s\" }\n  content");
    managing(&temporary)
        .steps([
            apply(file("a.txt", "ours")).warns("There is such a file").fails("exists"),
            then(|| async { fs::write(&busy, "").unwrap() }),
            apply(waiting.as_str()).fails("This took longer than 1s."),
            then(|| async { fs::remove_file(&busy).unwrap() }),
            apply(waiting).plans("folder_file.f", Action::Create),
            then(|| async { assert_eq!(read(temporary.path(), "a.txt"), "theirs") }),
        ])
        .await;
}

#[tokio::test]
async fn a_listing_has_the_files_of_others_too() {
    let temporary = tempfile::tempdir().unwrap();
    let names = "data \"folder_listing\" \"all\" {}\noutput \"names\" { value = data.folder_listing.all.names }\n";
    for name in ["b.txt", "a.md"] {
        fs::write(temporary.path().join(name), "").unwrap();
    }
    managing(&temporary).step(apply(names).output("names", set(["b.txt", "a.md"]))).await;
}

/// What is to be known of `local_file` of the provider `local`: it writes nothing here.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Resource)]
#[tf(name = "local_file")]
struct LocalFile {
    /// Path of the file.
    filename: String,
    /// What it says.
    content: String,
}

impl Resource for LocalFile {
    type Api = Folder;

    async fn create(_: &mut Context<'_, Self>, plan: LocalFilePlan) -> Result<Self> {
        let LocalFilePlan { filename, content } = plan;
        Ok(Self { filename, content })
    }

    async fn read(_: &mut Context<'_, Self>, state: Self) -> Result<Option<Self>> {
        Ok(Some(state))
    }

    async fn delete(_: &mut Context<'_, Self>, _: Self) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_local_file_of_another_provider_is_taken_over() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().display();
    let local = Provider::new::<Settings, _>("example/local", |settings: SettingsConfig| async move {
        Ok(settings.path.known().map(|path| Folder::open(Path::new(path))).transpose()?)
    });
    fs::write(temporary.path().join("a.txt"), "one").unwrap();
    let old = format!("resource \"local_file\" \"l\" {{\n  filename = \"{path}/a.txt\"\n  content = \"one\"\n}}\n");
    let moved = file("a.txt", "one") + "moved {\n  from = local_file.l\n  to = folder_file.f\n}\n";
    managing(&temporary)
        .and(local.resource::<LocalFile>())
        .provider_block(format!(
            "provider \"folder\" {{ path = \"{path}\" }}\nprovider \"local\" {{ path = \"{path}\" }}"
        ))
        .steps([
            apply(old),
            apply(moved)
                .moves("local_file.l", "folder_file.f")
                .plans("folder_file.f", Action::NoOp)
                .plans_nothing_else()
                .state("folder_file.f", path!(bytes), 3),
        ])
        .destroyed(|| async { is_empty(temporary.path()) })
        .await;
}

#[tokio::test]
async fn its_mistakes_are_explained_at_their_attributes() {
    let wrong = "resource \"folder_file\" \"a\" {\n  name = \"A\"\n  content = \"x\"\n  seal = [\"y\", \"y\"]\n  \
                 mode = \"8\"\n  secret_wo = \"s\"\n  timeouts { create = \"soon\" }\n}";
    let conflict = "Only one of `content` or `seal` can be set. Remove one of them.";
    managing(&tempfile::tempdir().unwrap())
        .steps([
            validate(wrong)
                .fails("`name` must be: small letters, digits, dots, dashes and underscores; \"A\" was given.")
                .at("folder_file.a", path!(name))
                .fails("`seal` must have no element twice")
                .at("folder_file.a", path!(seal))
                .fails("`mode` must be: three octal digits, such as 0644")
                .at("folder_file.a", path!(mode))
                .fails("`timeouts.create` must be a duration")
                .at("folder_file.a", path!(timeouts.create))
                .fails(conflict)
                .at("folder_file.a", path!(content))
                .fails(conflict)
                .at("folder_file.a", path!(seal))
                .fails("`secret_wo` needs `secret_wo_version`.")
                .at("folder_file.a", path!(secret_wo)),
            plan("output \"o\" { value = provider::folder::slug(\"?\") }")
                .fails("There is no letter and no digit in it"),
        ])
        .await;
}

/// What Terraform 1.11 does not know yet is tried in the miniature core.
async fn core(folder: &TempDir) -> Core {
    let settings = SettingsConfig { path: Value::Known(folder.path().display().to_string()) };
    Core::start::<_, Settings>(provider(), &settings).await.unwrap()
}

#[tokio::test]
async fn a_backup_copies_every_file_and_says_which() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("a.txt"), "a").unwrap();
    fs::write(folder.path().join("b.txt"), "b").unwrap();
    let config = BackupConfig { to: Value::Known(to.path().display().to_string()) };
    let done = core(&folder).await.action::<Backup>().invoke(&config).await.unwrap();
    assert_eq!(done.progress, ["copied a.txt", "copied b.txt"]);
    assert_eq!(read(to.path(), "b.txt"), "b");
}

#[tokio::test]
async fn a_search_finds_the_files_of_others() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "a").unwrap();
    fs::write(folder.path().join("b.md"), "b").unwrap();
    let config = FilesConfig { suffix: Value::Known(".txt".into()) };
    let found = core(&folder).await.list_resource::<Files>().with_states().all(&config).await.unwrap();
    let state = found.hits[0].state.as_ref().unwrap();
    assert_eq!((found.hits.len(), state.content.as_deref(), state.bytes), (1, Some("a"), 1));
}

#[tokio::test]
async fn while_another_program_works_in_the_folder_a_listing_is_put_off() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".busy"), "").unwrap();
    let all = ListingConfig::default();
    let core = core(&folder).await;
    let refused = core.data_source::<Listing>().read(&all).await.unwrap_err();
    assert_eq!(refused.diagnostics()[0].summary, "The folder is busy");
    let patient = core.allowing_deferral();
    let deferred = patient.data_source::<Listing>().deferred(&all).await.unwrap();
    assert_eq!(deferred, Some(Deferral::PrerequisiteAbsent));
}
