//! Ways to run the same Terraform commands: without a provider, with one that Terraform starts, with one that runs.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::measure::{children_processor_time, milliseconds, own_processor_time};
use crate::cast::ProviderProcess;
use crate::programs::{Terraform, clear, write};

/// The commands that are measured, in this order: each leaves behind what the next one needs.
pub const COMMANDS: [(&str, &[&str]); 3] = [
    ("plan", &["plan", "-no-color"]),
    ("apply", &["apply", "-auto-approve", "-no-color"]),
    ("destroy", &["destroy", "-auto-approve", "-no-color"]),
];

/// How Terraform comes to its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It needs none: `terraform_data`, which is built in.
    Alone,
    /// It starts the installed one, with mutual TLS, as often as it likes: real use.
    Started,
    /// It attaches to a process that serves already, without TLS.
    Attached,
}

impl Way {
    /// All of them; the first is what the others are compared with.
    pub const ALL: [Self; 3] = [Self::Alone, Self::Started, Self::Attached];

    /// In the table.
    pub fn title(self) -> &'static str {
        match self {
            Self::Alone => "terraform alone",
            Self::Started => "process start, TLS",
            Self::Attached => "reattach",
        }
    }

    /// Before the names of its metrics; what users have needs no word.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Alone => "alone_",
            Self::Started => "",
            Self::Attached => "reattach_",
        }
    }

    /// For its folder and its part of the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Started => "started",
            Self::Attached => "reattach",
        }
    }
}

/// One way, ready to run in a folder of its own.
pub struct Contestant {
    /// The process that Terraform is attached to, if it is.
    pub server: Option<ProviderProcess>,
    terraform: Terraform,
}

/// One run of one command.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// On the clock, in milliseconds.
    pub wall: f64,
    /// Processor time of Terraform and the provider, in milliseconds; to the tick, so only the mean of several says
    /// something. Zero where the system does not tell.
    pub processor: f64,
}

impl Contestant {
    /// Installs `provider` from a mirror and initialises, as a user would: `dev_overrides` needs no `init`, but spares
    /// Terraform the look at the provider's checksum that it takes at every command of a user.
    pub fn prepare(way: Way, provider: &Path, folder: &Path, resources: u32) -> Result<Self, String> {
        clear(folder)?;
        let configuration = folder.join("configuration");
        let main = configuration.join("main.tf");
        if way == Way::Alone {
            write(
                &main,
                &format!(
                    "resource \"terraform_data\" \"note\" {{\n  count = {resources}\n  input = \"note ${{count.index}}\"\n}}\n"
                ),
            )?;
            return Ok(Self { server: None, terraform: Terraform::alone(&configuration, folder)? });
        }
        let notes = folder.join("notes");
        clear(&notes)?;
        write(&main, &notes_configuration(&notes, resources))?;
        let mut terraform = Terraform::with_provider(&configuration, folder, provider)?;
        terraform.run(&["init", "-no-color"])?;
        let server = if way == Way::Attached { Some(ProviderProcess::start(provider, folder)?) } else { None };
        if let Some(server) = &server {
            terraform.set_environment(vec![server.found_by.clone()]);
        }
        Ok(Self { server, terraform })
    }

    /// Runs one of [`COMMANDS`].
    pub fn run(&self, arguments: &[&str]) -> Result<Sample, String> {
        let before = self.processor_time();
        let started = Instant::now();
        self.terraform.run(arguments)?;
        let wall = milliseconds(started);
        Ok(Sample { wall, processor: self.processor_time() - before })
    }

    fn processor_time(&self) -> f64 {
        let server = self.server.as_ref().and_then(|server| own_processor_time(server.id()));
        children_processor_time().unwrap_or_default() + server.unwrap_or_default()
    }
}

/// Process starts of each of [`COMMANDS`] with one resource, counted by a script in the provider's place.
pub fn process_starts(provider: &Path, folder: &Path) -> Result<[usize; 3], String> {
    clear(folder)?;
    let (script, count) = (folder.join("counting.sh"), folder.join("starts"));
    let text = format!("#!/bin/sh\necho >> '{}'\nexec '{}' \"$@\"\n", count.display(), provider.display());
    write(&script, &text)?;
    make_executable(&script)?;
    let contestant = Contestant::prepare(Way::Started, &script, &folder.join("run"), 1)?;
    let mut starts = [0; 3];
    for (starts, (_, arguments)) in starts.iter_mut().zip(COMMANDS) {
        write(&count, "")?;
        contestant.run(arguments)?;
        let text = std::fs::read_to_string(&count).map_err(|error| format!("{}: {error}", count.display()))?;
        *starts = text.lines().count();
    }
    Ok(starts)
}

fn make_executable(file: &PathBuf) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let permissions = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(file, permissions).map_err(|error| format!("{}: {error}", file.display()))
}

fn notes_configuration(notes: &Path, resources: u32) -> String {
    format!(
        "terraform {{\n  required_providers {{\n    notes = {{ source = \"example/notes\" }}\n  }}\n}}\n\
         provider \"notes\" {{\n  folder = {:?}\n}}\n\
         resource \"notes_note\" \"note\" {{\n  count = {resources}\n  title = \"note ${{count.index}}\"\n}}\n",
        notes.display().to_string()
    )
}
