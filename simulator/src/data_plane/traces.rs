//! What is written to files of connections, on request only: the secrets of their TLS (a key log), and what QUIC did (qlog).
//!
//! For people who look into packets. Both files are for this user alone and bounded. Nothing here is asked of the
//! environment: a key log that is on by accident is a secret given away.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use clb_model::id::ListenerId;
use quinn::{QlogConfig, QlogStream};
use rustls::KeyLog;

/// The most bytes that are added to a key log: some 70,000 connections.
const LONGEST_KEY_LOG: u64 = 64 << 20;
/// The most qlog files of one run, and the most bytes of each; what comes after is not written.
const QLOG_FILES: u64 = 1_000;
const LONGEST_QLOG: u64 = 16 << 20;

/// What is written down; nothing by default.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    /// Where TLS secrets go.
    pub key_log: Option<Arc<KeyLogFile>>,
    /// Where what QUIC did goes.
    pub qlog: Option<Arc<QlogFolder>>,
}

/// A file of TLS secrets in the format of NSS, with which Wireshark reads what was recorded on the network. What is there
/// already stays in front.
#[derive(Debug)]
pub struct KeyLogFile {
    file: Mutex<Bounded<File>>,
}

/// A folder with a file for each connection, in the JSON text sequences of qlog (`.sqlog`).
#[derive(Debug)]
pub struct QlogFolder {
    path: PathBuf,
    /// Files that were begun.
    begun: AtomicU64,
}

impl KeyLogFile {
    /// Opens the file, or makes it, for this user alone.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = private(OpenOptions::new().append(true).create(true)).open(path)?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(Self { file: Mutex::new(Bounded { inner: file, left: LONGEST_KEY_LOG }) })
    }
}

impl KeyLog for KeyLogFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let line = format!("{label} {} {}\n", hexadecimal(client_random), hexadecimal(secret));
        // Whole lines, so that whoever reads along never sees half a one.
        let written = self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
        if let Err(error) = written {
            tracing::warn!(%error, "the TLS key log cannot be written");
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl QlogFolder {
    /// Uses the folder, or makes it, for this user alone.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)?;
        Ok(Self { path: path.to_owned(), begun: AtomicU64::new(0) })
    }

    /// Where the next connection of a listener is to be written down; `None` when there are enough files, or it cannot be.
    pub fn begin(&self, listener: &ListenerId) -> Option<QlogStream> {
        let number = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
        if number > QLOG_FILES {
            return None;
        }
        if number == QLOG_FILES {
            tracing::warn!(files = QLOG_FILES, "this is the last connection that a qlog file is written of");
        }
        // The number of the process: files of earlier runs stay.
        let name = format!("{listener}-{}-{number:04}.sqlog", std::process::id());
        let file = match private(OpenOptions::new().write(true).create_new(true)).open(self.path.join(&name)) {
            Ok(file) => file,
            Err(error) => {
                tracing::warn!(%error, name, "a qlog file cannot be made");
                return None;
            }
        };
        let mut config = QlogConfig::default();
        config.writer(Box::new(BufWriter::new(Bounded { inner: file, left: LONGEST_QLOG }))).title(Some(name));
        config.into_stream()
    }
}

/// For this user alone, and never through a link that somebody else has put there.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW);
    }
    options
}

/// Takes everything, and writes so much of it.
#[derive(Debug)]
struct Bounded<W> {
    inner: W,
    left: u64,
}

impl<W: Write> Write for Bounded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(left) = self.left.checked_sub(bytes.len() as u64) else {
            // Nothing more from here on: what follows without this would make no sense.
            self.left = 0;
            return Ok(bytes.len());
        };
        self.inner.write_all(bytes)?;
        self.left = left;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_written_beyond_the_bound() {
        let mut bounded = Bounded { inner: Vec::new(), left: 5 };
        for part in [&b"abc"[..], b"de", b"f", b""] {
            bounded.write_all(part).expect("a Vec takes everything");
        }
        assert_eq!(bounded.inner, b"abcde");
        let mut bounded = Bounded { inner: Vec::new(), left: 5 };
        for part in [&b"abc"[..], b"defg", b"h"] {
            bounded.write_all(part).expect("a Vec takes everything");
        }
        assert_eq!(bounded.inner, b"abc", "nor a part of what does not fit, nor what comes after it");
    }
}
