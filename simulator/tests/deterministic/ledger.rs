//! What every stream's two ends have sent, received and ended, and whether that can be true.
//!
//! Every byte tells where it belongs: a client's stream and a backend's connection each send the name of their flow and
//! then a pattern made of it. So a reader knows whom it hears, and that it has missed nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use clb_model::chance::Chance;

use crate::trace::Trace;

/// The name of a flow, in front of its pattern.
pub const NAME: u64 = 8;
const CLIENT: u64 = 0xC1 << 56;
const BACKEND: u64 = 0xB1 << 56;

/// Bytes of the pattern; each flow begins at another place of it. A prime, so that a lost block of any size shows.
const PATTERN: usize = 65_521;

/// The bytes `from..to` of a flow.
pub fn content(flow: u64, from: u64, to: u64) -> Vec<u8> {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    let pattern = MADE.get_or_init(|| {
        let mut chance = Chance::seeded(0);
        (0..PATTERN).map(|_| chance.bits().to_le_bytes()[0]).collect()
    });
    let mut bytes: Vec<u8> = flow.to_be_bytes()[size(from.min(NAME))..size(to.min(NAME))].to_vec();
    let mut at = size(flow.wrapping_mul(7_919).wrapping_add(from.max(NAME)) % PATTERN as u64);
    let length = size(to - from);
    while bytes.len() < length {
        let piece = (length - bytes.len()).min(PATTERN - at);
        bytes.extend_from_slice(&pattern[at..at + piece]);
        at = 0;
    }
    bytes
}

fn size(count: u64) -> usize {
    usize::try_from(count).unwrap()
}

/// One way of a stream, as its sender and its reader know it.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Flow {
    /// Bytes the sender has offered.
    pub sent: u64,
    /// The sender has ended it cleanly.
    pub is_finished: bool,
    /// Bytes its reader has had.
    pub received: u64,
    /// The sender has seen a clean end of the other way.
    pub hears_end: bool,
    /// The other way of the same stream.
    pub other: Option<u64>,
    /// The sender's side keeps to the manners: it sends all, ends, and reads to the end.
    pub is_polite: bool,
    /// The connection it belongs to was closed or broken by the test.
    pub is_disturbed: bool,
    /// The client's connection (for flows of clients).
    pub connection: usize,
}

pub struct Ledger {
    trace: Arc<Trace>,
    flows: Mutex<BTreeMap<u64, Flow>>,
    /// Connections that were closed or broken by the test.
    disturbed: Mutex<BTreeSet<usize>>,
}

/// A reader's place in what it hears.
#[derive(Default)]
pub struct Hearing {
    name: Vec<u8>,
    pub flow: Option<u64>,
    pub position: u64,
}

impl Ledger {
    pub fn new(trace: Arc<Trace>) -> Arc<Self> {
        Arc::new(Self { trace, flows: Mutex::default(), disturbed: Mutex::default() })
    }

