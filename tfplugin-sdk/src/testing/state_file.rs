//! Resources as Terraform's state files have them: what older releases of a provider, or other providers, wrote.

use std::fs;
use std::path::Path as FilePath;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use super::Instance;
use super::verdict::Failure;
use crate::{Dynamic, ForeignState, Path, Report, Resource, ResourceModel};

/// A resource in a state file. It may have been written by an older release, or be of another type and provider.
#[derive(Clone, Debug)]
pub struct Stored {
    type_name: String,
    provider: String,
    version: i64,
    attributes: Vec<u8>,
    private: Vec<u8>,
    identity: Vec<u8>,
    identity_version: i64,
}

impl Stored {
    /// The resource at `address` (`board_note.a`, `module.m.board_note.b[0]`) of the state file at `path`. A test keeps such
    /// files as Terraform wrote them.
    ///
    /// # Panics
    ///
    /// When there is no such file, when it is no state file, and when there is no such resource in it.
    pub fn in_file(path: impl AsRef<FilePath>, address: &str) -> Self {
        let path = path.as_ref();
        let text = fs::read_to_string(path);
        Self::in_text(&text.unwrap_or_else(|error| panic!("{} is not read: {error}", path.display())), address)
    }

    /// The same of the text of a state file.
    ///
    /// # Panics
    ///
    /// When it is no state file, and when there is no such resource in it.
    pub fn in_text(text: &str, address: &str) -> Self {
        let state: Json = serde_json::from_str(text).unwrap_or_else(|error| panic!("this is no state file: {error}"));
        assert!(
            state["version"] == 4,
            "a state file of version {} cannot be read, only of version 4",
            state["version"]
        );
        let mut addresses = Vec::new();
        for resource in state["resources"].as_array().into_iter().flatten() {
            for instance in resource["instances"].as_array().into_iter().flatten() {
                let found = address_of(resource, instance);
                if found == address {
                    return Self::read(resource, instance);
                }
                addresses.push(found);
            }
        }
        panic!("the state file has no {address}, only {addresses:?}")
    }

    fn read(resource: &Json, instance: &Json) -> Self {
        let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
        // Of `provider["host/namespace/name"].alias` it is what stands in the quotes.
        let provider = text(&resource["provider"]);
        let provider = provider.split('"').nth(1).unwrap_or_default().to_owned();
        let private = STANDARD.decode(text(&instance["private"]));
        Self {
            type_name: text(&resource["type"]),
            provider,
            version: instance["schema_version"].as_i64().unwrap_or_default(),
            attributes: instance["attributes"].to_string().into_bytes(),
            private: private.unwrap_or_else(|error| panic!("its private bytes are no base64: {error}")),
            identity: instance["identity"].to_string().into_bytes(),
            identity_version: instance["identity_schema_version"].as_i64().unwrap_or_default(),
        }
    }
}

fn address_of(resource: &Json, instance: &Json) -> String {
    let module = resource["module"].as_str().map(|module| format!("{module}."));
    let data = if resource["mode"] == "data" { "data." } else { "" };
    let [of, name] = ["type", "name"].map(|part| resource[part].as_str().unwrap_or_default());
    let index = match &instance["index_key"] {
        Json::Null => String::new(),
        key => format!("[{key}]"),
    };
    format!("{}{data}{of}.{name}{index}", module.unwrap_or_default())
}

impl<R: Resource> Instance<R> {
    /// Takes over what a state file has, as Terraform does in a plan: it is upgraded when it is of this type, moved when it is
    /// of another, and read. With `config` there must be nothing to change.
    ///
    /// ```no_run
    /// # use tfplugin_sdk::{Report, Resource, testing::Core};
    /// use tfplugin_sdk::testing::Stored;
    ///
    /// # async fn test<Note: Resource>(core: Core, config: Note::Config) -> Result<(), Report> {
    /// let old = Stored::in_file("tests/states/0.3.tfstate", "board_note.a");
    /// core.resource::<Note>().take_over(&old, &config).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What the provider reports.
    ///
    /// # Panics
    ///
    /// When it is gone when it is read, and when there is something to change.
    pub async fn take_over(&mut self, stored: &Stored, config: &R::Config) -> Result<(), Report> {
        self.taken_over(stored, config).await.map_err(Failure::into_report)
    }

    async fn taken_over(&mut self, stored: &Stored, config: &R::Config) -> Result<(), Failure> {
        let name = <R as ResourceModel>::NAME;
        if stored.type_name == name {
            let written_as = self.core.engine.prior_type(name, stored.version);
            let state = crate::wire::stored_json(&stored.attributes, written_as.as_ref())?;
            self.upgrade(stored.version, state)?;
            self.private.clone_from(&stored.private);
            self.identity = match crate::wire::stored_json(&stored.identity, None)? {
                Dynamic::Null => Dynamic::Null,
                identity => self.core.engine.upgrade_identity(name, stored.identity_version, identity)?,
            };
        } else {
            let source = ForeignState {
                provider: stored.provider.clone(),
                type_name: stored.type_name.clone(),
                version: stored.version,
                state: crate::wire::stored_json(&stored.attributes, None)?,
                private: stored.private.clone(),
                identity: crate::wire::stored_json(&stored.identity, None)?,
            };
            self.moved_from(&source)?;
        }
        self.refreshed().await?;
        if self.state.is_null() {
            let gone = vec![(Path::root(), "was taken over and is gone when it is read".to_owned())];
            return Err(Self::refusal("There is nothing to take over", gone));
        }
        let plan = self.planned(config).await?;
        Self::keeps("The plan for what was taken over is not empty", self.wants(&plan, &[]))
    }
}
