//! What must hold of bytes from strangers, whatever they are, and of what the data plane writes before them: one function
//! for each place.
//!
//! Compiled for tests, which run every function on recorded and on made-up input, and for the fuzzer (`simulator/fuzz`),
//! which looks for input of its own. Readers that are not ours come as arguments: they are dependencies of those two only.

#[cfg(test)]
#[path = "../../fuzz/readers.rs"]
mod readers;

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock};

use quinn::Side;
use quinn::crypto::rustls::HandshakeData;
use quinn::crypto::{ServerConfig as _, Session};
use quinn_proto::transport_parameters::TransportParameters;
use rustls::pki_types::PrivateKeyDer;

use super::alpn::{self, AnyAlpn};
use super::{probe, proxy_header};

/// Bytes for one function.
pub type Input = [u8];

/// A client's and a listener's address, as a PROXY header has them.
pub type Addresses = (SocketAddr, SocketAddr);

/// QUIC version 1.
const VERSION: u32 = 1;

/// A byte that says how to cut, then what a client sends as CRYPTO data: it is read or refused, nothing panics, and what
/// comes of it is the same however it is cut.
pub fn client_hello(input: &Input) {
    let Some((cut, sent)) = input.split_first() else { return };
    // What follows a whole ClientHello belongs to other messages, whose keys are not there yet.
    let hello = alpn::whole_client_hello(sent).unwrap_or(sent);
    let whole = outcome(&[hello]);
    let pieces: Vec<&[u8]> = hello.chunks(usize::from(*cut).max(1)).collect();
    assert_eq!(outcome(&pieces), whole, "cut every {cut} bytes");
    let (beginning, end) = hello.split_at(hello.len() * usize::from(*cut) / 256);
    assert_eq!(outcome(&[beginning, end]), whole, "cut after {} bytes", beginning.len());
    // All that was sent at once, whatever it is.
    let _ = outcome(&[sent]);
}

/// What comes of a client's first bytes: the code of the refusal, or the protocol and the name that were understood.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Refused(u64),
    Read(Option<(Option<Vec<u8>>, Option<String>)>),
}

fn outcome(pieces: &[&[u8]]) -> Outcome {
    let mut session = session();
    for piece in pieces {
        if let Err(error) = session.read_handshake(piece) {
            return Outcome::Refused(error.code.into());
        }
        // Asked for after every piece, as the connection does.
        let _ = session.write_handshake(&mut Vec::new());
    }
    let data = session.handshake_data().and_then(|data| data.downcast::<HandshakeData>().ok());
    Outcome::Read(data.map(|data| (data.protocol, data.server_name)))
}

fn session() -> Box<dyn Session> {
    static CONFIG: LazyLock<Arc<AnyAlpn>> = LazyLock::new(|| {
        let made = rcgen::generate_simple_self_signed(["fuzzing.example".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        let tls = rustls::ServerConfig::builder_with_provider(crate::tls::provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key))
            .expect("they go together");
        Arc::new(AnyAlpn::new(tls).expect("it can do QUIC"))
    });
    let params = TransportParameters::read(Side::Server, &mut &b""[..]).expect("none are needed");
    Arc::clone(&CONFIG).start_session(VERSION, &params)
}

/// Two addresses, each a byte for its family, its bytes and its port: a reader that is not ours finds them in the header,
/// and finds the same where bytes of the client follow.
pub fn proxy_header(input: &Input, read: impl Fn(&[u8]) -> Option<(Addresses, usize)>) {
    let mut rest = input;
    let (Some(client), Some(listener)) = (address(&mut rest), address(&mut rest)) else { return };
    let mut header = proxy_header::version_2(client, listener);
    let length = header.len();
    let meant = if client.is_ipv4() && listener.is_ipv4() {
        (client, listener)
    } else {
        // The header has one family only.
        (as_v6(client), as_v6(listener))
    };
    assert_eq!(read(&header), Some((meant, length)), "{client} {listener}");
    header.extend_from_slice(rest);
    assert_eq!(read(&header), Some((meant, length)), "{client} {listener}, and bytes after it");
}

fn address(rest: &mut &[u8]) -> Option<SocketAddr> {
    let (family, after) = rest.split_first()?;
    let (ip, after) = if family % 2 == 0 {
        let (ip, after) = after.split_first_chunk::<4>()?;
        (IpAddr::from(*ip), after)
    } else {
        let (ip, after) = after.split_first_chunk::<16>()?;
        (IpAddr::from(*ip), after)
    };
    let (port, after) = after.split_first_chunk::<2>()?;
    *rest = after;
    Some(SocketAddr::new(ip, u16::from_be_bytes(*port)))
}

fn as_v6(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) => SocketAddr::new(ip.to_ipv6_mapped().into(), address.port()),
        IpAddr::V6(ip) => SocketAddr::new(ip.into(), address.port()),
    }
}

