//! Where a running simulator is: what programs that start it need to know, as a file of JSON or of an environment.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clb_cloud_api::secret::Secret;
use serde::Serialize;

use crate::config::Config;

/// The region that clients are given where they name none.
pub(crate) const REGION: &str = "ap-guangzhou";

/// Where everything is, and the first key pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Endpoints {
    /// URL of the cloud API.
    pub api: String,
    /// The file with the certificate of the CA that vouches for the cloud API, when that is served over HTTPS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_ca_file: Option<PathBuf>,
    /// URL of the admin door.
    pub admin: String,
    /// The public half of the key pair; empty when there is none.
    pub secret_id: String,
    /// The secret half.
    pub secret_key: Secret,
}

/// A file that tells of them cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {} with the endpoints: {source}", path.display())]
pub struct EndpointsError {
    /// The file.
    pub path: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

impl Endpoints {
    pub(crate) fn new(api: SocketAddr, admin: SocketAddr, config: &Config) -> Self {
        let first = config.key_pairs.first();
        let scheme = if config.https_ca_file.is_some() { "https" } else { "http" };
        Self {
            api: format!("{scheme}://{api}"),
            api_ca_file: config.https_ca_file.clone(),
            admin: format!("http://{admin}"),
            secret_id: first.map(|pair| pair.secret_id.clone()).unwrap_or_default(),
            secret_key: first.map(|pair| pair.secret_key.clone()).unwrap_or_default(),
        }
    }

    /// What clients read from their environment.
    pub(crate) fn environment(&self) -> [(&'static str, &str); 4] {
        [
            ("CLB_ENDPOINT", &self.api),
            ("CLB_SIMULATOR_ADMIN", &self.admin),
            ("TENCENTCLOUD_SECRET_ID", &self.secret_id),
            ("TENCENTCLOUD_SECRET_KEY", self.secret_key.expose()),
        ]
    }

    /// Writes them as JSON.
    pub(crate) fn write(&self, path: &Path) -> Result<(), EndpointsError> {
        let text = serde_json::to_string_pretty(self).map_err(io::Error::from);
        text.and_then(|text| replace(path, &format!("{text}\n"))).map_err(|source| failed(path, source))
    }

    /// Writes what clients read from their environment, and the region: `NAME=VALUE` in each line.
    pub(crate) fn write_environment(&self, path: &Path) -> Result<(), EndpointsError> {
        let variables = self.environment().into_iter().chain([("TENCENTCLOUD_REGION", REGION)]);
        let lines: Vec<_> = variables.map(|(name, value)| format!("{name}={value}")).collect();
        replace(path, &(lines.join("\n") + "\n")).map_err(|source| failed(path, source))
    }
}

fn failed(path: &Path, source: io::Error) -> EndpointsError {
    EndpointsError { path: path.to_owned(), source }
}

/// Writes a file that this user only may read. Whoever sees it sees the whole of it: it is written beside and then renamed.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?.to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    write_new(&beside, text).and_then(|()| std::fs::rename(&beside, path)).inspect_err(|_| {
        let _ = std::fs::remove_file(&beside);
    })
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    // Never through a link or into a file that somebody else has put there: the folder may be anybody's (/tmp).
    let _ = std::fs::remove_file(path);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
