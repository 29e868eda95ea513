//! ZIP archives of a few files: the same files give the same bytes.
//!
//! No more of the format than that takes: deflate, names in ASCII, Unix modes, files below 4 GiB (APPNOTE.TXT of PKWARE,
//! 4.3.7, 4.3.12 and 4.3.16). Reading is for others.

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// Version 2.0 of the format knows deflate; 3 is Unix, whose modes stand in the upper half of the attributes.
const NEEDED: u16 = 20;
const MADE_BY_UNIX: u16 = (3 << 8) | NEEDED;
const DEFLATED: u16 = 8;
/// 1980-01-01 00:00, the first time there is: that of the build would be the only difference between two archives.
const TIME: u16 = 0;
const DATE: u16 = (1 << 5) | 1;
/// A file and not a folder, in Unix modes.
const REGULAR: u32 = 0o100_000;

/// An archive in memory.
#[derive(Default)]
pub struct Archive {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
}

impl Archive {
    /// Adds a file with its Unix mode, such as `0o755`.
    pub fn add(&mut self, name: &str, mode: u32, content: &[u8]) -> Result<(), String> {
        let too_large = |_| format!("{name} is too large for an archive");
        let mut sum = Crc::new();
        sum.update(content);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        let packed = encoder.write_all(content).and_then(|()| encoder.finish()).map_err(|error| error.to_string())?;

        let name_length = u16::try_from(name.len()).map_err(too_large)?;
        let offset = u32::try_from(self.bytes.len()).map_err(too_large)?;
        // What stands before each file, and again in the directory.
        let mut shared = Vec::new();
        for number in [NEEDED, 0, DEFLATED, TIME, DATE] {
            shared.extend(number.to_le_bytes());
        }
        for number in [sum.sum(), u32::try_from(packed.len()).map_err(too_large)?] {
            shared.extend(number.to_le_bytes());
        }
        shared.extend(u32::try_from(content.len()).map_err(too_large)?.to_le_bytes());
        shared.extend(name_length.to_le_bytes());
        // No extra field.
        shared.extend(0_u16.to_le_bytes());

        self.bytes.extend(b"PK\x03\x04");
        self.bytes.extend(&shared);
        self.bytes.extend(name.as_bytes());
        self.bytes.extend(packed);

        self.directory.extend(b"PK\x01\x02");
        self.directory.extend(MADE_BY_UNIX.to_le_bytes());
        self.directory.extend(&shared);
        // No comment, on the first disk, attributes of a binary file.
        self.directory.extend([0; 6]);
        self.directory.extend(((REGULAR | mode) << 16).to_le_bytes());
        self.directory.extend(offset.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.entries += 1;
        Ok(())
    }

    /// The archive, with the directory at its end.
    pub fn into_bytes(mut self) -> Result<Vec<u8>, String> {
        let number = |length: usize| u32::try_from(length).map_err(|_| "the archive is too large".to_owned());
        let (start, length) = (number(self.bytes.len())?, number(self.directory.len())?);
        self.bytes.append(&mut self.directory);
        self.bytes.extend(b"PK\x05\x06");
        // One disk, and the directory is on it.
        self.bytes.extend([0; 4]);
        for entries in [self.entries, self.entries] {
            self.bytes.extend(entries.to_le_bytes());
        }
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(start.to_le_bytes());
        // No comment.
        self.bytes.extend([0; 2]);
        Ok(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test, which is the point")]

    use super::*;
    use std::process::Command;

    fn archive(content: &[u8]) -> Vec<u8> {
        let mut archive = Archive::default();
        archive.add("program_v1", 0o755, content).unwrap();
        archive.add("LICENSE", 0o644, b"").unwrap();
        archive.into_bytes().unwrap()
    }

    #[test]
    fn the_same_files_give_the_same_archive() {
        assert_eq!(archive(b"text"), archive(b"text"));
        assert_ne!(archive(b"text"), archive(b"test"));
    }

    #[test]
    fn another_implementation_reads_names_modes_and_contents() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zip");
        let content = b"deflate me, ".repeat(1_000);
        std::fs::write(&path, archive(&content)).unwrap();
        let script = "import sys, zipfile\n\
            z = zipfile.ZipFile(sys.argv[1])\n\
            assert z.testzip() is None\n\
            for i in z.infolist(): print(i.filename, oct(i.external_attr >> 16), i.file_size, i.date_time[0])\n\
            assert z.read('program_v1') == b'deflate me, ' * 1000\n";
        let output = Command::new("python3").args(["-c", script]).arg(&path).output().expect("python3 is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(said, "program_v1 0o100755 12000 1980\nLICENSE 0o100644 0 1980\n");
    }
}