    fn flows(&self) -> MutexGuard<'_, BTreeMap<u64, Flow>> {
        self.flows.lock().unwrap()
    }

    pub fn client(&self, connection: usize, is_polite: bool) -> u64 {
        let is_disturbed = self.disturbed.lock().unwrap().contains(&connection);
        self.add(CLIENT, Flow { is_polite, is_disturbed, connection, ..Flow::default() })
    }

    pub fn backend(&self, is_polite: bool) -> u64 {
        self.add(BACKEND, Flow { is_polite, ..Flow::default() })
    }

    fn add(&self, kind: u64, flow: Flow) -> u64 {
        let mut flows = self.flows();
        let name = kind | flows.len() as u64;
        flows.insert(name, flow);
        name
    }

    pub fn with<T>(&self, flow: u64, change: impl FnOnce(&mut Flow) -> T) -> Option<T> {
        self.flows().get_mut(&flow).map(change)
    }

    /// Every stream of a client's connection will not come to its end.
    pub fn disturb(&self, connection: usize) {
        self.disturbed.lock().unwrap().insert(connection);
        for (name, flow) in self.flows().iter_mut() {
            if *name >= CLIENT && flow.connection == connection {
                flow.is_disturbed = true;
            }
        }
    }

    /// Takes in what a reader of the way opposite to `own` has got.
    pub fn hear(&self, own: u64, hearing: &mut Hearing, bytes: &[u8]) {
        let mut bytes = bytes;
        while hearing.flow.is_none() && !bytes.is_empty() {
            hearing.name.push(bytes[0]);
            hearing.position += 1;
            bytes = &bytes[1..];
            if let Ok(name) = <[u8; 8]>::try_from(hearing.name.as_slice()) {
                hearing.flow = Some(u64::from_be_bytes(name));
                self.join(own, u64::from_be_bytes(name));
            }
        }
        let Some(flow) = hearing.flow else { return };
        let end = hearing.position + bytes.len() as u64;
        if content(flow, hearing.position, end) != bytes {
            self.trace
                .fault(format!("{own:x} hears other bytes of {flow:x} than were sent, in {}..{end}", hearing.position));
        }
        hearing.position = end;
        let sent = self.with(flow, |flow| {
            flow.received = end;
            flow.sent
        });
        if sent.is_none_or(|sent| sent < end) {
            self.trace.fault(format!("{own:x} hears {end} bytes of {flow:x}, which has sent {sent:?}"));
        }
    }

    fn join(&self, own: u64, heard: u64) {
        if (own >= CLIENT) == (heard >= CLIENT) {
            return self.trace.fault(format!("{own:x} hears {heard:x}"));
        }
        for (one, other) in [(own, heard), (heard, own)] {
            let Some(known) = self.with(one, |flow| *flow.other.get_or_insert(other)) else {
                return self.trace.fault(format!("there is no {one:x}, but {other:x} is joined to it"));
            };
            if known != other {
                self.trace.fault(format!("{one:x} is joined to {known:x} and to {other:x}"));
            }
        }
    }

    /// A reader has seen a clean end.
    pub fn heard_all(&self, own: u64, hearing: &Hearing) {
        self.trace.event(&format!("{own:x} has heard all of {:x?}: {} bytes", hearing.flow, hearing.position));
        self.with(own, |flow| flow.hears_end = true);
        let Some(flow) = hearing.flow else {
            // Who ends without a word cannot be told from others that do.
            if hearing.position > 0
                || own < CLIENT
                || !self.flows().values().any(|flow| flow.is_finished && flow.sent == 0)
            {
                self.trace.fault(format!("{own:x} sees a clean end after {} bytes", hearing.position));
            }
            return;
        };
        let whole = self.with(flow, |flow| flow.is_finished && flow.sent == hearing.position);
        if whole != Some(true) {
            let state = self.with(flow, |flow| format!("{flow:?}"));
            self.trace
                .fault(format!("{own:x} sees a clean end of {flow:x} after {} bytes: {state:?}", hearing.position));
        }
    }

    /// A client's stream was refused or broken off with that code.
    pub fn broken_off(&self, own: u64, code: u64) {
        self.trace.event(&format!("{own:x} is broken off with code {code}"));
        let (joined, is_disturbed) = self.with(own, |flow| (flow.other, flow.is_disturbed)).unwrap_or_default();
        let is_rude = joined.and_then(|other| self.with(other, |flow| !flow.is_polite || flow.is_disturbed));
        let is_allowed = match code {
            // No backend, unreachable: then no backend has had a byte of it.
            1 | 2 => joined.is_none(),
            // The backend reset or closed.
            3 | 5 => is_rude != Some(false),
            // The answer to a reset of ours.
            4 => self.with(own, |flow| !flow.is_polite) == Some(true),
            _ => false,
        };
        if !is_allowed && !is_disturbed {
            self.trace.fault(format!("{own:x} is broken off with code {code}, joined to {joined:x?}"));
        }
    }

    /// Streams that nobody disturbed, both ends of which have manners, and that have not come to their end.
    pub fn unfinished(&self) -> Vec<String> {
        let flows = self.flows();
        streams(&flows)
            .filter(|(_, up, down)| [up, down].iter().all(|flow| flow.is_polite && !flow.is_disturbed))
            .filter(|(_, up, down)| !is_whole(up, down))
            .map(|(name, up, down)| format!("{name:x}: {up:?}, and back {down:?}"))
            .collect()
    }

    /// How many streams came to their end both ways.
    pub fn whole(&self) -> usize {
        streams(&self.flows()).filter(|(_, up, down)| is_whole(up, down)).count()
    }
}

/// Both ways of each stream that a backend has heard.
fn streams(flows: &BTreeMap<u64, Flow>) -> impl Iterator<Item = (u64, &Flow, &Flow)> {
    flows.range(CLIENT..).filter_map(|(name, up)| Some((*name, up, flows.get(&up.other?)?)))
}

/// Both readers have seen the end, and everything in front of it.
fn is_whole(up: &Flow, down: &Flow) -> bool {
    [up, down].iter().all(|flow| flow.hears_end && flow.received == flow.sent)
}
