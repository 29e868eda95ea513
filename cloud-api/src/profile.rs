//! Profiles of the official command line, `tccli`: a key pair in `<name>.credential` and a region in `<name>.configure`, both JSON in
//! one folder, which other tools read too.
//!
//! Form: `configure.py`, `oauth.py` and `sso.py` of tccli 3.1.189.1. They are only read; what tccli keeps there besides, such as how
//! to get new credentials after a log-in, is its own.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::secret::Secret;

/// No profile comes near this.
const MAX_BYTES: u64 = 64 * 1024;

/// What a profile says. An empty text is as good as none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// The public half of the key pair.
    pub secret_id: Option<String>,
    /// The secret half.
    pub secret_key: Option<Secret>,
    /// The session token of temporary credentials.
    pub token: Option<Secret>,
    /// When temporary credentials of a log-in end, in Unix seconds.
    pub expires_at: Option<i64>,
    /// The region.
    pub region: Option<String>,
}

/// Why a file of a profile cannot be read. It says nothing of what stands in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {reason}", path.display())]
pub struct ProfileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

impl Profile {
    /// The file with the key pair of the profile `name`.
    pub fn credential_file(folder: &Path, name: &str) -> PathBuf {
        folder.join(format!("{name}.credential"))
    }

    /// Reads a profile; `None` when neither of its files is there.
    ///
    /// # Errors
    ///
    /// When one is there and cannot be read, or has another form.
    pub fn read(folder: &Path, name: &str) -> Result<Option<Self>, ProfileError> {
        let credential = read::<Credential>(&Self::credential_file(folder, name))?;
        let configure = read::<Configure>(&folder.join(format!("{name}.configure")))?;
        if credential.is_none() && configure.is_none() {
            return Ok(None);
        }
        let credential = credential.unwrap_or_default();
        let given = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(Some(Self {
            secret_id: given(credential.secret_id),
            secret_key: given(credential.secret_key).map(Secret::from),
            token: given(credential.token).map(Secret::from),
            expires_at: credential.expires_at,
            region: configure.and_then(|configure| given(configure.system.region)),
        }))
    }
}

/// `<name>.credential`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential {
    secret_id: Option<String>,
    secret_key: Option<String>,
    token: Option<String>,
    expires_at: Option<i64>,
}

/// `<name>.configure`: beside this section there is one for each service.
#[derive(Default, Deserialize)]
struct Configure {
    #[serde(rename = "_sys_param", default)]
    system: System,
}

#[derive(Default, Deserialize)]
struct System {
    region: Option<String>,
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<Option<T>, ProfileError> {
    let mut text = String::new();
    let result = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text));
    let refuse = |reason: String| Err(ProfileError { path: path.to_owned(), reason });
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return refuse(format!("cannot be read: {error}")),
        Ok(length) if length as u64 > MAX_BYTES => return refuse(format!("is longer than {MAX_BYTES} bytes")),
        Ok(_) => {}
    }
    match serde_json::from_str(&text) {
        Ok(read) => Ok(Some(read)),
        // Only the place: its words may quote what stands there.
        Err(error) => refuse(format!("is not what tccli writes, at line {}, column {}", error.line(), error.column())),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Profile;
    use crate::secret::Secret;

    /// A folder of this test's own, with these files.
    fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("clb-profile-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a writable temporary folder");
        for (file, text) in files {
            std::fs::write(folder.join(file), text).expect("a writable temporary folder");
        }
        folder
    }

    #[test]
    fn a_profile_is_read_as_tccli_writes_it() {
        let credential = r#"{"secretId": "AKIDx", "secretKey": "s3cret\n", "token": "", "type": "oauth", "expiresAt": 17, "oauth": {}}"#;
        let configure = r#"{"_sys_param": {"region": "ap-shanghai", "output": "json", "arrayCount": 10}, "clb": {"version": "2018-03-17"}}"#;
        let folder = folder("whole", &[("a.credential", credential), ("a.configure", configure)]);
        let profile = Profile::read(&folder, "a").expect("readable").expect("there");
        assert_eq!(profile.secret_id.as_deref(), Some("AKIDx"));
        assert_eq!(profile.secret_key.as_ref().map(Secret::expose), Some("s3cret"));
        assert_eq!((profile.token.as_ref(), profile.expires_at), (None, Some(17)));
        assert_eq!(profile.region.as_deref(), Some("ap-shanghai"));
        assert!(!format!("{profile:?}").contains("s3cret"));
        assert_eq!(Profile::read(&folder, "b"), Ok(None));
    }

    #[test]
    fn what_is_no_profile_is_named_without_showing_it() {
        let folder = folder(
            "broken",
            &[("a.credential", "{\"secretId\": \"s3cret\""), ("b.credential", r#"{"secretKey": ["s3cret"]}"#)],
        );
        for name in ["a", "b"] {
            let said = Profile::read(&folder, name).expect_err("broken").to_string();
            assert!(
                said.contains(&format!("{name}.credential is not what tccli writes")) && !said.contains("s3cret"),
                "{said}"
            );
        }
    }
}
