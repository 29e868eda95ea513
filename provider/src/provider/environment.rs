//! Settings that the provider block leaves open: the environment under our own names and under the official tools', then a profile
//! of `tccli`. An empty text is as good as none everywhere: modules pass `""` for what they leave open.

use std::path::{Path, PathBuf};

use clb_cloud_api::profile::Profile;
use tfplugin_sdk::{Error, Result, path};

/// The profile that `tccli configure` makes.
const DEFAULT_PROFILE: &str = "default";

/// A setting by its names in the environment, ours first.
pub(super) type Names = [&'static str; 2];

/// The environment and the profile.
pub(super) struct Environment<F> {
    variable: F,
    profile: Profile,
    /// Where the key pair of the profile would stand; `None` when it is not known where the home folder is.
    pub(super) credential_file: Option<PathBuf>,
}

impl<F: Fn(&str) -> Option<String>> Environment<F> {
    /// Reads the profile, whose folder and name the block may say. One that is named must be there.
    pub(super) fn new(folder: Option<String>, name: Option<String>, variable: F) -> Result<Self> {
        let mut this = Self { variable, profile: Profile::default(), credential_file: None };
        let folder = this.setting(folder, ["CLB_SHARED_CREDENTIALS_DIR", "TENCENTCLOUD_SHARED_CREDENTIALS_DIR"]);
        let name = this.setting(name, ["CLB_PROFILE", "TENCENTCLOUD_PROFILE"]);
        let is_named = folder.is_some() || name.is_some();
        let home = this.first(&["HOME", "USERPROFILE"]).map(PathBuf::from);
        let folder = match (folder.as_deref().map(|folder| (folder, folder.strip_prefix("~/"))), home) {
            (Some((_, Some(below))), Some(home)) => home.join(below),
            (Some((folder, _)), _) => PathBuf::from(folder),
            (None, Some(home)) => home.join(".tccli"),
            (None, None) => return Ok(this),
        };
        let name = name.unwrap_or_else(|| DEFAULT_PROFILE.to_owned());
        match Profile::read(&folder, &name) {
            Ok(Some(profile)) => this.profile = profile,
            Ok(None) if is_named => return Err(no_profile(&folder, &name)),
            Ok(None) => {}
            Err(error) => {
                return Err(Error::new("The profile of tccli cannot be read")
                    .detail(format!(
                        "The file {error}. Make it anew with `tccli configure --profile {name}`, or choose another profile with \
                         `profile` or the environment variable TENCENTCLOUD_PROFILE."
                    ))
                    .at(path!(profile)));
            }
        }
        this.credential_file = Some(Profile::credential_file(&folder, &name));
        Ok(this)
    }

    /// A setting from the block, or from the environment.
    pub(super) fn setting(&self, given: Option<String>, names: Names) -> Option<String> {
        given.filter(|text| !text.is_empty()).or_else(|| self.first(&names))
    }

    /// What the profile says.
    pub(super) fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The first of these variables that is set.
    pub(super) fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| (self.variable)(name).filter(|text| !text.is_empty()))
    }
}

fn no_profile(folder: &Path, name: &str) -> Error {
    let file = Profile::credential_file(folder, name);
    Error::new(format!("There is no profile {name}"))
        .detail(format!(
            "The file {} does not exist. Make it with `tccli configure --profile {name}`, or check `shared_credentials_dir` and \
             `profile`, or the environment variables TENCENTCLOUD_SHARED_CREDENTIALS_DIR and TENCENTCLOUD_PROFILE.",
            file.display()
        ))
        .at(path!(profile))
}