/// A backend's answer to an HTTP probe: its status is read or not, nothing panics, what comes after the line changes
/// nothing, and a status that a reader which is not ours finds is found.
pub fn http_status(input: &Input, read: impl Fn(&[u8]) -> Option<u16>) {
    let status = probe::status_of(input);
    for codes in 0..=u8::MAX {
        let expected = status.is_some_and(|status| probe::is_expected(status, codes));
        assert!(!expected || codes & 31 != 0, "{status:?} is none of no classes");
    }
    if input.contains(&b'\n') {
        let more = [input, b"HTTP/1.1 599 \r\n"].concat();
        assert_eq!(probe::status_of(&more), status);
    }
    // It may skip empty lines, which a probe does not.
    let theirs = read(input).filter(|status| input.starts_with(b"HTTP/1.") && (100..600).contains(status));
    assert!(theirs.is_none() || theirs == status, "{theirs:?}, and we: {status:?}");
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::path::Path;

    use super::*;

    /// A repeatable source of chances (xorshift).
    struct Chance(u64);

    impl Chance {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        fn below(&mut self, end: usize) -> usize {
            usize::try_from(self.next() % end.max(1) as u64).expect("it is below a usize")
        }

        fn byte(&mut self) -> u8 {
            self.next().to_be_bytes()[7]
        }

        fn bytes(&mut self, most: usize) -> Vec<u8> {
            let length = self.below(most + 1);
            (0..length).map(|_| self.byte()).collect()
        }

        /// The same with a few changes: bytes replaced, left out, doubled, or the end cut off.
        fn broken(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
            for _ in 0..=self.below(3) {
                let place = self.below(bytes.len());
                match self.below(4) {
                    0 if !bytes.is_empty() => bytes[place] = self.byte(),
                    1 if !bytes.is_empty() => drop(bytes.remove(place)),
                    2 => bytes.insert(place, self.byte()),
                    _ => bytes.truncate(place),
                }
            }
            bytes
        }
    }

    fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
        let mut files: Vec<_> = fs::read_dir(&folder)
            .expect("every target has a corpus")
            .map(|file| file.expect("the folder can be read").path())
            .map(|path| (path.display().to_string(), fs::read(&path).expect("the file can be read")))
            .collect();
        files.sort();
        assert!(!files.is_empty(), "{} is empty", folder.display());
        files
    }

    /// Runs `target` on every recorded input, then on as many made-up ones: recorded ones that are broken, and bytes.
    fn holds(name: &str, count: u64, target: impl Fn(&Input)) {
        let recorded = corpus(name);
        for (file, input) in &recorded {
            let outcome = catch_unwind(AssertUnwindSafe(|| target(input)));
            assert!(outcome.is_ok(), "{name} does not hold for {file}");
        }
        for seed in 1..=count {
            let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let place = chance.below(recorded.len());
            let input = if chance.below(5) == 0 { chance.bytes(60) } else { chance.broken(recorded[place].1.clone()) };
            let outcome = catch_unwind(AssertUnwindSafe(|| target(&input)));
            assert!(outcome.is_ok(), "{name} does not hold for seed {seed}: {}", input.escape_ascii());
        }
    }

    #[test]
    fn a_client_hello_is_read_or_refused_however_it_is_cut() {
        holds("client_hello", 1_000, client_hello);
    }

    #[test]
    fn a_proxy_header_says_what_was_meant() {
        holds("proxy_header", 5_000, |input| proxy_header(input, readers::proxy_header));
    }

    #[test]
    fn a_status_is_read_as_others_read_it() {
        holds("http_status", 20_000, |input| http_status(input, readers::http_status));
    }

    #[test]
    fn recorded_client_hellos_are_understood() {
        let read = |(_, input): (String, Vec<u8>)| outcome(&[&input[1..]]);
        let offers: Vec<Outcome> = corpus("client_hello").into_iter().map(read).collect();
        let offer = Outcome::Read(Some((Some(b"game/1".to_vec()), Some("fuzzing.example".to_owned()))));
        assert!(offers.contains(&offer), "{offers:?}");
    }

    #[test]
    fn the_fuzzer_has_a_target_and_a_corpus_for_every_function() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
        let names = |folder: &Path| {
            let files = fs::read_dir(folder).expect("the folder can be read");
            let mut names: Vec<String> = files
                .map(|file| file.expect("the folder can be read").path())
                .map(|file| file.file_stem().expect("a file has a name").to_string_lossy().into_owned())
                .collect();
            names.sort();
            names
        };
        let targets = ["client_hello", "http_status", "proxy_header"];
        assert_eq!(names(&folder.join("fuzz_targets")), targets);
        assert_eq!(names(&folder.join("corpus")), targets);
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("the manifest can be read");
        for target in targets {
            let path = format!("fuzz_targets/{target}.rs");
            assert!(manifest.contains(&format!("name = \"{target}\"\npath = \"{path}\"")), "{target}");
            let source = fs::read_to_string(folder.join(path)).expect("the target can be read");
            assert!(source.contains(&format!("clb_simulator::data_plane::fuzzing::{target}(input")), "{source}");
        }
    }
}
