//! Where a running simulator is: what programs that start it need to know, as a file.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clb_cloud_api::secret::Secret;
use serde::Serialize;

use crate::config::Config;

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

/// The file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the endpoints file {}: {source}", path.display())]
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

    /// Writes them as JSON, readable by this user only. Whoever sees the file sees the whole of it: it is written beside
    /// and then renamed.
    pub(crate) fn write(&self, path: &Path) -> Result<(), EndpointsError> {
        let failed = |source| EndpointsError { path: path.to_owned(), source };
        let mut name =
            path.file_name().ok_or_else(|| failed(io::Error::from(io::ErrorKind::InvalidFilename)))?.to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let beside = path.with_file_name(name);
        self.write_new(&beside).and_then(|()| std::fs::rename(&beside, path)).map_err(|source| {
            let _ = std::fs::remove_file(&beside);
            failed(source)
        })
    }

    fn write_new(&self, path: &Path) -> io::Result<()> {
        // Never through a link or into a file that somebody else has put there: the folder may be anybody's (/tmp).
        let _ = std::fs::remove_file(path);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.write_all(b"\n")
    }
}
